//! Which part of a field a picture shows: zoom, pan and the shift of each colour's layer. Plain numbers; any thread.

use crate::field::NUM_PLANES;

/// Smallest and largest zoom. Wider than the picture there is nothing to see.
pub const ZOOM_RANGE: (f64, f64) = (1.0, 8.0);

/// A camera over the field. The default shows the picture as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// 1 shows the whole picture, 2 its middle half.
    pub zoom: f64,
    /// Moves the view right and down, in units (eight to the short side).
    pub pan: (f64, f64),
    /// Moves each plane of the field to the right, in units: layers at different depths pass each other.
    pub layer_shifts: [f64; NUM_PLANES],
}

impl Default for View {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            pan: (0.0, 0.0),
            layer_shifts: [0.0; NUM_PLANES],
        }
    }
}

/// Catmull-Rom taps of one output sample: the first of four cells, and their weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Taps {
    /// Index of the first cell in a row that is padded by [`PADDING`] cells on each side.
    pub(crate) first: u32,
    pub(crate) weights: [f32; 4],
}

/// Cells repeated at both ends of a row, so that four taps fit around every position.
pub(crate) const PADDING: usize = 2;

/// Taps for `count` samples along an axis: sample i sits at `start + i * step` cells from the centre of the first cell.
pub(crate) fn taps(count: usize, start: f64, step: f64, num_cells: usize) -> Vec<Taps> {
    (0..count)
        .map(|index| tap(start + index as f64 * step, num_cells))
        .collect()
}

/// Catmull-Rom (Keys 1981, a = -0.5) at one position; beyond the ends the end cells repeat.
fn tap(position: f64, num_cells: usize) -> Taps {
    let inside = position.clamp(-0.5, num_cells as f64 - 0.5);
    let floor = inside.floor();
    let t = inside - floor;
    let weights = [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ];
    Taps {
        // The first tap is one cell before the floor; the padding keeps it at 0 or above.
        first: (floor as i64 - 1 + PADDING as i64).max(0) as u32,
        weights: weights.map(|weight| weight as f32),
    }
}
