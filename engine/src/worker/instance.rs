//! One instance's share of the worker pool: its sounds, its notes, its player's controller. Main thread and workers; the
//! audio thread only in [`BakingInstance::bake_waiting`], when nobody listens.
//!
//! A lock guards the slots; nobody holds it while a note is being made.

mod inner;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use models::{Manifest, SoundPoint};

use super::bake::BakedNote;
use super::generator::SoundRequest;
use super::outbox::Outbox;
use super::pool::WorkerPool;
use super::queue::BakingOrder;
use super::slot::{Mark, Slot};
use super::status::BakeStatus;
use super::timbre::{LiveTimbre, MAX_TIMBRES};
use crate::controller::{Controller, MAX_SOUNDS, PlayerConfig};
use crate::error::Result;
use crate::note::Note;
use crate::realtime::{
    NUM_KEYS, Player, PlayerCounts, SoundChange, TuningTable, VELOCITY_LAYERS, Wish,
};
use inner::Inner;

/// A note to make.
pub(super) struct Job {
    pub(super) wish: Wish,
    pub(super) revision: u64,
    pub(super) request: SoundRequest,
    pub(super) point: Option<Arc<SoundPoint>>,
    pub(super) timbre: [f32; MAX_TIMBRES],
}

/// What came of it.
pub(super) enum Outcome {
    Baked(Baked),
    /// This note cannot be made; others may.
    Refused(String),
    /// Nothing can be made: the model does not load, does not know the sound, or panicked.
    Failed {
        message: String,
        panicked: bool,
    },
}

/// A made note, and what its model says of itself.
pub(super) struct Baked {
    pub(super) note: Arc<Note>,
    pub(super) point: Arc<SoundPoint>,
    pub(super) key_range: [u8; 2],
    pub(super) manifest: Option<Arc<Manifest>>,
}

/// What the handle and the workers share.
pub(super) struct InstanceShared {
    inner: Mutex<Inner>,
    finished: Condvar,
    status: Arc<BakeStatus>,
    timbre: Arc<LiveTimbre>,
}

/// Bakes the notes of one plugin instance in the background. Making one starts no thread and loads no model; the first
/// [`BakingInstance::set_sound`] does, on a worker.
pub struct BakingInstance {
    shared: Arc<InstanceShared>,
    pool: Arc<WorkerPool>,
}

