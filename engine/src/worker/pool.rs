//! The workers of a process: a few threads that bake for all instances, each with its own session per model.
//!
//! A model that fails or panics becomes a state of the instance that asked; the worker goes on. The threads end when the
//! last handle to the pool is dropped; what the ONNX library needs to start only once per process outlives them in `models`.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use models::Manifest;

use super::generator::{ModelSource, NoteGenerator};
use super::instance::{Baked, InstanceShared, Job, Outcome};
use crate::error::{Error, Result};

/// How often the players' rings are looked at when there is nothing to bake: the audio thread cannot wake a worker
/// without a system call.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(4);
/// Most threads of a pool.
const MAX_THREADS: usize = 8;

/// A pool of workers; nothing runs until an instance asks for a sound.
pub struct WorkerPool {
    shared: Arc<PoolShared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    num_threads: usize,
}

#[derive(Default)]
struct PoolShared {
    state: Mutex<PoolState>,
    wake: Condvar,
}

#[derive(Default)]
struct PoolState {
    instances: Vec<Weak<InstanceShared>>,
    stop: bool,
}

/// The pool of this process; gone when nobody holds it.
static OF_THE_PROCESS: Mutex<Weak<WorkerPool>> = Mutex::new(Weak::new());

impl WorkerPool {
    /// A pool of its own, 1..=8 threads.
    ///
    /// # Errors
    /// [`Error::Request`] for another number.
    pub fn new(num_threads: usize) -> Result<Arc<Self>> {
        if !(1..=MAX_THREADS).contains(&num_threads) {
            return Err(Error::request(
                "number of workers",
                num_threads,
                format!("choose 1 to {MAX_THREADS}"),
            ));
        }
        Ok(Arc::new(Self {
            shared: Arc::default(),
            threads: Mutex::default(),
            num_threads,
        }))
    }

    /// The pool that all instances of this process share: one thread, so that a host keeps its cores. It bakes a keyboard
    /// of three layers in little more than a second.
    pub fn of_the_process() -> Arc<Self> {
        let mut slot = lock(&OF_THE_PROCESS);
        if let Some(pool) = slot.upgrade() {
            return pool;
        }
        let pool = Arc::new(Self {
            shared: Arc::default(),
            threads: Mutex::default(),
            num_threads: 1,
        });
        *slot = Arc::downgrade(&pool);
        pool
    }

    pub(super) fn register(&self, instance: &Arc<InstanceShared>) {
        let mut state = lock(&self.shared.state);
        state
            .instances
            .retain(|instance| instance.strong_count() > 0);
        state.instances.push(Arc::downgrade(instance));
    }

    /// Sets the workers to work; starts those that do not run.
    pub(super) fn wake(&self) {
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        for _ in threads.len()..self.num_threads {
            let shared = Arc::clone(&self.shared);
            let thread = thread::Builder::new()
                .name("understory-bake".into())
                .spawn(move || work(&shared));
            // A system without threads to spare: the sound stays in its loading state, and the next request tries again.
            threads.extend(thread);
        }
        drop(threads);
        self.shared.wake.notify_all();
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        lock(&self.shared.state).stop = true;
        self.shared.wake.notify_all();
        for thread in lock(&self.threads).drain(..) {
            // A worker that ended by a panic has nothing left to tell.
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(shared: &PoolShared) {
    let mut desk = Desk::default();
    for turn in 0.. {
        let Some(instances) = shared.instances() else {
            return;
        };
        match next_job(&instances, turn) {
            Some((instance, job)) => instance.finish(&job, desk.make(&job)),
            None => {
                desk.put_away_unused(&instances);
                drop(instances);
                shared.rest();
            }
        }
    }
}

/// Wishes of all instances before the rest of any; each turn another instance is asked first.
fn next_job(instances: &[Arc<InstanceShared>], turn: usize) -> Option<(&Arc<InstanceShared>, Job)> {
    for only_wishes in [true, false] {
        for offset in 0..instances.len() {
            let instance = &instances[(turn + offset) % instances.len()];
            if let Some(job) = instance.take_job(only_wishes) {
                return Some((instance, job));
            }
        }
    }
    None
}

impl PoolShared {
    /// The instances that are alive; `None` when it is time to stop.
    fn instances(&self) -> Option<Vec<Arc<InstanceShared>>> {
        let state = lock(&self.state);
        let alive = || state.instances.iter().filter_map(Weak::upgrade).collect();
        (!state.stop).then(alive)
    }

    fn rest(&self) {
        let state = lock(&self.state);
        if !state.stop {
            let rested = self.wake.wait_timeout(state, LOOK_AGAIN_AFTER);
            drop(rested);
        }
    }
}

/// The models that one worker has loaded, by id.
#[derive(Default)]
struct Desk(HashMap<String, Loaded>);

struct Loaded {
    generator: Box<dyn NoteGenerator>,
    manifest: Option<Arc<Manifest>>,
}

impl Desk {
    /// Makes a note; whatever the model does, an outcome comes back.
    fn make(&mut self, job: &Job) -> Outcome {
        let made = catch_unwind(AssertUnwindSafe(|| self.try_make(job)));
        made.unwrap_or_else(|panic| {
            let id = job.request.model.id();
            // What panicked once is in an unknown state, and may panic again when it is dropped.
            let removed = self.0.remove(id);
            let _ = catch_unwind(AssertUnwindSafe(|| drop(removed)));
            Outcome::Failed {
                message: format!(
                    "model {id} broke down ({}); notes baked so far go on sounding, choose another sound or model",
                    panic_text(&*panic)
                ),
                panicked: true,
            }
        })
    }

    fn try_make(&mut self, job: &Job) -> Outcome {
        let failed = |error: Error| Outcome::Failed {
            message: in_words(&error),
            panicked: false,
        };
        let loaded = match self.loaded(&job.request.model) {
            Ok(loaded) => loaded,
            Err(error) => return failed(error),
        };
        let point = match &job.point {
            Some(point) => Arc::clone(point),
            None => match loaded.generator.point(&job.request, &job.timbre) {
                Ok(point) => Arc::new(point),
                Err(error) => return failed(error),
            },
        };
        let layer = usize::from(job.wish.layer);
        match loaded.generator.note(&point, layer, job.wish.key) {
            Ok(note) => Outcome::Baked(Baked {
                note: Arc::new(note),
                point,
                key_range: loaded.generator.key_range(),
                manifest: loaded.manifest.clone(),
            }),
            Err(error) => Outcome::Refused(in_words(&error)),
        }
    }

    fn loaded(&mut self, model: &ModelSource) -> Result<&mut Loaded> {
        match self.0.entry(model.id().to_owned()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let generator = model.load()?;
                let manifest = generator.manifest().cloned().map(Arc::new);
                Ok(entry.insert(Loaded {
                    generator,
                    manifest,
                }))
            }
        }
    }

    /// Sessions that no instance plays any more.
    fn put_away_unused(&mut self, instances: &[Arc<InstanceShared>]) {
        self.0
            .retain(|id, _| instances.iter().any(|instance| instance.uses(id)));
    }
}

/// An error with its causes, as one line.
fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
