//! Ticks, grid lines and labels around the plots.

use engine::spectrogram::Axes;

use super::canvas::{Canvas, Rectangle};
use super::text::{Align, Font};
use super::{COLOR_BAR, LABEL, MAX_HZ, MIN_HZ, RANGE_DB, SPECTROGRAM, TITLE, WAVEFORM};

const LABEL_SIZE: f32 = 17.0;
/// From a plot's edge to its labels, pixels.
const LABEL_GAP: f32 = 12.0;
/// From the middle of a line of text to its baseline, pixels.
const HALF_LETTER: f32 = 5.5;
const TICK_LENGTH: usize = 6;
/// How much of a grid line covers the plot.
const GRID_COVERAGE: f32 = 0.11;
/// Labelled frequencies, Hz.
const FREQUENCIES: [(f64, &str); 9] = [
    (50.0, "50"),
    (100.0, "100"),
    (200.0, "200"),
    (500.0, "500"),
    (1000.0, "1k"),
    (2000.0, "2k"),
    (5000.0, "5k"),
    (10_000.0, "10k"),
    (20_000.0, "20k"),
];
/// Most labels on the time axis.
const MAX_TIME_LABELS: f64 = 12.0;
const STEP_DB: usize = 10;

/// Seconds below the spectrogram, with lines through both plots.
pub fn time(canvas: &mut Canvas, font: &Font, duration_s: f64) {
    let step_s = time_step_s(duration_s);
    let bottom = SPECTROGRAM.top + SPECTROGRAM.height;
    let decimals = if step_s < 0.1 {
        2
    } else {
        usize::from(step_s < 1.0)
    };
    let num_ticks = (duration_s / step_s + 1e-9) as usize;
    for tick in 0..=num_ticks {
        let time_s = tick as f64 * step_s;
        let x = SPECTROGRAM.left + (time_s / duration_s * (SPECTROGRAM.width - 1) as f64) as usize;
        for plot in [WAVEFORM, SPECTROGRAM] {
            let line = Rectangle {
                left: x,
                width: 1,
                ..plot
            };
            canvas.shade(line, TITLE, GRID_COVERAGE);
        }
        canvas.fill(
            Rectangle {
                left: x,
                top: bottom,
                width: 1,
                height: TICK_LENGTH,
            },
            LABEL,
        );
        let place = (x as f32, bottom as f32 + 26.0);
        font.draw(
            canvas,
            &format!("{time_s:.decimals$}"),
            place,
            LABEL_SIZE,
            LABEL,
            Align::Center,
        );
    }
    let middle = SPECTROGRAM.left as f32 + 0.5 * SPECTROGRAM.width as f32;
    font.draw(
        canvas,
        "time in seconds",
        (middle, bottom as f32 + 54.0),
        LABEL_SIZE,
        LABEL,
        Align::Center,
    );
}

/// The finest of 1, 2, 5 times a power of ten that leaves the labels apart.
fn time_step_s(duration_s: f64) -> f64 {
    let coarsest = duration_s.max(1e-3) / MAX_TIME_LABELS;
    let decade = 10_f64.powf(coarsest.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|&step_s| step_s >= coarsest)
        .unwrap_or(10.0 * decade)
}

/// Hertz left of the spectrogram.
pub fn frequency(canvas: &mut Canvas, font: &Font) {
    let axes = Axes {
        num_columns: SPECTROGRAM.width,
        num_rows: SPECTROGRAM.height,
        min_hz: MIN_HZ,
        max_hz: MAX_HZ,
    };
    for (frequency_hz, label) in FREQUENCIES {
        let height = axes.height(frequency_hz);
        let y =
            SPECTROGRAM.top + ((1.0 - height) * (SPECTROGRAM.height - 1) as f64).round() as usize;
        canvas.shade(
            Rectangle {
                top: y,
                height: 1,
                ..SPECTROGRAM
            },
            TITLE,
            GRID_COVERAGE,
        );
        tick_left(canvas, font, SPECTROGRAM, y, label);
    }
    let place = (
        SPECTROGRAM.left as f32 - LABEL_GAP,
        (SPECTROGRAM.top + SPECTROGRAM.height) as f32 + 26.0,
    );
    font.draw(canvas, "Hz", place, LABEL_SIZE, LABEL, Align::Right);
}

/// Decibels right of the color bar.
pub fn level(canvas: &mut Canvas, font: &Font, top_db: f32) {
    let right = COLOR_BAR.left + COLOR_BAR.width;
    for below_db in (0..=RANGE_DB as usize).step_by(STEP_DB) {
        let height = below_db as f32 / RANGE_DB * (COLOR_BAR.height - 1) as f32;
        let y = COLOR_BAR.top + height.round() as usize;
        canvas.fill(
            Rectangle {
                left: right,
                top: y,
                width: TICK_LENGTH,
                height: 1,
            },
            LABEL,
        );
        let label = format!("{:.0}", top_db - below_db as f32).replace('-', "−");
        let place = (right as f32 + 50.0, y as f32 + HALF_LETTER);
        font.draw(canvas, &label, place, LABEL_SIZE, LABEL, Align::Right);
    }
    let place = (
        right as f32 + 50.0,
        (COLOR_BAR.top + COLOR_BAR.height) as f32 + 26.0,
    );
    font.draw(canvas, "dBFS", place, LABEL_SIZE, LABEL, Align::Right);
}

/// Full height of the waveform as a level, left of it.
pub fn amplitude(canvas: &mut Canvas, font: &Font, scale: f32) {
    let label = format!("{:.1} dB", 20.0 * scale.log10()).replace('-', "−");
    tick_left(canvas, font, WAVEFORM, WAVEFORM.top + 4, &label);
    tick_left(
        canvas,
        font,
        WAVEFORM,
        WAVEFORM.top + WAVEFORM.height / 2,
        "0",
    );
}

fn tick_left(canvas: &mut Canvas, font: &Font, plot: Rectangle, y: usize, label: &str) {
    let tick = Rectangle {
        left: plot.left - TICK_LENGTH,
        top: y,
        width: TICK_LENGTH,
        height: 1,
    };
    canvas.fill(tick, LABEL);
    let place = (plot.left as f32 - LABEL_GAP, y as f32 + HALF_LETTER);
    font.draw(canvas, label, place, LABEL_SIZE, LABEL, Align::Right);
}
