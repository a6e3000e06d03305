//! The models that can be chosen: shipped ones, the user's own, and the one that a project names. Read on a thread of its
//! own, for a folder of large files takes a while; the editor sees what is read so far.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model_facts::{ModelFacts, Unfit};
use crate::resources;

/// A model that a project names. Settings without one play the newest that came with the plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenModel {
    /// Its name, for people.
    pub name: String,
    /// SHA-256 of its file, hex: what it is found by.
    pub fingerprint: String,
    /// Where it lay when it was chosen.
    pub file: String,
}

/// A model file of the shelf.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// What it is, or why it is none.
    pub(super) facts: Result<Arc<ModelFacts>, String>,
}

/// What the thread has read.
static READ: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// Reads the folders again, on a thread of its own; `told` is called when that is done.
pub(super) fn refresh(told: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name("understory-shelf".into());
    // A system without threads to spare shows what was read before.
    let _ = thread.spawn(move || {
        let entries = model_files().into_iter().filter_map(entry_of).collect();
        *READ.lock().unwrap_or_else(PoisonError::into_inner) = entries;
        told();
    });
}

/// What was read last, shipped models first.
pub(super) fn entries() -> Vec<Entry> {
    READ.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// One file as an entry; `None` for models of pictures, which are no business of the instrument's.
pub(super) fn entry_of(path: PathBuf) -> Option<Entry> {
    let facts = match ModelFacts::of_file(&path) {
        Ok(facts) => Ok(facts),
        Err(Unfit::Picture) => return None,
        Err(Unfit::Broken(words)) => Err(words),
    };
    Some(Entry { path, facts })
}

/// A chosen model: where it lay, else the file of either folder that is the same to the byte.
///
/// # Errors
/// In words for a user, when it is nowhere.
pub(super) fn find(chosen: &ChosenModel) -> Result<Arc<ModelFacts>, String> {
    let known = PathBuf::from(&chosen.file);
    let candidates = std::iter::once(known).chain(model_files());
    let facts = candidates.filter_map(|path| ModelFacts::of_file(&path).ok());
    let is_chosen = |facts: &Arc<ModelFacts>| facts.fingerprint == chosen.fingerprint;
    let mut same = facts.filter(is_chosen);
    same.next().ok_or_else(|| {
        let file = Path::new(&chosen.file).file_name().unwrap_or_default();
        format!(
            "No sound: the model {} of this project ({}) is not here",
            chosen.name,
            file.display()
        )
    })
}

impl ChosenModel {
    /// The choice of a model.
    pub(super) fn of(facts: &ModelFacts) -> Self {
        Self {
            name: facts.manifest.name.clone(),
            fingerprint: facts.fingerprint.clone(),
            file: facts.path().to_string_lossy().into_owned(),
        }
    }
}

fn model_files() -> Vec<PathBuf> {
    let folders = [resources::models_folder(), resources::user_models_folder()];
    let folders = folders.into_iter().flatten();
    folders
        .flat_map(|folder| models::model_files(&folder))
        .collect()
}
