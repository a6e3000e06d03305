//! Baking for one instance: a thread that loads the model, paints the notes of the current sound, wanted and near keys
//! first, and sends them to the player. What is ready can be asked without a lock.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use engine::worker::bake;
use engine::{Controller, VELOCITY_LAYERS, Wish};
use models::{SoundGenerator, SoundPoint, SoundRecipe};

use super::persisted::Shared;
use super::placing;
use super::sound::Sound;
use crate::resources;

/// The sound of a new instance.
const FIRST_SOUND: &str = "clearing";
/// Keys that are baked without being asked for.
const BAKED_KEYS: std::ops::RangeInclusive<u8> = 24..=96;
/// Baking starts here and goes outwards.
const MIDDLE_KEY: u8 = 60;
/// The layer that is baked first: that of a usual stroke.
const MIDDLE_LAYER: usize = 1;
/// Between two looks at what is asked.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(2);
/// How many ready notes make a head start.
const SOME_NOTES: u32 = 24;

/// Which notes of the current sound are ready. Written by the baker, read by any thread.
#[derive(Default)]
pub(super) struct Baked {
    ready: [KeySet; VELOCITY_LAYERS],
    wanted: [KeySet; VELOCITY_LAYERS],
    failed: AtomicBool,
    message: Mutex<Option<String>>,
}

/// A set of MIDI keys that threads share.
#[derive(Default)]
struct KeySet([AtomicU64; 2]);

impl KeySet {
    fn add(&self, key: u8) {
        self.0[usize::from(key >> 6) & 1].fetch_or(1 << (key & 63), Ordering::AcqRel);
    }

    fn has(&self, key: u8) -> bool {
        self.0[usize::from(key >> 6) & 1].load(Ordering::Acquire) & (1 << (key & 63)) != 0
    }

    fn take_first(&self) -> Option<u8> {
        let key = (0..128).find(|&key| self.has(key))?;
        self.0[usize::from(key >> 6) & 1].fetch_and(!(1 << (key & 63)), Ordering::AcqRel);
        Some(key)
    }

    fn clear(&self) {
        self.0
            .iter()
            .for_each(|half| half.store(0, Ordering::Release));
    }

    fn len(&self) -> u32 {
        let halves = self.0.iter();
        halves
            .map(|half| half.load(Ordering::Acquire).count_ones())
            .sum()
    }
}

impl Baked {
    /// Whether the note was sent to the player.
    pub(super) fn is_ready(&self, layer: usize, key: u8) -> bool {
        self.ready[layer].has(key)
    }

    /// Asks for a note before all others.
    pub(super) fn want(&self, layer: usize, key: u8) {
        self.wanted[layer].add(key);
    }

    /// Whether no more notes will come.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Waits until some notes of the current sound are ready, none will come or the time is over. Not on the audio thread.
    pub(super) fn wait_for_some(&self, longest: Duration) {
        let started = Instant::now();
        let num_ready = || self.ready.iter().map(KeySet::len).sum::<u32>();
        while num_ready() < SOME_NOTES && !self.has_failed() && started.elapsed() < longest {
            std::thread::sleep(LOOK_AGAIN_AFTER);
        }
    }

    fn fail(&self, error: &engine::Error) {
        *self.message.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        self.failed.store(true, Ordering::Release);
    }
}

/// Bakes until it is dropped.
pub(super) struct Baker {
    baked: Arc<Baked>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Baker {
    /// Starts the thread.
    pub(super) fn start(controller: Controller, persisted: Shared) -> Self {
        let baked = Arc::<Baked>::default();
        let stop = Arc::<AtomicBool>::default();
        let work = Work {
            controller,
            persisted,
            baked: Arc::clone(&baked),
            stop: Arc::clone(&stop),
        };
        let thread = std::thread::Builder::new()
            .name("understory-bake".into())
            .spawn(move || work.run())
            .ok();
        Self {
            baked,
            stop,
            thread,
        }
    }

    /// What is ready.
    pub(super) fn baked(&self) -> Arc<Baked> {
        Arc::clone(&self.baked)
    }
}

impl Drop for Baker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told as a failure already.
            let _ = thread.join();
        }
    }
}

