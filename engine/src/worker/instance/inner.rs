//! What lies under an instance's lock: its slots, the order of its notes, its player's controller. Worker threads and main
//! thread; makes no notes.

use std::sync::Arc;

use super::super::outbox::Outbox;
use super::super::queue::BakingOrder;
use super::super::slot::Slot;
use super::super::status::{BakeStatus, SlotState};
use super::InstanceShared;
use crate::controller::Controller;
use crate::note::Note;
use crate::realtime::{SoundChange, TuningTable, VELOCITY_LAYERS, Wish};

/// Slots, queue and rings of one instance.
pub(super) struct Inner {
    pub(super) controller: Option<Controller>,
    pub(super) slots: Vec<Slot>,
    pub(super) order: BakingOrder,
    pub(super) outbox: Outbox,
    pub(super) timbre_seen: u32,
    /// What every key is tuned to.
    pub(super) tuning: TuningTable,
    /// False while the player's ring was too full to take it.
    pub(super) is_tuning_sent: bool,
}

impl Inner {
    /// Empties the player's rings, follows the live timbre, sends what waits.
    pub(super) fn look_around(&mut self, shared: &InstanceShared) {
        if let Some(controller) = &mut self.controller {
            controller.collect_trash();
            while let Some(wish) = controller.next_wish() {
                self.order.wish(wish);
            }
        }
        let timbre = shared.timbre.revision();
        if timbre != self.timbre_seen {
            self.timbre_seen = timbre;
            for slot in 0..self.slots.len() {
                if self.slots[slot].request.is_some() {
                    self.start_over(slot, SoundChange::Moved, &shared.status);
                }
            }
        }
        self.flush();
    }

    pub(super) fn next(&mut self, only_wishes: bool) -> Option<Wish> {
        let slots = &self.slots;
        let wished = self
            .order
            .next_wish(|wish| slots[usize::from(wish.slot)].is_missing(wish));
        if wished.is_some() || only_wishes {
            return wished;
        }
        self.order.next_of_the_rest(slots.len(), |wish| {
            slots[usize::from(wish.slot)].is_missing_in_range(wish)
        })
    }

    pub(super) fn start_over(&mut self, index: usize, change: SoundChange, status: &BakeStatus) {
        self.slots[index].start_over();
        self.outbox.renewal(index, change);
        self.tell_range(index, status);
        self.tell_state(index, status);
        self.flush();
    }

    /// Keeps a note of the present revision and sends it.
    pub(super) fn deliver(&mut self, wish: &Wish, note: Arc<Note>, status: &BakeStatus) {
        let index = usize::from(wish.slot);
        let is_possible = usize::from(wish.layer) < VELOCITY_LAYERS && wish.key == note.key();
        let Some(slot) = self.slots.get_mut(index).filter(|_| is_possible) else {
            return;
        };
        slot.keep(wish, Arc::clone(&note));
        status.set_baked(index, usize::from(wish.layer), wish.key);
        self.outbox.note(*wish, note);
    }

    pub(super) fn tell_range(&self, index: usize, status: &BakeStatus) {
        let slot = &self.slots[index];
        if slot.request.is_none() {
            return status.start_over(index, std::iter::empty());
        }
        status.start_over(index, slot.wanted());
        for (wish, _) in slot.notes(index as u8, true) {
            status.set_baked(index, usize::from(wish.layer), wish.key);
        }
    }

    pub(super) fn tell_state(&self, index: usize, status: &BakeStatus) {
        let slot = &self.slots[index];
        let state = match &slot.request {
            None if slot.notes(index as u8, true).next().is_none() => SlotState::Empty,
            None => SlotState::Ready,
            Some(_) if slot.failed => SlotState::Failed,
            Some(_) if slot.is_ready() => SlotState::Ready,
            Some(_) if slot.point.is_some() => SlotState::Baking,
            Some(_) => SlotState::Loading,
        };
        status.set_state(index, state);
    }

    pub(super) fn flush(&mut self) {
        if let Some(controller) = &mut self.controller {
            if !self.is_tuning_sent {
                self.is_tuning_sent = controller.send_tuning(self.tuning.clone()).is_ok();
            }
            self.outbox.flush(controller);
        }
    }

    /// Sends all that the ring holds at most: somebody waits for it.
    pub(super) fn flush_everything(&mut self) {
        if let Some(controller) = &mut self.controller {
            self.outbox.flush_until_full(controller);
        }
    }
}
