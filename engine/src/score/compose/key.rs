//! Keys and modes: which seven notes a bed has. Pure arithmetic.
//!
//! A note of a scale is a *step*: a whole number counted from the tonic, 7 to the octave. Chords, motifs and lines are
//! written in steps, so that nothing can leave the mode.

use std::fmt;

use crate::error::{Error, Result};

/// Notes of a scale.
pub const NUM_DEGREES: i32 = 7;
/// Semitones of an octave.
pub const OCTAVE: i32 = 12;

/// The seven church modes, and harmonic minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Major.
    Ionian,
    /// Minor with a raised sixth.
    Dorian,
    /// Minor with a lowered second.
    Phrygian,
    /// Major with a raised fourth.
    Lydian,
    /// Major with a lowered seventh.
    Mixolydian,
    /// Natural minor.
    Aeolian,
    /// Minor with lowered second and fifth.
    Locrian,
    /// Minor with a leading note.
    HarmonicMinor,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 8] = [
        Mode::Ionian,
        Mode::Dorian,
        Mode::Phrygian,
        Mode::Lydian,
        Mode::Mixolydian,
        Mode::Aeolian,
        Mode::Locrian,
        Mode::HarmonicMinor,
    ];

    /// Semitones of each degree above the tonic.
    pub fn semitones(self) -> [i32; 7] {
        match self {
            Mode::Ionian => [0, 2, 4, 5, 7, 9, 11],
            Mode::Dorian => [0, 2, 3, 5, 7, 9, 10],
            Mode::Phrygian => [0, 1, 3, 5, 7, 8, 10],
            Mode::Lydian => [0, 2, 4, 6, 7, 9, 11],
            Mode::Mixolydian => [0, 2, 4, 5, 7, 9, 10],
            Mode::Aeolian => [0, 2, 3, 5, 7, 8, 10],
            Mode::Locrian => [0, 1, 3, 5, 6, 8, 10],
            Mode::HarmonicMinor => [0, 2, 3, 5, 7, 8, 11],
        }
    }

    /// As written in a key's name.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Ionian => "major",
            Mode::Dorian => "dorian",
            Mode::Phrygian => "phrygian",
            Mode::Lydian => "lydian",
            Mode::Mixolydian => "mixolydian",
            Mode::Aeolian => "minor",
            Mode::Locrian => "locrian",
            Mode::HarmonicMinor => "harmonic minor",
        }
    }

    /// Whether the third above the tonic is minor.
    pub fn is_minor(self) -> bool {
        self.semitones()[2] == 3
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "" | "maj" | "major" | "ionian" => Some(Mode::Ionian),
            "m" | "min" | "minor" | "aeolian" => Some(Mode::Aeolian),
            "dorian" => Some(Mode::Dorian),
            "phrygian" => Some(Mode::Phrygian),
            "lydian" => Some(Mode::Lydian),
            "mixolydian" => Some(Mode::Mixolydian),
            "locrian" => Some(Mode::Locrian),
            "harmonic" | "harmonic minor" | "harmonicminor" => Some(Mode::HarmonicMinor),
            _ => None,
        }
    }
}

/// A tonic and a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Pitch class of the tonic, 0 (C) to 11 (B).
    pub tonic: u8,
    /// Its mode.
    pub mode: Mode,
}

impl Key {
    /// Reads `Am`, `C`, `F# dorian`, `Bb lydian`, `D harmonic minor`.
    ///
    /// # Errors
    /// `Error::Request` for anything else.
    pub fn from_text(text: &str) -> Result<Self> {
        let wrong = || {
            Error::request(
                "the key",
                text,
                "write a note name and a mode, as in C, Am, F# dorian, Bb lydian, D harmonic minor",
            )
        };
        let trimmed = text.trim();
        let letter = trimmed.chars().next().ok_or_else(wrong)?;
        let natural = match letter.to_ascii_uppercase() {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return Err(wrong()),
        };
        let rest = &trimmed[1..];
        let (shift, rest) = match rest.chars().next() {
            Some('#' | '♯') => (1, rest.trim_start_matches(['#', '♯'])),
            Some('b' | '♭') => (-1, rest.trim_start_matches(['b', '♭'])),
            _ => (0, rest),
        };
        // `m` alone is minor, `M` alone major; longer words in any case.
        let word = rest.trim().trim_start_matches('-').trim();
        let mode = match word {
            "M" => Some(Mode::Ionian),
            _ => Mode::from_name(&word.to_lowercase()),
        };
        Ok(Key {
            tonic: (natural + shift + OCTAVE).rem_euclid(OCTAVE) as u8,
            mode: mode.ok_or_else(wrong)?,
        })
    }

    /// MIDI key of a step; step 0 is the tonic in the octave of key 0 to 11.
    pub fn key_of_step(self, step: i32) -> i32 {
        let degree = step.rem_euclid(NUM_DEGREES) as usize;
        i32::from(self.tonic)
            + OCTAVE * step.div_euclid(NUM_DEGREES)
            + self.mode.semitones()[degree]
    }

    /// The step at or next below a MIDI key.
    pub fn step_of_key(self, key: i32) -> i32 {
        let above = key - i32::from(self.tonic);
        let octave = above.div_euclid(OCTAVE);
        let semitone = above.rem_euclid(OCTAVE);
        let degree = self
            .mode
            .semitones()
            .iter()
            .rposition(|&offset| offset <= semitone)
            .unwrap_or(0);
        octave * NUM_DEGREES + degree as i32
    }

    /// Whether a MIDI key belongs to the scale.
    pub fn contains(self, key: i32) -> bool {
        self.key_of_step(self.step_of_key(key)) == key
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHARP: [&str; 12] = [
            "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
        ];
        const FLAT: [&str; 12] = [
            "C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B",
        ];
        // The spelling with fewer signs: flats for D, E, A and B flat, sharps for C and F sharp minor and the like.
        let names = if self.mode.is_minor() { FLAT } else { SHARP };
        let names = match (self.tonic, self.mode.is_minor()) {
            (1 | 6 | 8, true) => SHARP,
            (1 | 3 | 8 | 10, false) => FLAT,
            _ => names,
        };
        let name = names[usize::from(self.tonic) % names.len()];
        write!(formatter, "{name} {}", self.mode.name())
    }
}
