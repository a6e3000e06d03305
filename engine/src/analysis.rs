//! Samples of a note at a known pitch to the three maps of CONTRACT.md. Worker threads and commands.
//!
//! The way back of decoding: harmonics are measured at multiples of the pitch that the note really has at that time,
//! taken out, and what is left is measured in the noise bands. It finds no pitch and reads no file.
//! Method: design notes on the pitch-aligned spectrogram (windows of four periods; after Serra and Smith 1990,
//! "Spectral modeling synthesis").

mod harmonics;
mod residual;
mod sweep;

use models::SoundGrid;

use crate::error::{Error, Result};
use crate::note::{MAX_PARTIALS, NoteLayout};
use harmonics::{Frame, Measurement};

/// Nothing below this level is told from silence, dB re the loudest cell.
const SILENCE_DB: f64 = -200.0;
/// Fine frames per column at least: their powers are averaged.
const FRAMES_PER_COLUMN: f64 = 4.0;
/// Longest distance of fine frames, s: partials must not turn by more than the frames can follow.
const LONGEST_HOP_S: f64 = 0.01;

/// What [`analyse`] found.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The maps, levels relative to the loudest cell.
    pub maps: SoundGrid,
    /// Amplitude of the loudest cell: multiply the decoded note by it to get the samples' level back.
    pub peak_amplitude: f64,
}

/// Measures a note (mono) that sounds at the pitch of `key`, its start at sample 0.
///
/// # Errors
/// [`Error::Request`] when the samples are silent, not finite or the sample rate is outside 16000..=384000 Hz;
/// [`Error::Grid`] when the layout is impossible.
///
/// # Real-time
/// Not safe: allocates.
pub fn analyse(
    samples: &[f32],
    sample_rate_hz: f64,
    key: u8,
    layout: &NoteLayout,
) -> Result<Analysis> {
    layout.check()?;
    crate::controller::check_sample_rate(sample_rate_hz)?;
    if let Some(index) = samples.iter().position(|sample| !sample.is_finite()) {
        return Err(Error::request(
            "sample",
            samples[index],
            format!("repair the recording at frame {index}"),
        ));
    }
    let f0_hz = layout.frequency_hz(key);
    let highest_hz = layout.max_frequency_hz.min(0.49 * sample_rate_hz);
    let num_partials = ((highest_hz / f0_hz) as usize).clamp(1, MAX_PARTIALS);
    let measurement = Measurement {
        samples,
        sample_rate_hz,
        f0_hz,
        num_partials,
    };
    let frames = measurement.frames(&fine_times(layout));
    let residual = residual::without_harmonics(&measurement, &frames);
    let noise_powers = residual::band_powers(&residual, sample_rate_hz, layout);
    let (powers, deviations) = average_columns(&frames, layout, f0_hz);
    let loudest = powers
        .iter()
        .copied()
        .fold(0.0, f64::max)
        .max(loudest_as_amplitude(&noise_powers));
    if loudest <= 0.0 {
        return Err(Error::request(
            "recording",
            "silent",
            "choose one that sounds",
        ));
    }
    let to_db = |power: f64, floor_db: f32| {
        (10.0 * (power / loudest).log10()).max(f64::from(floor_db).max(SILENCE_DB)) as f32
    };
    let maps = SoundGrid {
        level_db: powers
            .iter()
            .map(|&power| to_db(power, layout.level_floor_db))
            .collect(),
        deviation_cents: deviations,
        noise_db: noise_powers
            .iter()
            .map(|&power| to_db(power, layout.noise_floor_db))
            .collect(),
    };
    Ok(Analysis {
        maps,
        peak_amplitude: loudest.sqrt(),
    })
}

/// A note of noise alone still needs a reference.
fn loudest_as_amplitude(noise_powers: &[f64]) -> f64 {
    noise_powers.iter().copied().fold(0.0, f64::max)
}

/// Times of the fine frames, s: at least [`FRAMES_PER_COLUMN`] between columns.
fn fine_times(layout: &NoteLayout) -> Vec<f64> {
    let mut times_s = Vec::new();
    for pair in layout.column_times_s.windows(2) {
        let width_s = pair[1] - pair[0];
        let count = (width_s / LONGEST_HOP_S).ceil().max(FRAMES_PER_COLUMN) as usize;
        times_s.extend((0..count).map(|index| pair[0] + width_s * index as f64 / count as f64));
    }
    times_s.extend(layout.column_times_s.last());
    times_s
}

/// Power (squared amplitude) and deviation in cents per cell, `[rows, columns]`, row-major: frames within half the way
/// to the neighbouring columns are averaged, deviations weighted by power.
fn average_columns(frames: &[Frame], layout: &NoteLayout, f0_hz: f64) -> (Vec<f64>, Vec<f32>) {
    let times_s = &layout.column_times_s;
    let columns = times_s.len();
    let mut powers = vec![0.0; layout.num_rows() * columns];
    let mut deviations = vec![0.0; layout.num_rows() * columns];
    for column in 0..columns {
        let from_s = if column == 0 {
            times_s[0]
        } else {
            0.5 * (times_s[column - 1] + times_s[column])
        };
        let to_s = times_s
            .get(column + 1)
            .map_or(times_s[column], |next_s| 0.5 * (times_s[column] + next_s));
        let inside: Vec<&Frame> = frames
            .iter()
            .filter(|frame| (from_s..=to_s).contains(&frame.time_s))
            .collect();
        for row in 0..layout.num_rows() {
            let cell = row_cell(&inside, layout, row, f0_hz);
            powers[row * columns + column] = cell.0;
            deviations[row * columns + column] = cell.1;
        }
    }
    (powers, deviations)
}

/// Mean power and power-weighted deviation of a row's harmonics over some frames.
fn row_cell(frames: &[&Frame], layout: &NoteLayout, row: usize, f0_hz: f64) -> (f64, f32) {
    let (first, last) = (
        layout.row_first_harmonic[row] as usize,
        layout.row_last_harmonic[row] as usize,
    );
    let (mut sum, mut weighted, mut count) = (0.0, 0.0, 0usize);
    for frame in frames {
        for (index, partial) in frame.partials.iter().enumerate().take(last).skip(first - 1) {
            let power = partial.amplitude * partial.amplitude;
            let cents = 1200.0 * (partial.frequency_hz / ((index + 1) as f64 * f0_hz)).log2();
            sum += power;
            weighted += power * cents;
            count += 1;
        }
    }
    if sum <= 0.0 {
        return (0.0, 0.0);
    }
    (sum / count as f64, (weighted / sum) as f32)
}
