//! Baked notes as bytes and back: what a project keeps so that it sounds without its model, and what a model's package
//! brings so that the first key sounds at once. Any thread but the audio thread; no files.
//!
//! Baked notes are rounded (`note/rounding.rs`), so nothing is lost: a note that was packed plays the same samples.
//! Layout: magic, version, SHA-256 of the rest, length of the content, the content deflated. The content is a label,
//! layouts, then per note its place and its three maps as differences along time, low and high bytes apart.

mod bytes;
mod planes;

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::note::{Note, NoteLayout, RoundedMaps};
use crate::realtime::{VELOCITY_LAYERS, Wish};
use crate::worker::bake::BakedNote;
use bytes::{Reader, Writer};

const MAGIC: &[u8; 4] = b"USNP";
/// The newest version that this program reads.
const VERSION: u16 = 1;
const CHECKSUM_BYTES: usize = 32;
/// Magic, version, checksum, length of the content.
const HEADER_BYTES: usize = 4 + 2 + CHECKSUM_BYTES + 8;
/// Most bytes of a content: far more than all keys of all slots. Longer ones are damage.
const MAX_CONTENT_BYTES: u64 = 1 << 30;
/// Most notes of a pack: all layers of all keys of 16 slots.
const MAX_NOTES: usize = 16 * VELOCITY_LAYERS * 128;
/// Most different layouts of a pack, that is models.
const MAX_LAYOUTS: usize = 255;
/// Longest label, bytes.
const MAX_LABEL_BYTES: usize = 1 << 16;

/// Notes and what their maker wrote beside them.
#[derive(Clone, Debug)]
pub struct NotePack {
    /// Whatever the maker needs to know them again: a model's fingerprint, a sound's name.
    pub label: String,
    /// The notes.
    pub notes: Vec<BakedNote>,
}

