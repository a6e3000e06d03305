//! From a field to pixels, row by row: upsample the logits, mix the palette in OKLab, light, curve, dither. Any thread.
//!
//! Holds a few rows at a time whatever the size. It knows no network and no file format. Arithmetic is single precision
//! without fused operations: the same field gives the same pixels on every machine.

mod approximations;
mod clipping;
mod dither;
mod grain;
mod measure;
mod mix;
mod stars;
mod tone;
mod upsample;

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::color::ColorSpace;
use crate::field::Field;
use crate::palette::{NUM_COLORS, Palette};
use crate::rows::{Depth, Layout, Rows, Samples};
use crate::size::Size;
use crate::text::{Scrim, TextBox};
use crate::view::View;

use dither::Dither;
use grain::Grain;
pub use measure::Measured;
use measure::Measuring;
use mix::Mixer;
use stars::Stars;
use tone::Tone;

/// Characters of a printed fingerprint: 64 bits.
const PRINTED_CHARACTERS: usize = 16;

/// Everything about a picture's looks that is no matter of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The five colours.
    pub palette: Palette,
    /// Leaves the residual out: every pixel is a mix of the palette.
    pub strict: bool,
    /// Largest residual that is believed, OKLab lightness; the model's manifest says it.
    pub residual_bound: f32,
    /// What the numbers of the picture mean.
    pub color_space: ColorSpace,
    /// Temperature of the softmax: below 1 harder edges between the colours, above 1 softer ones.
    pub blend: f32,
    /// Film grain, 0 none to 1 coarse.
    pub grain: f32,
    /// Stars, 0 none to 1 many.
    pub stars: f32,
    /// Seed of grain, stars and dither.
    pub seed: u32,
    /// The palette entry (0..5) that becomes transparent.
    pub transparent_entry: Option<usize>,
    /// Darkens or lightens the ground of a text.
    pub scrim: Option<Scrim>,
    /// Zoom and pan.
    pub view: View,
    /// Where a text will stand: its contrast is measured.
    pub text: Option<TextBox>,
}

impl Look {
    /// A plain picture in these colours.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            strict: false,
            residual_bound: 1.0,
            color_space: ColorSpace::Srgb,
            blend: 1.0,
            grain: 0.0,
            stars: 0.0,
            seed: 1,
            transparent_entry: None,
            scrim: None,
            view: View::default(),
            text: None,
        }
    }
}

/// A picture on its way out of a field. Pull rows with [`Rows::next_row`]; the figures are whole after the last.
pub struct Painter<'a> {
    layout: Layout,
    mixer: Mixer<'a>,
    stars: Stars,
    grain: Grain,
    scrim: Option<Scrim>,
    tone: Tone,
    dither: Dither,
    measuring: Measuring,
    hasher: Sha256,
    y: u32,
    /// Mixed pixels to the side of one of the picture: above 1 when the field is finer than the picture.
    finer: usize,
    lab: mix::LabRow,
    fine: [Vec<f32>; 3],
    linear: [Vec<f32>; 3],
    alpha: Vec<f32>,
    bytes: Vec<u8>,
    words: Vec<u16>,
    floats: Vec<f32>,
    time: Duration,
}

impl<'a> Painter<'a> {
    /// Starts a picture.
    pub fn new(field: &'a Field, look: &Look, size: Size, depth: Depth) -> Self {
        let width = size.width() as usize;
        /// A ratio that is whole but for rounding stays.
        const ROUNDING: f64 = 1e-9;
        let cells_per_pixel = field.cells_per_pixel(size) / look.view.zoom;
        let finer = ((cells_per_pixel - ROUNDING).ceil() as usize).max(1);
        let channels = if look.transparent_entry.is_some() {
            4
        } else {
            3
        };
        Self {
            layout: Layout {
                size,
                channels,
                depth,
                color_space: look.color_space,
            },
            mixer: Mixer::new(field, look, size, finer),
            stars: Stars::new(
                look,
                size,
                field.cells_per_unit() / field.cells_per_pixel(size),
            ),
            grain: Grain::new(look),
            scrim: look.scrim.clone(),
            tone: Tone::new(look.color_space),
            dither: Dither::new(look.seed),
            measuring: Measuring::new(look, size),
            hasher: Sha256::new(),
            y: 0,
            finer,
            lab: mix::LabRow::new(width * finer),
            fine: std::array::from_fn(|_| vec![0.0; width * finer]),
            alpha: vec![1.0; width],
            linear: std::array::from_fn(|_| vec![0.0; width]),
            bytes: Vec::new(),
            words: Vec::new(),
            floats: Vec::new(),
            time: Duration::ZERO,
        }
    }

