//! `--mood` of a picture: a name that beds know too, or the numbers behind it. Pure functions.

use backdrop::mood::Character;
use engine::score::compose::{MOODS, Mood};

use crate::failure::Failure;

/// Of a mood that does not say.
const MIDDLING_BRIGHTNESS: f64 = 0.5;

/// Reads a name, or valence, energy and optionally brightness.
///
/// # Errors
/// Exit code 2 with the names and ranges.
pub fn from_text(text: &str) -> Result<Character, Failure> {
    if let Ok(mood) = Mood::from_name(text) {
        return Ok(of_mood(&mood));
    }
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let character = match numbers.as_deref() {
        Some(&[valence, energy]) => Some(Character {
            valence,
            energy,
            brightness: MIDDLING_BRIGHTNESS,
        }),
        Some(&[valence, energy, brightness]) => Some(Character {
            valence,
            energy,
            brightness,
        }),
        _ => None,
    };
    character.filter(is_within).ok_or_else(|| {
        let names = MOODS.map(|known| known.name).join(", ");
        Failure::request(format!(
            "--mood {text}: name one of {names}; or give valence (-1 to 1), energy (0 to 1) and optionally brightness (0 to 1), as in 0.4,0.2"
        ))
    })
}

/// The character of music of this mood.
pub fn of_mood(mood: &Mood) -> Character {
    Character {
        valence: mood.valence,
        energy: mood.energy,
        brightness: MIDDLING_BRIGHTNESS,
    }
}

fn is_within(character: &Character) -> bool {
    let shares = 0.0..=1.0;
    (-1.0..=1.0).contains(&character.valence)
        && shares.contains(&character.energy)
        && shares.contains(&character.brightness)
}