impl BakingInstance {
    /// An instance without a sound.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn new(pool: &Arc<WorkerPool>) -> Self {
        let shared = Arc::new(InstanceShared {
            inner: Mutex::new(Inner {
                controller: None,
                slots: (0..MAX_SOUNDS).map(|_| Slot::new()).collect(),
                order: BakingOrder::new(),
                outbox: Outbox::default(),
                timbre_seen: 0,
                tuning: TuningTable::default(),
                is_tuning_sent: true,
            }),
            finished: Condvar::new(),
            status: Arc::new(BakeStatus::default()),
            timbre: Arc::new(LiveTimbre::default()),
        });
        pool.register(&shared);
        Self {
            shared,
            pool: Arc::clone(pool),
        }
    }

    /// A player that this instance feeds from now on, instead of the one before: for a new sample rate. Notes that are
    /// baked already are in its table when it comes.
    ///
    /// # Errors
    /// As [`crate::new`].
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn new_player(&self, config: &PlayerConfig) -> Result<Player> {
        let (mut controller, mut player) = crate::new(config)?;
        let mut inner = self.shared.lock();
        let inner = &mut *inner;
        inner.outbox.clear();
        for (index, slot) in (0..).zip(&inner.slots) {
            let old = slot.notes(index, false);
            old.for_each(|(wish, note)| inner.outbox.note(wish, note));
        }
        inner.outbox.flush_all(&mut controller, &mut player);
        for (index, slot) in inner.slots.iter().enumerate() {
            if slot.request.is_some() {
                inner.outbox.renewal(index, SoundChange::Replaced);
            }
            let present = slot.notes(index as u8, true);
            present.for_each(|(wish, note)| inner.outbox.note(wish, note));
        }
        inner.outbox.flush_all(&mut controller, &mut player);
        controller.send_tuning(inner.tuning.clone())?;
        player.take_arrivals();
        inner.is_tuning_sent = true;
        inner.controller = Some(controller);
        Ok(player)
    }

    /// Sets the pitch of every key, for the notes that start from the player's next block on; a player that is made later
    /// starts with it.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn set_tuning(&self, tuning: TuningTable) {
        {
            let mut inner = self.shared.lock();
            if inner.tuning == tuning {
                return;
            }
            inner.tuning = tuning;
            inner.is_tuning_sent = false;
            inner.flush();
        }
        self.pool.wake();
    }

    /// Asks for a sound in a slot, or for none; the newest request counts. Baking begins at once, held keys first; slots
    /// beyond [`MAX_SOUNDS`] are ignored. [`SoundChange::Moved`] says that the sound is nearly the one before.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn set_sound(&self, slot: usize, request: Option<SoundRequest>, change: SoundChange) {
        self.set_sound_with_notes(slot, request, change, &[]);
    }

    /// The same for a sound some of whose notes are there already: those that a project kept, or a package brings. They are
    /// in place before any is baked, and are not baked again; of two for one place the later counts, notes of other slots
    /// are left out.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn set_sound_with_notes(
        &self,
        slot: usize,
        request: Option<SoundRequest>,
        change: SoundChange,
        notes: &[BakedNote],
    ) {
        {
            let mut inner = self.shared.lock();
            let Some(entry) = inner.slots.get_mut(slot) else {
                return;
            };
            entry.request = request;
            inner.start_over(slot, change, &self.shared.status);
            let is_of_slot = |baked: &&BakedNote| usize::from(baked.place.slot) == slot;
            for baked in notes.iter().filter(is_of_slot) {
                inner.deliver(&baked.place, Arc::clone(&baked.note), &self.shared.status);
            }
            inner.tell_state(slot, &self.shared.status);
            inner.flush();
            self.shared.status.say(None);
        }
        self.pool.wake();
    }

    /// The notes of a slot's present sound that are baked, for a project to keep.
    ///
    /// # Real-time
    /// Not safe: locks, allocates.
    pub fn baked_notes(&self, slot: usize) -> Vec<BakedNote> {
        let inner = self.shared.lock();
        let entry = inner.slots.get(slot).into_iter();
        entry
            .flat_map(|entry| entry.notes(slot as u8, true))
            .map(|(place, note)| BakedNote { place, note })
            .collect()
    }

    /// Where a slot's sound lies, controls moved, once its model has placed it: what a project saves.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn point(&self, slot: usize) -> Option<Arc<SoundPoint>> {
        self.shared.lock().slots.get(slot)?.point.clone()
    }

    /// Tries again what failed: the file may be there now.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn retry(&self) {
        {
            let mut inner = self.shared.lock();
            for slot in 0..inner.slots.len() {
                if inner.slots[slot].failed {
                    inner.start_over(slot, SoundChange::Moved, &self.shared.status);
                }
            }
            self.shared.status.say(None);
        }
        self.pool.wake();
    }

    /// Controls that the audio thread may move.
    ///
    /// # Real-time
    /// Safe.
    pub fn timbre(&self) -> &Arc<LiveTimbre> {
        &self.shared.timbre
    }

    /// What is baked and what went wrong.
    ///
    /// # Real-time
    /// Safe.
    pub fn status(&self) -> &Arc<BakeStatus> {
        &self.shared.status
    }

    /// What the player could not do as asked; nothing while there is no player.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn counts(&self) -> PlayerCounts {
        let inner = self.shared.lock();
        inner
            .controller
            .as_ref()
            .map(Controller::counts)
            .unwrap_or_default()
    }

    /// Notes and changes that the player has not taken yet.
    ///
    /// # Real-time
    /// Not safe: locks.
    pub fn num_waiting(&self) -> usize {
        let inner = self.shared.lock();
        let in_ring = inner.controller.as_ref().map_or(0, Controller::num_waiting);
        in_ring + inner.outbox.len()
    }

    /// Waits until a note of the slot's present sound is on its way to the player, none can come or the time is over; says
    /// whether it is. Call [`Player::take_arrivals`] then. For hosts that render faster than they play, in the callback or
    /// before it: the one place where an audio thread waits for the model.
    ///
    /// # Real-time
    /// Not safe: waits.
    pub fn bake_waiting(&self, wish: Wish, longest: Duration) -> bool {
        let is_possible = usize::from(wish.slot) < MAX_SOUNDS
            && usize::from(wish.layer) < VELOCITY_LAYERS
            && usize::from(wish.key) < NUM_KEYS;
        if !is_possible {
            return false;
        }
        let end = Instant::now() + longest;
        let mut inner = self.shared.lock();
        inner.look_around(&self.shared);
        inner.order.wish(wish);
        self.pool.wake();
        loop {
            inner.flush_everything();
            let slot = &inner.slots[usize::from(wish.slot)];
            let mark = slot.mark_of(&wish);
            if mark == Mark::Baked {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            let hopeless = slot.request.is_none() || slot.failed || mark == Mark::Refused;
            if hopeless || left.is_zero() {
                return false;
            }
            let waited = self.shared.finished.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl InstanceShared {
    /// A thread that panicked in here left at worst a note that is never made.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after rings and wishes and takes the next note to make: one that was asked for, or any.
    pub(super) fn take_job(&self, only_wishes: bool) -> Option<Job> {
        let mut inner = self.lock();
        inner.look_around(self);
        let wish = inner.next(only_wishes)?;
        let slot = &mut inner.slots[usize::from(wish.slot)];
        slot.mark(&wish, Mark::InWork);
        Some(Job {
            wish,
            revision: slot.revision,
            request: slot.request.clone()?,
            point: slot.point.clone(),
            timbre: self.timbre.values(),
        })
    }

    /// Takes what came of a job.
    pub(super) fn finish(&self, job: &Job, outcome: Outcome) {
        let index = usize::from(job.wish.slot);
        let status = &*self.status;
        let mut inner = self.lock();
        let slot = &mut inner.slots[index];
        if slot.revision != job.revision {
            status.count_dropped();
            return;
        }
        match outcome {
            Outcome::Baked(baked) => {
                slot.point = Some(baked.point);
                if slot.key_range != baked.key_range {
                    slot.key_range = baked.key_range;
                    inner.tell_range(index, status);
                }
                status.set_manifest(baked.manifest);
                status.count_baked();
                inner.deliver(&job.wish, baked.note, status);
            }
            Outcome::Refused(message) => {
                slot.refuse(&job.wish);
                status.count_refused();
                status.set_refused(index, usize::from(job.wish.layer), job.wish.key);
                status.say(Some(message));
            }
            Outcome::Failed { message, panicked } => {
                slot.failed = true;
                if panicked {
                    status.count_panic();
                }
                status.say(Some(message));
            }
        }
        inner.tell_state(index, status);
        inner.flush();
        drop(inner);
        self.finished.notify_all();
    }

    /// Whether any slot plays this model.
    pub(super) fn uses(&self, model_id: &str) -> bool {
        let inner = self.lock();
        let requests = inner.slots.iter().filter_map(|slot| slot.request.as_ref());
        requests
            .into_iter()
            .any(|request| request.model.id() == model_id)
    }
}
