//! Two pieces of content side by side: whether they are the same, and if not, where they differ first and by how much.
//! Pure functions.

use backdrop::decode::{CHANNELS, Decoded};
use engine::wav::SampleStorage;
use serde_json::{Value, json};

/// What came of a comparison.
pub enum Verdict {
    /// Every sample or pixel is the same.
    Identical {
        /// The model that made both; a guide needs none.
        fingerprint: Option<String>,
    },
    /// They differ, in words and figures.
    Different(Difference),
}

/// Where two files differ.
pub struct Difference {
    words: String,
    figures: Value,
}

impl Verdict {
    /// For people.
    pub fn words(&self) -> String {
        match self {
            Verdict::Identical { .. } => "identical".to_owned(),
            Verdict::Different(difference) => format!("DIFFERENT: {}", difference.words),
        }
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        match self {
            Verdict::Identical { fingerprint } => {
                json!({ "identical": true, "verdict": "identical", "model_fingerprint": fingerprint })
            }
            Verdict::Different(difference) => json!({
                "identical": false, "verdict": "different", "words": difference.words,
                "difference": difference.figures,
            }),
        }
    }
}

/// Stored samples of two stereo files of one kind.
pub fn of_samples(
    found: &[u8],
    wanted: &[u8],
    storage: SampleStorage,
    rate_hz: u32,
) -> Option<Difference> {
    if found == wanted {
        return None;
    }
    let width = usize::from(storage.bits() / 8);
    if found.len() != wanted.len() {
        let frames = |bytes: &[u8]| bytes.len() / (2 * width);
        let (found, wanted) = (frames(found), frames(wanted));
        return Some(Difference {
            words: format!("it has {found} frames where {wanted} belong"),
            figures: json!({ "frames": found, "wanted_frames": wanted }),
        });
    }
    let pairs = found.chunks_exact(width).zip(wanted.chunks_exact(width));
    let (mut first, mut count, mut largest) = (None, 0_usize, 0.0_f64);
    for (index, (found, wanted)) in pairs.enumerate() {
        if found != wanted {
            let (found, wanted) = (sample(found, storage), sample(wanted, storage));
            first.get_or_insert((index, found, wanted));
            largest = largest.max((found - wanted).abs());
            count += 1;
        }
    }
    let (index, found, wanted) = first?;
    let (frame, channel) = (index / 2, ["left", "right"][index % 2]);
    let time_s = frame as f64 / f64::from(rate_hz);
    let largest_db = 20.0 * largest.log10();
    Some(Difference {
        words: format!(
            "first in frame {frame} ({time_s:.4} s, {channel}): {found:.7} where {wanted:.7} belongs; {count} samples differ, the most by {largest_db:.1} dBFS"
        ),
        figures: json!({
            "frame": frame, "channel": channel, "time_s": time_s, "found": found, "wanted": wanted,
            "num_samples": count, "largest_db": largest_db.is_finite().then_some(largest_db),
        }),
    })
}

/// A little-endian sample, full scale 1.
fn sample(bytes: &[u8], storage: SampleStorage) -> f64 {
    match (storage, bytes) {
        (SampleStorage::Integer16, &[low, high]) => {
            f64::from(i16::from_le_bytes([low, high])) / 32_768.0
        }
        (SampleStorage::Integer24, &[low, middle, high]) => {
            // Shifted up by a byte, the sign is where an i32 has it.
            f64::from(i32::from_le_bytes([0, low, middle, high])) / 2_147_483_648.0
        }
        (SampleStorage::Float32, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
        _ => f64::NAN,
    }
}

/// Decoded pictures.
pub fn of_pixels(found: &Decoded, wanted: &Decoded) -> Option<Difference> {
    let shape = |picture: &Decoded| (picture.width, picture.height, picture.full_scale);
    if shape(found) != shape(wanted) {
        let size = |picture: &Decoded| format!("{}x{}", picture.width, picture.height);
        return Some(Difference {
            words: format!(
                "it is {} of depth {} where {} of depth {} belongs",
                size(found),
                found.full_scale,
                size(wanted),
                wanted.full_scale
            ),
            figures: json!({ "size": size(found), "wanted_size": size(wanted) }),
        });
    }
    let (mut first, mut count, mut largest) = (None, 0_usize, 0.0_f32);
    let pairs = found
        .samples
        .chunks_exact(CHANNELS)
        .zip(wanted.samples.chunks_exact(CHANNELS));
    for (index, (found, wanted)) in pairs.enumerate() {
        if found != wanted {
            first.get_or_insert((index, found.to_vec(), wanted.to_vec()));
            count += 1;
            for (found, wanted) in found.iter().zip(wanted) {
                largest = largest.max((found - wanted).abs());
            }
        }
    }
    let (index, one, other) = first?;
    let (x, y) = (index % found.width, index / found.width);
    Some(Difference {
        words: format!(
            "first at pixel {x},{y}: {one:?} where {other:?} belongs; {count} pixels differ, the most by {largest} of {}",
            found.full_scale
        ),
        figures: json!({
            "x": x, "y": y, "found": one, "wanted": other, "num_pixels": count, "largest": largest,
            "full_scale": found.full_scale,
        }),
    })
}

/// Content that is not decoded here: which pixels or notes differ cannot be said.
pub fn of_coded(found: &[u8], wanted: &[u8], what: &str) -> Option<Difference> {
    if found == wanted {
        return None;
    }
    let first = found
        .iter()
        .zip(wanted)
        .position(|(one, other)| one != other);
    let first = first.unwrap_or(found.len().min(wanted.len()));
    Some(Difference {
        words: format!(
            "{what} differs from byte {first} on ({} bytes where {} belong)",
            found.len(),
            wanted.len()
        ),
        figures: json!({ "byte": first, "bytes": found.len(), "wanted_bytes": wanted.len() }),
    })
}
