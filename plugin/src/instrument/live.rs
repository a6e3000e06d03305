//! What passes between the audio callback and the editor: figures one way, keys played by hand the other. No locks on the
//! audio side.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use engine::Event;
use rtrb::{Consumer, Producer, RingBuffer};

/// Events from the editor on their way. When it is full the newest is lost: a hand cannot fill it.
const HAND_EVENTS: usize = 256;

/// Voices of one key that are shown; more are not.
pub(super) const MOST_PLAYHEADS: usize = 4;

/// The figures, and the editor's end of the ring.
#[derive(Default)]
pub(super) struct Live {
    /// Peak of the loudest block since the editor looked last, bits of an `f32`, left and right. Written by both.
    peaks: [AtomicU32; 2],
    /// Keys that are down, one bit each. Written by the callback.
    held: [AtomicU64; 2],
    /// The key struck last. Written by the callback.
    last_key: AtomicU32,
    num_voices: AtomicU32,
    /// Share of the time that the callback took of the time it made, bits of an `f32`, smoothed.
    load: AtomicU32,
    /// Where the voices of the key struck last stand in their note, s, bits of an `f32`; those beyond their number are old.
    playheads: [AtomicU32; MOST_PLAYHEADS],
    num_playheads: AtomicU32,
    /// Blocks that held a number that is none, and were silenced.
    num_guarded: AtomicU64,
    /// Blocks that took longer than they last while somebody listened.
    num_dropouts: AtomicU64,
    to_callback: Mutex<Option<Producer<Event>>>,
}

impl Live {
    /// A new ring to the callback; the one before is forgotten.
    pub(super) fn connect(&self) -> Consumer<Event> {
        let (sender, receiver) = RingBuffer::new(HAND_EVENTS);
        *self
            .to_callback
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    /// Sends an event as if a host had. Editor only.
    pub(super) fn send(&self, event: Event) {
        let mut ring = self
            .to_callback
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(ring) = &mut *ring {
            // A full ring loses the event, as its constant says.
            let _lost = ring.push(event);
        }
    }

    /// Notes a block's peak and what it took; where nobody listens, no block is late.
    pub(super) fn note_block(&self, peaks: [f32; 2], num_voices: usize, load: f32, is_heard: bool) {
        for (slot, peak) in self.peaks.iter().zip(peaks) {
            // Bits of numbers that are not negative are ordered as the numbers are.
            slot.fetch_max(peak.to_bits(), Ordering::Relaxed);
        }
        self.num_voices.store(num_voices as u32, Ordering::Relaxed);
        let smoothed = 0.95 * self.load() + 0.05 * load;
        self.load.store(smoothed.to_bits(), Ordering::Relaxed);
        if is_heard && load > 1.0 {
            self.num_dropouts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes where the voices of the key struck last stand, s.
    pub(super) fn note_playheads(&self, positions_s: &[f32]) {
        for (slot, position_s) in self.playheads.iter().zip(positions_s) {
            slot.store(position_s.to_bits(), Ordering::Relaxed);
        }
        self.num_playheads
            .store(positions_s.len() as u32, Ordering::Relaxed);
    }

    /// Where they stand, s.
    pub(super) fn playheads_s(&self) -> Vec<f32> {
        let count = self.num_playheads.load(Ordering::Relaxed) as usize;
        let bits = self.playheads.iter().take(count);
        bits.map(|bits| f32::from_bits(bits.load(Ordering::Relaxed)))
            .collect()
    }

    /// Notes a key that went down or up.
    pub(super) fn note_key(&self, key: u8, is_down: bool) {
        let word = &self.held[usize::from(key >> 6) & 1];
        if is_down {
            word.fetch_or(1 << (key & 63), Ordering::Relaxed);
            self.last_key.store(u32::from(key), Ordering::Relaxed);
        } else {
            word.fetch_and(!(1 << (key & 63)), Ordering::Relaxed);
        }
    }

    /// No key is down any more.
    pub(super) fn lift_all(&self) {
        self.held
            .iter()
            .for_each(|word| word.store(0, Ordering::Relaxed));
    }

    /// Counts a silenced block.
    pub(super) fn count_guarded(&self) {
        self.num_guarded.fetch_add(1, Ordering::Relaxed);
    }

    /// Peaks since the last call.
    pub(super) fn take_peaks(&self) -> [f32; 2] {
        std::array::from_fn(|side| f32::from_bits(self.peaks[side].swap(0, Ordering::Relaxed)))
    }

    /// Whether a key is down.
    pub(super) fn is_held(&self, key: u8) -> bool {
        self.held[usize::from(key >> 6) & 1].load(Ordering::Relaxed) & (1 << (key & 63)) != 0
    }

    /// The key struck last, if any.
    pub(super) fn last_key(&self) -> Option<u8> {
        u8::try_from(self.last_key.load(Ordering::Relaxed))
            .ok()
            .filter(|&key| key > 0)
    }

    /// Voices that sound.
    pub(super) fn num_voices(&self) -> usize {
        self.num_voices.load(Ordering::Relaxed) as usize
    }

    /// Share of real time, 0..1 and beyond.
    pub(super) fn load(&self) -> f32 {
        f32::from_bits(self.load.load(Ordering::Relaxed))
    }

    /// Silenced blocks so far.
    pub(super) fn num_guarded(&self) -> u64 {
        self.num_guarded.load(Ordering::Relaxed)
    }
    /// Blocks so far that were late by this instance's doing, or because the system did not let it run.
    pub(super) fn num_dropouts(&self) -> u64 {
        self.num_dropouts.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_takes_longer_than_it_lasts_is_a_dropout_where_somebody_listens() {
        let live = Live::default();
        for (load, is_heard) in [(0.99, true), (1.01, true), (7.0, false), (2.0, true)] {
            live.note_block([0.0; 2], 1, load, is_heard);
        }
        assert_eq!(live.num_dropouts(), 2);
    }
}
