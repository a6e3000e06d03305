//! Softmax of the logits and the mix of the palette in OKLab, row by row.

use multiversion::multiversion;

use super::approximations::exp_of_negative;
use super::upsample::Upsampler;
use super::{Coverage, Look};
use crate::field::{Field, NUM_PLANES, RESIDUAL};
use crate::palette::NUM_COLORS;
use crate::size::Size;

/// Pixels mixed at a time: a few hundred lines of cache.
const BLOCK: usize = 64;
/// Where the transparent colour fills a pixel, the others' share is kept above this to divide by.
const LEAST_SHARE: f32 = 1e-4;

/// One row of a picture before it is light.
pub(super) struct LabRow {
    pub(super) lightness: Vec<f32>,
    pub(super) a: Vec<f32>,
    pub(super) b: Vec<f32>,
    /// 1 opaque.
    pub(super) alpha: Vec<f32>,
    /// How far the lightness was moved away from the mix of the palette.
    pub(super) moved: Vec<f32>,
}

impl LabRow {
    pub(super) fn new(width: usize) -> Self {
        let zeros = || vec![0.0; width];
        Self {
            lightness: zeros(),
            a: zeros(),
            b: zeros(),
            alpha: zeros(),
            moved: zeros(),
        }
    }

    fn columns(&mut self) -> [&mut Vec<f32>; 5] {
        [
            &mut self.lightness,
            &mut self.a,
            &mut self.b,
            &mut self.alpha,
            &mut self.moved,
        ]
    }
}

/// What a block of pixels is mixed with.
#[derive(Clone, Copy)]
struct Recipe {
    lightness: [f32; NUM_COLORS],
    a: [f32; NUM_COLORS],
    b: [f32; NUM_COLORS],
    /// 0 where the residual is left out.
    residual_bound: f32,
    /// One over the temperature of the softmax.
    sharpness: f32,
    /// The entry that is taken out of the mix, or none.
    transparent: Option<usize>,
}

pub(super) struct Mixer<'a> {
    upsampler: Upsampler<'a>,
    recipe: Recipe,
    coverage: [f64; NUM_COLORS],
    width: usize,
    planes: Vec<f32>,
}

impl<'a> Mixer<'a> {
    /// Mixes `finer` times as many pixels to the side as the picture has.
    pub(super) fn new(field: &'a Field, look: &Look, size: Size, finer: usize) -> Self {
        let (width, height) = (
            size.width() as usize * finer,
            size.height() as usize * finer,
        );
        let step = field.cells_per_pixel(size) / (finer as f64 * look.view.zoom);
        let colors = look.palette.oklab();
        let recipe = Recipe {
            lightness: colors.map(|color| color.lightness as f32),
            a: colors.map(|color| color.a as f32),
            b: colors.map(|color| color.b as f32),
            residual_bound: if look.strict {
                0.0
            } else {
                look.residual_bound
            },
            sharpness: 1.0 / look.blend,
            transparent: look.transparent_entry,
        };
        Self {
            upsampler: Upsampler::new(field, &look.view, (width, height), step),
            recipe,
            coverage: [0.0; NUM_COLORS],
            width,
            planes: vec![0.0; NUM_PLANES * width],
        }
    }

    pub(super) fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// Row `y` of the finer picture.
    pub(super) fn mix_into(&mut self, y: usize, row: &mut LabRow) {
        self.upsampler.row_into(y, &mut self.planes);
        for start in (0..self.width).step_by(BLOCK) {
            let count = BLOCK.min(self.width - start);
            let mut block = [[0.0; BLOCK]; NUM_PLANES];
            for (values, plane) in block.iter_mut().zip(self.planes.chunks_exact(self.width)) {
                values[..count].copy_from_slice(&plane[start..start + count]);
            }
            let mut mixed = [[0.0; BLOCK]; 5];
            mix_block(&mut block, &self.recipe, &mut mixed);
            for (values, mixed) in row.columns().into_iter().zip(&mixed) {
                values[start..start + count].copy_from_slice(&mixed[..count]);
            }
            for (share, weights) in self.coverage.iter_mut().zip(&block) {
                *share += f64::from(sum(&weights[..count]));
            }
        }
    }
}

/// Many sums side by side: one number at a time, each would wait for the one before.
fn sum(values: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0; LANES];
    for values in values.chunks(LANES) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sums.iter().sum()
}

/// Turns the logits of `block` into weights that sum to 1 and mixes lightness, a, b, alpha, moved.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn mix_block(
    block: &mut [[f32; BLOCK]; NUM_PLANES],
    recipe: &Recipe,
    mixed: &mut [[f32; BLOCK]; 5],
) {
    for index in 0..BLOCK {
        let largest = (1..NUM_COLORS).fold(block[0][index], |largest, color| {
            largest.max(block[color][index])
        });
        let mut sum = 0.0;
        for weights in block.iter_mut().take(NUM_COLORS) {
            weights[index] = exp_of_negative((weights[index] - largest) * recipe.sharpness);
            sum += weights[index];
        }
        let scale = 1.0 / sum;
        for weights in block.iter_mut().take(NUM_COLORS) {
            weights[index] *= scale;
        }
    }
    if let Some(entry) = recipe.transparent {
        for index in 0..BLOCK {
            let alpha = 1.0 - block[entry][index];
            mixed[3][index] = alpha;
            let scale = 1.0 / alpha.max(LEAST_SHARE);
            for (color, weights) in block.iter_mut().take(NUM_COLORS).enumerate() {
                weights[index] *= if color == entry { 0.0 } else { scale };
            }
        }
    } else {
        mixed[3] = [1.0; BLOCK];
    }
    let bound = recipe.residual_bound;
    for index in 0..BLOCK {
        let (mut lightness, mut a, mut b) = (0.0, 0.0, 0.0);
        for (color, weights) in block.iter().take(NUM_COLORS).enumerate() {
            let weight = weights[index];
            lightness += weight * recipe.lightness[color];
            a += weight * recipe.a[color];
            b += weight * recipe.b[color];
        }
        let residual = block[RESIDUAL][index].clamp(-bound, bound);
        mixed[0][index] = lightness + residual;
        mixed[1][index] = a;
        mixed[2][index] = b;
        mixed[4][index] = residual.abs();
    }
}
