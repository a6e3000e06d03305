//! The same picture as the Python side paints from the same cells, by the contract alone.

use std::path::{Path, PathBuf};

use backdrop::color::{Srgb8, coded_from_linear};
use backdrop::paint::{Look, Painter};
use backdrop::palette::Palette;
use backdrop::rows::{Depth, Rows, Samples};
use backdrop::{Field, Size};
use models::{DEFAULT_TRUNCATION, PictureGenerator, PicturePoint};
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../models/tests/fixtures")
        .join(name)
}

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("picture_expected.json")).unwrap())
        .unwrap()
}

/// Light of every pixel, `[height][3 * width]`.
fn painted(field: &Field, look: &Look, size: Size) -> Vec<Vec<f32>> {
    let mut painter = Painter::new(field, look, size, Depth::Linear);
    let mut rows = Vec::new();
    while let Some(Samples::Linear(row)) = painter.next_row() {
        rows.push(row.to_vec());
    }
    rows
}

#[test]
fn pixels_of_five_shapes_are_those_of_the_python_painter() {
    let mut generator = PictureGenerator::load(fixture("picture_toy.onnx")).unwrap();
    let manifest = generator.manifest().clone();
    let reference = &manifest.reference;
    // The reference's palette is no eight-bit one; it is set directly.
    for picture in expected()["pictures"].as_array().unwrap() {
        let side = |name: &str| picture[name].as_u64().unwrap() as u32;
        let size = Size::new(side("width"), side("height")).unwrap();
        let frame = manifest.geometry.frame(size.width(), size.height());
        assert_eq!(
            (frame.rows as u32, frame.columns as u32),
            (side("rows"), side("columns"))
        );
        let mut point = PicturePoint::from_seed(
            reference.seed,
            DEFAULT_TRUNCATION,
            reference.palette,
            &manifest,
        )
        .unwrap();
        point.style.clone_from(&reference.style);
        let cells = generator.run(&point, &frame).unwrap();
        let mean = cells
            .values
            .iter()
            .map(|value| f64::from(value.abs()))
            .sum::<f64>()
            / cells.values.len() as f64;
        assert!(
            (mean - picture["cells_mean_abs"].as_f64().unwrap()).abs() < 1e-4,
            "{size}: cells differ"
        );
        let field = Field::new(cells, manifest.geometry.clone()).unwrap();
        for (strict, name) in [(false, "srgb"), (true, "srgb_strict")] {
            let mut look = Look::new(Palette::from_oklab(
                reference.palette.map(|color| color.map(f64::from)),
            ));
            look.strict = strict;
            look.residual_bound = manifest.residual_bound;
            let rows = painted(&field, &look, size);
            for pixel in picture["pixels"].as_array().unwrap() {
                let (row, column) = (
                    pixel["row"].as_u64().unwrap() as usize,
                    pixel["column"].as_u64().unwrap() as usize,
                );
                for channel in 0..3 {
                    let coded = coded_from_linear(f64::from(rows[row][3 * column + channel]));
                    let difference = coded - pixel[name][channel].as_f64().unwrap();
                    // A tenth of an eight-bit step: cells are the same to 1e-5, single precision does the rest.
                    assert!(
                        difference.abs() < 0.1 / 255.0,
                        "{size} {name} at {row}, {column}: off by {difference}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_black_and_a_white_palette_stay_black_and_white() {
    let mut generator = PictureGenerator::load(fixture("picture_toy.onnx")).unwrap();
    let manifest = generator.manifest().clone();
    let size = Size::new(64, 36).unwrap();
    let frame = manifest.geometry.frame(64, 36);
    let point =
        PicturePoint::from_seed(4, DEFAULT_TRUNCATION, [[0.5, 0.0, 0.0]; 5], &manifest).unwrap();
    let field = Field::new(
        generator.run(&point, &frame).unwrap(),
        manifest.geometry.clone(),
    )
    .unwrap();
    for value in [0u8, 255] {
        let mut look = Look::new(Palette::exactly([Srgb8([value; 3]); 5]));
        look.strict = true;
        for row in painted(&field, &look, size) {
            assert!(
                row.iter()
                    .all(|light| (light - f32::from(value) / 255.0).abs() < 1e-4)
            );
        }
    }
}
