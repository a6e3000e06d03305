//! The broadcast chunk (`bext`, EBU Tech 3285 version 2): description, place on the time line, loudness. Any thread but the
//! audio thread.
//!
//! Date and hour stay empty: the same request gives the same file on any day.

use std::io::{self, Seek, SeekFrom, Write};

use crate::error::{Error, Result};

/// Bytes of the chunk without its history.
const FIXED_BYTES: usize = 602;
/// Lengths of its text fields.
const DESCRIPTION_BYTES: usize = 256;
const ORIGINATOR_BYTES: usize = 32;
/// Date and hour.
const DATE_BYTES: usize = 10 + 8;
const UMID_BYTES: usize = 64;
const RESERVED_BYTES: usize = 180;
const VERSION: u16 = 2;
/// Says that a loudness is not given.
const NO_LOUDNESS: i16 = 0x7FFF;

/// What the chunk says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Broadcast {
    /// One line about the sound, at most 256 bytes; longer ones are cut.
    pub description: String,
    /// Who made it, at most 32 bytes.
    pub originator: String,
    /// Frames since midnight of the first sample: the timecode it belongs at.
    pub time_reference_frames: u64,
    /// LUFS.
    pub integrated_lufs: Option<f64>,
    /// dBTP.
    pub true_peak_db: Option<f64>,
    /// How it was made.
    pub history: String,
}

/// Appends the chunk to a finished WAV file and mends the file's length.
///
/// # Errors
/// `Error::Write` when the writer fails.
pub fn append<W: Write + Seek>(file: &mut W, broadcast: &Broadcast) -> Result<()> {
    append_chunk(file, b"bext", &bytes(broadcast)).map_err(Error::Write)
}

/// Appends any chunk.
pub(super) fn append_chunk<W: Write + Seek>(
    file: &mut W,
    name: &[u8; 4],
    chunk: &[u8],
) -> io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(name)?;
    file.write_all(&(chunk.len() as u32).to_le_bytes())?;
    file.write_all(chunk)?;
    if chunk.len() % 2 == 1 {
        file.write_all(&[0])?;
    }
    let end = file.stream_position()?;
    // The length after `RIFF` counts everything but the first eight bytes.
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&((end - 8) as u32).to_le_bytes())?;
    file.seek(SeekFrom::Start(end))?;
    file.flush()
}

fn bytes(broadcast: &Broadcast) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FIXED_BYTES + broadcast.history.len());
    push_text(&mut bytes, &broadcast.description, DESCRIPTION_BYTES);
    push_text(&mut bytes, &broadcast.originator, ORIGINATOR_BYTES);
    // Originator's reference, date and hour.
    bytes.resize(bytes.len() + ORIGINATOR_BYTES + DATE_BYTES, 0);
    bytes.extend_from_slice(&broadcast.time_reference_frames.to_le_bytes());
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.resize(bytes.len() + UMID_BYTES, 0);
    let hundredths = |value: Option<f64>| {
        value.map_or(NO_LOUDNESS, |value| {
            (100.0 * value).round().clamp(-30_000.0, 30_000.0) as i16
        })
    };
    for value in [
        hundredths(broadcast.integrated_lufs),
        NO_LOUDNESS,
        hundredths(broadcast.true_peak_db),
        NO_LOUDNESS,
        NO_LOUDNESS,
    ] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.resize(bytes.len() + RESERVED_BYTES, 0);
    bytes.extend_from_slice(broadcast.history.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// A field of fixed length, cut at a character's border.
fn push_text(bytes: &mut Vec<u8>, text: &str, length: usize) {
    let mut cut = text.len().min(length);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    bytes.extend_from_slice(&text.as_bytes()[..cut]);
    bytes.resize(bytes.len() + length - cut, 0);
}
