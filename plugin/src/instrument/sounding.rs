//! From what an instance is set to, to notes: asks the pool of workers for the sound of every corner. Host main thread and
//! editor; the workers bake, the audio thread only reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::note_pack::NotePack;
use engine::worker::bake::BakedNote;
use engine::worker::{BakingInstance, SoundBase, SoundRequest, WorkerPool};
use engine::{LAYER_VELOCITIES, SoundChange, Wish, layer_of_velocity};
use models::SoundRecipe;

use super::corners::Corners;
use super::kept_notes::{Kept, KeptNotes, MOST_NOTES, Mark};
use super::model_facts::ModelFacts;
use super::persisted::Persisted;
use super::placing;
use super::scale::Scale;
use super::session::{NUM_CORNERS, Settings};
use super::shelf;
use super::sound::{Place, Sound};
use super::trouble::{Trouble, WayOut};
use crate::doctor::{self, Opinion};
use crate::resources;

/// The sound of a new instance.
const FIRST_SOUND: &str = "clearing";
/// Slot of sounds that are pressed on the map.
pub(super) const PREVIEW_SLOT: usize = NUM_CORNERS;
/// The key they are heard with.
const PREVIEW_KEY: u8 = 60;
/// Longest wait for it: a hand does not notice.
const PREVIEW_WAIT: Duration = Duration::from_millis(200);
/// Seed of the sound of a new instance whose sounds are missing.
const FIRST_SEED: u32 = 1;

/// The notes of one instance.
pub(super) struct Sounding {
    /// The instance's share of the pool.
    pub(super) baking: BakingInstance,
    asked: Mutex<Asked>,
    /// What the project kept when it was saved last.
    kept: Mutex<Option<Arc<KeptNotes>>>,
}

/// What the pool was asked for last.
#[derive(Default)]
struct Asked {
    places: [Option<Place>; NUM_CORNERS],
    /// Which corners play the project's own notes, for want of their model.
    is_kept: [bool; NUM_CORNERS],
    model: Option<Arc<ModelFacts>>,
    /// Why nothing could be asked for.
    trouble: Option<Trouble>,
}

