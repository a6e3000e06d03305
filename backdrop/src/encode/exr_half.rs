//! OpenEXR: half floats of linear light, sixteen rows at a time.

use std::io::{Seek, Write};

use exr::block::UncompressedBlock;
use exr::block::writer::ChunksWriter;
use exr::math::Vec2;
use exr::meta::attribute::{
    AttributeValue, ChannelDescription, Chromaticities, LineOrder, SampleType, Text,
};
use exr::meta::header::Header;
use exr::meta::{BlockDescription, MetaData};
use exr::prelude::{Compression, f16};

use crate::color::ColorSpace;
use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Layout, Rows, Samples};

/// D65, and the primaries of both spaces, as x and y.
const WHITE: (f32, f32) = (0.3127, 0.3290);
const SRGB: [(f32, f32); 3] = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)];
const DISPLAY_P3: [(f32, f32); 3] = [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)];

pub(super) fn write<W: Write + Seek>(
    rows: &mut dyn Rows,
    provenance: &Provenance,
    target: &mut W,
) -> Result<()> {
    let layout = rows.layout();
    let failed = |error: exr::error::Error| Error::encoder("OpenEXR", error);
    let headers = vec![
        header(&layout, provenance)
            .ok_or_else(|| Error::encoder("OpenEXR", "a name holds other than ASCII"))?,
    ];
    exr::block::write(target, headers.into(), true, |meta, writer| {
        let mut block = Vec::new();
        let blocks = meta.collect_ordered_blocks(|index| {
            block.clear();
            for _ in 0..index.pixel_size.height() {
                if let Some(Samples::Linear(row)) = rows.next_row() {
                    block.extend(row.iter().map(|light| f16::from_f32(*light)));
                }
            }
            uncompressed(&meta, index, &layout, &block)
        });
        // The writer is lent, not given; only a wrapper of it can be handed over.
        writer
            .on_progress(|_| {})
            .compress_all_blocks_sequential(&meta, blocks)
    })
    .map_err(failed)
}

/// Channels are stored by name: A, B, G, R. Given here by their place in a row.
fn places(channels: usize) -> &'static [usize] {
    if channels == 4 {
        &[3, 2, 1, 0]
    } else {
        &[2, 1, 0]
    }
}

fn uncompressed(
    meta: &MetaData,
    index: exr::block::BlockIndex,
    layout: &Layout,
    block: &[f16],
) -> UncompressedBlock {
    let width = layout.size.width() as usize;
    let top = index.pixel_position.y();
    UncompressedBlock::from_lines(&meta.headers[index.layer].channels, index, |line| {
        let first = (line.location.position.y() - top) * width;
        let place = places(layout.channels)[line.location.channel];
        let sample = |x: usize| {
            let at = (first + x) * layout.channels + place;
            block.get(at).copied().unwrap_or(f16::ZERO)
        };
        // Writing into the block's own memory cannot fail.
        let _ = line.write_samples(sample);
    })
}

fn header(layout: &Layout, provenance: &Provenance) -> Option<Header> {
    let names: &[&str] = if layout.channels == 4 {
        &["A", "B", "G", "R"]
    } else {
        &["B", "G", "R"]
    };
    let channels = names
        .iter()
        .map(|name| ChannelDescription::new(*name, SampleType::F16, true))
        .collect();
    let size = (layout.size.width() as usize, layout.size.height() as usize);
    let mut header = Header::new(Text::from("backdrop"), size, channels).with_encoding(
        Compression::ZIP16,
        BlockDescription::ScanLines,
        LineOrder::Increasing,
    );
    let point = |(x, y): (f32, f32)| Vec2(x, y);
    let [red, green, blue] = match layout.color_space {
        ColorSpace::Srgb => SRGB,
        ColorSpace::DisplayP3 => DISPLAY_P3,
    }
    .map(point);
    header.shared_attributes.chromaticities = Some(Chromaticities {
        red,
        green,
        blue,
        white: point(WHITE),
    });
    let text = |text: String| Text::new_or_none(text).map(AttributeValue::Text);
    header.own_attributes.software_name =
        Text::new_or_none(format!("Understory {}", env!("CARGO_PKG_VERSION")));
    header
        .own_attributes
        .other
        .insert(Text::from("xmp"), text(ascii(&provenance.xmp()))?);
    Some(header)
}

/// OpenEXR texts are bytes; XMP's byte order mark is not needed there and other letters become XML references.
fn ascii(text: &str) -> String {
    text.chars()
        .filter(|letter| *letter != '\u{feff}')
        .map(|letter| {
            if letter.is_ascii() {
                letter.to_string()
            } else {
                format!("&#{};", u32::from(letter))
            }
        })
        .collect()
}
