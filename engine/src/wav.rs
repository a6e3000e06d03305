//! Stereo samples as a WAV file with its recipe inside. Any thread but the audio thread; it knows no file paths.
//! What it does not do: files beyond the 4 GB that 32-bit WAV can hold are refused before the work starts.

pub mod broadcast;
pub mod chunks;
mod ixml;
pub mod loops;
pub mod read;

use std::io::{self, Seek, SeekFrom, Write};

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::error::{Error, Result};

/// Room kept in the 4 GB for headers and the recipe.
const RESERVED_BYTES: u64 = 1 << 20;
const NUM_CHANNELS: u64 = 2;
/// Seed of the dither: fixed, because a file is to come out the same every time.
const DITHER_SEED: u64 = 0x5EED_0D17_4E12_0001;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleStorage {
    /// 16-bit whole numbers with triangular dither of one step.
    Integer16,
    /// 24-bit whole numbers.
    Integer24,
    /// 32-bit floating point, bit for bit as rendered.
    Float32,
}

impl SampleStorage {
    /// Reads `16`, `24` or `32f`.
    ///
    /// # Errors
    /// `Error::Request` for anything else.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "16" => Ok(SampleStorage::Integer16),
            "24" => Ok(SampleStorage::Integer24),
            "32f" => Ok(SampleStorage::Float32),
            other => Err(Error::request("--bits", other, "use 16, 24 or 32f")),
        }
    }

    /// As the user writes it.
    pub fn name(self) -> &'static str {
        match self {
            SampleStorage::Integer16 => "16",
            SampleStorage::Integer24 => "24",
            SampleStorage::Float32 => "32f",
        }
    }

    /// Bits of one sample.
    pub fn bits(self) -> u16 {
        match self {
            SampleStorage::Integer16 => 16,
            SampleStorage::Integer24 => 24,
            SampleStorage::Float32 => 32,
        }
    }
}

/// What is written beside the samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Program and version (INFO chunk `ISFT`).
    pub software: String,
    /// One JSON object with everything needed to make the file again (INFO chunk `ICMT`).
    pub comment: String,
}

/// Refuses what a 32-bit WAV file cannot hold, before anything is rendered.
///
/// # Errors
/// `Error::Request` when the samples would pass 4 GB.
pub fn check_size(num_frames: u64, storage: SampleStorage) -> Result<()> {
    let frame_bytes = NUM_CHANNELS * u64::from(storage.bits()) / 8;
    let room = u64::from(u32::MAX) - RESERVED_BYTES;
    if num_frames.saturating_mul(frame_bytes) <= room {
        return Ok(());
    }
    Err(Error::request(
        "the file's length",
        format!("{num_frames} frames of {} bit", storage.name()),
        format!(
            "a WAV file holds at most {} such frames: render it in parts, or with fewer bits",
            room / frame_bytes
        ),
    ))
}

/// Writes both channels and the recipe.
///
/// # Errors
/// `Error::Write` when the writer fails, `Error::Request` when the file would pass 4 GB.
pub fn write<W: Write + Seek>(
    writer: &mut W,
    (left, right): (&[f32], &[f32]),
    sample_rate_hz: u32,
    storage: SampleStorage,
    recipe: &Recipe,
) -> Result<()> {
    check_size(left.len() as u64, storage)?;
    let spec = WavSpec {
        channels: NUM_CHANNELS as u16,
        sample_rate: sample_rate_hz,
        bits_per_sample: storage.bits(),
        sample_format: match storage {
            SampleStorage::Float32 => SampleFormat::Float,
            _ => SampleFormat::Int,
        },
    };
    let mut wav = WavWriter::new(&mut *writer, spec).map_err(write_error)?;
    let mut dither = Dither(DITHER_SEED);
    for (&left, &right) in left.iter().zip(right) {
        for sample in [left, right] {
            match storage {
                SampleStorage::Float32 => wav.write_sample(sample),
                SampleStorage::Integer24 => wav.write_sample(quantize(sample, 24, 0.0)),
                SampleStorage::Integer16 => wav.write_sample(quantize(sample, 16, dither.next())),
            }
            .map_err(write_error)?;
        }
    }
    wav.finalize().map_err(write_error)?;
    append_recipe(writer, recipe).map_err(Error::Write)
}

/// Full scale is 2^(bits-1); what would pass it stays at the last step.
fn quantize(sample: f32, bits: u32, dither_steps: f64) -> i32 {
    let scale = f64::from(1_u32 << (bits - 1));
    let step = (f64::from(sample) * scale + dither_steps).round();
    step.clamp(-scale, scale - 1.0) as i32
}

/// Triangular noise of ±1 step: the difference of two uniform numbers (Wannamaker et al. 2000).
struct Dither(u64);

impl Dither {
    fn next(&mut self) -> f64 {
        self.uniform() - self.uniform()
    }

    /// splitmix64 (Steele et al. 2014).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn append_recipe<W: Write + Seek>(writer: &mut W, recipe: &Recipe) -> io::Result<()> {
    let mut entries = b"INFO".to_vec();
    push_entry(&mut entries, b"ISFT", &recipe.software);
    push_entry(&mut entries, b"ICMT", &recipe.comment);
    writer.seek(SeekFrom::End(0))?;
    writer.write_all(b"LIST")?;
    writer.write_all(&(entries.len() as u32).to_le_bytes())?;
    writer.write_all(&entries)?;
    let end = writer.stream_position()?;
    // The length after `RIFF` counts everything but the first eight bytes.
    writer.seek(SeekFrom::Start(4))?;
    writer.write_all(&((end - 8) as u32).to_le_bytes())?;
    writer.seek(SeekFrom::Start(end))?;
    if recipe.comment.is_empty() {
        return writer.flush();
    }
    ixml::append(writer, recipe)
}

/// An INFO entry ends with a zero byte and is padded to an even length, which its own length does not count.
fn push_entry(entries: &mut Vec<u8>, name: &[u8; 4], text: &str) {
    let length = text.len() + 1;
    entries.extend_from_slice(name);
    entries.extend_from_slice(&(length as u32).to_le_bytes());
    entries.extend_from_slice(text.as_bytes());
    entries.push(0);
    if length % 2 == 1 {
        entries.push(0);
    }
}

fn write_error(error: hound::Error) -> Error {
    match error {
        hound::Error::IoError(error) => Error::Write(error),
        other => Error::Write(io::Error::other(other)),
    }
}
