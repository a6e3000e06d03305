//! Whether a text can be read on a picture: judged on a small copy, which shows the same picture. Any thread.

use crate::color::Srgb8;
use crate::field::Field;
use crate::paint::{Look, Painter};
use crate::rows::{Depth, Rows, Samples};
use crate::size::{Area, Size};

use super::{BLACK, Contrast, ContrastCount, WHITE, WORST_SHARE};

/// Seeds that a search looks at before it falls back to a scrim on the best of them.
pub const NUM_TRIED_SEEDS: u32 = 24;
/// Longest side of the small copy.
const COPY_SIDE: u32 = 320;

/// What was found about a text box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legibility {
    /// Colour of the letters: the one asked for, or the better one of white and black.
    pub ink: Srgb8,
    /// Of these letters on this ground.
    pub contrast: Contrast,
    /// Luminance that five percent of the box lie below, and above.
    pub luminance: (f64, f64),
    /// How much the lightness (0..1) of the ground changes along a length of one picture height: below 1 is calm, above 3
    /// competes with letters.
    pub busyness: f64,
}

/// Judges a text box on a picture as it would look. `ink` none: white or black, whichever reads better.
pub fn judge(field: &Field, look: &Look, size: Size, area: Area, ink: Option<Srgb8>) -> Legibility {
    let small = size.within(COPY_SIDE);
    let ground = Ground::of(field, look, small, area);
    let candidates = ink.map_or(vec![WHITE, BLACK], |ink| vec![ink]);
    let judged = candidates
        .into_iter()
        .map(|ink| (ink, ground.contrast(ink)));
    let (ink, contrast) = judged
        .max_by(|(_, one), (_, other)| one.worst.total_cmp(&other.worst))
        .unwrap_or((
            WHITE,
            Contrast {
                worst: 1.0,
                median: 1.0,
            },
        ));
    Legibility {
        ink,
        contrast,
        luminance: ground.luminance_range(),
        busyness: ground.busyness(small),
    }
}

/// How busy an area of a picture is; see [`Legibility::busyness`].
pub fn busyness(field: &Field, look: &Look, size: Size, area: Area) -> f64 {
    let small = size.within(COPY_SIDE);
    Ground::of(field, look, small, area).busyness(small)
}

/// Luminance of the pixels of a box, row by row.
struct Ground {
    width: usize,
    luminance: Vec<f64>,
}

impl Ground {
    fn of(field: &Field, look: &Look, size: Size, area: Area) -> Self {
        let (left, top, right, bottom) = area.pixels(size);
        let mut painter = Painter::new(field, look, size, Depth::Linear);
        let channels = painter.layout().channels;
        let weights = look.color_space.luminance();
        let mut luminance = Vec::new();
        for y in 0..bottom {
            let Some(Samples::Linear(row)) = painter.next_row() else {
                break;
            };
            if y < top {
                continue;
            }
            let pixels = row
                .chunks_exact(channels)
                .skip(left as usize)
                .take((right - left) as usize);
            luminance.extend(pixels.map(|pixel| {
                pixel
                    .iter()
                    .zip(weights)
                    .map(|(value, weight)| f64::from(*value) * weight)
                    .sum::<f64>()
            }));
        }
        Self {
            width: (right - left) as usize,
            luminance,
        }
    }

    fn contrast(&self, ink: Srgb8) -> Contrast {
        let mut count = ContrastCount::new();
        let ink = ink.luminance();
        self.luminance
            .iter()
            .for_each(|luminance| count.add(ink, *luminance));
        count.contrast().unwrap_or(Contrast {
            worst: 1.0,
            median: 1.0,
        })
    }

    /// What five percent lie below and above; a scrim that serves these serves the box.
    fn luminance_range(&self) -> (f64, f64) {
        let mut sorted = self.luminance.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (share * sorted.len() as f64) as usize;
            sorted
                .get(index.min(sorted.len().saturating_sub(1)))
                .copied()
                .unwrap_or(0.0)
        };
        (at(WORST_SHARE), at(1.0 - WORST_SHARE))
    }

    /// Mean steepness of the lightness, OKLab's for grey: the cube root of the luminance.
    fn busyness(&self, size: Size) -> f64 {
        let lightness: Vec<f64> = self
            .luminance
            .iter()
            .map(|value| value.max(0.0).cbrt())
            .collect();
        let rows: Vec<&[f64]> = lightness.chunks_exact(self.width).collect();
        let (mut sum, mut count) = (0.0, 0usize);
        for pair in rows.windows(2) {
            let across = pair[0].windows(2).map(|pixels| pixels[1] - pixels[0]);
            let down = pair[0]
                .iter()
                .zip(pair[1])
                .map(|(upper, lower)| lower - upper);
            for (across, down) in across.zip(down) {
                sum += across.hypot(down);
                count += 1;
            }
        }
        f64::from(size.height()) * sum / count.max(1) as f64
    }
}
