//! A scrim: the ground of a text, darkened or lightened just enough, with a soft edge.

use crate::color::{Srgb8, contrast_ratio};
use crate::size::{Area, Size};

use super::READABLE;

/// The scrim reaches this far beyond the box, in picture heights, and fades to nothing there.
const FEATHER: f64 = 0.12;
/// Aimed at a little above what is wanted: grain and rounding come after.
const MARGIN: f64 = 1.04;

/// Mixes black or white into the light behind a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrim {
    /// Where it is whole.
    pub area: Area,
    /// 0 nothing, 1 opaque.
    pub strength: f32,
    /// Light of the scrim: 0 black, 1 white.
    pub light: f32,
}

impl Scrim {
    /// Applies it to a row of light.
    pub(crate) fn apply_to(&self, y: u32, size: Size, linear: &mut [Vec<f32>; 3]) {
        let height = f64::from(size.height());
        let feather = FEATHER * height;
        let down = share(
            f64::from(y) + 0.5,
            self.area.top * height,
            self.area.height * height,
            feather,
        );
        if down <= 0.0 {
            return;
        }
        let width = f64::from(size.width());
        let (left, length) = (self.area.left * width, self.area.width * width);
        let first = (left - feather).floor().max(0.0) as usize;
        let end = (left + length + feather).ceil().min(width) as usize;
        for x in first..end {
            let across = share(x as f64 + 0.5, left, length, feather);
            let strength = self.strength * (down * across) as f32;
            for channel in linear.iter_mut() {
                channel[x] += strength * (self.light - channel[x]);
            }
        }
    }
}

/// 1 inside, falling smoothly to 0 at `feather` outside.
fn share(position: f64, start: f64, length: f64, feather: f64) -> f64 {
    let outside = (start - position).max(position - start - length).max(0.0);
    let t = (1.0 - outside / feather).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The weakest scrim that gives letters of this colour [`READABLE`] contrast on a ground whose darkest and lightest
/// luminance (of all but the worst pixels) are given. None when the ground is good as it is. Letters of middle grey reach
/// the goal on neither ground; they get the better one, whole.
pub fn needed_scrim(area: Area, ink: Srgb8, (darkest, lightest): (f64, f64)) -> Option<Scrim> {
    let ink = ink.luminance();
    let goal = READABLE * MARGIN;
    // Under black at strength s a luminance Y becomes (1 - s) Y, under white Y + s (1 - Y).
    let highest = (ink + 0.05) / goal - 0.05;
    let lowest = goal * (ink + 0.05) - 0.05;
    let is_good = contrast_ratio(ink, lightest) >= goal && ink > lightest
        || contrast_ratio(ink, darkest) >= goal && ink < darkest;
    if is_good {
        return None;
    }
    let black = if highest > 0.0 {
        1.0 - highest / lightest.max(f64::MIN_POSITIVE)
    } else {
        f64::INFINITY
    };
    let white = if lowest < 1.0 {
        (lowest - darkest) / (1.0 - darkest).max(f64::MIN_POSITIVE)
    } else {
        f64::INFINITY
    };
    let (strength, light) = match (black.is_finite(), white.is_finite()) {
        (false, false) if ink < 0.18 => (1.0, 1.0),
        (false, false) => (1.0, 0.0),
        _ if black <= white => (black, 0.0),
        _ => (white, 1.0),
    };
    Some(Scrim {
        area,
        strength: strength.clamp(0.0, 1.0) as f32,
        light,
    })
}
