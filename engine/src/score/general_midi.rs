//! What a General MIDI program becomes: a seed of its own and a lean towards the family's character. Pure tables.
//!
//! A seed's sound is not the named instrument: a file written for strings gets a slow, lasting sound, one for guitar a
//! plucked one, and each program another.

/// General MIDI groups its programs by eight.
const PROGRAMS_PER_FAMILY: u8 = 8;
/// Stream of the hash that gives every program its seed; CONTRACT.md uses streams 0 to 5 and 15 to 79.
const SEED_STREAM: u32 = 0x6D69;

/// A group of General MIDI programs that sound alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// General MIDI's name.
    pub name: &'static str,
    /// Controls and how far to move them, in standard deviations. A model without such a control plays without it.
    pub controls: &'static [(&'static str, f32)],
}

const PLUCKED: &[(&str, f32)] = &[("attack", -1.0), ("decay", -1.3)];
const LASTING: &[(&str, f32)] = &[("decay", 0.8)];
const SLOW: &[(&str, f32)] = &[("attack", 0.8), ("decay", 0.8), ("brightness", -0.4)];
const DEEP: &[(&str, f32)] = &[("brightness", -0.8), ("attack", -0.6), ("decay", 0.2)];
const BREATHY: &[(&str, f32)] = &[("noisiness", 0.6), ("decay", 0.8)];

/// The sixteen families, by program / 8.
const FAMILIES: [Family; 16] = [
    Family {
        name: "piano",
        controls: PLUCKED,
    },
    Family {
        name: "chromatic percussion",
        controls: PLUCKED,
    },
    Family {
        name: "organ",
        controls: LASTING,
    },
    Family {
        name: "guitar",
        controls: PLUCKED,
    },
    Family {
        name: "bass",
        controls: DEEP,
    },
    Family {
        name: "strings",
        controls: LASTING,
    },
    Family {
        name: "ensemble",
        controls: SLOW,
    },
    Family {
        name: "brass",
        controls: LASTING,
    },
    Family {
        name: "reed",
        controls: LASTING,
    },
    Family {
        name: "pipe",
        controls: BREATHY,
    },
    Family {
        name: "synth lead",
        controls: LASTING,
    },
    Family {
        name: "synth pad",
        controls: SLOW,
    },
    Family {
        name: "synth effects",
        controls: SLOW,
    },
    Family {
        name: "ethnic",
        controls: PLUCKED,
    },
    Family {
        name: "percussive",
        controls: PLUCKED,
    },
    Family {
        name: "sound effects",
        controls: BREATHY,
    },
];

/// The family of a program, 0..=127.
pub fn family(program: u8) -> Family {
    FAMILIES[usize::from(program / PROGRAMS_PER_FAMILY) % FAMILIES.len()]
}

/// The seed of a program's sound. Program 0, which files without programs use, has the seed itself.
pub fn seed_of_program(seed: u32, program: u8) -> u32 {
    match program {
        0 => seed,
        _ => models::seeded::hash(seed, SEED_STREAM, u32::from(program)),
    }
}
