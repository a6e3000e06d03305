//! How loud a note is played. Any thread; pure.
//!
//! Rule: the loudest stretch of the note, weighted by the K curve of ITU-R BS.1770, is brought to
//! [`TARGET_LOUDNESS_DB`] at velocity 1. The stretch is 400 ms (BS.1770's momentary window) or, where that is louder,
//! 100 ms less [`SHORT_STRETCH_DB`]: a pluck shorter than 400 ms would otherwise come out too loud, since the ear
//! integrates over 100 to 200 ms.
//!
//! Then the peak is bounded. At velocity 0.8 the velocity curve takes 2.9 dB (0.8^1.5). With `power` the mean square of
//! the loudest column:
//! - the peak is at least that of a sine, sqrt(2 power), so the gain is raised until that reaches -17.5 dBFS;
//! - the peak is at most the sum of all amplitudes, and of random phases at most [`CREST`] sqrt(power) (a Gaussian
//!   passes 4.8 sigma once in 600,000 samples); a partial at the side gains up to 3 dB in one channel. The gain is
//!   lowered until that stays below -1.3 dBFS.
//!
//! Both can hold at once: the bounds are 16.2 dB apart, while CREST / sqrt(2) and 3 dB make 13.6 dB.

use super::Note;

/// K-weighted mean square at velocity 1, dB re full scale.
const TARGET_LOUDNESS_DB: f64 = -17.0;
/// What a stretch of 100 ms must have more than one of 400 ms to count as loud.
const SHORT_STRETCH_DB: f64 = 3.0;
const LONG_STRETCH_S: f64 = 0.4;
const SHORT_STRETCH_S: f64 = 0.1;
/// Velocity at which the peak is bounded, as the gain of the velocity curve: 0.8^1.5.
const REFERENCE_VELOCITY_GAIN: f64 = 0.715_541_752_799_932_8;
/// Lowest peak of a note at that velocity, dBFS.
const LOWEST_PEAK_DB: f64 = -17.5;
/// Highest peak of a note at that velocity, dBFS.
const HIGHEST_PEAK_DB: f64 = -1.3;
/// Peak of many partials of random phase, in standard deviations.
const CREST: f64 = 4.8;
/// Most that one channel gains over mono when a partial stands at the side.
const SIDE_GAIN: f64 = std::f64::consts::SQRT_2;

/// What a column holds.
#[derive(Clone, Copy, Default)]
struct ColumnPower {
    /// K-weighted mean square.
    weighted: f64,
    /// Plain mean square.
    power: f64,
    /// Sum of all partials' amplitudes.
    amplitude_sum: f64,
    /// Mean square of the noise alone.
    noise_power: f64,
}

/// Factor for velocity 1; 0 for a silent note.
pub(super) fn playing_gain(note: &Note) -> f32 {
    let columns = column_powers(note);
    let loudest_power = columns
        .iter()
        .map(|column| column.power)
        .fold(0.0, f64::max);
    if loudest_power <= 0.0 {
        return 0.0;
    }
    let times_s = &note.layout().column_times_s;
    let long = loudest_stretch(times_s, &columns, LONG_STRETCH_S);
    let short =
        loudest_stretch(times_s, &columns, SHORT_STRETCH_S) * from_db(-SHORT_STRETCH_DB).powi(2);
    let wanted = from_db(TARGET_LOUDNESS_DB) / long.max(short).sqrt();
    let largest_peak = columns
        .iter()
        .map(ColumnPower::largest_peak)
        .fold(0.0, f64::max);
    let lowest = from_db(LOWEST_PEAK_DB) / (REFERENCE_VELOCITY_GAIN * (2.0 * loudest_power).sqrt());
    let highest = from_db(HIGHEST_PEAK_DB) / (REFERENCE_VELOCITY_GAIN * SIDE_GAIN * largest_peak);
    wanted.max(lowest).min(highest) as f32
}

impl ColumnPower {
    fn largest_peak(&self) -> f64 {
        let coherent = self.amplitude_sum + CREST * self.noise_power.sqrt();
        coherent.min(CREST * self.power.sqrt())
    }
}

