//! What a baking instance has done and why it does not: read by the editor without waiting. Written by the workers.
//!
//! Figures are atomics; texts lie behind a lock that readers only try.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use models::Manifest;

use crate::controller::MAX_SOUNDS;
use crate::realtime::VELOCITY_LAYERS;

/// How far a slot has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// No sound was asked for.
    Empty,
    /// Its model is being loaded or waits for a worker.
    Loading,
    /// Notes are being baked.
    Baking,
    /// Every key of the model's range is baked.
    Ready,
    /// No more notes will come until another sound is asked for or [`super::BakingInstance::retry`] is called; the message
    /// says why. Notes that were baked before go on sounding.
    Failed,
}

/// Counts since the instance was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BakeCounts {
    /// Notes delivered.
    pub baked: u64,
    /// Notes that came too late: another sound had been asked for.
    pub dropped: u64,
    /// Notes that the model could not make.
    pub refused: u64,
    /// Panics of a model, survived.
    pub panics: u64,
}

/// A set of keys per velocity layer.
#[derive(Debug, Default)]
struct LayeredKeys([[AtomicU64; 2]; VELOCITY_LAYERS]);

impl LayeredKeys {
    fn set(&self, layer: usize, key: u8, is_in: bool) {
        let Some(word) = self.word(layer, key) else {
            return;
        };
        let bit = 1 << (key & 63);
        if is_in {
            word.fetch_or(bit, Ordering::AcqRel);
        } else {
            word.fetch_and(!bit, Ordering::AcqRel);
        }
    }

    fn has(&self, layer: usize, key: u8) -> bool {
        let word = self.word(layer, key);
        word.is_some_and(|word| word.load(Ordering::Acquire) & (1 << (key & 63)) != 0)
    }

    fn word(&self, layer: usize, key: u8) -> Option<&AtomicU64> {
        self.0.get(layer)?.get(usize::from(key >> 6))
    }

    fn clear(&self) {
        let words = self.0.iter().flatten();
        words.for_each(|word| word.store(0, Ordering::Release));
    }

    fn len(&self) -> usize {
        let words = self.0.iter().flatten();
        words
            .map(|word| word.load(Ordering::Acquire).count_ones() as usize)
            .sum()
    }
}

#[derive(Debug, Default)]
struct SlotFigures {
    state: AtomicU8,
    baked: LayeredKeys,
    pending: LayeredKeys,
}

/// What one instance's baking has come to. Shared by `Arc`; every method but the two `try_` ones is free of locks.
#[derive(Debug, Default)]
pub struct BakeStatus {
    slots: [SlotFigures; MAX_SOUNDS],
    counts: [AtomicU64; 4],
    message: Mutex<Option<Arc<str>>>,
    manifest: Mutex<Option<Arc<Manifest>>>,
}

impl BakeStatus {
    /// How far a slot has come; slots that do not exist are empty.
    ///
    /// # Real-time
    /// Safe.
    pub fn state(&self, slot: usize) -> SlotState {
        let state = self.slots.get(slot).map(|slot| &slot.state);
        match state.map_or(0, |state| state.load(Ordering::Acquire)) {
            1 => SlotState::Loading,
            2 => SlotState::Baking,
            3 => SlotState::Ready,
            4 => SlotState::Failed,
            _ => SlotState::Empty,
        }
    }

    /// Whether a key's note of the slot's present sound was baked.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_baked(&self, slot: usize, layer: usize, key: u8) -> bool {
        self.slots
            .get(slot)
            .is_some_and(|slot| slot.baked.has(layer, key))
    }

    /// Whether a key's note is still to come.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_pending(&self, slot: usize, layer: usize, key: u8) -> bool {
        self.slots
            .get(slot)
            .is_some_and(|slot| slot.pending.has(layer, key))
    }

    /// Notes of a slot that are baked and that are still to come, over all layers.
    ///
    /// # Real-time
    /// Safe.
    pub fn progress(&self, slot: usize) -> (usize, usize) {
        self.slots
            .get(slot)
            .map_or((0, 0), |slot| (slot.baked.len(), slot.pending.len()))
    }

    /// Counts so far.
    ///
    /// # Real-time
    /// Safe.
    pub fn counts(&self) -> BakeCounts {
        let [baked, dropped, refused, panics] =
            std::array::from_fn(|index| self.counts[index].load(Ordering::Relaxed));
        BakeCounts {
            baked,
            dropped,
            refused,
            panics,
        }
    }

    /// Why the last thing that failed did, in words for a user; `None` when nothing did since the last sound was asked
    /// for, or when the text is being written at this moment.
    ///
    /// # Real-time
    /// Not safe: tries a lock, which the audio thread has no need of.
    pub fn try_message(&self) -> Option<Arc<str>> {
        self.message.try_lock().ok()?.clone()
    }

    /// The facts of the model that was loaded last, as [`BakeStatus::try_message`].
    ///
    /// # Real-time
    /// Not safe: tries a lock.
    pub fn try_manifest(&self) -> Option<Arc<Manifest>> {
        self.manifest.try_lock().ok()?.clone()
    }

    pub(super) fn set_state(&self, slot: usize, state: SlotState) {
        self.slots[slot].state.store(state as u8, Ordering::Release);
    }

    /// Nothing of the slot is baked, these keys are to come.
    pub(super) fn start_over(&self, slot: usize, keys: impl Iterator<Item = (usize, u8)>) {
        let figures = &self.slots[slot];
        figures.baked.clear();
        figures.pending.clear();
        for (layer, key) in keys {
            figures.pending.set(layer, key, true);
        }
    }

    pub(super) fn set_baked(&self, slot: usize, layer: usize, key: u8) {
        self.slots[slot].baked.set(layer, key, true);
        self.slots[slot].pending.set(layer, key, false);
    }

    pub(super) fn set_refused(&self, slot: usize, layer: usize, key: u8) {
        self.slots[slot].pending.set(layer, key, false);
    }

    pub(super) fn count_baked(&self) {
        self.count(0);
    }

    pub(super) fn count_dropped(&self) {
        self.count(1);
    }

    pub(super) fn count_refused(&self) {
        self.count(2);
    }

    pub(super) fn count_panic(&self) {
        self.count(3);
    }

    fn count(&self, index: usize) {
        self.counts[index].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn say(&self, message: Option<String>) {
        *self.message.lock().unwrap_or_else(PoisonError::into_inner) = message.map(Arc::from);
    }

    pub(super) fn set_manifest(&self, manifest: Option<Arc<Manifest>>) {
        *self.manifest.lock().unwrap_or_else(PoisonError::into_inner) = manifest;
    }
}
