//! From what an instance is set to, to notes: asks the pool of workers for the sound of every corner. Host main thread and
//! editor; the workers bake, the audio thread only reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::SoundChange;
use engine::worker::{BakingInstance, SoundBase, SoundRequest, WorkerPool};
use models::SoundRecipe;

use super::corners::Corners;
use super::model_facts::ModelFacts;
use super::persisted::Persisted;
use super::placing;
use super::session::NUM_CORNERS;
use super::sound::{Place, Sound};
use crate::resources;

/// The sound of a new instance.
const FIRST_SOUND: &str = "clearing";
/// Seed of the sound of a new instance whose sounds are missing.
const FIRST_SEED: u32 = 1;

/// The notes of one instance.
pub(super) struct Sounding {
    /// The instance's share of the pool.
    pub(super) baking: BakingInstance,
    asked: Mutex<Asked>,
}

/// What the pool was asked for last.
#[derive(Default)]
struct Asked {
    places: [Option<Place>; NUM_CORNERS],
    model: Option<Arc<ModelFacts>>,
    /// Why nothing could be asked for.
    failure: Option<String>,
}

impl Sounding {
    /// Asks for nothing yet, and starts no thread.
    pub(super) fn new() -> Self {
        Self {
            baking: BakingInstance::new(&WorkerPool::of_the_process()),
            asked: Mutex::default(),
        }
    }

    /// Asks for what the settings say and was not asked for before. A new instance gets its first sound here.
    pub(super) fn follow(&self, persisted: &Persisted, corners: &Corners) {
        if persisted.settings().sound().is_none() {
            persisted.change(|settings| settings.corners[0] = Some(first_sound()));
        }
        let settings = persisted.settings();
        corners.set_present(settings.corners.each_ref().map(Option::is_some));
        corners.set_path(&settings.path);
        let mut asked = self.lock();
        match ModelFacts::of_shipped() {
            Ok(model) => {
                asked.failure = None;
                let is_same = asked
                    .model
                    .as_ref()
                    .is_some_and(|old| old.fingerprint == model.fingerprint);
                if !is_same {
                    asked.places = Default::default();
                }
                asked.model = Some(model);
                self.ask(&mut asked, persisted);
            }
            Err(failure) => asked.failure = Some(failure),
        }
    }

    /// Tries again what failed.
    pub(super) fn retry(&self, persisted: &Persisted, corners: &Corners) {
        self.baking.retry();
        self.follow(persisted, corners);
    }

    /// The model that plays.
    pub(super) fn model(&self) -> Option<Arc<ModelFacts>> {
        self.lock().model.clone()
    }

    /// Why nothing can be baked, in words for a user.
    pub(super) fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    fn ask(&self, asked: &mut Asked, persisted: &Persisted) {
        let Some(model) = asked.model.clone() else {
            return;
        };
        let generation = persisted.generation();
        let settings = persisted.settings();
        for (corner, sound) in settings.corners.iter().enumerate() {
            let placed = sound
                .as_ref()
                .map(|sound| placing::place_of(sound, &model.manifest, &model.fingerprint));
            let place = match placed.transpose() {
                Ok(place) => place,
                Err(error) => {
                    asked.failure = Some(error.to_string());
                    continue;
                }
            };
            if place == asked.places[corner] {
                continue;
            }
            let request = place.as_ref().map(|place| SoundRequest {
                model: model.source(),
                base: SoundBase::Point(place.point()),
                controls: Vec::new(),
            });
            self.baking
                .set_sound(corner, request, SoundChange::Replaced);
            if let (Some(sound), Some(place)) = (sound, &place) {
                persisted.set_place(generation, corner, sound, place.clone());
            }
            asked.places[corner] = place;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sound of a new instance.
pub(super) fn first_sound() -> Sound {
    let files = resources::sound_folders()
        .into_iter()
        .flat_map(|folder| models::sound_files(&folder));
    let is_first =
        |path: &std::path::PathBuf| path.file_stem().is_some_and(|stem| stem == FIRST_SOUND);
    let recipe = files
        .into_iter()
        .find(is_first)
        .and_then(|file| SoundRecipe::load(&file).ok());
    Sound::of_recipe(&recipe.unwrap_or_else(|| SoundRecipe::from_seed(FIRST_SEED)))
}
