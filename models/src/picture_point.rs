//! A picture as a point: latent, styles, palette, style offset, and the noise it grows from (PICTURE_CONTRACT.md, sections
//! 3, 5 and 6). Any thread; runs no network.

use crate::error::{Error, Result};
use crate::latent::seeded_latent;
use crate::picture_frame::{PictureFrame, PictureGeometry};
use crate::picture_manifest::PictureManifest;
use crate::seeded::{hash, normal, stream};

/// Colours of a palette.
pub const NUM_PALETTE_COLORS: usize = 5;
/// Rows and columns of a noise map are numbered within a square of this side, its middle at the picture's centre.
const INDEX_SIDE: i64 = 4096;
const INDEX_MIDDLE: i64 = 2048;

/// How a moving picture differs from its still: a circle through two other noises.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Motion {
    /// 0 none, 1 as much as two pictures differ; above 0.5 the composition is lost.
    pub amount: f64,
    /// Where on the circle, taken modulo 1: phase 1 is phase 0 exactly.
    pub phase: f64,
}

/// One picture of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePoint {
    /// `[latent_length]`, standard normal.
    pub latent: Vec<f32>,
    /// `[styles]`, each at least 0, sum 1.
    pub style: Vec<f32>,
    /// OKLab, dark to light.
    pub palette: [[f32; 3]; NUM_PALETTE_COLORS],
    /// `[style_length]`, zeros unless a control moved it.
    pub style_offset: Vec<f32>,
    /// Seed of the noise.
    pub seed: u32,
    /// Of a frame of a loop.
    pub motion: Motion,
}

impl PicturePoint {
    /// The picture of a seed, in one style: the one that the seed chooses.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a truncation outside 0.1 to 10.
    pub fn from_seed(
        seed: u32,
        truncation: f64,
        palette: [[f32; 3]; NUM_PALETTE_COLORS],
        manifest: &PictureManifest,
    ) -> Result<Self> {
        let mut style = vec![0.0; manifest.styles.len()];
        let chosen = hash(seed, stream::PICTURE_CHOICE, 0) as usize % style.len();
        style[chosen] = 1.0;
        Ok(Self {
            latent: seeded_latent(seed, truncation, manifest.latent_length)?,
            style,
            palette,
            style_offset: vec![0.0; manifest.style_length],
            seed,
            motion: Motion::default(),
        })
    }

    /// Mixes styles by name; weights count relative to each other.
    ///
    /// # Errors
    /// [`Error::UnknownStyle`], or [`Error::OutOfRange`] for a weight below 0 or weights that are all 0.
    pub fn set_styles(
        &mut self,
        weights: &[(String, f32)],
        manifest: &PictureManifest,
    ) -> Result<()> {
        let mut style = vec![0.0; manifest.styles.len()];
        for (name, weight) in weights {
            let index = manifest.styles.iter().position(|style| style == name);
            let index = index.ok_or_else(|| Error::UnknownStyle {
                name: name.clone(),
                known: manifest.styles.join(", "),
            })?;
            if !(0.0..=f32::MAX).contains(weight) {
                return Err(weight_out_of_range(name, *weight));
            }
            style[index] += weight;
        }
        let sum: f32 = style.iter().sum();
        // A sum beyond the range of f32 is no sum to divide by either.
        if !(f32::MIN_POSITIVE..=f32::MAX).contains(&sum) {
            return Err(weight_out_of_range("all together", sum));
        }
        self.style = style.into_iter().map(|weight| weight / sum).collect();
        Ok(())
    }

    /// Moves a named control to a value (0 is neutral).
    ///
    /// # Errors
    /// [`Error::UnknownControl`], or [`Error::OutOfRange`] with the control's own range.
    pub fn add_control(
        &mut self,
        name: &str,
        value: f32,
        manifest: &PictureManifest,
    ) -> Result<()> {
        let control = manifest.control(name)?;
        if !(control.min..=control.max).contains(&value) {
            return Err(Error::OutOfRange {
                name: format!("control `{name}`"),
                value: value.into(),
                low: control.min.into(),
                high: control.max.into(),
            });
        }
        if control.vector.len() != self.style_offset.len() {
            return Err(Error::WrongLength {
                name: "style_offset",
                found: self.style_offset.len(),
                wanted: control.vector.len(),
            });
        }
        for (number, direction) in self.style_offset.iter_mut().zip(&control.vector) {
            *number += value * direction;
        }
        Ok(())
    }

