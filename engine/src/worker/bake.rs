//! Baking: the notes that a list of keys needs, from a generator. It runs on the threads of its caller's generators, one
//! per generator, and comes out the same however many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use models::{SoundGenerator, SoundPoint};

use crate::error::Result;
use crate::note::Note;
use crate::realtime::{LAYER_VELOCITIES, Wish};

/// A note and the place in the player's table that it is for.
#[derive(Clone, Debug)]
pub struct BakedNote {
    /// Slot, layer and key.
    pub place: Wish,
    /// The note.
    pub note: Arc<Note>,
}

/// Bakes every wish, in the order given. `sounds[slot]` is the sound of a slot; `progress` hears how many are done, from
/// any of the threads.
///
/// # Errors
/// The first failure in the order of the wishes that were tried; the rest is left.
pub fn bake(
    generators: &mut [SoundGenerator],
    sounds: &[SoundPoint],
    wishes: &[Wish],
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Vec<BakedNote>> {
    let next = AtomicUsize::new(0);
    let num_done = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = |generator: &mut SoundGenerator| {
        let mut results = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(wish) = wishes.get(index) else { break };
            let result = bake_one(generator, sounds, wish);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            results.push((index, result));
            progress(num_done.fetch_add(1, Ordering::Relaxed) + 1);
        }
        results
    };
    let mut results = match generators {
        [only] => work(only),
        many => in_parallel(many, &work),
    };
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

type Indexed = Vec<(usize, Result<BakedNote>)>;

fn in_parallel(
    generators: &mut [SoundGenerator],
    work: &(dyn Fn(&mut SoundGenerator) -> Indexed + Sync),
) -> Indexed {
    thread::scope(|scope| {
        let threads: Vec<_> = generators
            .iter_mut()
            .map(|generator| scope.spawn(move || work(generator)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

fn bake_one(
    generator: &mut SoundGenerator,
    sounds: &[SoundPoint],
    wish: &Wish,
) -> Result<BakedNote> {
    let sound = &sounds[usize::from(wish.slot)];
    let note = note(generator, sound, usize::from(wish.layer), wish.key)?;
    Ok(BakedNote {
        place: *wish,
        note: Arc::new(note),
    })
}

/// One note of a sound. Keys that the network never saw take the timbre of the nearest one it did; the pitch is the key's
/// own.
///
/// # Errors
/// As [`SoundGenerator::paint`] and [`Note::painted`].
pub fn note(
    generator: &mut SoundGenerator,
    sound: &SoundPoint,
    layer: usize,
    key: u8,
) -> Result<Note> {
    let [lowest, highest] = generator.manifest().key_range;
    let velocity = LAYER_VELOCITIES[layer.min(LAYER_VELOCITIES.len() - 1)];
    let painted_key = key.clamp(lowest, highest);
    let painting = generator.paint(&sound.request(f32::from(painted_key), velocity))?;
    Note::painted(&painting, generator.manifest(), painted_key, key)
}
