//! Field rows at the width of the picture, kept while they are needed, and combined to the rows of the picture.

use multiversion::multiversion;

use crate::field::{Field, NUM_PLANES};
use crate::view::{PADDING, Taps, View, taps};

/// Field rows that a cubic needs at once.
const NUM_TAPS: usize = 4;

/// Catmull-Rom in both directions: across first, on the few rows of the field, then down, on contiguous memory.
pub(super) struct Upsampler<'a> {
    field: &'a Field,
    width: usize,
    /// Per plane, per output column.
    across: Vec<Vec<Taps>>,
    /// Per output row.
    down: Vec<Taps>,
    /// Field rows at output width, `[plane][column]`, with the field row that each holds.
    ring: [(usize, Vec<f32>); NUM_TAPS],
    padded: Vec<f32>,
}

impl<'a> Upsampler<'a> {
    /// `step` cells between neighbouring pixels.
    pub(super) fn new(
        field: &'a Field,
        view: &View,
        (width, height): (usize, usize),
        step: f64,
    ) -> Self {
        // The middle of the picture is the corner between the two middle cells.
        let start = |cells: usize, pan: f64, length: usize| {
            0.5 * cells as f64 - 0.5 + pan * field.cells_per_unit()
                - 0.5 * (length as f64 - 1.0) * step
        };
        let across_of = |plane: usize| {
            let pan = view.pan.0 - view.layer_shifts[plane];
            taps(
                width,
                start(field.columns(), pan, width),
                step,
                field.columns(),
            )
        };
        Self {
            field,
            width,
            across: (0..NUM_PLANES).map(across_of).collect(),
            down: taps(
                height,
                start(field.rows(), view.pan.1, height),
                step,
                field.rows(),
            ),
            ring: std::array::from_fn(|_| (usize::MAX, vec![0.0; NUM_PLANES * width])),
            padded: Vec::new(),
        }
    }

    /// Row `y` of every plane: `[plane][column]`.
    pub(super) fn row_into(&mut self, y: usize, planes: &mut [f32]) {
        let tap = self.down[y];
        let rows: [usize; NUM_TAPS] = std::array::from_fn(|index| {
            (tap.first as usize + index)
                .saturating_sub(PADDING)
                .min(self.field.rows() - 1)
        });
        for row in rows {
            if self.ring.iter().all(|(held, _)| *held != row) {
                self.load(row, &rows);
            }
        }
        let held = rows.map(|row| {
            self.ring
                .iter()
                .find(|(held, _)| *held == row)
                .map_or(&[][..], |(_, values)| values)
        });
        combine(held, tap.weights, planes);
    }

    /// Puts a field row into a place whose row is not needed any more.
    fn load(&mut self, row: usize, needed: &[usize; NUM_TAPS]) {
        let Some((held, values)) = self
            .ring
            .iter_mut()
            .find(|(held, _)| !needed.contains(held))
        else {
            return;
        };
        *held = row;
        for (plane, (across, wide)) in self
            .across
            .iter()
            .zip(values.chunks_exact_mut(self.width))
            .enumerate()
        {
            pad(self.field.row(plane, row), &mut self.padded);
            widen(&self.padded, across, wide);
        }
    }
}

fn pad(row: &[f32], padded: &mut Vec<f32>) {
    let ends = (
        row.first().copied().unwrap_or(0.0),
        row.last().copied().unwrap_or(0.0),
    );
    padded.clear();
    padded.extend([ends.0; PADDING]);
    padded.extend_from_slice(row);
    padded.extend([ends.1; PADDING]);
}

fn widen(padded: &[f32], across: &[Taps], wide: &mut [f32]) {
    for (value, tap) in wide.iter_mut().zip(across) {
        let first = tap.first as usize;
        *value = match padded.get(first..first + NUM_TAPS) {
            Some(&[one, two, three, four]) => {
                let weights = tap.weights;
                one * weights[0] + two * weights[1] + three * weights[2] + four * weights[3]
            }
            _ => 0.0,
        };
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn combine(rows: [&[f32]; NUM_TAPS], weights: [f32; NUM_TAPS], sum: &mut [f32]) {
    let length = sum.len();
    let [one, two, three, four] = rows.map(|row| &row[..length]);
    for index in 0..length {
        sum[index] = one[index] * weights[0]
            + two[index] * weights[1]
            + three[index] * weights[2]
            + four[index] * weights[3];
    }
}
