//! The note table of the audio thread: which baked note answers a key, and how notes arrive and leave. Audio thread.
//!
//! Notes come by the *note ring* and are never freed here: a note that the table or a voice lets go travels back on the
//! *trash ring*. A note still in the table can be let go by a voice without that, for the table keeps it alive.

use std::sync::Arc;

use rtrb::{Consumer, Producer};

use super::NoiseBins;
use super::counters::{Counters, count};
use crate::note::Note;

/// MIDI keys.
pub const NUM_KEYS: usize = 128;
/// Velocity layers of a sound.
pub const VELOCITY_LAYERS: usize = 3;
/// Velocity that each layer is baked at.
pub const LAYER_VELOCITIES: [f32; VELOCITY_LAYERS] = [0.3, 0.6, 0.9];

/// The layer whose baked velocity is nearest (the upper one half way between).
///
/// # Real-time
/// Safe.
pub fn layer_of_velocity(velocity: f32) -> usize {
    let boundaries = [
        0.5 * (LAYER_VELOCITIES[0] + LAYER_VELOCITIES[1]),
        0.5 * (LAYER_VELOCITIES[1] + LAYER_VELOCITIES[2]),
    ];
    boundaries
        .iter()
        .filter(|&&boundary| velocity >= boundary)
        .count()
}

/// A key that was played but not baked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Slot of the note table.
    pub slot: u8,
    /// Velocity layer.
    pub layer: u8,
    /// MIDI key.
    pub key: u8,
}

/// A note and what this player's sample rate makes of its noise bands.
pub(crate) struct ReadyNote {
    pub(crate) note: Arc<Note>,
    pub(crate) bins: Arc<NoiseBins>,
}

/// A note on its way to the table.
pub(crate) struct Arrival {
    pub(crate) wish: Wish,
    pub(crate) ready: Arc<ReadyNote>,
}

/// The ends of the rings that the audio thread holds.
pub(crate) struct PlayerRings {
    pub(crate) notes: Consumer<Arrival>,
    pub(crate) trash: Producer<Arc<ReadyNote>>,
    pub(crate) wishes: Producer<Wish>,
}

/// What a key got.
pub(super) struct Found {
    pub(super) ready: Arc<ReadyNote>,
    /// Where it stands in the table.
    pub(super) place: usize,
}

/// `[slots, layers, keys]`, row-major, of ready notes.
pub(super) struct NoteTable {
    entries: Box<[Option<Arc<ReadyNote>>]>,
    rings: PlayerRings,
    /// Room that the trash ring must keep for what voices hold.
    reserve: usize,
}

impl NoteTable {
    /// An empty table. `reserve` is the count of notes that voices can hold beside it.
    pub(super) fn new(num_sounds: usize, rings: PlayerRings, reserve: usize) -> Self {
        let entries = (0..num_sounds * VELOCITY_LAYERS * NUM_KEYS)
            .map(|_| None)
            .collect();
        Self {
            entries,
            rings,
            reserve,
        }
    }

    /// Count of sound slots.
    pub(super) fn num_sounds(&self) -> usize {
        self.entries.len() / (VELOCITY_LAYERS * NUM_KEYS)
    }

    /// Takes one note from the note ring; gives the place where it now stands. A note that replaces another waits in its
    /// ring until the trash ring has room for that one and for all that voices hold.
    pub(super) fn take_arrival(&mut self) -> Option<usize> {
        let place = place_of(&self.rings.notes.peek().ok()?.wish);
        let replaces = self.entries.get(place).is_none_or(|entry| entry.is_some());
        if replaces && self.rings.trash.slots() <= self.reserve {
            return None;
        }
        let arrival = self.rings.notes.pop().ok()?;
        match self.entries.get_mut(place) {
            Some(entry) => {
                if let Some(replaced) = entry.replace(arrival.ready) {
                    self.throw_away(replaced);
                }
            }
            None => self.throw_away(arrival.ready),
        }
        Some(place)
    }

    /// The note at a place.
    pub(super) fn at(&self, place: usize) -> Option<&Arc<ReadyNote>> {
        self.entries.get(place).and_then(Option::as_ref)
    }

    /// Lets go a note that a voice held; `place` is where the voice found it.
    pub(super) fn let_go(&mut self, ready: Arc<ReadyNote>, place: usize) {
        let still_here = self
            .at(place)
            .is_some_and(|entry| Arc::ptr_eq(entry, &ready));
        if !still_here {
            self.throw_away(ready);
        }
    }

    /// The note for a key: itself, the same key in another layer, or the nearest key (the lower one of two). A key that
    /// is not ready is put on the wish ring; when that is full the wish is lost until the key is struck again.
    pub(super) fn find(&mut self, wish: Wish, counters: &Counters) -> Option<Found> {
        let place = place_of(&wish);
        if let Some(ready) = self.at(place) {
            return Some(Found {
                ready: Arc::clone(ready),
                place,
            });
        }
        count(&counters.missing_keys);
        // A full wish ring gives the wish back: it holds nothing, so it can be left.
        let _lost = self.rings.wishes.push(wish);
        let found = self.nearest(wish);
        if found.is_none() {
            count(&counters.silent_notes);
        }
        found
    }

    fn nearest(&self, wish: Wish) -> Option<Found> {
        for distance in 0..NUM_KEYS as i32 {
            for key in [
                i32::from(wish.key) - distance,
                i32::from(wish.key) + distance,
            ] {
                if let Some(found) = u8::try_from(key)
                    .ok()
                    .filter(|&key| key < 128)
                    .and_then(|key| self.any_layer(wish, key))
                {
                    return Some(found);
                }
            }
        }
        None
    }

    fn any_layer(&self, wish: Wish, key: u8) -> Option<Found> {
        for distance in 0..VELOCITY_LAYERS as i32 {
            for layer in [
                i32::from(wish.layer) - distance,
                i32::from(wish.layer) + distance,
            ] {
                let layer = u8::try_from(layer)
                    .ok()
                    .filter(|&layer| usize::from(layer) < VELOCITY_LAYERS);
                let Some(layer) = layer else { continue };
                let place = place_of(&Wish { layer, key, ..wish });
                if let Some(ready) = self.at(place) {
                    return Some(Found {
                        ready: Arc::clone(ready),
                        place,
                    });
                }
            }
        }
        None
    }

    /// The reserve guarantees room. Should it ever fail, the note is leaked rather than freed on this thread.
    fn throw_away(&mut self, ready: Arc<ReadyNote>) {
        if let Err(rtrb::PushError::Full(ready)) = self.rings.trash.push(ready) {
            std::mem::forget(ready);
        }
    }
}

/// Place of a wish in the table.
pub(super) fn place_of(wish: &Wish) -> usize {
    (usize::from(wish.slot) * VELOCITY_LAYERS + usize::from(wish.layer)) * NUM_KEYS
        + usize::from(wish.key)
}