struct Work {
    controller: Controller,
    persisted: Shared,
    baked: Arc<Baked>,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn run(mut self) {
        if let Err(error) = self.bake_until_stopped() {
            self.baked.fail(&error);
        }
        while !self.stop.load(Ordering::Acquire) {
            self.controller.collect_trash();
            std::thread::sleep(LOOK_AGAIN_AFTER);
        }
    }

    fn bake_until_stopped(&mut self) -> engine::Result<()> {
        resources::announce_runtime_library();
        let mut generator = load_model()?;
        let mut asked = None;
        let mut point = None;
        while !self.stop.load(Ordering::Acquire) {
            let timbre = self
                .persisted
                .params
                .timbre
                .slots()
                .map(|slot| slot.value());
            let now = (self.persisted.generation(), timbre);
            if asked.replace(now) != Some(now) {
                let sound = self.current_sound()?;
                let place =
                    placing::place_of(&sound, generator.manifest(), generator.fingerprint())?;
                point = Some(placing::moved(&place, &timbre, generator.manifest())?);
                self.persisted.set_place(now.0, 0, &sound, place);
                self.baked.ready.iter().for_each(KeySet::clear);
            }
            let Some(point) = &point else { continue };
            self.controller.collect_trash();
            match self.next_place() {
                Some(place) => self.bake(&mut generator, point, place)?,
                None => std::thread::sleep(LOOK_AGAIN_AFTER),
            }
        }
        Ok(())
    }

    fn current_sound(&self) -> engine::Result<Sound> {
        match self.persisted.settings().sound() {
            Some(sound) => Ok(sound.clone()),
            None => Ok(Sound::of_recipe(&first_recipe()?)),
        }
    }

    /// Wanted keys, then those that were played and missing, then all, outwards from the middle.
    fn next_place(&mut self) -> Option<Wish> {
        let place = |layer: usize, key: u8| Wish {
            slot: 0,
            layer: layer as u8,
            key,
        };
        for (layer, wanted) in self.baked.wanted.iter().enumerate() {
            if let Some(key) = wanted.take_first() {
                return Some(place(layer, key));
            }
        }
        if let Some(wish) = self.controller.next_wish() {
            return Some(wish);
        }
        let layers = [MIDDLE_LAYER, 0, 2];
        layers.into_iter().find_map(|layer| {
            let missing = BAKED_KEYS.filter(|&key| !self.baked.is_ready(layer, key));
            missing
                .min_by_key(|key| key.abs_diff(MIDDLE_KEY))
                .map(|key| place(layer, key))
        })
    }

    fn bake(
        &mut self,
        generator: &mut SoundGenerator,
        point: &SoundPoint,
        place: Wish,
    ) -> engine::Result<()> {
        let (layer, key) = (usize::from(place.layer), place.key);
        if self.baked.is_ready(layer, key) {
            return Ok(());
        }
        let generators = std::slice::from_mut(generator);
        for baked in bake::bake(generators, std::slice::from_ref(point), &[place], &|_| {})? {
            self.controller.send_note(0, layer, baked.note)?;
        }
        self.baked.ready[layer].add(key);
        Ok(())
    }
}

fn load_model() -> engine::Result<SoundGenerator> {
    let missing = || {
        engine::Error::request(
            "the models folder",
            "missing",
            "install the bundle as a whole",
        )
    };
    let folder = resources::models_folder().ok_or_else(missing)?;
    let file = models::newest_sound_model(&folder).ok_or_else(missing)?;
    Ok(SoundGenerator::load(file)?)
}

fn first_recipe() -> engine::Result<SoundRecipe> {
    let files = resources::sound_folders()
        .into_iter()
        .flat_map(|folder| models::sound_files(&folder));
    let named =
        |path: &std::path::PathBuf| path.file_stem().is_some_and(|stem| stem == FIRST_SOUND);
    match files.into_iter().find(named) {
        Some(file) => Ok(SoundRecipe::load(&file)?),
        None => Ok(SoundRecipe::from_seed(1)),
    }
}
