//! The model that is played: where it lies, what it is, what tells it apart. Host main thread and editor; runs no network.
//!
//! A file is read once per process as long as it does not change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use engine::worker::ModelSource;
use models::{Manifest, ModelFile, SoundGenerator};

use crate::resources;

/// What is known of a model without running it.
#[derive(Debug)]
pub(crate) struct ModelFacts {
    path: PathBuf,
    /// The model's own description.
    pub(crate) manifest: Manifest,
    /// SHA-256 of the file, hex.
    pub(crate) fingerprint: String,
}

/// A file as the system lists it: another size or date is another file.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

/// The last model that was read.
static LAST: Mutex<Option<(Seen, Arc<ModelFacts>)>> = Mutex::new(None);

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
        Self::of(&path)
    }

    fn of(path: &Path) -> Result<Arc<Self>, String> {
        let seen = seen(path);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, facts)) = &*last
            && *known == seen
        {
            return Ok(Arc::clone(facts));
        }
        let file = ModelFile::load(path).map_err(|error| error.to_string())?;
        let facts = Arc::new(Self {
            path: path.to_path_buf(),
            fingerprint: file.fingerprint(),
            manifest: file.manifest().clone(),
        });
        *last = Some((seen, Arc::clone(&facts)));
        Ok(facts)
    }

    /// Where baked notes of the first sound lie, if any came with it.
    pub(crate) fn notes_path(&self) -> PathBuf {
        self.path.with_extension("notes")
    }

    /// How workers load it.
    pub(crate) fn source(&self) -> ModelSource {
        let path = self.path.clone();
        ModelSource::of_model(&self.fingerprint, move || load(&path))
    }

    /// Loads it here and now. Worker threads only: it takes a while.
    ///
    /// # Errors
    /// What the model crate refuses.
    pub(crate) fn load(&self) -> models::Result<SoundGenerator> {
        load(&self.path)
    }
}

fn load(path: &Path) -> models::Result<SoundGenerator> {
    resources::announce_runtime_library();
    SoundGenerator::load(path)
}

fn seen(path: &Path) -> Seen {
    let facts = std::fs::metadata(path).ok();
    Seen {
        path: path.to_path_buf(),
        length: facts.as_ref().map_or(0, std::fs::Metadata::len),
        modified: facts.and_then(|facts| facts.modified().ok()),
    }
}
