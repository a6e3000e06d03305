//! Moods: a place on the plane of valence and energy, or a name for one. Pure data.
//!
//! The plane is Russell's circumplex (1980). What the two numbers do to music follows the reviews of Gabrielsson and
//! Lindström (2010): tempo, loudness and density carry energy, mode carries valence.

use super::key::Mode;
use crate::error::{Error, Result};

/// How a bed feels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mood {
    /// -1 dark .. 1 bright.
    pub valence: f64,
    /// 0 still .. 1 driving.
    pub energy: f64,
    /// A mode that belongs to the name; without one the valence chooses.
    pub mode: Option<Mode>,
}

/// A mood with its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedMood {
    /// What the user writes.
    pub name: &'static str,
    /// Where it lies.
    pub mood: Mood,
}

const fn named(name: &'static str, valence: f64, energy: f64, mode: Option<Mode>) -> NamedMood {
    NamedMood {
        name,
        mood: Mood {
            valence,
            energy,
            mode,
        },
    }
}

/// Every named mood, from still to driving.
pub const MOODS: [NamedMood; 18] = [
    named("still", 0.1, 0.05, Some(Mode::Lydian)),
    named("calm", 0.4, 0.2, Some(Mode::Ionian)),
    named("tender", 0.35, 0.15, Some(Mode::Ionian)),
    named("sad", -0.6, 0.15, Some(Mode::Aeolian)),
    named("wistful", -0.15, 0.25, Some(Mode::Dorian)),
    named("nostalgic", 0.15, 0.3, Some(Mode::Mixolydian)),
    named("warm", 0.5, 0.35, Some(Mode::Ionian)),
    named("dreamy", 0.55, 0.25, Some(Mode::Lydian)),
    named("mysterious", -0.4, 0.3, Some(Mode::Phrygian)),
    named("dark", -0.8, 0.35, Some(Mode::Phrygian)),
    named("curious", 0.2, 0.45, Some(Mode::Dorian)),
    named("hopeful", 0.6, 0.5, Some(Mode::Ionian)),
    named("tense", -0.65, 0.6, Some(Mode::HarmonicMinor)),
    named("playful", 0.7, 0.65, Some(Mode::Mixolydian)),
    named("bright", 0.8, 0.6, Some(Mode::Lydian)),
    named("determined", -0.1, 0.7, Some(Mode::Aeolian)),
    named("urgent", -0.5, 0.85, Some(Mode::Aeolian)),
    named("triumphant", 0.85, 0.9, Some(Mode::Ionian)),
];

impl Mood {
    /// A place on the plane.
    ///
    /// # Errors
    /// `Error::Request` when valence is outside -1..1 or energy outside 0..1.
    pub fn new(valence: f64, energy: f64) -> Result<Self> {
        if !(-1.0..=1.0).contains(&valence) {
            return Err(Error::request(
                "the mood's valence",
                valence,
                "choose -1 (dark) to 1 (bright)",
            ));
        }
        if !(0.0..=1.0).contains(&energy) {
            return Err(Error::request(
                "the mood's energy",
                energy,
                "choose 0 (still) to 1 (driving)",
            ));
        }
        Ok(Mood {
            valence,
            energy,
            mode: None,
        })
    }

    /// A mood by name, in any case.
    ///
    /// # Errors
    /// `Error::Request` with all names.
    pub fn from_name(name: &str) -> Result<Self> {
        MOODS
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name.trim()))
            .map(|known| known.mood)
            .ok_or_else(|| {
                let names: Vec<&str> = MOODS.iter().map(|known| known.name).collect();
                Error::request(
                    "the mood",
                    name,
                    format!("choose one of {}", names.join(", ")),
                )
            })
    }

    /// The mode of this mood: the named one, or that of the valence. Modes in order of brightness, that is of sharps
    /// (Persichetti 1961, ch. 2).
    pub fn mode(&self) -> Mode {
        const BY_VALENCE: [(f64, Mode); 5] = [
            (-0.7, Mode::Phrygian),
            (-0.25, Mode::Aeolian),
            (0.1, Mode::Dorian),
            (0.3, Mode::Mixolydian),
            (0.75, Mode::Ionian),
        ];
        self.mode.unwrap_or_else(|| {
            BY_VALENCE
                .iter()
                .find(|(most, _)| self.valence < *most)
                .map_or(Mode::Lydian, |(_, mode)| *mode)
        })
    }
}
