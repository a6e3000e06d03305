//! What can be measured on a finished sound: pitch, peak, constant offset, clicks. Tests and the command line; not for the
//! audio thread.

mod click;
mod pitch;

pub use click::{CLICK_DB, Click, worst_click};
pub use pitch::{Pitch, f0_hz, pitch};

/// Stands for silence where a level in dB is asked for: below anything 32-bit samples of music hold.
pub const SILENCE_DB: f64 = -200.0;

/// Highest sample of both channels in dB re full scale; [`SILENCE_DB`] for silence.
pub fn peak_db(left: &[f32], right: &[f32]) -> f64 {
    let peak = left
        .iter()
        .chain(right)
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    level_db(f64::from(peak))
}

/// Constant offset of the worse channel in dB re full scale; [`SILENCE_DB`] when there is none.
pub fn dc_db(left: &[f32], right: &[f32]) -> f64 {
    let offset = |samples: &[f32]| {
        let sum: f64 = samples.iter().map(|&sample| f64::from(sample)).sum();
        sum.abs() / samples.len().max(1) as f64
    };
    level_db(offset(left).max(offset(right)))
}

/// Distance of a frequency from a key of equal temperament in cents; `tuning_hz` is the frequency of key 69.
pub fn cents_from_key(frequency_hz: f64, key: f64, tuning_hz: f64) -> f64 {
    1200.0 * (frequency_hz / tuning_hz).log2() - 100.0 * (key - 69.0)
}

fn level_db(amplitude: f64) -> f64 {
    (20.0 * amplitude.log10()).max(SILENCE_DB)
}
