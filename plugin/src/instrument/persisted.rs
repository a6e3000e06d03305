//! The bridge between the framework's state and ours: parameters and settings in one sealed text. Host main thread.
//!
//! The framework would take any JSON of its shape, parameter by parameter. Here the sealed text alone counts: it holds the
//! parameters too, and when it is not whole nothing at all is taken.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use nice_plug::params::internals::ParamPtr;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::*;
use serde::{Deserialize, Serialize};

use super::kept_notes::KeptNotes;
use super::params::InstrumentParams;
use super::session::Settings;
use super::sound::{Place, Sound};
use crate::state::{self, FIELD, REFUSED, Refusal, Told, plain_value};

/// The text inside the seal.
#[derive(Serialize, Deserialize)]
struct Body {
    parameters: BTreeMap<String, ParamValue>,
    settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<KeptNotes>,
}

/// Whoever plays what is set here. Host main thread.
pub(super) trait Player: Send + Sync {
    /// The notes of these settings, packed.
    fn kept_notes(&self) -> Option<Arc<KeptNotes>>;

    /// A state was loaded, or refused. Frameworks do not tell a plugin that is active already.
    fn state_loaded(&self);
}

/// Parameters and settings of one instance, shared by host, editor and worker.
#[derive(Default)]
pub struct Persisted {
    /// The parameters.
    pub params: InstrumentParams,
    settings: Mutex<Settings>,
    /// Counts changes of the settings, so that others notice without a lock.
    generation: AtomicU64,
    refusal: Mutex<Option<Refusal>>,
    /// The notes that the project brought.
    kept_notes: Mutex<Option<Arc<KeptNotes>>>,
    player: Mutex<Option<Weak<dyn Player>>>,
}

impl Persisted {
    /// A copy of the settings.
    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Changes the settings.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes where a corner's sound lies, unless the settings have changed since `generation`. It changes nothing that
    /// others would have to notice.
    pub(super) fn set_place(&self, generation: u64, corner: usize, sound: &Sound, place: &Place) {
        let mut settings = lock(&self.settings);
        if self.generation() == generation
            && let Some(corner) = settings.corners.get_mut(corner)
        {
            *corner = Some(Sound {
                place: Some(place.clone()),
                ..sound.clone()
            });
        }
    }

    /// The notes that the project brought.
    pub(super) fn kept_notes(&self) -> Option<Arc<KeptNotes>> {
        lock(&self.kept_notes).clone()
    }

    /// Says who plays this from now on.
    pub(super) fn set_player(&self, player: Weak<dyn Player>) {
        *lock(&self.player) = Some(player);
    }

    fn player(&self) -> Option<Arc<dyn Player>> {
        self.player_handle()?.upgrade()
    }

    /// Who plays this, for somebody who will have news.
    pub(super) fn player_handle(&self) -> Option<Weak<dyn Player>> {
        lock(&self.player).clone()
    }

    /// What the project is to keep: fresh notes, or those that it brought as long as nobody made others.
    fn notes_to_keep(&self) -> Option<KeptNotes> {
        if !lock(&self.settings).keeps_notes {
            return None;
        }
        let notes = match self.player() {
            Some(player) => player.kept_notes(),
            None => self.kept_notes(),
        };
        notes.map(|notes| notes.as_ref().clone())
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
            parameters: parameters
                .map(|(id, pointer, _)| (id, plain_value(pointer)))
                .collect(),
            settings: self.settings(),
            notes: self.notes_to_keep(),
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
        *lock(&self.kept_notes) = body.notes.map(Arc::new);
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
        if let Some(player) = self.player() {
            player.state_loaded();
        }
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

fn open(sealed: &str) -> Result<Body, Refusal> {
    let text = state::open(sealed)?;
    let body: Body = serde_json::from_str(&text).map_err(|error| Refusal::of_reader(&error))?;
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

/// What the plugin and its helpers hold.
pub(super) type Shared = Arc<Persisted>;