impl NotePack {
    /// As bytes.
    ///
    /// # Errors
    /// [`Error::Request`] for a note that was not baked (and so is not rounded), for more notes than a player has places
    /// and for a label of more than 65536 bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let content = self.content()?;
        let mut body = (content.len() as u64).to_le_bytes().to_vec();
        let mut encoder = DeflateEncoder::new(&mut body, Compression::new(7));
        encoder
            .write_all(&content)
            .and_then(|()| encoder.try_finish())
            .map_err(Error::Write)?;
        drop(encoder);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(Sha256::digest(&body));
        bytes.extend(body);
        Ok(bytes)
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::NotePack`] for bytes that are something else, cut, damaged, of a newer version or impossible.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let content = checked_content(bytes)?;
        let mut reader = Reader::new(&content);
        let label = reader.text(MAX_LABEL_BYTES)?;
        let num_layouts = usize::from(reader.u8()?);
        let layouts: Vec<NoteLayout> = (0..num_layouts)
            .map(|_| read_layout(&mut reader))
            .collect::<Result<_>>()?;
        let num_notes = reader.u32()? as usize;
        if num_notes > MAX_NOTES {
            return Err(damaged(format!("{num_notes} notes are announced")));
        }
        let notes: Vec<BakedNote> = (0..num_notes)
            .map(|_| read_note(&mut reader, &layouts))
            .collect::<Result<_>>()?;
        reader.end()?;
        Ok(Self { label, notes })
    }

    fn content(&self) -> Result<Vec<u8>> {
        let too_much = |what, value, most| {
            Err(Error::request(
                what,
                value,
                format!("at most {most} fit into one pack"),
            ))
        };
        if self.label.len() > MAX_LABEL_BYTES {
            return too_much("the label's length", self.label.len(), MAX_LABEL_BYTES);
        }
        if self.notes.len() > MAX_NOTES {
            return too_much("the number of notes", self.notes.len(), MAX_NOTES);
        }
        let mut layouts: Vec<&NoteLayout> = Vec::new();
        for baked in &self.notes {
            if !layouts.contains(&baked.note.layout()) {
                layouts.push(baked.note.layout());
            }
        }
        if layouts.len() > MAX_LAYOUTS {
            return too_much("the number of models", layouts.len(), MAX_LAYOUTS);
        }
        let mut writer = Writer::default();
        writer.text(&self.label);
        writer.u8(layouts.len() as u8);
        layouts
            .iter()
            .for_each(|layout| write_layout(&mut writer, layout));
        writer.u32(self.notes.len() as u32);
        for baked in &self.notes {
            let layout = layouts
                .iter()
                .position(|layout| *layout == baked.note.layout());
            write_note(&mut writer, baked, layout.unwrap_or_default() as u8)?;
        }
        Ok(writer.into_bytes())
    }
}

/// Checks everything that can be checked before the content is looked at.
fn checked_content(bytes: &[u8]) -> Result<Vec<u8>> {
    let refuse = |what: &str| Err(damaged(what.to_owned()));
    if bytes.len() < HEADER_BYTES {
        return refuse("they are too short");
    }
    if &bytes[..4] != MAGIC {
        return refuse("they do not begin as a pack of notes does");
    }
    let version = u16::from_le_bytes([bytes[4], bytes[5]]);
    if version > VERSION {
        return Err(Error::NotePack {
            what: format!("they are of version {version}, this program reads up to {VERSION}"),
            remedy: "use a newer Understory",
        });
    }
    let (checksum, body) = bytes[6..].split_at(CHECKSUM_BYTES);
    if Sha256::digest(body)[..] != *checksum {
        return refuse("their checksum is wrong");
    }
    let (length, deflated) = body.split_at(8);
    let length = u64::from_le_bytes(length.try_into().unwrap_or_default());
    if length > MAX_CONTENT_BYTES {
        return refuse("they announce more than any pack holds");
    }
    let mut content = Vec::new();
    let inflated = DeflateDecoder::new(deflated)
        .take(length + 1)
        .read_to_end(&mut content);
    if inflated.is_err() || content.len() as u64 != length {
        return refuse("they cannot be inflated to what they announce");
    }
    Ok(content)
}

fn damaged(what: String) -> Error {
    Error::NotePack {
        what,
        remedy: "restore the file from a backup, or bake the notes again",
    }
}

fn write_layout(writer: &mut Writer, layout: &NoteLayout) {
    writer.u32s(&layout.row_first_harmonic);
    writer.u32s(&layout.row_last_harmonic);
    writer.f64s(&layout.column_times_s);
    writer.f64s(&layout.noise_band_edges_hz);
    let scalars = [
        layout.duration_s,
        layout.release_start_s,
        layout.sustain_start_s,
        layout.sustain_end_s,
        f64::from(layout.level_floor_db),
        f64::from(layout.noise_floor_db),
        layout.max_frequency_hz,
        layout.tuning_hz,
    ];
    writer.f64s(&scalars);
}

fn read_layout(reader: &mut Reader) -> Result<NoteLayout> {
    let row_first_harmonic = reader.u32s()?;
    let row_last_harmonic = reader.u32s()?;
    let column_times_s = reader.f64s()?;
    let noise_band_edges_hz = reader.f64s()?;
    let scalars: [f64; 8] = reader
        .f64s()?
        .try_into()
        .map_err(|_| damaged("a layout is incomplete".into()))?;
    let layout = NoteLayout {
        row_first_harmonic,
        row_last_harmonic,
        column_times_s,
        duration_s: scalars[0],
        release_start_s: scalars[1],
        sustain_start_s: scalars[2],
        sustain_end_s: scalars[3],
        level_floor_db: scalars[4] as f32,
        noise_floor_db: scalars[5] as f32,
        noise_band_edges_hz,
        max_frequency_hz: scalars[6],
        tuning_hz: scalars[7],
    };
    layout.check()?;
    Ok(layout)
}

fn write_note(writer: &mut Writer, baked: &BakedNote, layout: u8) -> Result<()> {
    let place = &baked.place;
    let maps = baked.note.rounded_maps().ok_or_else(|| {
        Error::request(
            "a note to pack",
            format!("key {}, not rounded", place.key),
            "pack notes that were baked",
        )
    })?;
    [place.slot, place.layer, place.key, layout]
        .into_iter()
        .for_each(|byte| writer.u8(byte));
    let [rows, bands] = baked.note.layout().heights(baked.note.key());
    for (map, height) in [
        (&maps.levels, rows),
        (&maps.deviations, rows),
        (&maps.noise, bands),
    ] {
        writer.bytes(&planes::split(map, height));
    }
    Ok(())
}

fn read_note(reader: &mut Reader, layouts: &[NoteLayout]) -> Result<BakedNote> {
    let [slot, layer, key, layout] = [reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?];
    let layout = layouts
        .get(usize::from(layout))
        .ok_or_else(|| damaged(format!("a note is of layout {layout}, which is not there")))?;
    if usize::from(layer) >= VELOCITY_LAYERS || key > 127 {
        return Err(damaged(format!("a note is for key {key} in layer {layer}")));
    }
    let [rows, bands] = layout.heights(key);
    let mut map = |height: usize| -> Result<Vec<i16>> {
        let num_cells = height * layout.num_columns();
        Ok(planes::join(reader.bytes(2 * num_cells)?, height))
    };
    let maps = RoundedMaps {
        levels: map(rows)?,
        deviations: map(rows)?,
        noise: map(bands)?,
    };
    let note = Note::from_rounded(&maps, layout.clone(), key)?;
    Ok(BakedNote {
        place: Wish { slot, layer, key },
        note: Arc::new(note),
    })
}
