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
/// Entries of the table for one slot.
const NOTES_PER_SLOT: usize = VELOCITY_LAYERS * NUM_KEYS;
/// A note of a new sound stands in for keys this near; farther ones rather keep the old sound.
const NEAR_KEYS: i32 = 12;
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

/// What comes by the note ring, in order.
pub(crate) enum Delivery {
    /// A note for its place in the table.
    Note { wish: Wish, ready: Arc<ReadyNote> },
    /// The slot's sound has changed: what the table holds of it is old until it is delivered again.
    Renewal { slot: u8, change: SoundChange },
}

/// How a slot's sound changed; says what a key plays whose new note is not baked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundChange {
    /// Another sound: the nearest new note plays, repitched; where none is within an octave, the key's old one.
    Replaced,
    /// The same sound a little different (a control moved): the key's own old note plays.
    Moved,
}

/// What was taken from the note ring.
pub(super) enum Taken {
    /// A note stands at this place now.
    Note(usize),
    /// The notes of this slot are old now.
    Renewal(usize),
}

/// The ends of the rings that the audio thread holds.
pub(crate) struct PlayerRings {
    pub(crate) notes: Consumer<Delivery>,
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
    /// Whether each entry is of its slot's present sound.
    fresh: Box<[bool]>,
    /// How each slot's sound changed last.
    changes: Box<[SoundChange]>,
    rings: PlayerRings,
    /// Room that the trash ring must keep for what voices hold.
    reserve: usize,
}

impl NoteTable {
    /// An empty table. `reserve` is the count of notes that voices can hold beside it.
    pub(super) fn new(num_sounds: usize, rings: PlayerRings, reserve: usize) -> Self {
        let entries = (0..num_sounds * NOTES_PER_SLOT).map(|_| None).collect();
        Self {
            fresh: (0..num_sounds * NOTES_PER_SLOT).map(|_| false).collect(),
            changes: (0..num_sounds).map(|_| SoundChange::Replaced).collect(),
            entries,
            rings,
            reserve,
        }
    }

    /// Count of sound slots.
    pub(super) fn num_sounds(&self) -> usize {
        self.changes.len()
    }

    /// Takes one delivery from the note ring. A note that replaces another waits there until the trash ring has room for
    /// that one and for all that voices hold.
    pub(super) fn take_delivery(&mut self) -> Option<Taken> {
        if let Delivery::Note { wish, .. } = self.rings.notes.peek().ok()? {
            let place = place_of(wish);
            let replaces = self.entries.get(place).is_none_or(Option::is_some);
            if replaces && self.rings.trash.slots() <= self.reserve {
                return None;
            }
        }
        match self.rings.notes.pop().ok()? {
            Delivery::Note { wish, ready } => {
                let place = place_of(&wish);
                self.put(place, ready);
                Some(Taken::Note(place))
            }
            Delivery::Renewal { slot, change } => {
                self.renew(usize::from(slot), change);
                Some(Taken::Renewal(usize::from(slot)))
            }
        }
    }

    fn put(&mut self, place: usize, ready: Arc<ReadyNote>) {
        match (self.entries.get_mut(place), self.fresh.get_mut(place)) {
            (Some(entry), Some(fresh)) => {
                *fresh = true;
                if let Some(replaced) = entry.replace(ready) {
                    self.throw_away(replaced);
                }
            }
            _ => self.throw_away(ready),
        }
    }

    fn renew(&mut self, slot: usize, change: SoundChange) {
        if let Some(last) = self.changes.get_mut(slot) {
            *last = change;
            self.fresh[slot * NOTES_PER_SLOT..][..NOTES_PER_SLOT].fill(false);
        }
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
        if self.fresh.get(place).is_some_and(|&fresh| fresh) {
            return self.found(place);
        }
        count(&counters.missing_keys);
        self.wish_for(wish);
        let found = self.second_best(wish);
        if found.is_none() {
            count(&counters.silent_notes);
        }
        found
    }

    /// Puts a key on the wish ring.
    pub(super) fn wish_for(&mut self, wish: Wish) {
        // A full wish ring gives the wish back: it holds nothing, so it can be left.
        let _lost = self.rings.wishes.push(wish);
    }

    /// Whether a key would play its own note of the present sound.
    pub(super) fn is_fresh(&self, place: usize) -> bool {
        self.fresh.get(place).is_some_and(|&fresh| fresh)
    }

    fn found(&self, place: usize) -> Option<Found> {
        let ready = Arc::clone(self.at(place)?);
        Some(Found { ready, place })
    }

    /// What plays until the note is baked; see [`SoundChange`].
    fn second_best(&self, wish: Wish) -> Option<Found> {
        let place = place_of(&wish);
        let change = self.changes.get(usize::from(wish.slot))?;
        if *change == SoundChange::Moved && self.at(place).is_some() {
            return self.found(place);
        }
        let old = || self.nearest(wish, NUM_KEYS as i32, |_| true);
        match self.nearest(wish, NEAR_KEYS, |place| self.is_fresh(place)) {
            Some(near) => Some(near),
            None => old(),
        }
    }

    /// The nearest entry within some keys that is one of `those`.
    fn nearest(&self, wish: Wish, farthest: i32, those: impl Fn(usize) -> bool) -> Option<Found> {
        for distance in 0..=farthest {
            for key in [
                i32::from(wish.key) - distance,
                i32::from(wish.key) + distance,
            ] {
                let key = u8::try_from(key).ok().filter(|&key| key < NUM_KEYS as u8);
                if let Some(place) = key.and_then(|key| self.any_layer(wish, key, &those)) {
                    return self.found(place);
                }
            }
        }
        None
    }

    fn any_layer(&self, wish: Wish, key: u8, those: &impl Fn(usize) -> bool) -> Option<usize> {
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
                if self.at(place).is_some() && those(place) {
                    return Some(place);
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

/// The wish that a place of the table answers.
pub(super) fn wish_at(place: usize) -> Wish {
    Wish {
        slot: (place / NOTES_PER_SLOT) as u8,
        layer: (place / NUM_KEYS % VELOCITY_LAYERS) as u8,
        key: (place % NUM_KEYS) as u8,
    }
}

/// Place of a wish in the table.
pub(super) fn place_of(wish: &Wish) -> usize {
    (usize::from(wish.slot) * VELOCITY_LAYERS + usize::from(wish.layer)) * NUM_KEYS
        + usize::from(wish.key)
}
