//! The pitch of every key. Plain data, made off the audio thread (`tuning.rs`), read on it.

use super::NUM_KEYS;

/// Pitch of each MIDI key.
#[derive(Clone, Debug, PartialEq)]
pub struct TuningTable {
    /// Semitones on the scale of MIDI keys (69 is A4 at 440 Hz), `[keys]`; not finite for a key that sounds nothing.
    pitches: [f32; NUM_KEYS],
}

impl Default for TuningTable {
    fn default() -> Self {
        Self {
            pitches: std::array::from_fn(|key| key as f32),
        }
    }
}

impl TuningTable {
    /// A table of pitches in semitones, 69 being A4 at 440 Hz; not finite for a key that sounds nothing.
    ///
    /// # Real-time
    /// Safe.
    pub fn new(pitches: [f32; NUM_KEYS]) -> Self {
        Self { pitches }
    }

    /// Pitch of a key, semitones; `None` for a key that sounds nothing or does not exist.
    ///
    /// # Real-time
    /// Safe.
    pub fn pitch(&self, key: i32) -> Option<f64> {
        let pitch = usize::try_from(key)
            .ok()
            .and_then(|key| self.pitches.get(key))?;
        pitch.is_finite().then(|| f64::from(*pitch))
    }
}
