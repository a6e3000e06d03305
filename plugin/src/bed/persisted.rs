//! The bridge between the framework's state and ours: parameters and settings in one sealed text, as the instrument's. Host
//! main thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nice_plug::params::internals::ParamPtr;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::*;
use serde::{Deserialize, Serialize};

use super::params::BedParams;
use super::settings::{Cast, Settings};
use crate::state::{self, FIELD, REFUSED, Refusal, Told, plain_value};

/// What a text of ours says first, so that the instrument's is told from it.
const KIND: &str = "bed";

/// The text inside the seal.
#[derive(Serialize, Deserialize)]
struct Body {
    kind: String,
    parameters: BTreeMap<String, ParamValue>,
    settings: Settings,
}

/// Parameters and settings of one instance, shared by host, editor and worker.
#[derive(Default)]
pub struct Persisted {
    /// The parameters.
    pub params: BedParams,
    settings: Mutex<Settings>,
    /// Counts changes of the settings, so that others notice without a lock.
    generation: AtomicU64,
    refusal: Mutex<Option<Refusal>>,
}

impl Persisted {
    /// A copy of the settings.
    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Changes the settings: the bed is composed anew.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes what nobody has to compose anew for.
    pub(super) fn note(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
    }

    /// Notes which sounds were chosen, unless the settings have changed since.
    pub(super) fn set_cast(&self, generation: u64, cast: Cast) {
        let mut settings = lock(&self.settings);
        if self.generation() == generation {
            settings.cast = Some(cast);
        }
    }

    /// How often the settings changed.
    ///
    /// # Real-time
    /// Safe.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Why the last state was not taken; `None` when it was.
    pub fn refusal(&self) -> Option<Refusal> {
        lock(&self.refusal).clone()
    }

    /// Everything that a project keeps, as one sealed text.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when it cannot be written as text.
    pub fn sealed(&self) -> Result<String, Refusal> {
        let parameters = self.params.param_map().into_iter();
        let body = Body {
            kind: KIND.to_owned(),
            parameters: parameters
                .map(|(id, pointer, _)| (id, plain_value(pointer)))
                .collect(),
            settings: self.settings(),
        };
        let body = serde_json::to_string(&body).map_err(|error| Refusal::of_reader(&error))?;
        state::seal(body)
    }

    /// Takes the settings of a sealed text, or nothing of it; the parameters in it are the framework's to set.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn take(&self, sealed: &str) -> Result<(), Refusal> {
        let body = open(sealed)?;
        self.change(|settings| *settings = body.settings);
        Ok(())
    }
}

// SAFETY: the parameters lie in this struct, which the framework keeps in an `Arc` for as long as it uses the pointers.
unsafe impl Params for Persisted {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        self.params.param_map()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        let sealed = self.sealed().ok();
        sealed
            .into_iter()
            .map(|sealed| (FIELD.to_owned(), sealed))
            .collect()
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        let taken = match (fields.get(FIELD), fields.get(REFUSED)) {
            (Some(sealed), _) => self.take(sealed),
            (None, Some(reason)) => {
                Err(serde_json::from_str::<Told>(reason).map_or(Refusal::Foreign, Refusal::from))
            }
            (None, None) => Err(Refusal::Foreign),
        };
        *lock(&self.refusal) = taken.err();
    }
}

/// Puts the sealed parameters in the place of the open ones, or takes everything out and says why.
pub(super) fn filter(state: &mut PluginState) {
    let opened = state.fields.get(FIELD).ok_or(Refusal::Foreign);
    match opened.and_then(|sealed| open(sealed)) {
        Ok(body) => state.params = body.parameters,
        Err(refusal) => {
            state.params.clear();
            state.fields.clear();
            if let Ok(reason) = serde_json::to_string(&Told::from(&refusal)) {
                state.fields.insert(REFUSED.to_owned(), reason);
            }
        }
    }
}

/// Enough of a text to know whose it is.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
}

fn open(sealed: &str) -> Result<Body, Refusal> {
    let text = state::open(sealed)?;
    let damaged = |error: serde_json::Error| Refusal::of_reader(&error);
    let head: Head = serde_json::from_str(&text).map_err(damaged)?;
    if head.kind.as_deref() != Some(KIND) {
        return Err(Refusal::Foreign);
    }
    let body: Body = serde_json::from_str(&text).map_err(damaged)?;
    if body.settings.is_sane() {
        Ok(body)
    } else {
        Err(Refusal::Damaged("a number is out of reach".to_owned()))
    }
}

/// Whoever panicked while holding one of these left a whole value: it is replaced in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the plugin and its worker hold.
pub(super) type Shared = Arc<Persisted>;
