//! A picture as rows, pulled one after the other: what painters give and encoders take. Any thread.

use crate::color::ColorSpace;
use crate::size::Size;

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Eight bits on the sRGB curve, dithered.
    Eight,
    /// Sixteen bits on the sRGB curve.
    Sixteen,
    /// Light itself, 0..1, single precision.
    Linear,
}

/// What all rows of a picture share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Pixels.
    pub size: Size,
    /// 3 (red, green, blue) or 4 (and straight alpha).
    pub channels: usize,
    /// What a sample is.
    pub depth: Depth,
    /// What the primaries are.
    pub color_space: ColorSpace,
}

/// One row, its pixels one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Samples<'a> {
    /// Of [`Depth::Eight`].
    Eight(&'a [u8]),
    /// Of [`Depth::Sixteen`].
    Sixteen(&'a [u16]),
    /// Of [`Depth::Linear`].
    Linear(&'a [f32]),
}

/// A source of rows, from the top; none after the last.
pub trait Rows {
    /// What the rows share.
    fn layout(&self) -> Layout;

    /// The next row.
    fn next_row(&mut self) -> Option<Samples<'_>>;
}

/// A whole picture of eight bits in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    layout: Layout,
    bytes: Vec<u8>,
    next: usize,
}

impl Picture {
    /// Collects all rows; samples of other depths are rounded to eight bits.
    pub fn collect(rows: &mut dyn Rows) -> Self {
        let layout = Layout {
            depth: Depth::Eight,
            ..rows.layout()
        };
        let length = layout.size.width() as usize * layout.size.height() as usize * layout.channels;
        let mut bytes = Vec::with_capacity(length);
        while let Some(row) = rows.next_row() {
            match row {
                Samples::Eight(row) => bytes.extend_from_slice(row),
                Samples::Sixteen(row) => bytes.extend(row.iter().map(|word| (word / 257) as u8)),
                Samples::Linear(row) => bytes.extend(row.iter().map(|&light| {
                    (255.0 * crate::color::coded_from_linear(f64::from(light))).round() as u8
                })),
            }
        }
        Self {
            layout,
            bytes,
            next: 0,
        }
    }

    /// Makes a picture of bytes, row by row, `channels` to the pixel. None when there are too few or too many.
    pub fn from_bytes(layout: Layout, bytes: Vec<u8>) -> Option<Self> {
        let length = layout.size.width() as usize * layout.size.height() as usize * layout.channels;
        (bytes.len() == length).then_some(Self {
            layout: Layout {
                depth: Depth::Eight,
                ..layout
            },
            bytes,
            next: 0,
        })
    }

    /// All samples, row by row.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the rows share.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Begins again at the first row.
    pub fn rewind(&mut self) {
        self.next = 0;
    }

    /// Bytes of a row.
    pub fn row_length(&self) -> usize {
        self.layout.size.width() as usize * self.layout.channels
    }
}

impl Rows for Picture {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn next_row(&mut self) -> Option<Samples<'_>> {
        let length = self.row_length();
        let row = self.bytes.get(self.next..self.next + length)?;
        self.next += length;
        Some(Samples::Eight(row))
    }
}
