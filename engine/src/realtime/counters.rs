//! What the audio thread could not do as asked, counted for the editor. Written by the audio thread, read by any.
//!
//! Counts only: nothing here reports, formats or waits.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters, shared by both halves.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(super) missing_keys: AtomicU64,
    pub(super) silent_notes: AtomicU64,
    pub(super) stolen_voices: AtomicU64,
    pub(super) skipped_notes: AtomicU64,
    pub(super) refused_events: AtomicU64,
}

/// Counts since the player was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayerCounts {
    /// Note-ons whose key or layer was not baked yet; the nearest one played.
    pub missing_keys: u64,
    /// Note-ons whose sound had no note at all; nothing played.
    pub silent_notes: u64,
    /// Voices that were faded out early because all were in use.
    pub stolen_voices: u64,
    /// Note-ons that found every voice and every spare one in use.
    pub skipped_notes: u64,
    /// Events with a channel, key or slot out of range, or a number that is not finite.
    pub refused_events: u64,
}

impl Counters {
    /// The counts now.
    pub(crate) fn read(&self) -> PlayerCounts {
        PlayerCounts {
            missing_keys: self.missing_keys.load(Ordering::Relaxed),
            silent_notes: self.silent_notes.load(Ordering::Relaxed),
            stolen_voices: self.stolen_voices.load(Ordering::Relaxed),
            skipped_notes: self.skipped_notes.load(Ordering::Relaxed),
            refused_events: self.refused_events.load(Ordering::Relaxed),
        }
    }
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
