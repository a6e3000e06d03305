//! The model that is played: where it lies, what it is, what tells it apart. Host main thread and editor; runs no network.
//!
//! A file is read once per process as long as it does not change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use engine::worker::ModelSource;
use models::{AnyModelFile, Manifest, ModelFile, SoundGenerator};

use crate::resources;

/// Models that are remembered; beyond that the one read first is forgotten.
const MOST_REMEMBERED: usize = 32;

/// What is known of a model without running it.
#[derive(Debug)]
pub(crate) struct ModelFacts {
    path: PathBuf,
    /// The model's own description.
    pub(crate) manifest: Manifest,
    /// SHA-256 of the file, hex.
    pub(crate) fingerprint: String,
    /// Size of the file.
    pub(crate) num_bytes: usize,
}

/// A file as the system lists it: another size or date is another file.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

type Read = Result<Arc<ModelFacts>, Unfit>;

/// Why a file is no model that can be played, in words for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A model of another kind, and a good one.
    Picture,
    /// Not to be read, damaged, foreign.
    Broken(String),
}

impl Unfit {
    /// The whole sentence.
    pub(crate) fn in_words(self, path: &Path) -> String {
        match self {
            Self::Picture => format!("{}: this model paints pictures", path.display()),
            Self::Broken(words) => words,
        }
    }
}

/// The files that were read last, newest last.
static REMEMBERED: Mutex<Vec<(Seen, Read)>> = Mutex::new(Vec::new());

impl ModelFacts {
    /// The newest shipped model.
    ///
    /// # Errors
    /// In words for a user: no folder, no model, a broken one.
    pub(crate) fn of_shipped() -> Result<Arc<Self>, String> {
        let folder = resources::models_folder().ok_or(
            "The models that belong to the plugin are missing: install Understory.vst3 as a whole",
        )?;
        let path = models::newest_sound_model(&folder).ok_or_else(|| {
            format!(
                "{}: no sound model here: install Understory.vst3 as a whole",
                folder.display()
            )
        })?;
        Self::of_file(&path).map_err(|unfit| unfit.in_words(&path))
    }

    /// A model file: read, its manifest checked, its network looked through without running it.
    ///
    /// # Errors
    /// [`Unfit`].
    pub(crate) fn of_file(path: &Path) -> Read {
        let seen = seen(path);
        if let Some(known) = remembered(&seen) {
            return known;
        }
        let read = read(path);
        let mut all = REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _)| known.path != seen.path);
        if all.len() >= MOST_REMEMBERED {
            drop(all.remove(0));
        }
        all.push((seen, read.clone()));
        read
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it came with the plugin.
    pub(crate) fn is_shipped(&self) -> bool {
        let folder = resources::models_folder();
        folder.is_some_and(|folder| self.path.parent() == Some(&folder))
    }

    /// Where baked notes of the first sound lie, if any came with it.
    pub(crate) fn notes_path(&self) -> PathBuf {
        self.path.with_extension("notes")
    }

    /// How workers load it.
    pub(crate) fn source(&self) -> ModelSource {
        let (path, fingerprint) = (self.path.clone(), self.fingerprint.clone());
        ModelSource::of_model(&self.fingerprint, move || load(&path, &fingerprint))
    }

    /// Loads it here and now. Worker threads only: it takes a while.
    ///
    /// # Errors
    /// What the model crate refuses.
    pub(crate) fn load(&self) -> models::Result<SoundGenerator> {
        load(&self.path, &self.fingerprint)
    }
}

fn remembered(seen: &Seen) -> Option<Read> {
    let all = REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = all.iter().find(|(known, _)| known == seen);
    found.map(|(_, read)| read.clone())
}

fn read(path: &Path) -> Read {
    let broken = |error: models::Error| Unfit::Broken(error.to_string());
    let AnyModelFile::Sound(file) = AnyModelFile::load(path).map_err(broken)? else {
        return Err(Unfit::Picture);
    };
    let facts = file.graph_facts().map_err(broken)?;
    if !facts.foreign_operators.is_empty() {
        let names: Vec<_> = facts.foreign_operators.iter().map(String::as_str).collect();
        return Err(Unfit::Broken(format!(
            "{}: needs operators that are not part of ONNX ({}); export it with standard operators",
            path.display(),
            names.join(", ")
        )));
    }
    Ok(Arc::new(facts_of(&file)))
}

fn facts_of(file: &ModelFile) -> ModelFacts {
    ModelFacts {
        path: file.path().to_path_buf(),
        fingerprint: file.fingerprint(),
        manifest: file.manifest().clone(),
        num_bytes: file.num_bytes(),
    }
}

fn load(path: &Path, fingerprint: &str) -> models::Result<SoundGenerator> {
    resources::announce_runtime_library();
    SoundGenerator::load_only(path, fingerprint)
}

fn seen(path: &Path) -> Seen {
    let facts = std::fs::metadata(path).ok();
    Seen {
        path: path.to_path_buf(),
        length: facts.as_ref().map_or(0, std::fs::Metadata::len),
        modified: facts.and_then(|facts| facts.modified().ok()),
    }
}