    /// Figures of the rows so far; of the whole picture after the last row.
    pub fn measured(&self) -> Measured {
        let mut coverage = self.mixer.coverage();
        let sum: f64 = coverage.iter().sum();
        coverage
            .iter_mut()
            .for_each(|share| *share /= sum.max(f64::MIN_POSITIVE));
        let digest = self.hasher.clone().finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Measured {
            fingerprint: hex[..PRINTED_CHARACTERS].to_owned(),
            palette_error: self.measuring.palette_error(),
            coverage,
            contrast: self.measuring.contrast(),
            paint_time: self.time,
        }
    }

    /// A row of light as the field is fine, within 0..1.
    fn mix_row(&mut self, y: usize) {
        self.mixer.mix_into(y, &mut self.lab);
        self.tone.light(&self.lab, &mut self.fine);
        self.measuring.look_at_palette(&self.lab, &self.fine);
        tone::clip(&mut self.fine);
    }

    /// Averages light, as a lens would.
    fn average_rows(&mut self) {
        let share = 1.0 / (self.finer * self.finer) as f32;
        self.linear.iter_mut().for_each(|channel| channel.fill(0.0));
        self.alpha.fill(0.0);
        let first = self.y as usize * self.finer;
        for y in first..first + self.finer {
            self.mix_row(y);
            let fine = self.fine.iter().chain([&self.lab.alpha]);
            let coarse = self.linear.iter_mut().chain([&mut self.alpha]);
            for (coarse, fine) in coarse.zip(fine) {
                for (value, fine) in coarse.iter_mut().zip(fine.chunks_exact(self.finer)) {
                    *value += share * fine.iter().sum::<f32>();
                }
            }
        }
    }

    fn paint_row(&mut self) {
        if self.finer == 1 {
            self.mix_row(self.y as usize);
            std::mem::swap(&mut self.linear, &mut self.fine);
            std::mem::swap(&mut self.alpha, &mut self.lab.alpha);
        } else {
            self.average_rows();
        }
        self.stars.add_to(self.y, &mut self.linear);
        self.grain.apply_to(self.y, &mut self.linear);
        if let Some(scrim) = &self.scrim {
            scrim.apply_to(self.y, self.layout.size, &mut self.linear);
        }
        tone::clip(&mut self.linear);
        self.measuring.look_at_text(self.y, &self.linear);
        let alpha = (self.layout.channels == 4).then_some(&self.alpha[..]);
        match self.layout.depth {
            Depth::Eight => {
                self.tone.encode(&mut self.linear);
                self.dither
                    .quantize_8(self.y, &self.linear, alpha, &mut self.bytes);
                self.hasher.update(&self.bytes);
            }
            Depth::Sixteen => {
                self.tone.encode(&mut self.linear);
                dither::quantize_16(&self.linear, alpha, &mut self.words);
                self.words
                    .iter()
                    .for_each(|word| self.bytes.extend(word.to_be_bytes()));
                self.hasher.update(&self.bytes);
                self.bytes.clear();
            }
            Depth::Linear => {
                dither::interleave(&self.linear, alpha, &mut self.floats);
                self.floats
                    .iter()
                    .for_each(|value| self.bytes.extend(value.to_le_bytes()));
                self.hasher.update(&self.bytes);
                self.bytes.clear();
            }
        }
    }
}

impl Rows for Painter<'_> {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn next_row(&mut self) -> Option<Samples<'_>> {
        if self.y == self.layout.size.height() {
            return None;
        }
        let start = Instant::now();
        self.paint_row();
        self.time += start.elapsed();
        self.y += 1;
        Some(match self.layout.depth {
            Depth::Eight => Samples::Eight(&self.bytes),
            Depth::Sixteen => Samples::Sixteen(&self.words),
            Depth::Linear => Samples::Linear(&self.floats),
        })
    }
}

/// How much of a picture each of the five colours covers; sums to 1.
pub type Coverage = [f64; NUM_COLORS];
