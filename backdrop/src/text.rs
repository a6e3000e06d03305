//! A text's ground: its contrast as WCAG 2 counts it, how busy it is, and the scrim that makes it legible. Any thread.
//!
//! No letter is drawn here.

mod legible;
mod scrim;

pub use legible::{Legibility, NUM_TRIED_SEEDS, busyness, judge};
pub use scrim::{Scrim, needed_scrim};

use crate::color::{Srgb8, contrast_ratio};
use crate::size::Area;

/// WCAG 2.2, success criterion 1.4.3: contrast of ordinary text.
pub const READABLE: f64 = 4.5;
/// Share of the box that may be worse than the figure that is reported.
const WORST_SHARE: f64 = 0.05;
/// Counted contrast ratios: 1 to 21 in steps of 1/256.
const BINS_PER_UNIT: f64 = 256.0;
const LARGEST_RATIO: f64 = 21.0;

/// Where a text will stand and what colour it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextBox {
    /// In shares of the picture.
    pub area: Area,
    /// Of the letters.
    pub color: Srgb8,
}

/// White letters.
pub const WHITE: Srgb8 = Srgb8([255; 3]);
/// Black letters.
pub const BLACK: Srgb8 = Srgb8([0; 3]);

/// Contrast ratios between a text and the pixels of its box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Five percent of the box have less.
    pub worst: f64,
    /// Half of the box has less.
    pub median: f64,
}

/// Counts ratios pixel by pixel, in bounded memory.
pub(crate) struct ContrastCount {
    bins: Vec<u64>,
    count: u64,
}

impl ContrastCount {
    pub(crate) fn new() -> Self {
        Self {
            bins: vec![0; (LARGEST_RATIO * BINS_PER_UNIT) as usize + 1],
            count: 0,
        }
    }

    /// A pixel of this luminance under letters of that one.
    pub(crate) fn add(&mut self, ink: f64, luminance: f64) {
        let bin = (contrast_ratio(ink, luminance) * BINS_PER_UNIT) as usize;
        let last = self.bins.len() - 1;
        self.bins[bin.min(last)] += 1;
        self.count += 1;
    }

    /// None when nothing was counted.
    pub(crate) fn contrast(&self) -> Option<Contrast> {
        (self.count > 0).then(|| Contrast {
            worst: self.quantile(WORST_SHARE),
            median: self.quantile(0.5),
        })
    }

    /// The lower edge of the bin that holds the quantile: never better than the truth.
    fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count as f64;
        let mut seen = 0;
        for (bin, count) in self.bins.iter().enumerate() {
            seen += count;
            if seen as f64 > wanted {
                return bin as f64 / BINS_PER_UNIT;
            }
        }
        LARGEST_RATIO
    }
}
