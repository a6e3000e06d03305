//! From OKLab to light, and from light to the sRGB curve.

use multiversion::multiversion;

use super::approximations::coded_from_linear;
use super::mix::LabRow;
use crate::color::{ColorSpace, LMS_FROM_LAB, single_precision};

pub(super) struct Tone {
    /// Cone responses -> light of the primaries.
    matrix: [[f32; 3]; 3],
    roots: [[f32; 3]; 3],
}

impl Tone {
    pub(super) fn new(color_space: ColorSpace) -> Self {
        Self {
            matrix: single_precision(color_space.matrix()),
            roots: single_precision(LMS_FROM_LAB),
        }
    }

    /// Light of a row; outside 0..1 where no screen can show the colour.
    pub(super) fn light(&self, row: &LabRow, linear: &mut [Vec<f32>; 3]) {
        let [red, green, blue] = linear;
        light(
            [&row.lightness, &row.a, &row.b],
            &self.roots,
            &self.matrix,
            [red, green, blue],
        );
    }

    /// Light 0..1 to the curve, in place.
    pub(super) fn encode(&self, linear: &mut [Vec<f32>; 3]) {
        linear.iter_mut().for_each(|channel| encode(channel));
    }
}

/// To 0..1.
pub(super) fn clip(linear: &mut [Vec<f32>; 3]) {
    for channel in linear {
        for value in channel {
            *value = value.clamp(0.0, 1.0);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn light(lab: [&[f32]; 3], roots: &[[f32; 3]; 3], matrix: &[[f32; 3]; 3], linear: [&mut [f32]; 3]) {
    let [red, green, blue] = linear;
    let count = red.len();
    let [lightness, a, b] = lab.map(|values| &values[..count]);
    let (green, blue) = (&mut green[..count], &mut blue[..count]);
    for index in 0..count {
        let cone = |row: usize| {
            let root = lightness[index] * roots[row][0]
                + a[index] * roots[row][1]
                + b[index] * roots[row][2];
            root * root * root
        };
        let (long, medium, short) = (cone(0), cone(1), cone(2));
        red[index] = long * matrix[0][0] + medium * matrix[0][1] + short * matrix[0][2];
        green[index] = long * matrix[1][0] + medium * matrix[1][1] + short * matrix[1][2];
        blue[index] = long * matrix[2][0] + medium * matrix[2][1] + short * matrix[2][2];
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn encode(channel: &mut [f32]) {
    for value in channel {
        *value = coded_from_linear(*value);
    }
}
