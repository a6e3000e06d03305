//! What is measured while a picture is painted: distance to the palette, contrast of a text on it.

use std::time::Duration;

use super::clipping::Clipping;
use super::mix::LabRow;
use super::{Coverage, Look};
use crate::color::ColorSpace;
use crate::size::Size;
use crate::text::{Contrast, ContrastCount, TextBox};

/// Figures of a painted picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The first 16 hexadecimal digits of SHA-256 over the samples: the same picture has the same.
    pub fingerprint: String,
    /// Largest OKLab distance of a pixel from its mix of the palette, by the network's residual or because no screen shows
    /// the mix. An upper bound of the distance to the palette's hull. Dither, grain, stars and scrim do not count.
    pub palette_error: f64,
    /// Share of the picture that each of the five colours makes up.
    pub coverage: Coverage,
    /// Of the text box, when there is one.
    pub contrast: Option<Contrast>,
    /// What painting took, without network and encoder.
    pub paint_time: Duration,
}

pub(super) struct Measuring {
    palette_error: f64,
    clipping: Clipping,
    text: Option<Watched>,
    color_space: ColorSpace,
}

/// A text box and what was counted in it.
struct Watched {
    text: TextBox,
    rows: std::ops::Range<u32>,
    columns: std::ops::Range<usize>,
    count: ContrastCount,
}

impl Watched {
    fn new(text: TextBox, size: Size) -> Self {
        let (left, top, right, bottom) = text.area.pixels(size);
        Self {
            text,
            rows: top..bottom,
            columns: left as usize..right as usize,
            count: ContrastCount::new(),
        }
    }
}

impl Measuring {
    pub(super) fn new(look: &Look, size: Size) -> Self {
        Self {
            palette_error: 0.0,
            clipping: Clipping::new(look.color_space),
            text: look.text.map(|text| Watched::new(text, size)),
            color_space: look.color_space,
        }
    }

    pub(super) fn look_at_palette(&mut self, row: &LabRow, linear: &[Vec<f32>; 3]) {
        let error = f64::from(self.clipping.largest_error(row, linear));
        self.palette_error = self.palette_error.max(error);
    }

    pub(super) fn look_at_text(&mut self, y: u32, linear: &[Vec<f32>; 3]) {
        let Some(watched) = &mut self.text else {
            return;
        };
        if !watched.rows.contains(&y) {
            return;
        }
        let weights = self.color_space.luminance();
        let ink = watched.text.color.luminance();
        let [red, green, blue] = linear
            .each_ref()
            .map(|channel| &channel[watched.columns.clone()]);
        for ((red, green), blue) in red.iter().zip(green).zip(blue) {
            let light = [red, green, blue].map(|value| f64::from(*value));
            let luminance = light
                .iter()
                .zip(weights)
                .map(|(light, weight)| light * weight)
                .sum();
            watched.count.add(ink, luminance);
        }
    }

    pub(super) fn palette_error(&self) -> f64 {
        self.palette_error
    }

    pub(super) fn contrast(&self) -> Option<Contrast> {
        self.text
            .as_ref()
            .and_then(|watched| watched.count.contrast())
    }
}
