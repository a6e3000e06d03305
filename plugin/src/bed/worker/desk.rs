//! Where the worker finds its work and leaves word of it. Host main thread, editor and worker; the audio thread only when
//! nobody listens, to wait.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::loudness::Course;
use engine::mix::ahead::Feeder;

use super::super::composing::Composed;
use super::super::live::Live;
use super::super::order::Order;
use super::super::persisted::Persisted;

/// How far the worker is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was asked for yet.
    #[default]
    Resting,
    /// Notes that are made, and all.
    Baking(usize, usize),
    /// The bed plays.
    Done,
    /// It cannot be made, in words for a user.
    Failed(String),
}

/// One per instance.
pub(crate) struct Desk {
    pub(crate) persisted: Arc<Persisted>,
    pub(crate) live: Arc<Live>,
    retries: AtomicU32,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    is_over: bool,
    arrived: Option<(Feeder, u32)>,
    composed: Option<Arc<Composed>>,
    progress: Progress,
    /// Loudness at bed level 0; `None` for silence.
    measured: Option<(Order, Option<Arc<Course>>)>,
}

impl Desk {
    pub(crate) fn new(persisted: Arc<Persisted>, live: Arc<Live>) -> Self {
        Self {
            persisted,
            live,
            retries: AtomicU32::new(0),
            state: Mutex::default(),
            wake: Condvar::new(),
        }
    }

    /// Hands the worker a new way to the callback.
    pub(crate) fn connect(&self, feeder: Feeder, sample_rate_hz: u32) {
        self.lock().arrived = Some((feeder, sample_rate_hz));
        self.wake.notify_all();
    }

    /// Sets the worker to work at once.
    pub(crate) fn wake(&self) {
        self.wake.notify_all();
    }

    /// Tries again what failed.
    pub(crate) fn retry(&self) {
        self.retries.fetch_add(1, Ordering::Release);
        self.wake();
    }

    /// The bed that was composed last.
    pub(crate) fn composed(&self) -> Option<Arc<Composed>> {
        self.lock().composed.clone()
    }

    /// What was measured last, and of what.
    pub(crate) fn measured(&self) -> Option<(Order, Option<Arc<Course>>)> {
        self.lock().measured.clone()
    }

    /// Keeps what was measured.
    pub(crate) fn put_measured(&self, order: Order, loudness: Option<Course>) {
        self.lock().measured = Some((order, loudness.map(Arc::new)));
    }

    /// How far the worker is.
    pub(crate) fn progress(&self) -> Progress {
        self.lock().progress.clone()
    }

    /// Whether nothing more will come.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.lock().progress, Progress::Failed(_))
    }

    pub(super) fn num_retries(&self) -> u32 {
        self.retries.load(Ordering::Acquire)
    }

    pub(super) fn stop(&self) {
        self.lock().is_over = true;
        self.wake.notify_all();
    }

    /// What has arrived; `None` when it is time to end.
    pub(super) fn next(&self) -> Option<Option<(Feeder, u32)>> {
        let mut state = self.lock();
        (!state.is_over).then(|| state.arrived.take())
    }

    pub(super) fn rest(&self, longest: Duration) {
        let state = self.lock();
        if !state.is_over && state.arrived.is_none() {
            let rested = self.wake.wait_timeout(state, longest);
            drop(rested);
        }
    }

    pub(super) fn put(&self, composed: Arc<Composed>) {
        self.lock().composed = Some(composed);
    }

    pub(super) fn tell(&self, (made, all): (usize, usize)) {
        self.lock().progress = Progress::Baking(made, all);
    }

    pub(super) fn done(&self) {
        self.lock().progress = Progress::Done;
    }

    pub(super) fn fail(&self, message: String) {
        self.lock().progress = Progress::Failed(message);
    }

    /// Every field is replaced in one step: whoever panicked left a whole value.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
