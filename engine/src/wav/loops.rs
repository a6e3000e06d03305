//! The sampler chunk (`smpl`, RIFF MCI 1991): which key a recording is, and where it runs on for ever. Any thread but the
//! audio thread.

use std::io::{Seek, Write};

use super::broadcast::append_chunk;
use crate::error::{Error, Result};
use crate::seamless::LoopPoints;

/// Appends the chunk to a finished WAV file and mends the file's length.
///
/// # Errors
/// `Error::Write` when the writer fails.
pub fn append<W: Write + Seek>(
    file: &mut W,
    key: u8,
    sample_rate_hz: u32,
    points: LoopPoints,
) -> Result<()> {
    let nanoseconds = 1_000_000_000 / sample_rate_hz.max(1);
    // The last frame that sounds, not the one after it.
    let last_frame = points.end_frame.saturating_sub(1);
    // Maker, product, period, key, its fraction, SMPTE format and offset, loops, further bytes; then one loop: name, forward,
    // first and last frame, fraction, for ever.
    let words = [
        0,
        0,
        nanoseconds,
        u32::from(key),
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        points.start_frame as u32,
        last_frame as u32,
        0,
        0,
    ];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    append_chunk(file, b"smpl", &bytes).map_err(Error::Write)
}