fn column_powers(note: &Note) -> Vec<ColumnPower> {
    let layout = note.layout();
    let partial_weights: Vec<f64> = (1..=note.num_partials())
        .map(|partial| k_weight(partial as f64 * note.f0_hz()))
        .collect();
    let edges_hz = &layout.noise_band_edges_hz;
    let band_weights: Vec<f64> = edges_hz
        .windows(2)
        .map(|edge| k_weight(0.5 * (edge[0] + edge[1])))
        .collect();
    let level_floor = from_db(f64::from(layout.level_floor_db));
    let noise_floor = from_db(f64::from(layout.noise_floor_db)).powi(2);
    let (rows, bands) = (note.num_rows(), layout.num_bands());
    let column_power = |column: usize| {
        let levels = &note.levels_db[column * rows..(column + 1) * rows];
        let noise = &note.noise_db[column * bands..(column + 1) * bands];
        let mut sum = ColumnPower::default();
        for (partial, weight) in partial_weights.iter().enumerate() {
            let row = usize::from(note.partial_row[partial]);
            let next = levels[(row + 1).min(rows - 1)];
            let level_db = levels[row] + note.partial_weight[partial] * (next - levels[row]);
            let amplitude = (from_db(f64::from(level_db)) - level_floor).max(0.0);
            sum.amplitude_sum += amplitude;
            sum.power += 0.5 * amplitude * amplitude;
            sum.weighted += 0.5 * amplitude * amplitude * weight;
        }
        for (noise_db, weight) in noise.iter().zip(&band_weights) {
            let power = (from_db(f64::from(*noise_db)).powi(2) - noise_floor).max(0.0);
            sum.noise_power += power;
            sum.power += power;
            sum.weighted += power * weight;
        }
        sum
    };
    (0..layout.num_columns()).map(column_power).collect()
}

/// Largest mean of the weighted power over any stretch of that length; the columns' powers count until the next column.
fn loudest_stretch(times_s: &[f64], columns: &[ColumnPower], stretch_s: f64) -> f64 {
    let mean_from = |first: usize| {
        let end_s = times_s[first] + stretch_s;
        let mut sum = 0.0;
        for column in first..columns.len() {
            let until_s = times_s
                .get(column + 1)
                .map_or(end_s, |next_s| next_s.min(end_s));
            sum += columns[column].weighted * (until_s - times_s[column]).max(0.0);
        }
        sum / stretch_s
    };
    (0..columns.len()).map(mean_from).fold(0.0, f64::max)
}

fn from_db(level_db: f64) -> f64 {
    10f64.powf(level_db / 20.0)
}

/// Power gain of the K weighting at a frequency: both filters of ITU-R BS.1770-5 annex 1 with its coefficients for
/// 48 kHz, evaluated on the unit circle.
fn k_weight(frequency_hz: f64) -> f64 {
    const RATE_HZ: f64 = 48_000.0;
    const SHELF: [f64; 5] = [
        1.535_124_859_586_97,
        -2.691_696_189_406_38,
        1.198_392_810_852_85,
        -1.690_659_293_182_41,
        0.732_480_774_215_85,
    ];
    const HIGH_PASS: [f64; 5] = [1.0, -2.0, 1.0, -1.990_047_454_833_98, 0.990_072_250_366_21];
    let angle = std::f64::consts::TAU * frequency_hz.min(RATE_HZ / 2.0) / RATE_HZ;
    biquad_power(&SHELF, angle) * biquad_power(&HIGH_PASS, angle)
}

/// |H|² of `[b0, b1, b2, a1, a2]` at an angle in radians per sample.
fn biquad_power(coefficients: &[f64; 5], angle: f64) -> f64 {
    let [b0, b1, b2, a1, a2] = *coefficients;
    let norm = |c0: f64, c1: f64, c2: f64| {
        let real = c0 + c1 * angle.cos() + c2 * (2.0 * angle).cos();
        let imaginary = c1 * angle.sin() + c2 * (2.0 * angle).sin();
        real * real + imaginary * imaginary
    };
    norm(b0, b1, b2) / norm(1.0, a1, a2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_k_curve_lifts_997_hz_by_the_0_691_db_that_the_standard_takes_off_again() {
        assert!((10.0 * k_weight(997.0).log10() - 0.691).abs() < 0.01);
    }

    #[test]
    fn the_k_curve_lifts_treble_by_4_db_and_cuts_25_hz_by_more_than_10() {
        assert!((10.0 * k_weight(10_000.0).log10() - 4.0).abs() < 0.1);
        assert!(10.0 * k_weight(25.0).log10() < -10.0);
    }
}
