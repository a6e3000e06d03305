//! The toy picture model that the tests of this crate share: the real structure with random weights.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use backdrop::paint::Painter;
use backdrop::palette::Palette;
use backdrop::rows::{Depth, Rows, Samples};
use backdrop::{Request, Scene, Size, Studio};

/// Its file.
pub fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/picture_toy.onnx")
}

/// Loaded.
pub fn studio() -> Studio {
    Studio::load(model()).unwrap()
}

/// A picture of these colours.
pub fn request(width: u32, height: u32, seed: u32, palette: &str) -> Request {
    Request {
        palette: Some(Palette::from_text(palette).unwrap()),
        ..Request::new(Size::new(width, height).unwrap(), seed)
    }
}

/// Five colours far apart.
pub const COLORS: &str = "#0b1d3a,#5b2a86,#d1495b,#edae49,#f4f1de";

/// Light of all pixels, `channels` to the pixel, painted as the scene says.
pub fn light(scene: &Scene) -> Vec<f32> {
    let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Linear);
    let mut light = Vec::new();
    while let Some(Samples::Linear(row)) = painter.next_row() {
        light.extend_from_slice(row);
    }
    light
}

/// Eight-bit samples of all pixels.
pub fn bytes(scene: &Scene) -> Vec<u8> {
    let mut painter = Painter::new(&scene.field, &scene.look, scene.request.size, Depth::Eight);
    let mut bytes = Vec::new();
    while let Some(Samples::Eight(row)) = painter.next_row() {
        bytes.extend_from_slice(row);
    }
    bytes
}
