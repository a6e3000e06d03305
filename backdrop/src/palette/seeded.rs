//! A palette from a seed: one hue that drifts from dark to light, now and then with an accent from across the circle.

use models::seeded::unit;

use super::{NUM_COLORS, Palette};
use crate::color::Oklab;

/// Streams of the seed, apart from those of the model contracts.
const HUE: u32 = 96;
const SHAPE: u32 = 97;

/// Full turn, degrees.
const TURN: f64 = 360.0;
/// One palette in three has an accent.
const ACCENT_SHARE: f64 = 0.34;

/// Dark to light; every chroma is one that sRGB can show after clipping to the gamut along it.
pub(super) fn palette(seed: u32) -> Palette {
    let number = |index: u32| unit(seed, SHAPE, index);
    let hue = TURN * unit(seed, HUE, 0);
    // A drift of hue with lightness is what light does: shadows and highlights differ in colour.
    let drift = (40.0 + 80.0 * number(0)) * if number(1) < 0.5 { -1.0 } else { 1.0 };
    let (darkest, lightest) = (0.14 + 0.12 * number(2), 0.80 + 0.14 * number(3));
    let chroma = 0.07 + 0.08 * number(4);
    let accent = (number(5) < ACCENT_SHARE).then(|| 2 + usize::from(number(6) < 0.5));
    let colors: [_; NUM_COLORS] = std::array::from_fn(|index| {
        let position = index as f64 / (NUM_COLORS - 1) as f64;
        let turn = if accent == Some(index) {
            TURN / 2.0
        } else {
            0.0
        };
        // Chroma is widest in the middle: near black and white there is no room for it.
        let room = 0.45 + 0.55 * (std::f64::consts::PI * position.clamp(0.1, 0.9)).sin();
        let lightness = darkest + (lightest - darkest) * position;
        Oklab::from_lch(
            lightness,
            chroma * room * 1.4,
            hue + drift * (position - 0.5) + turn,
        )
        .to_srgb8()
    });
    Palette::exactly(colors)
}
