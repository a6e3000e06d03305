//! Where things lie in a picture: units, features and cells (PICTURE_CONTRACT.md, section 2). Any thread; plain numbers.
//!
//! The short side of a picture is `short_units` long whatever its pixels, and everything is counted from its centre: all
//! sizes of one shape are the same picture, and other shapes share its middle.

use serde::{Deserialize, Serialize};

/// The lengths that a model was trained with.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureGeometry {
    /// Units along the short side.
    pub short_units: usize,
    /// Most units along the long side; a longer picture has larger units.
    pub max_long_units: usize,
    /// Places of the medium noise per unit.
    pub medium_per_unit: usize,
    /// Features per unit.
    pub features_per_unit: usize,
    /// Places of the fine noise per unit.
    pub detail_per_unit: usize,
    /// Cells per unit.
    pub cells_per_unit: usize,
    /// Features that the head needs around a tile.
    pub halo_features: usize,
    /// Places of the fine noise that the head needs around a tile.
    pub halo_detail: usize,
    /// Channels of the coarse noise.
    pub noise_channels: usize,
    /// Channels of the medium noise.
    pub medium_channels: usize,
    /// Channels of the fine noise.
    pub detail_channels: usize,
}

/// The shape of one picture: its grid in units and what they are in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureFrame {
    /// Height of the grid in units, even.
    pub rows: usize,
    /// Width of the grid in units, even.
    pub columns: usize,
    /// Height of the picture in units.
    pub height_units: f64,
    /// Width of the picture in units.
    pub width_units: f64,
}

impl PictureGeometry {
    /// Pixels per unit of a picture.
    pub fn unit_px(&self, width: u32, height: u32) -> f64 {
        let short = f64::from(width.min(height)) / self.short_units as f64;
        let long = f64::from(width.max(height)) / self.max_long_units as f64;
        short.max(long)
    }

    /// The frame of a picture. Depends on its shape alone.
    pub fn frame(&self, width: u32, height: u32) -> PictureFrame {
        let unit_px = self.unit_px(width, height);
        let (width_units, height_units) = (f64::from(width) / unit_px, f64::from(height) / unit_px);
        PictureFrame {
            rows: even_above(height_units),
            columns: even_above(width_units),
            height_units,
            width_units,
        }
    }

    /// The trunk's `y`: -1 at the top, 1 at the bottom of the picture, one number per row of features.
    pub(crate) fn feature_y(&self, frame: &PictureFrame) -> Vec<f32> {
        let height_units = frame.height_units.max(self.short_units as f64);
        let half = frame.rows as f64 / 2.0;
        (0..frame.rows * self.features_per_unit)
            .map(|row| {
                let v = (row as f64 + 0.5) / self.features_per_unit as f64 - half;
                (2.0 * v / height_units) as f32
            })
            .collect()
    }
}

/// The even number of units that holds this length; lengths that are even but for rounding stay.
fn even_above(units: f64) -> usize {
    const ROUNDING: f64 = 1e-9;
    (2 * (units / 2.0 - ROUNDING).ceil() as usize).max(2)
}
