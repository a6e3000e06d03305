//! Dither hides the steps of a dark gradient and keeps its mean.

#[path = "toy/load.rs"]
mod toy;

use backdrop::paint::{Look, Painter};
use backdrop::palette::Palette;
use backdrop::rows::{Depth, Rows};
use backdrop::{Field, Size};
use models::{PictureCells, PictureGenerator};

/// A field without a network: a dark ramp from left to right between the two darkest colours.
fn ramp(columns_of_cells: usize) -> (Field, Look) {
    let geometry = PictureGenerator::load(toy::model())
        .unwrap()
        .manifest()
        .geometry
        .clone();
    let (rows, columns) = (geometry.cells_per_unit * 8, columns_of_cells);
    let mut values = vec![-40.0; 6 * rows * columns];
    for row in 0..rows {
        for column in 0..columns {
            let share = (column as f32 + 0.5) / columns as f32;
            values[row * columns + column] = share.max(1e-6).ln();
            values[(rows + row) * columns + column] = (1.0 - share).max(1e-6).ln();
            values[(5 * rows + row) * columns + column] = 0.0;
        }
    }
    let field = Field::new(
        PictureCells {
            rows,
            columns,
            values,
        },
        geometry,
    )
    .unwrap();
    let palette = Palette::from_text("#0a0d14,#1c2233,#808080,#c0c0c0,#ffffff").unwrap();
    (field, Look::new(palette))
}

fn painted(field: &Field, look: &Look, size: Size) -> Vec<u8> {
    let mut painter = Painter::new(field, look, size, Depth::Eight);
    backdrop::rows::Picture::collect(&mut painter)
        .bytes()
        .to_vec()
}

#[test]
fn a_dark_gradient_has_no_run_of_eight_equal_values_in_any_channel() {
    let (field, look) = ramp(512);
    let size = Size::new(3840, 2160).unwrap();
    let bytes = painted(&field, &look, size);
    let mut longest = 0;
    for row in bytes.chunks_exact(3 * 3840) {
        for channel in 0..3 {
            let mut run = 0;
            let mut last = None;
            for value in row.iter().skip(channel).step_by(3) {
                run = if last == Some(value) { run + 1 } else { 1 };
                last = Some(value);
                longest = longest.max(run);
            }
        }
    }
    assert!(longest < 8, "{longest}");
}

#[test]
fn dither_keeps_the_mean_of_a_gradient_within_a_twentieth_of_a_step() {
    let (field, look) = ramp(512);
    let size = Size::new(1920, 1080).unwrap();
    let bytes = painted(&field, &look, size);
    let mut painter = Painter::new(&field, &look, size, Depth::Sixteen);
    let mut exact = Vec::new();
    while let Some(backdrop::rows::Samples::Sixteen(row)) = painter.next_row() {
        exact.extend(row.iter().map(|word| f64::from(*word) / 257.0));
    }
    for first in (0..1920).step_by(64) {
        for channel in 0..3 {
            let (mut error, mut count) = (0.0_f64, 0.0_f64);
            for y in 0..64 {
                for x in first..first + 64 {
                    let at = (y * 1920 + x) * 3 + channel;
                    error += f64::from(bytes[at]) - exact[at];
                    count += 1.0;
                }
            }
            assert!(
                (error / count).abs() < 0.05,
                "at {first}: {}",
                error / count
            );
        }
    }
}
