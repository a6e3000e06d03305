//! The network that all beds of a process share: loaded by the first worker that needs it, gone with the last. Worker
//! threads only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use models::SoundGenerator;

use crate::model_facts::ModelFacts;

/// A loaded model.
pub(super) struct Network {
    /// SHA-256 of its file.
    fingerprint: String,
    generator: Mutex<SoundGenerator>,
}

/// The last one loaded.
static OF_THE_PROCESS: Mutex<Weak<Network>> = Mutex::new(Weak::new());

impl Network {
    /// The network of these facts. While one worker loads it others wait.
    ///
    /// # Errors
    /// In words for a user.
    pub(super) fn of(facts: &ModelFacts) -> Result<Arc<Self>, String> {
        let mut slot = lock(&OF_THE_PROCESS);
        if let Some(network) = slot.upgrade()
            && network.fingerprint == facts.fingerprint
        {
            return Ok(network);
        }
        let generator = facts.load().map_err(|error| error.to_string())?;
        let network = Arc::new(Self {
            fingerprint: facts.fingerprint.clone(),
            generator: Mutex::new(generator),
        });
        *slot = Arc::downgrade(&network);
        Ok(network)
    }

    /// The network, for a few notes; other beds wait meanwhile.
    pub(super) fn lock(&self) -> MutexGuard<'_, SoundGenerator> {
        lock(&self.generator)
    }

    /// Nobody gets the present one any more: it has panicked.
    pub(super) fn give_up() {
        *lock(&OF_THE_PROCESS) = Weak::new();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
