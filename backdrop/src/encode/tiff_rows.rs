//! TIFF of 16 bits, strip by strip. Not compressed: the encoder compresses whole pictures only, and a strip that it was
//! handed alone would be marked as compressed without being it.

use std::io::{Seek, Write};

use tiff::encoder::{TiffEncoder, TiffValue, colortype};
use tiff::tags::Tag;

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Rows, Samples};

/// Rows in a strip.
const STRIP_ROWS: u32 = 16;
/// XMP's tag (XMP specification part 3, TIFF).
const XMP_TAG: u16 = 700;

pub(super) fn write<W: Write + Seek>(
    rows: &mut dyn Rows,
    provenance: &Provenance,
    target: &mut W,
) -> Result<()> {
    let profile = rows.layout().color_space.icc_profile()?;
    let write = if rows.layout().channels == 4 {
        write_as::<colortype::RGBA16, W>
    } else {
        write_as::<colortype::RGB16, W>
    };
    write(rows, &profile, provenance, target).map_err(|error| Error::encoder("TIFF", error))
}

fn write_as<C, W>(
    rows: &mut dyn Rows,
    profile: &[u8],
    provenance: &Provenance,
    target: &mut W,
) -> tiff::TiffResult<()>
where
    C: colortype::ColorType<Inner = u16>,
    W: Write + Seek,
    [u16]: TiffValue,
{
    let size = rows.layout().size;
    let mut encoder = TiffEncoder::new(target)?;
    let mut image = encoder.new_image::<C>(size.width(), size.height())?;
    image.rows_per_strip(STRIP_ROWS.min(size.height()))?;
    let tool = format!("Understory {}", env!("CARGO_PKG_VERSION"));
    let directory = image.encoder();
    directory.write_tag(Tag::Software, tool.as_str())?;
    directory.write_tag(Tag::IccProfile, profile)?;
    directory.write_tag(Tag::Unknown(XMP_TAG), provenance.xmp().as_bytes())?;
    let mut strip: Vec<u16> = Vec::new();
    let mut num_rows = 0;
    while let Some(row) = rows.next_row() {
        if let Samples::Sixteen(row) = row {
            strip.extend_from_slice(row);
        }
        num_rows += 1;
        if num_rows % STRIP_ROWS == 0 || num_rows == size.height() {
            image.write_strip(&strip)?;
            strip.clear();
        }
    }
    image.finish()
}
