//! What waits to be taken by a player: its note ring is not to be filled with sounds that nobody will hear. Worker threads.
//!
//! While a host does not play, the player takes nothing; changes of the sound then replace each other here.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::controller::Controller;
use crate::note::Note;
use crate::realtime::{Player, SoundChange, Wish};

/// Notes on their way in the ring at once: two keyboards of one layer. The rest waits here.
const MAX_IN_RING: usize = 256;

/// One thing to tell the player.
pub(super) enum Outgoing {
    Note(Wish, Arc<Note>),
    Renewal(usize, SoundChange),
}

/// In order, oldest first.
#[derive(Default)]
pub(super) struct Outbox(VecDeque<Outgoing>);

impl Outbox {
    /// Puts a note at the end.
    pub(super) fn note(&mut self, wish: Wish, note: Arc<Note>) {
        self.0.push_back(Outgoing::Note(wish, note));
    }

    /// Says that a slot changed: what still waits of it is not sent any more.
    pub(super) fn renewal(&mut self, slot: usize, change: SoundChange) {
        let mut change = change;
        self.0.retain(|outgoing| match outgoing {
            Outgoing::Note(wish, _) => usize::from(wish.slot) != slot,
            Outgoing::Renewal(other, earlier) => {
                if *other == slot && *earlier == SoundChange::Replaced {
                    change = SoundChange::Replaced;
                }
                *other != slot
            }
        });
        self.0.push_back(Outgoing::Renewal(slot, change));
    }

    /// What waits.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets everything, for a player that is no more.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Sends what the player is likely to want soon.
    pub(super) fn flush(&mut self, controller: &mut Controller) {
        while controller.num_waiting() < MAX_IN_RING && self.send_first(controller) {}
    }

    /// Sends what the ring takes.
    pub(super) fn flush_until_full(&mut self, controller: &mut Controller) {
        while self.send_first(controller) {}
    }

    /// Sends everything to a player that does not play yet.
    pub(super) fn flush_all(&mut self, controller: &mut Controller, player: &mut Player) {
        while !self.0.is_empty() {
            self.flush_until_full(controller);
            player.take_arrivals();
            controller.collect_trash();
        }
    }

    /// False when nothing was left or the ring is full.
    fn send_first(&mut self, controller: &mut Controller) -> bool {
        let sent = match self.0.front() {
            Some(Outgoing::Note(wish, note)) => controller.send_note(
                usize::from(wish.slot),
                usize::from(wish.layer),
                Arc::clone(note),
            ),
            Some(Outgoing::Renewal(slot, change)) => controller.renew_sound(*slot, *change),
            None => return false,
        };
        if let Err(crate::Error::NoteRingFull { .. }) = sent {
            return false;
        }
        // Slots beyond the player's own are refused; such a note has nowhere to go.
        self.0.pop_front();
        true
    }
}
