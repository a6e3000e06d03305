//! Sine, cosine and powers of two as polynomials that the compiler can turn into vector code. Audio thread.
//!
//! Only multiplications and additions in a fixed order, no fused ones: the same bits with every instruction set.
//! Powers are Taylor series of exp(x ln 2); the bounds were measured by the tests below against `f64` functions.

/// Adding and subtracting it rounds an `f32` below 2^22 to a whole number without a rounding instruction.
const ROUND_F32: f32 = 12_582_912.0;
/// Added to an `f64` below 2^19, it leaves the fraction in the low 32 bits of the mantissa (its last place is 2^-32).
const FRACTION_F64: f64 = 1_572_864.0;
/// 2^32: turns to phase units.
const RADIANS_PER_PHASE_UNIT: f32 = (std::f64::consts::TAU / 4_294_967_296.0) as f32;
const EIGHTH_TURN: u32 = 1 << 29;

/// 2^x, relative error at most 3e-7 for -126 <= x <= 126; clamped outside.
#[inline(always)]
pub(super) fn exp2(x: f32) -> f32 {
    const LN2: f32 = std::f32::consts::LN_2;
    let x = x.clamp(-126.0, 126.0);
    let shifted = x + ROUND_F32;
    let whole = shifted - ROUND_F32;
    let y = (x - whole) * LN2;
    let series = 1.0 / 720.0 + y * (1.0 / 5040.0);
    let series = 1.0 / 24.0 + y * (1.0 / 120.0 + y * series);
    let series = 1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * series)));
    // The low bits of `shifted` hold the whole number; moved into the exponent's place they multiply by 2^whole.
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// Amplitude of a level in dB.
#[inline(always)]
pub(super) fn amplitude(level_db: f32) -> f32 {
    exp2(level_db * (std::f32::consts::LOG2_10 / 20.0))
}

/// Power of a level in dB.
#[inline(always)]
pub(super) fn power(level_db: f32) -> f32 {
    exp2(level_db * (std::f32::consts::LOG2_10 / 10.0))
}

/// 2^(cents/1200), relative error at most 1e-11 for up to 600 cents.
#[inline(always)]
pub(super) fn frequency_ratio(cents: f32) -> f64 {
    let y = f64::from(cents) * (std::f64::consts::LN_2 / 1200.0);
    let series = 1.0 / 40_320.0 + y * (1.0 / 362_880.0);
    let series = 1.0 / 120.0 + y * (1.0 / 720.0 + y * (1.0 / 5_040.0 + y * series));
    1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y * series))))
}

/// The fraction of a number of turns as a phase (2^32 is one turn), rounded; the number must lie within ±2^19.
#[inline(always)]
pub(super) fn phase_of(turns: f64) -> u32 {
    (turns + FRACTION_F64).to_bits() as u32
}

/// Sine and cosine of a phase (2^32 is one turn), error at most 2e-7.
#[inline(always)]
pub(super) fn sin_cos(phase: u32) -> (f32, f32) {
    let quarter = phase.wrapping_add(EIGHTH_TURN) >> 30;
    let rest = phase.wrapping_sub(quarter << 30) as i32;
    let x = rest as f32 * RADIANS_PER_PHASE_UNIT;
    let square = x * x;
    let sine = 1.0 / 120.0 + square * (-1.0 / 5_040.0 + square * (1.0 / 362_880.0));
    let sine = x + x * square * (-1.0 / 6.0 + square * sine);
    let cosine = -1.0 / 720.0 + square * (1.0 / 40_320.0);
    let cosine = 1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * cosine));
    let swapped = quarter & 1 == 1;
    let (a, b) = if swapped {
        (cosine, sine)
    } else {
        (sine, cosine)
    };
    // Second and third quarter turn: negative sine in 2 and 3, negative cosine in 1 and 2.
    let a_sign = (quarter & 2) << 30;
    let b_sign = (quarter.wrapping_add(1) & 2) << 30;
    (
        f32::from_bits(a.to_bits() ^ a_sign),
        f32::from_bits(b.to_bits() ^ b_sign),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_right_to_3e_minus_7() {
        for step in -20_000..20_000 {
            let x = step as f32 * 0.005;
            let relative = f64::from(exp2(x)) / f64::from(x).exp2() - 1.0;
            assert!(relative.abs() < 3e-7, "2^{x}: {relative}");
        }
    }

    #[test]
    fn frequency_ratios_are_right_to_1e_minus_11_within_half_an_octave() {
        for step in -6_000..=6_000 {
            let cents = step as f32 * 0.1;
            let relative = frequency_ratio(cents) / (f64::from(cents) / 1200.0).exp2() - 1.0;
            assert!(relative.abs() < 1e-11, "{cents} cents: {relative}");
        }
    }

    #[test]
    fn sine_and_cosine_are_right_to_2e_minus_7_all_around_the_circle() {
        for step in 0..100_003u32 {
            let phase = step.wrapping_mul(42_949).wrapping_mul(97);
            let angle = f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU;
            let (sine, cosine) = sin_cos(phase);
            assert!(
                (f64::from(sine) - angle.sin()).abs() < 2e-7,
                "sine at {phase}"
            );
            assert!(
                (f64::from(cosine) - angle.cos()).abs() < 2e-7,
                "cosine at {phase}"
            );
        }
    }

    #[test]
    fn turns_become_phases_to_the_last_of_32_bits() {
        assert_eq!(phase_of(0.25), 1 << 30);
        assert_eq!(phase_of(1_000.5), 1 << 31);
        assert_eq!(phase_of(-0.25), 3 << 30);
        assert_eq!(phase_of(7.0 + 1.0 / 4_294_967_296.0), 1);
    }
}