impl Sounding {
    /// Asks for nothing yet, and starts no thread.
    pub(super) fn new() -> Self {
        Self {
            baking: BakingInstance::new(&WorkerPool::of_the_process()),
            asked: Mutex::default(),
            kept: Mutex::default(),
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
        let scale = settings.scale.as_ref().map(Scale::table);
        self.baking
            .set_tuning(scale.and_then(Result::ok).unwrap_or_default());
        let model = model_of(&settings, persisted);
        let mut asked = self.lock();
        match model {
            Ok(model) => {
                corners.set_silent(false);
                asked.trouble = None;
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
            Err(trouble) => {
                asked.model = None;
                let all_kept = self.ask_for_kept_alone(&mut asked, persisted);
                corners.set_silent(!all_kept && settings.model.is_some());
                asked.trouble = (!all_kept).then_some(trouble);
            }
        }
    }

    /// Makes a sound ready to be heard on the map, in a slot beside the corners: waits for its middle C. Editor thread.
    pub(super) fn preview(&self, sound: &Sound) {
        let Some(model) = self.model() else {
            return;
        };
        let Ok(place) = placing::place_of(sound, &model.manifest, &model.fingerprint) else {
            return;
        };
        self.baking.set_sound(
            PREVIEW_SLOT,
            Some(request(&model, &place)),
            SoundChange::Replaced,
        );
        let middle = Wish {
            slot: PREVIEW_SLOT as u8,
            layer: layer_of_velocity(LAYER_VELOCITIES[1]) as u8,
            key: PREVIEW_KEY,
        };
        self.baking.bake_waiting(middle, PREVIEW_WAIT);
    }

    /// Waits until the model that the settings name has been examined, if it is being, or the time is over.
    pub(super) fn wait_for_the_doctor(&self, persisted: &Persisted, longest: Duration) {
        let chosen = persisted.settings().model;
        if let Some(facts) = chosen.and_then(|chosen| shelf::find(&chosen).ok()) {
            doctor::wait_for(&facts, longest);
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

    /// The notes that the project is to keep, packed: fresh ones, or those that are known to be as good.
    pub(super) fn kept_notes(&self, persisted: &Persisted) -> Option<Arc<KeptNotes>> {
        let timbre = persisted.params.timbre.slots().map(|slot| slot.value());
        let places = self.lock().places.clone();
        let marks = places.map(|place| place.map(|place| Mark::of(&place, &timbre)));
        let notes: [_; NUM_CORNERS] = std::array::from_fn(|corner| self.baking.baked_notes(corner));
        let num_notes: usize = notes.iter().map(Vec::len).sum();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = [kept.clone(), persisted.kept_notes()];
        let mut known = known.into_iter().flatten();
        // Packing takes a moment, and hosts save often.
        let enough = known.find(|known| {
            let num_known = known.num_notes_for(&marks);
            num_known > 0 && num_known >= num_notes.min(MOST_NOTES)
        });
        *kept = enough.or_else(|| {
            let mut notes = notes.into_iter();
            let corners = marks.map(|mark| {
                let notes = notes.next().unwrap_or_default();
                mark.map(|mark| (mark, notes))
            });
            // Where nothing can be packed, what the project brought is better than nothing.
            KeptNotes::pack(corners)
                .map(Arc::new)
                .or_else(|| persisted.kept_notes())
        });
        kept.clone()
    }

    /// Whether the first corner plays the project's own notes and nothing else.
    pub(super) fn plays_kept_notes(&self) -> bool {
        self.lock().is_kept[0]
    }

    /// What the kept notes added to the project when it was saved last, bytes.
    pub(super) fn kept_bytes(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map_or(0, |kept| kept.size_bytes())
    }

    /// Why nothing can be baked.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.lock().trouble.clone()
    }

    fn ask(&self, asked: &mut Asked, persisted: &Persisted) {
        let Some(model) = asked.model.clone() else {
            return;
        };
        let generation = persisted.generation();
        let settings = persisted.settings();
        let mut kept = Kept::of(persisted.kept_notes());
        for (corner, sound) in settings.corners.iter().enumerate() {
            let saved = sound.as_ref().and_then(|sound| sound.place.as_ref());
            let of_other_model = saved.filter(|place| place.fingerprint != model.fingerprint);
            if let Some(place) = of_other_model
                && kept.has(corner, place)
            {
                self.play_kept(asked, corner, place, &mut kept);
                continue;
            }
            let placed = sound
                .as_ref()
                .map(|sound| placing::place_of(sound, &model.manifest, &model.fingerprint));
            let place = match placed.transpose() {
                Ok(place) => place,
                Err(error) => {
                    asked.trouble = Some(Trouble::new(error.to_string(), WayOut::ChooseModel));
                    continue;
                }
            };
            let was_kept = std::mem::take(&mut asked.is_kept[corner]);
            // Also where it plays already: a project may have brought the sound without its place.
            if let (Some(sound), Some(place)) = (sound, &place) {
                persisted.set_place(generation, corner, sound, place);
            }
            if place == asked.places[corner] && !was_kept {
                continue;
            }
            let request = place.as_ref().map(|place| request(&model, place));
            let mut notes = Vec::new();
            if let Some(place) = &place {
                if corner == 0 {
                    notes.extend(shipped_notes(&model, place));
                }
                notes.extend(kept.notes_of(corner, place));
            }
            self.baking
                .set_sound_with_notes(corner, request, SoundChange::Replaced, &notes);
            asked.places[corner] = place;
        }
    }

    /// Plays what the project kept, where there is no model; says whether every corner that has a sound has notes.
    fn ask_for_kept_alone(&self, asked: &mut Asked, persisted: &Persisted) -> bool {
        let mut kept = Kept::of(persisted.kept_notes());
        let mut all_kept = true;
        for (corner, sound) in persisted.settings().corners.iter().enumerate() {
            let place = sound.as_ref().and_then(|sound| sound.place.as_ref());
            match place.filter(|place| kept.has(corner, place)) {
                Some(place) => self.play_kept(asked, corner, place, &mut kept),
                None => all_kept &= sound.is_none(),
            }
        }
        all_kept
    }

    /// A corner plays the project's own notes, and no others.
    fn play_kept(&self, asked: &mut Asked, corner: usize, place: &Place, kept: &mut Kept) {
        if asked.places[corner].as_ref() != Some(place) {
            let notes = kept.notes_of(corner, place);
            self.baking
                .set_sound_with_notes(corner, None, SoundChange::Replaced, &notes);
            asked.places[corner] = Some(place.clone());
        }
        asked.is_kept[corner] = true;
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model that the settings name, once it may be played. One that nobody has examined is examined first, and the player
/// of the settings told when that is done.
fn model_of(settings: &Settings, persisted: &Persisted) -> Result<Arc<ModelFacts>, Trouble> {
    let Some(chosen) = &settings.model else {
        return ModelFacts::of_shipped().map_err(|words| Trouble::new(words, WayOut::TryAgain));
    };
    let facts = shelf::find(chosen).map_err(|words| Trouble::new(words, WayOut::ChooseModel))?;
    match doctor::opinion(&facts) {
        Opinion::Known(verdict) if verdict.is_usable => return Ok(facts),
        Opinion::Known(verdict) => {
            let words = format!("No sound: {}: {}", chosen.name, verdict.sentence);
            return Err(Trouble::new(words, WayOut::PlayShipped));
        }
        Opinion::Pending => {}
        Opinion::None => {
            let player = persisted.player_handle();
            doctor::examine(&facts, move || {
                if let Some(player) = player.and_then(|player| player.upgrade()) {
                    player.state_loaded();
                }
            });
        }
    }
    let words = format!(
        "{}: being examined before it plays for the first time",
        chosen.name
    );
    Err(Trouble::new(words, WayOut::Wait))
}

/// The notes that come with the model, if they are this sound's: the first key sounds before the network is loaded.
fn shipped_notes(model: &ModelFacts, place: &Place) -> Vec<BakedNote> {
    let first = placing::place_of(&first_sound(), &model.manifest, &model.fingerprint);
    if first.ok().as_ref() != Some(place) {
        return Vec::new();
    }
    let label = format!("{} {FIRST_SOUND}", model.fingerprint);
    let bytes = std::fs::read(model.notes_path()).ok();
    let pack = bytes.and_then(|bytes| NotePack::from_bytes(&bytes).ok());
    pack.filter(|pack| pack.label == label)
        .map_or_else(Vec::new, |pack| pack.notes)
}

fn request(model: &ModelFacts, place: &Place) -> SoundRequest {
    SoundRequest {
        model: model.source(),
        base: SoundBase::Point(place.point()),
        controls: Vec::new(),
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