    /// The latent of this moment of the loop: it moves on the same circle as the noise.
    pub(crate) fn moved_latent(&self) -> Vec<f32> {
        let circle = Circle::of(self);
        (0_u32..)
            .zip(&self.latent)
            .map(|(index, &still)| {
                circle.through(still.into(), |seed| normal(seed, stream::LATENT, index))
            })
            .collect()
    }

    /// The coarse and the medium noise of the trunk, `[channels, rows, columns]`.
    pub(crate) fn trunk_noise(
        &self,
        geometry: &PictureGeometry,
        frame: &PictureFrame,
    ) -> [Vec<f32>; 2] {
        let circle = Circle::of(self);
        let map = |stream: u32, per_unit: usize, num_channels: usize| {
            let places = |units: usize| (units * per_unit) as i64;
            let (rows, columns) = (places(frame.rows), places(frame.columns));
            places_of(num_channels, centered(rows, 0), centered(columns, 0))
                .map(|index| {
                    circle.through(normal(self.seed, stream, index), |seed| {
                        normal(seed, stream, index)
                    })
                })
                .collect()
        };
        [
            map(stream::PICTURE_NOISE, 1, geometry.noise_channels),
            map(
                stream::PICTURE_MEDIUM,
                geometry.medium_per_unit,
                geometry.medium_channels,
            ),
        ]
    }

    /// The fine noise of the head with its halo, `[channels, rows, columns]`. It stands still: moved, it would boil.
    pub(crate) fn detail_noise(
        &self,
        geometry: &PictureGeometry,
        frame: &PictureFrame,
    ) -> Vec<f32> {
        let halo = geometry.halo_detail as i64;
        let places = |units: usize| centered((units * geometry.detail_per_unit) as i64, halo);
        places_of(
            geometry.detail_channels,
            places(frame.rows),
            places(frame.columns),
        )
        .map(|index| normal(self.seed, stream::PICTURE_DETAIL, index) as f32)
        .collect()
    }
}

fn weight_out_of_range(name: &str, weight: f32) -> Error {
    Error::OutOfRange {
        name: format!("weight of style `{name}`"),
        value: weight.into(),
        low: 0.0,
        high: f32::MAX.into(),
    }
}

/// `count` places around the centre and `margin` more on both sides.
fn centered(count: i64, margin: i64) -> std::ops::Range<i64> {
    -count / 2 - margin..count / 2 + margin
}

/// Hash indices of all places of a map, channel by channel, row by row.
fn places_of(
    num_channels: usize,
    rows: std::ops::Range<i64>,
    columns: std::ops::Range<i64>,
) -> impl Iterator<Item = u32> {
    (0..num_channels as i64).flat_map(move |channel| {
        let columns = columns.clone();
        rows.clone().flat_map(move |row| {
            columns.clone().map(move |column| {
                ((channel * INDEX_SIDE + row + INDEX_MIDDLE) * INDEX_SIDE + column + INDEX_MIDDLE)
                    as u32
            })
        })
    })
}

/// The circle of a closed loop: still and moving parts keep a variance of 1 at every phase.
struct Circle {
    seeds: [u32; 2],
    still: f64,
    moving: [f64; 2],
}

impl Circle {
    fn of(point: &PicturePoint) -> Self {
        let amount = point.motion.amount.clamp(0.0, 1.0);
        let (sine, cosine) = (std::f64::consts::TAU * point.motion.phase.rem_euclid(1.0)).sin_cos();
        Self {
            seeds: [1, 2].map(|which| hash(point.seed, stream::PICTURE_CHOICE, which)),
            still: (1.0 - amount * amount).sqrt(),
            moving: [amount * cosine, amount * sine],
        }
    }

    fn through(&self, still: f64, moving: impl Fn(u32) -> f64) -> f32 {
        // A still picture draws one number per place, not three.
        if self.still == 1.0 {
            return still as f32;
        }
        let [first, second] = self.seeds.map(moving);
        (self.still * still + self.moving[0] * first + self.moving[1] * second) as f32
    }
}
