//! How far colours move that no screen can show, when their light is cut to 0..1.
//!
//! In blocks, so that compilers turn it into vector code: asking pixel by pixel in double precision took four fifths of
//! painting a picture in strong colours.

use multiversion::multiversion;

use super::approximations::cube_root;
use super::mix::LabRow;
use crate::color::{ColorSpace, LAB_FROM_LMS, single_precision};

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
        Self {
            cones: single_precision(color_space.cones_from_linear()),
            lab: single_precision(LAB_FROM_LMS),
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

#[cfg(test)]
mod tests {
    use super::super::tone::Tone;
    use super::*;
    use crate::color::{LMS_FROM_LAB, multiply};

    const WIDTH: usize = 150;

    /// Colours of which many cannot be shown, each moved a little.
    fn row() -> LabRow {
        let mut row = LabRow::new(WIDTH);
        for x in 0..WIDTH {
            let turn = x as f32 * 0.37;
            row.lightness[x] = 0.5 + 0.45 * (0.11 * x as f32).sin();
            row.a[x] = 0.25 * turn.cos();
            row.b[x] = 0.25 * turn.sin();
            row.moved[x] = 0.0003 * x as f32;
        }
        row
    }

    /// Pixel by pixel in double precision; the inverse of the light's matrix by Cramer's rule.
    fn expected(row: &LabRow, matrix: [[f64; 3]; 3], x: usize) -> f64 {
        let color = [row.lightness[x], row.a[x], row.b[x]].map(f64::from);
        let light = multiply(
            &matrix,
            multiply(&LMS_FROM_LAB, color).map(|root| root.powi(3)),
        );
        let limit = f64::from(CLIPPED);
        if light
            .iter()
            .all(|value| (-limit..=1.0 + limit).contains(value))
        {
            return f64::from(row.moved[x]);
        }
        let cones = solve(matrix, light.map(|value| value.clamp(0.0, 1.0)));
        let shown = multiply(&LAB_FROM_LMS, cones.map(f64::cbrt));
        let squares = shown
            .iter()
            .zip(color)
            .map(|(one, other)| (one - other).powi(2));
        squares.sum::<f64>().sqrt() + f64::from(row.moved[x])
    }

    fn solve(matrix: [[f64; 3]; 3], right: [f64; 3]) -> [f64; 3] {
        let determinant = |m: [[f64; 3]; 3]| {
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
                - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        };
        std::array::from_fn(|column| {
            let mut replaced = matrix;
            (0..3).for_each(|row| replaced[row][column] = right[row]);
            determinant(replaced) / determinant(matrix)
        })
    }

    #[test]
    fn the_figure_is_that_of_double_precision_in_either_colour_space() {
        for color_space in [ColorSpace::Srgb, ColorSpace::DisplayP3] {
            let row = row();
            let mut linear = std::array::from_fn(|_| vec![0.0; WIDTH]);
            Tone::new(color_space).light(&row, &mut linear);
            let all = (0..WIDTH).map(|x| expected(&row, color_space.matrix(), x));
            let largest = all.fold(0.0, f64::max);
            assert!(largest > 0.1, "nothing is clipped");
            let told = f64::from(Clipping::new(color_space).largest_error(&row, &linear));
            assert!(
                (told - largest).abs() < 2e-5,
                "{color_space:?}: {told}, not {largest}"
            );
        }
    }
}
