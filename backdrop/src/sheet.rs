//! A contact sheet: pictures of many seeds side by side. Any thread; the pictures come from the caller.

use crate::error::{Error, Result};
use crate::rows::{Layout, Picture};
use crate::size::Size;

/// Most pictures on a sheet.
const MAX_CELLS: u32 = 400;
/// Longest side of a sheet's picture, pixels.
const CELL_SIDE: u32 = 320;
/// Between pictures and around them, pixels.
const GAP: u32 = 8;
/// The sheet itself, a quiet dark grey.
const GROUND: u8 = 24;

/// Columns and rows of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetShape {
    /// Pictures side by side.
    pub columns: u32,
    /// Pictures below each other.
    pub rows: u32,
}

impl SheetShape {
    /// Reads `6x4`.
    ///
    /// # Errors
    /// When it is not of that form, or holds no or too many pictures.
    pub fn from_text(text: &str) -> Result<Self> {
        let wrong = || {
            Error::request(
                "sheet",
                text,
                format!("write columns x rows, as in 6x4, at most {MAX_CELLS} pictures"),
            )
        };
        let (columns, rows) = text.split_once(['x', 'X']).ok_or_else(wrong)?;
        let side = |text: &str| {
            text.trim()
                .parse::<u32>()
                .ok()
                .filter(|side| (1..=MAX_CELLS).contains(side))
        };
        let shape = Self {
            columns: side(columns).ok_or_else(wrong)?,
            rows: side(rows).ok_or_else(wrong)?,
        };
        if shape.num_cells() > MAX_CELLS {
            return Err(wrong());
        }
        Ok(shape)
    }

    /// Pictures on the sheet.
    pub fn num_cells(self) -> u32 {
        self.columns * self.rows
    }

    /// Size of one picture of the sheet.
    pub fn cell_size(self, size: Size) -> Size {
        size.within(CELL_SIDE)
    }
}

/// Lays pictures of one size out, row by row. Places without a picture stay empty.
///
/// # Errors
/// When there is no picture or the sheet would be too large.
pub fn arrange(shape: SheetShape, pictures: &[Picture]) -> Result<Picture> {
    let first = pictures
        .first()
        .ok_or_else(|| Error::encoder("sheet", "there is no picture"))?
        .layout();
    let (cell_width, cell_height) = (first.size.width(), first.size.height());
    let size = Size::new(
        GAP + shape.columns * (cell_width + GAP),
        GAP + shape.rows * (cell_height + GAP),
    )?;
    let layout = Layout { size, ..first };
    let row_length = size.width() as usize * layout.channels;
    let mut bytes = vec![GROUND; row_length * size.height() as usize];
    for (index, picture) in (0u32..).zip(pictures).take(shape.num_cells() as usize) {
        let left = GAP + index % shape.columns * (cell_width + GAP);
        let top = GAP + index / shape.columns * (cell_height + GAP);
        for (y, row) in picture
            .bytes()
            .chunks_exact(picture.row_length())
            .enumerate()
        {
            let start = (top as usize + y) * row_length + left as usize * layout.channels;
            bytes[start..start + row.len()].copy_from_slice(row);
        }
    }
    Picture::from_bytes(layout, bytes)
        .ok_or_else(|| Error::encoder("sheet", "its pictures differ in size"))
}
