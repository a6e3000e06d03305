//! WebP, lossy, with profile and XMP in the extended container (RFC 9649).

use std::io::Write;

use img_parts::Bytes;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_ICCP, CHUNK_VP8X, CHUNK_XMP, WebP};

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Picture, Rows};
use crate::size::Size;

/// Flags of the extended header.
const HAS_PROFILE: u8 = 0b0010_0000;
const HAS_XMP: u8 = 0b0000_0100;

pub(super) fn write(
    rows: &mut dyn Rows,
    quality: u8,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> Result<()> {
    let picture = Picture::collect(rows);
    let layout = picture.layout();
    let (width, height) = (layout.size.width(), layout.size.height());
    let encoder = if layout.channels == 4 {
        webp::Encoder::from_rgba(picture.bytes(), width, height)
    } else {
        webp::Encoder::from_rgb(picture.bytes(), width, height)
    };
    let failed = |reason: &dyn std::fmt::Debug| Error::encoder("WebP", format!("{reason:?}"));
    let encoded = encoder
        .encode_simple(false, f32::from(quality))
        .map_err(|error| failed(&error))?;
    let plain =
        WebP::from_bytes(Bytes::copy_from_slice(&encoded)).map_err(|error| failed(&error))?;
    let extended = extended(
        plain,
        layout.size,
        layout.color_space.icc_profile()?,
        provenance.xmp(),
    );
    extended
        .encoder()
        .write_to(target)
        .map_err(|error| Error::encoder("WebP", error))?;
    Ok(())
}

fn extended(mut file: WebP, size: Size, profile: Vec<u8>, xmp: String) -> WebP {
    let chunk = |id, bytes: Vec<u8>| RiffChunk::new(id, RiffContent::Data(Bytes::from(bytes)));
    let old_flags = file
        .chunk_by_id(CHUNK_VP8X)
        .and_then(|chunk| chunk.content().data()?.first().copied());
    file.remove_chunks_by_id(CHUNK_VP8X);
    let mut header = vec![old_flags.unwrap_or(0) | HAS_PROFILE | HAS_XMP, 0, 0, 0];
    for side in [size.width(), size.height()] {
        header.extend(&(side - 1).to_le_bytes()[..3]);
    }
    let chunks = file.chunks_mut();
    chunks.insert(0, chunk(CHUNK_VP8X, header));
    chunks.insert(1, chunk(CHUNK_ICCP, profile));
    chunks.push(chunk(CHUNK_XMP, xmp.into_bytes()));
    file
}
