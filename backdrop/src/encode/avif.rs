//! AVIF, lossy, 10 bits inside; sRGB by its own marks. Provenance travels in an Exif block.

use std::io::{Cursor, Write};

use ravif::{Encoder, Img};
use rgb::{FromSlice, RGB8, RGBA8};
use tiff::encoder::TiffEncoder;
use tiff::tags::Tag;

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Picture, Rows};

/// Of 1 (slowest) to 10. 1080p took 5.5 s at 8 and 2.5 s at 10, whose file was 60 % longer; 6 gave nothing over 8.
const SPEED: u8 = 8;
/// XMP's tag inside the Exif block (XMP specification part 3, TIFF).
const XMP_TAG: u16 = 700;

pub(super) fn write(
    rows: &mut dyn Rows,
    quality: u8,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> Result<()> {
    let picture = Picture::collect(rows);
    let layout = picture.layout();
    let (width, height) = (layout.size.width() as usize, layout.size.height() as usize);
    // One thread: with more, the cut into AV1 tiles and so the file would depend on the machine.
    let encoder = Encoder::new()
        .with_quality(f32::from(quality))
        .with_alpha_quality(f32::from(quality))
        .with_speed(SPEED)
        .with_num_threads(Some(1))
        .with_exif(exif(provenance)?);
    let encoded = if layout.channels == 4 {
        let pixels: &[RGBA8] = picture.bytes().as_rgba();
        encoder.encode_rgba(Img::new(pixels, width, height))
    } else {
        let pixels: &[RGB8] = picture.bytes().as_rgb();
        encoder.encode_rgb(Img::new(pixels, width, height))
    };
    let encoded = encoded.map_err(|error| Error::encoder("AVIF", error))?;
    target
        .write_all(&encoded.avif_file)
        .map_err(|error| Error::encoder("AVIF", error))
}

/// An Exif block is a TIFF without a picture.
fn exif(provenance: &Provenance) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let write = |bytes: &mut Cursor<Vec<u8>>| -> tiff::TiffResult<()> {
        let mut file = TiffEncoder::new(bytes)?;
        let mut directory = file.image_directory()?;
        directory.write_tag(
            Tag::Software,
            format!("Understory {}", env!("CARGO_PKG_VERSION")).as_str(),
        )?;
        directory.write_tag(Tag::Unknown(XMP_TAG), provenance.xmp().as_bytes())?;
        directory.finish()
    };
    write(&mut bytes).map_err(|error| Error::encoder("AVIF", error))?;
    Ok(bytes.into_inner())
}
