//! How far colours move that no screen can show, when their light is cut to 0..1.
//!
//! In blocks, so that compilers turn it into vector code: asking pixel by pixel in double precision took 40 % of painting a
//! picture in strong colours.

use multiversion::multiversion;

use super::approximations::cube_root;
use super::mix::LabRow;
use crate::color::{ColorSpace, LAB_FROM_LMS};

/// Light further outside 0..1 than this is a colour that cannot be shown, not rounding.
const CLIPPED: f32 = 1e-4;
/// Pixels looked at together.
const BLOCK: usize = 64;

type Matrix = [[f32; 3]; 3];

/// Light -> OKLab of a colour space, in single precision.
pub(super) struct Clipping {
    cones: Matrix,
    lab: Matrix,
}

impl Clipping {
    pub(super) fn new(color_space: ColorSpace) -> Self {
        let single = |matrix: [[f64; 3]; 3]| matrix.map(|row| row.map(|value| value as f32));
        Self {
            cones: single(color_space.cones_from_linear()),
            lab: single(LAB_FROM_LMS),
        }
    }

    /// The largest OKLab distance of a row's pixels from their mix of the palette: by what the network moved them, and by
    /// clipping. `linear` is not clipped yet.
    pub(super) fn largest_error(&self, row: &LabRow, linear: &[Vec<f32>; 3]) -> f32 {
        let mut largest = 0.0_f32;
        for start in (0..row.moved.len()).step_by(BLOCK) {
            let stretch = start..(start + BLOCK).min(row.moved.len());
            let light = linear.each_ref().map(|channel| &channel[stretch.clone()]);
            let lab = [&row.lightness, &row.a, &row.b].map(|values| &values[stretch.clone()]);
            let moved = &row.moved[stretch.clone()];
            largest = largest.max(largest_error(self, light, lab, moved));
        }
        largest
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn largest_error(to: &Clipping, light: [&[f32]; 3], lab: [&[f32]; 3], moved: &[f32]) -> f32 {
    let count = moved.len();
    let [red, green, blue] = [&light[0][..count], &light[1][..count], &light[2][..count]];
    let [lightness, a, b] = [&lab[0][..count], &lab[1][..count], &lab[2][..count]];
    let mut outside = [0_u32; BLOCK];
    for index in 0..count {
        let lowest = red[index].min(green[index]).min(blue[index]);
        let highest = red[index].max(green[index]).max(blue[index]);
        outside[index] = u32::from(lowest < -CLIPPED) | u32::from(highest > 1.0 + CLIPPED);
    }
    let mut errors = [0.0_f32; BLOCK];
    errors[..count].copy_from_slice(moved);
    if outside != [0; BLOCK] {
        for index in 0..count {
            let shown = (
                red[index].clamp(0.0, 1.0),
                green[index].clamp(0.0, 1.0),
                blue[index].clamp(0.0, 1.0),
            );
            let cones = (
                cube_root(dot(&to.cones[0], shown)),
                cube_root(dot(&to.cones[1], shown)),
                cube_root(dot(&to.cones[2], shown)),
            );
            let lightness = dot(&to.lab[0], cones) - lightness[index];
            let a = dot(&to.lab[1], cones) - a[index];
            let b = dot(&to.lab[2], cones) - b[index];
            let distance = (lightness * lightness + a * a + b * b).sqrt();
            errors[index] += if outside[index] != 0 { distance } else { 0.0 };
        }
    }
    errors
        .iter()
        .fold(0.0, |largest, error| largest.max(*error))
}

#[inline(always)]
fn dot(row: &[f32; 3], (first, second, third): (f32, f32, f32)) -> f32 {
    row[0] * first + row[1] * second + row[2] * third
}
