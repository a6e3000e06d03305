//! Exponential and sRGB curve as short polynomials that compilers turn into vector code. Any thread.
//!
//! Sources: range reduction as in Cephes (Moshier); coefficients are near-minimax fits over the reduced range, checked
//! against the standard library in the tests below.

/// 1.5 * 2^23: adding it leaves the nearest whole number in the low bits of a float.
const ROUNDING: f32 = 12_582_912.0;
/// Below, e^x is less than 1e-26 and the exponent field would run out soon after.
const LOWEST: f32 = -60.0;
const MANTISSA_BITS: u32 = 23;

/// e^x for x <= 0, within 6e-6 of the true value, relative (the error of x log2 e in single precision near -60).
#[inline(always)]
pub(super) fn exp_of_negative(x: f32) -> f32 {
    exp2(x.max(LOWEST) * std::f32::consts::LOG2_E)
}

/// 2^x for -100 < x < 100.
#[inline(always)]
fn exp2(x: f32) -> f32 {
    let shifted = x + ROUNDING;
    let whole = shifted.to_bits().wrapping_sub(ROUNDING.to_bits());
    let part = x - (shifted - ROUNDING);
    // Taylor terms of 2^part to the sixth; |part| <= 0.5.
    let t = part * std::f32::consts::LN_2;
    let sum = 1.0
        + t * (1.0
            + t * (0.5
                + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t * (1.0 / 720.0))))));
    f32::from_bits(sum.to_bits().wrapping_add(whole << MANTISSA_BITS))
}

/// log2 x for normal x > 0.
#[inline(always)]
fn log2(x: f32) -> f32 {
    /// sqrt(1/2) in bits: the mantissa is taken from there to sqrt(2), around 1.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let offset = x.to_bits().wrapping_sub(ROOT_HALF);
    let exponent = (offset as i32) >> MANTISSA_BITS;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent as u32) << MANTISSA_BITS));
    // ln m = 2 atanh(z), z = (m - 1) / (m + 1), |z| <= 0.172: five terms reach single precision.
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let series = z
        * (1.0
            + square
                * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square * (1.0 / 9.0)))));
    exponent as f32 + series * (2.0 * std::f32::consts::LOG2_E)
}

/// The sRGB curve (IEC 61966-2-1) of light 0..1.
#[inline(always)]
pub(super) fn coded_from_linear(linear: f32) -> f32 {
    const SMALLEST: f32 = 1e-6;
    let curved = 1.055 * exp2(log2(linear.max(SMALLEST)) * (1.0 / 2.4)) - 0.055;
    if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        curved
    }
}

/// The cube root of x >= 0, within 1e-6 of the true value.
#[inline(always)]
pub(super) fn cube_root(x: f32) -> f32 {
    /// Its root is as good as 0.
    const SMALLEST: f32 = 1e-24;
    exp2(log2(x.max(SMALLEST)) * (1.0 / 3.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        for step in 0..=60_000 {
            let x = -(step as f32) / 1000.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp_of_negative(x)) - exact).abs() / exact;
            assert!(error < 6e-6, "e^{x} is off by {error}");
        }
        assert!(exp_of_negative(-1e30) < 1e-20);
        assert_eq!(exp_of_negative(0.0), 1.0);
    }

    #[test]
    fn the_cube_root_is_that_of_the_standard_library() {
        for step in 0..=200_000 {
            let x = step as f32 / 150_000.0;
            let error = (f64::from(cube_root(x)) - f64::from(x).cbrt()).abs();
            assert!(error < 1e-6, "the root of {x} is off by {error}");
        }
    }

    #[test]
    fn the_curve_is_within_a_quarter_of_a_16_bit_step() {
        for step in 0..=200_000 {
            let linear = step as f32 / 200_000.0;
            let exact = crate::color::coded_from_linear(f64::from(linear));
            let error = (f64::from(coded_from_linear(linear)) - exact).abs();
            assert!(error < 0.25 / 65_535.0, "{linear} is off by {error}");
        }
    }
}
