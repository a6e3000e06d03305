//! What the network says about a picture, before any pixel exists: five mixing logits and a lightness residual on a coarse
//! grid that reaches beyond the picture's edges. Plain data; any thread.

use models::{PictureCells, PictureGeometry};

use crate::palette::NUM_COLORS;
use crate::size::Size;

/// Logits, then the residual.
pub const NUM_PLANES: usize = NUM_COLORS + 1;
/// The plane of the lightness residual.
pub(crate) const RESIDUAL: usize = NUM_COLORS;

/// Six planes over a grid of square cells; the picture is its middle (PICTURE_CONTRACT.md, section 2).
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    cells: PictureCells,
    geometry: PictureGeometry,
}

impl Field {
    /// What a network painted, and where it lies. None when the cells are not six whole planes.
    pub fn new(cells: PictureCells, geometry: PictureGeometry) -> Option<Self> {
        let is_whole = cells.rows > 0
            && cells.columns > 0
            && cells.values.len() == NUM_PLANES * cells.rows * cells.columns;
        is_whole.then_some(Self { cells, geometry })
    }

    /// Rows of cells.
    pub fn rows(&self) -> usize {
        self.cells.rows
    }

    /// Columns of cells.
    pub fn columns(&self) -> usize {
        self.cells.columns
    }

    /// `[6, rows, columns]`, row-major.
    pub fn planes(&self) -> &[f32] {
        &self.cells.values
    }

    /// One row of one plane.
    pub(crate) fn row(&self, plane: usize, row: usize) -> &[f32] {
        let start = (plane * self.cells.rows + row) * self.cells.columns;
        &self.cells.values[start..start + self.cells.columns]
    }

    /// Cells per pixel of a picture of this size.
    pub(crate) fn cells_per_pixel(&self, size: Size) -> f64 {
        self.cells_per_unit() / self.geometry.unit_px(size.width(), size.height())
    }

    /// Cells per unit, the length that views are measured in.
    pub(crate) fn cells_per_unit(&self) -> f64 {
        self.geometry.cells_per_unit as f64
    }
}
