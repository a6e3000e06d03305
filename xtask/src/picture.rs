//! A picture of a sound for people: waveform above, spectrogram below, with axes. PNG bytes out; it reads and writes no file.

mod axes;
mod canvas;
mod color_map;
pub mod contact_sheet;
mod roll;
mod text;

use engine::spectrogram::{self, Axes};

pub use roll::png_bytes as roll_png;

use canvas::{Canvas, Color, Rectangle};
use text::{Align, Font};

/// Size of the picture in pixels.
const WIDTH: usize = 1600;
const HEIGHT: usize = 900;
/// Where the parts stand.
const WAVEFORM: Rectangle = Rectangle {
    left: 92,
    top: 92,
    width: 1392,
    height: 120,
};
const SPECTROGRAM: Rectangle = Rectangle {
    left: 92,
    top: 228,
    width: 1392,
    height: 600,
};
const COLOR_BAR: Rectangle = Rectangle {
    left: 1504,
    top: 228,
    width: 18,
    height: 600,
};
/// Range of the frequency axis.
const MIN_HZ: f64 = 30.0;
const MAX_HZ: f64 = 20_000.0;
/// Levels this far below the loudest are black.
const RANGE_DB: f32 = 90.0;

const BACKGROUND: Color = [10, 9, 16];
const PLOT_BACKGROUND: Color = [0, 0, 4];
const WAVE: Color = [222, 132, 110];
const WAVE_RMS: Color = [253, 205, 155];
const TITLE: Color = [250, 240, 228];
const LABEL: Color = [176, 168, 178];

/// What to draw.
pub struct Sound<'a> {
    /// First line.
    pub title: &'a str,
    /// Second line, smaller.
    pub subtitle: &'a str,
    /// Both channels, the same number of frames.
    pub channels: (&'a [f32], &'a [f32]),
    /// Frames per second.
    pub sample_rate_hz: u32,
}

/// Draws the sound as PNG bytes.
///
/// # Errors
/// When the encoder fails.
pub fn png_bytes(sound: &Sound<'_>) -> Result<Vec<u8>, DrawError> {
    Ok(drawn(sound)?.png_bytes()?)
}

/// Draws several sounds below each other as PNG bytes.
///
/// # Errors
/// When the encoder fails.
pub fn stacked_png_bytes(sounds: &[Sound<'_>]) -> Result<Vec<u8>, DrawError> {
    let parts: Vec<Canvas> = sounds.iter().map(drawn).collect::<Result<_, _>>()?;
    Ok(Canvas::stacked(parts).png_bytes()?)
}

type DrawError = Box<dyn std::error::Error + Send + Sync>;

fn drawn(sound: &Sound<'_>) -> Result<Canvas, DrawError> {
    let font = Font::embedded()?;
    let mut canvas = Canvas::new(WIDTH, HEIGHT, BACKGROUND);
    font.draw(
        &mut canvas,
        sound.title,
        (92.0, 44.0),
        30.0,
        TITLE,
        Align::Left,
    );
    font.draw(
        &mut canvas,
        sound.subtitle,
        (92.0, 74.0),
        18.0,
        LABEL,
        Align::Left,
    );
    draw_waveform(&mut canvas, sound);
    let top_db = draw_spectrogram(&mut canvas, sound)?;
    draw_color_bar(&mut canvas);
    let duration_s = sound.channels.0.len() as f64 / f64::from(sound.sample_rate_hz);
    axes::time(&mut canvas, &font, duration_s);
    axes::frequency(&mut canvas, &font);
    axes::level(&mut canvas, &font, top_db);
    axes::amplitude(&mut canvas, &font, waveform_scale(sound));
    Ok(canvas)
}

/// Full height of the waveform strip: the peak, or a thousandth of full scale for silence.
fn waveform_scale(sound: &Sound<'_>) -> f32 {
    let (left, right) = sound.channels;
    left.iter()
        .chain(right)
        .fold(1e-3, |peak, sample| sample.abs().max(peak))
}

fn draw_waveform(canvas: &mut Canvas, sound: &Sound<'_>) {
    canvas.fill(WAVEFORM, PLOT_BACKGROUND);
    let (left, right) = sound.channels;
    let scale = waveform_scale(sound);
    let middle = (WAVEFORM.top + WAVEFORM.height / 2) as f32;
    let half = WAVEFORM.height as f32 / 2.0 - 4.0;
    for column in 0..WAVEFORM.width {
        let bounds = |column: usize| column * left.len() / WAVEFORM.width;
        let frames = bounds(column)..bounds(column + 1).max(bounds(column) + 1).min(left.len());
        let (mut low, mut high, mut power) = (0.0_f32, 0.0_f32, 0.0_f32);
        for frame in frames.clone() {
            let mid = 0.5 * (left[frame] + right[frame]);
            low = low.min(left[frame]).min(right[frame]);
            high = high.max(left[frame]).max(right[frame]);
            power += mid * mid;
        }
        let rms = (power / frames.len().max(1) as f32).sqrt();
        let x = WAVEFORM.left + column;
        canvas.column(
            x,
            middle - high / scale * half,
            middle - low / scale * half,
            WAVE,
        );
        canvas.column(
            x,
            middle - rms / scale * half,
            middle + rms / scale * half,
            WAVE_RMS,
        );
    }
}

/// Draws and returns the level of the brightest color, dB re full scale.
fn draw_spectrogram(canvas: &mut Canvas, sound: &Sound<'_>) -> engine::Result<f32> {
    let axes = Axes {
        num_columns: SPECTROGRAM.width,
        num_rows: SPECTROGRAM.height,
        min_hz: MIN_HZ,
        max_hz: MAX_HZ,
    };
    let (left, right) = sound.channels;
    let mid: Vec<f32> = left
        .iter()
        .zip(right)
        .map(|(left, right)| 0.5 * (left + right))
        .collect();
    let levels_db = spectrogram::levels_db(&mid, sound.sample_rate_hz, &axes)?;
    let loudest = levels_db
        .iter()
        .copied()
        .fold(spectrogram::FLOOR_DB, f32::max);
    let top_db = (loudest / 10.0).ceil() * 10.0;
    for (column, cells) in levels_db.chunks_exact(axes.num_rows).enumerate() {
        for (row, level_db) in cells.iter().enumerate() {
            let place = 1.0 - (top_db - level_db) / RANGE_DB;
            let y = SPECTROGRAM.top + SPECTROGRAM.height - 1 - row;
            canvas.set(SPECTROGRAM.left + column, y, color_map::color(place));
        }
    }
    Ok(top_db)
}

fn draw_color_bar(canvas: &mut Canvas) {
    for row in 0..COLOR_BAR.height {
        let place = 1.0 - (row as f32 + 0.5) / COLOR_BAR.height as f32;
        let line = Rectangle {
            top: COLOR_BAR.top + row,
            height: 1,
            ..COLOR_BAR
        };
        canvas.fill(line, color_map::color(place));
    }
}
