//! From an order to a bed that can be played: composed, cast with sounds, baked note by note. Worker threads.

use std::sync::Arc;

use engine::mix::wishes;
use engine::score::compose::{self, Bed, TaggedSound, choose_sounds};
use engine::worker::bake::{self, BakedNote};
use engine::{Note, Wish};
use models::{SoundPoint, SoundRecipe};

use super::network::Network;
use super::order::ScoreOrder;
use super::persisted::Persisted;
use super::settings::{Cast, NUM_PARTS, Settings};
use crate::instrument::placing;
use crate::instrument::sound::Sound;
use crate::model_facts::ModelFacts;
use crate::resources;

/// A bed with all it sounds with.
pub(super) struct Composed {
    /// What was asked for.
    pub(super) order: ScoreOrder,
    /// The score.
    pub(super) bed: Bed,
    /// Names of the sounds, by number of the part.
    pub(super) sounds: [Sound; NUM_PARTS],
    points: Vec<SoundPoint>,
    /// Every note of it.
    pub(super) notes: Vec<BakedNote>,
}

/// A bed whose notes are being made.
pub(super) struct Composing {
    composed: Composed,
    network: Arc<Network>,
    /// Notes that are still to be made, the next one last.
    missing: Vec<Wish>,
    num_notes: usize,
}

impl Composing {
    /// Composes, and takes over from the bed before what sounds the same.
    ///
    /// # Errors
    /// In words for a user.
    pub(super) fn begin(
        order: &ScoreOrder,
        persisted: &Persisted,
        before: Option<&Composed>,
    ) -> Result<Self, String> {
        let settings = persisted.settings();
        let bed =
            compose::compose(&order.bed_settings(&settings)).map_err(|error| error.to_string())?;
        let facts = ModelFacts::of_shipped()?;
        let network = Network::of(&facts)?;
        let sounds = cast(order, &settings, &facts)?;
        keep_cast(order, persisted, &sounds);
        let points: Vec<SoundPoint> = sounds.iter().filter_map(point).collect();
        let wishes = wishes(&bed);
        let num_notes = wishes.len();
        let (mut notes, mut missing) = (Vec::with_capacity(num_notes), Vec::new());
        for wish in wishes {
            match before.and_then(|before| before.note(&wish, &points)) {
                Some(note) => notes.push(BakedNote { place: wish, note }),
                None => missing.push(wish),
            }
        }
        missing.reverse();
        Ok(Self {
            composed: Composed {
                order: *order,
                bed,
                sounds,
                points,
                notes,
            },
            network,
            missing,
            num_notes,
        })
    }

    /// What it is of.
    pub(super) fn order(&self) -> &ScoreOrder {
        &self.composed.order
    }

    /// Notes that are made, and all.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.num_notes - self.missing.len(), self.num_notes)
    }

    /// Whether every note is made.
    pub(super) fn is_done(&self) -> bool {
        self.missing.is_empty()
    }

    /// Makes a few notes.
    ///
    /// # Errors
    /// In words for a user.
    pub(super) fn bake_some(&mut self, most: usize) -> Result<(), String> {
        let mut generator = self.network.lock();
        for _ in 0..most {
            let Some(place) = self.missing.pop() else {
                break;
            };
            let point = &self.composed.points[usize::from(place.slot)];
            let note = bake::note(&mut generator, point, usize::from(place.layer), place.key)
                .map_err(|error| error.to_string())?;
            self.composed.notes.push(BakedNote {
                place,
                note: Arc::new(note),
            });
        }
        Ok(())
    }

    /// The bed, once it is done.
    pub(super) fn finish(self) -> (Composed, Arc<Network>) {
        (self.composed, self.network)
    }
}

impl Composed {
    /// A note that is made already.
    fn note(&self, wish: &Wish, points: &[SoundPoint]) -> Option<Arc<Note>> {
        let part = usize::from(wish.slot);
        if self.points.get(part) != points.get(part) {
            return None;
        }
        let known = self.notes.iter().find(|known| known.place == *wish)?;
        Some(Arc::clone(&known.note))
    }
}

/// A sound for every part, each placed in the model.
fn cast(
    order: &ScoreOrder,
    settings: &Settings,
    facts: &ModelFacts,
) -> Result<[Sound; NUM_PARTS], String> {
    let known = settings
        .cast
        .as_ref()
        .filter(|cast| cast.mood == order.mood && cast.seed == order.seed);
    let is_all_own = settings.sounds.iter().all(Option::is_some);
    let chosen = match known {
        Some(cast) => cast.sounds.clone().map(Some),
        None if is_all_own => Default::default(),
        None => fitting(order)?.map(Some),
    };
    let mut sounds = Vec::with_capacity(NUM_PARTS);
    for (own, chosen) in settings.sounds.iter().zip(chosen) {
        let mut sound = own.clone().or(chosen).ok_or("a part has no sound")?;
        let place = placing::place_of(&sound, &facts.manifest, &facts.fingerprint)
            .map_err(|error| error.to_string())?;
        sound.place = Some(place);
        sounds.push(sound);
    }
    sounds
        .try_into()
        .map_err(|_| "a bed has five parts".to_owned())
}

/// What fits mood and seed, from the sounds that are installed: the command line's choice.
fn fitting(order: &ScoreOrder) -> Result<[Sound; NUM_PARTS], String> {
    let all = resources::named_sounds();
    let tagged: Vec<TaggedSound> = all
        .iter()
        .map(|(name, recipe)| TaggedSound {
            name: name.clone(),
            tags: recipe.tags.clone(),
        })
        .collect();
    let chosen = choose_sounds(&tagged, &order.mood(), order.seed).ok_or(
        "The sounds that belong to the plugin are missing: install Understory.vst3 as a whole",
    )?;
    Ok(chosen.map(|index| Sound::of_recipe(&all[index].1)))
}

/// The next sound for a part after the present one, by name.
pub(super) fn next_sound(present: &Sound) -> Option<Sound> {
    let all = resources::named_sounds();
    let here = all
        .iter()
        .position(|(_, recipe)| recipe.name == present.name);
    let next = here.map_or(0, |here| (here + 1) % all.len().max(1));
    let recipe: &SoundRecipe = all.get(next).map(|(_, recipe)| recipe)?;
    Some(Sound::of_recipe(recipe))
}

/// The project remembers what was chosen: sounds that are installed later do not change it.
fn keep_cast(order: &ScoreOrder, persisted: &Persisted, sounds: &[Sound; NUM_PARTS]) {
    let settings = persisted.settings();
    if settings.sounds.iter().any(Option::is_some) {
        return;
    }
    let cast = Cast {
        mood: order.mood,
        seed: order.seed,
        sounds: sounds.clone(),
    };
    if settings.cast.as_ref() != Some(&cast) {
        persisted.set_cast(order.generation, cast);
    }
}

fn point(sound: &Sound) -> Option<SoundPoint> {
    sound.place.as_ref().map(|place| place.point())
}
