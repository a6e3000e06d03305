//! Levels over time and logarithmic frequency, for pictures. Worker and command line; it draws nothing.
//!
//! Low rows come from long windows and high rows from short ones, faded into each other: bass partials stay apart and
//! attacks stay sharp.

use realfft::RealFftPlanner;

use crate::error::{Error, Result};

/// Window lengths at 48 kHz, and the frequency below which each is used alone; between one and the next they fade.
const WINDOWS: [(usize, f64); 3] = [(16_384, 180.0), (8_192, 720.0), (4_096, f64::INFINITY)];
/// Width of the fade between two window lengths, in octaves.
const FADE_OCTAVES: f64 = 1.0;
/// Lowest level told apart, dB re a sine at full scale.
pub const FLOOR_DB: f32 = -160.0;

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// Columns over the whole sound.
    pub num_columns: usize,
    /// Rows from `min_hz` to `max_hz`, equally wide in octaves.
    pub num_rows: usize,
    /// Frequency of the lower edge, Hz.
    pub min_hz: f64,
    /// Frequency of the upper edge, Hz.
    pub max_hz: f64,
}

impl Axes {
    /// Frequency at a height, 0 (lower edge) to 1 (upper edge).
    pub fn frequency_hz(&self, height: f64) -> f64 {
        self.min_hz * (self.max_hz / self.min_hz).powf(height)
    }

    /// Height of a frequency, the inverse of [`Axes::frequency_hz`].
    pub fn height(&self, frequency_hz: f64) -> f64 {
        (frequency_hz / self.min_hz).log2() / (self.max_hz / self.min_hz).log2()
    }
}

/// Levels in dB re a sine at full scale, `[columns, rows]`, row 0 lowest.
///
/// # Errors
/// `Error::Request` when the axes are empty or upside down.
pub fn levels_db(samples: &[f32], sample_rate_hz: u32, axes: &Axes) -> Result<Vec<f32>> {
    if axes.num_columns == 0
        || axes.num_rows == 0
        || axes.min_hz <= 0.0
        || axes.max_hz <= axes.min_hz
    {
        return Err(Error::request(
            "the picture",
            format!("{axes:?}"),
            "give it a size and a range",
        ));
    }
    let mut levels_db = vec![0.0; axes.num_columns * axes.num_rows];
    let rate_hz = f64::from(sample_rate_hz);
    for (index, &(length, _)) in WINDOWS.iter().enumerate() {
        let length = ((length as f64 * rate_hz / 48_000.0).round() as usize).next_power_of_two();
        let shares: Vec<f32> = (0..axes.num_rows)
            .map(|row| share_of_window(index, axes.frequency_hz(row_height(row, axes))))
            .collect();
        let mut transform = Transform::new(length, rate_hz);
        for (column, cells) in levels_db.chunks_exact_mut(axes.num_rows).enumerate() {
            let centre = (column as f64 + 0.5) / axes.num_columns as f64 * samples.len() as f64;
            transform.load(samples, centre as i64);
            for (row, cell) in cells
                .iter_mut()
                .enumerate()
                .filter(|(row, _)| shares[*row] > 0.0)
            {
                *cell += shares[row] * transform.row_db(row, axes);
            }
        }
    }
    Ok(levels_db)
}

fn row_height(row: usize, axes: &Axes) -> f64 {
    (row as f64 + 0.5) / axes.num_rows as f64
}

/// How much of a row comes from this window; the shares of a row add up to 1.
fn share_of_window(index: usize, frequency_hz: f64) -> f32 {
    let upto = |boundary_hz: f64| {
        (0.5 - (frequency_hz / boundary_hz).log2() / FADE_OCTAVES).clamp(0.0, 1.0)
    };
    let below = if index == 0 {
        0.0
    } else {
        upto(WINDOWS[index - 1].1)
    };
    (upto(WINDOWS[index].1) - below) as f32
}

/// One window length: its transform and the levels it last made.
struct Transform {
    rate_hz: f64,
    window: Vec<f32>,
    transform: std::sync::Arc<dyn realfft::RealToComplex<f32>>,
    scratch: Vec<f32>,
    bins_db: Vec<f32>,
}

impl Transform {
    fn new(length: usize, rate_hz: f64) -> Self {
        let window = (0..length)
            .map(|frame| {
                let turns = (frame as f64 + 0.5) / length as f64;
                (0.5 - 0.5 * (std::f64::consts::TAU * turns).cos()) as f32
            })
            .collect();
        Transform {
            rate_hz,
            window,
            transform: RealFftPlanner::new().plan_fft_forward(length),
            scratch: vec![0.0; length],
            bins_db: Vec::new(),
        }
    }

    fn load(&mut self, samples: &[f32], centre: i64) {
        let length = self.window.len();
        let start = centre - length as i64 / 2;
        for (offset, (value, weight)) in (0_i64..).zip(self.scratch.iter_mut().zip(&self.window)) {
            let sample = usize::try_from(start + offset)
                .ok()
                .and_then(|place| samples.get(place));
            *value = sample.copied().unwrap_or(0.0) * weight;
        }
        let mut spectrum = self.transform.make_output_vec();
        // Both lengths are the transform's own: it cannot refuse.
        let _ = self.transform.process(&mut self.scratch, &mut spectrum);
        // A sine of amplitude 1 puts length / 4 into its bin: half of it is at the negative frequency, and the window's mean is half.
        let scale = 4.0 / length as f32;
        self.bins_db.clear();
        self.bins_db.extend(
            spectrum
                .iter()
                .map(|bin| (10.0 * (bin.norm_sqr() * scale * scale).log10()).max(FLOOR_DB)),
        );
    }

    /// The loudest bin inside the row, or between bins the level interpolated at its centre.
    fn row_db(&self, row: usize, axes: &Axes) -> f32 {
        let bin_hz = self.rate_hz / self.window.len() as f64;
        let place = |height: f64| axes.frequency_hz(height) / bin_hz;
        let step = 1.0 / axes.num_rows as f64;
        let centre = row_height(row, axes);
        let (first, last) = (place(centre - 0.5 * step), place(centre + 0.5 * step));
        let interpolated = self.between_bins(place(centre));
        let inside = first.ceil() as usize..(last.floor() as usize + 1);
        inside
            .filter_map(|bin| self.bins_db.get(bin))
            .fold(interpolated, |loudest, &level_db| loudest.max(level_db))
    }

    fn between_bins(&self, place: f64) -> f32 {
        let bin = place.floor() as usize;
        let weight = place.fract() as f32;
        match (self.bins_db.get(bin), self.bins_db.get(bin + 1)) {
            (Some(below), Some(above)) => below * (1.0 - weight) + above * weight,
            _ => FLOOR_DB,
        }
    }
}
