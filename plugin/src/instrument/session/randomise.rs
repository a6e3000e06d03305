//! Chance with locks: a new sound and new timbres from a seed, and small steps towards or away. Pure functions.

use models::seeded;

use super::Snapshot;
use crate::instrument::sound::{Place, Sound};

/// Stream of the timbre slots' numbers; apart from those that a model's sounds are drawn from.
const TIMBRE_STREAM: u32 = 64;
/// Stream of the steps in latent space.
const STEP_STREAM: u32 = 65;
/// Timbre slots are drawn this wide about their middle, in normalised units: most results stay at home.
const TIMBRE_SPREAD: f32 = 0.17;
/// Length of a step beside the latent's own spread of 1.
const STEP: f32 = 0.35;
/// Ids of what chance moves.
const MOVED: &str = "tim";

/// The snapshot with a new sound and new timbres, all from one seed, apart from what is locked.
pub fn randomised(now: &Snapshot, seed: u32) -> Snapshot {
    let mut next = now.clone();
    if !now.settings.seed_is_locked {
        let recipe = models::SoundRecipe::from_seed(seed);
        next.settings.corners[0] = Some(Sound::of_recipe(&recipe));
    }
    let locked = &now.settings.locked;
    let free = next
        .parameters
        .iter_mut()
        .filter(|(id, _)| id.starts_with(MOVED) && !locked.contains(*id));
    for (index, (_, value)) in free.enumerate() {
        let normal = seeded::normal(seed, TIMBRE_STREAM, index as u32) as f32;
        *value = (0.5 + TIMBRE_SPREAD * normal).clamp(0.0, 1.0);
    }
    next
}

/// The same sound a step away in latent space: `share` 1 is a whole step, -1 the opposite way. The same seed goes the same
/// way, so that "less like this" undoes "more like this" but for its length.
pub fn more_like(sound: &Sound, share: f32, seed: u32) -> Sound {
    let Some(place) = &sound.place else {
        return sound.clone();
    };
    let step = |(index, value): (usize, &f32)| {
        let normal = seeded::normal(seed, STEP_STREAM, index as u32) as f32;
        value + share * STEP * normal
    };
    // Back on the sphere: latents of another length were never seen in training.
    let moved: Vec<f32> = place.latent.iter().enumerate().map(step).collect();
    let scale = length(&place.latent) / length(&moved).max(f32::MIN_POSITIVE);
    Sound {
        name: format!("near {}", sound.name.trim_start_matches("near ")),
        place: Some(Place {
            latent: moved.iter().map(|value| value * scale).collect(),
            ..place.clone()
        }),
        ..sound.clone()
    }
}

fn length(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::session::Settings;

    fn snapshot() -> Snapshot {
        let ids = ["tim1", "tim2", "output"];
        Snapshot {
            parameters: ids.map(|id| (id.to_owned(), 0.5)).into(),
            settings: Settings {
                locked: ["tim2".to_owned()].into(),
                ..Settings::default()
            },
        }
    }

    #[test]
    fn locked_parameters_and_those_that_are_no_timbre_stay() {
        let next = randomised(&snapshot(), 7);
        assert_ne!(next.parameters["tim1"], 0.5);
        assert_eq!(next.parameters["tim2"], 0.5);
        assert_eq!(next.parameters["output"], 0.5);
        assert_eq!(next.settings.sound().unwrap().seed, 7);
    }

    #[test]
    fn a_locked_seed_keeps_the_sound() {
        let mut now = snapshot();
        now.settings.seed_is_locked = true;
        assert_eq!(randomised(&now, 7).settings.corners, now.settings.corners);
    }

    #[test]
    fn the_same_seed_gives_the_same_chance_and_another_another() {
        assert_eq!(randomised(&snapshot(), 7), randomised(&snapshot(), 7));
        assert_ne!(randomised(&snapshot(), 7), randomised(&snapshot(), 8));
    }

    #[test]
    fn a_step_keeps_the_latents_length() {
        let mut sound = Sound::of_recipe(&models::SoundRecipe::from_seed(1));
        sound.place = Some(Place {
            model: "m".into(),
            fingerprint: "f".into(),
            latent: vec![1.0, -2.0, 0.5, 0.25],
            attributes: vec![0.0],
            style_offset: Vec::new(),
        });
        let near = more_like(&sound, 1.0, 3);
        let latent = near.place.unwrap().latent;
        let old = sound.place.unwrap().latent;
        assert!((length(&latent) - length(&old)).abs() < 1e-5);
        assert!(latent != old);
    }
}
