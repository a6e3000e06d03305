//! PNG of 8 or 16 bits, row by row.

use std::borrow::Cow;
use std::io::Write;

use png::{BitDepth, ColorType, Compression, Info};

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Depth, Layout, Rows, Samples};

/// XMP's keyword (XMP specification part 3, PNG).
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";

pub(super) fn write(
    rows: &mut dyn Rows,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> Result<()> {
    let layout = rows.layout();
    let info = info(&layout)?;
    write_rows(rows, info, provenance, target).map_err(|error| Error::encoder("PNG", error))
}

/// Size, depth and profile of a picture.
pub(super) fn info(layout: &Layout) -> Result<Info<'static>> {
    let mut info = Info::with_size(layout.size.width(), layout.size.height());
    info.color_type = if layout.channels == 4 {
        ColorType::Rgba
    } else {
        ColorType::Rgb
    };
    info.bit_depth = if layout.depth == Depth::Sixteen {
        BitDepth::Sixteen
    } else {
        BitDepth::Eight
    };
    info.icc_profile = Some(Cow::Owned(layout.color_space.icc_profile()?));
    Ok(info)
}

/// Keyword and text of what the file says about itself.
pub(super) fn add_texts<W: Write>(
    encoder: &mut png::Encoder<'_, W>,
    provenance: &Provenance,
) -> std::result::Result<(), png::EncodingError> {
    encoder.add_itxt_chunk(XMP_KEYWORD.to_owned(), provenance.xmp())?;
    encoder.add_text_chunk(
        "Software".to_owned(),
        format!("Understory {}", env!("CARGO_PKG_VERSION")),
    )
}

fn write_rows(
    rows: &mut dyn Rows,
    info: Info<'_>,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> std::result::Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::with_info(target, info)?;
    // Dithered rows hold noise that more effort does not shorten.
    encoder.set_compression(Compression::Fast);
    add_texts(&mut encoder, provenance)?;
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut bytes = Vec::new();
    while let Some(row) = rows.next_row() {
        match row {
            Samples::Eight(row) => stream.write_all(row)?,
            Samples::Sixteen(row) => {
                bytes.clear();
                row.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
                stream.write_all(&bytes)?;
            }
            // The layout of a PNG is never linear.
            Samples::Linear(_) => {}
        }
    }
    stream.finish()
}
