//! Which sound plays which part, by the words sounds are tagged with. Pure tables.

use super::bed::BedPart;
use super::dice::Dice;
use super::mood::Mood;

/// A sound as the sounds folder describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedSound {
    /// Its name.
    pub name: String,
    /// Words for what it is.
    pub tags: Vec<String>,
}

/// What a part is looking for.
type Taste = &'static [(&'static str, f64)];

const PAD: Taste = &[
    ("pad", 5.0),
    ("strings", 4.0),
    ("choir", 4.0),
    ("organ", 2.0),
    ("slow", 2.0),
    ("warm", 1.5),
    ("sustained", 1.5),
    ("soft", 1.0),
    ("texture", 0.5),
    ("plucked", -5.0),
    ("pluck", -5.0),
    ("keys", -4.0),
    ("bass", -4.0),
    ("lead", -1.5),
    ("fading", -3.0),
    ("moving", 0.5),
];
const LOW: Taste = &[
    ("bass", 6.0),
    ("deep", 3.0),
    ("firm", 1.5),
    ("strings", 1.0),
    ("sustained", 1.0),
    ("dark", 1.0),
    ("breathy", -1.5),
    ("bright", -2.0),
    ("texture", -3.0),
    ("choir", -2.0),
    ("plucked", -1.5),
    ("fading", -1.5),
];
const PULSE: Taste = &[
    ("pluck", 5.0),
    ("plucked", 5.0),
    ("keys", 4.0),
    ("bright", 1.0),
    ("clear", 1.0),
    ("slow", -5.0),
    ("pad", -5.0),
    ("strings", -2.0),
    ("choir", -5.0),
    ("bass", -4.0),
    ("texture", -4.0),
    ("sustained", -1.0),
];
const MOTIF: Taste = &[
    ("keys", 5.0),
    ("pluck", 3.5),
    ("plucked", 3.5),
    ("winds", 3.0),
    ("lead", 2.0),
    ("clear", 1.5),
    ("hollow", 1.0),
    ("soft", 0.5),
    ("bass", -5.0),
    ("slow", -4.0),
    ("pad", -3.0),
    ("texture", -4.0),
];
const LIFT: Taste = &[
    ("strings", 5.0),
    ("choir", 4.0),
    ("winds", 2.0),
    ("pad", 2.0),
    ("brass", 1.5),
    ("bright", 1.0),
    ("sustained", 1.5),
    ("plucked", -5.0),
    ("pluck", -5.0),
    ("keys", -4.0),
    ("bass", -5.0),
    ("deep", -3.0),
    ("fading", -3.0),
    ("texture", -1.0),
];
/// A sound that another part has already is taken only when nothing else fits.
const TAKEN: f64 = 3.0;
/// Sounds this much worse than the best are not drawn.
const NEAR_BEST: f64 = 2.5;

/// A sound for every part, by index into `sounds`; `None` when there are no sounds. Seeds differ among what fits.
pub fn choose_sounds(sounds: &[TaggedSound], mood: &Mood, seed: u32) -> Option<[usize; 5]> {
    if sounds.is_empty() {
        return None;
    }
    let dice = Dice::new(seed).topic("sounds");
    let mut chosen: Vec<usize> = Vec::new();
    let mut by_part = [0; 5];
    for part in [
        BedPart::Low,
        BedPart::Pad,
        BedPart::Motif,
        BedPart::Pulse,
        BedPart::Lift,
    ] {
        let scores: Vec<f64> = sounds
            .iter()
            .enumerate()
            .map(|(index, sound)| {
                let taken = if chosen.contains(&index) { TAKEN } else { 0.0 };
                score(part, sound, mood) - taken
            })
            .collect();
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores
            .iter()
            .map(|score| (score - best + NEAR_BEST).max(0.0))
            .collect();
        let index = dice.topic(part.name()).weighted(&weights);
        chosen.push(index);
        by_part[part.index()] = index;
    }
    Some(by_part)
}

fn score(part: BedPart, sound: &TaggedSound, mood: &Mood) -> f64 {
    let taste = match part {
        BedPart::Pad => PAD,
        BedPart::Low => LOW,
        BedPart::Pulse => PULSE,
        BedPart::Motif => MOTIF,
        BedPart::Lift => LIFT,
    };
    let has = |tag: &str| sound.tags.iter().any(|own| own.eq_ignore_ascii_case(tag));
    let fits: f64 = taste
        .iter()
        .filter(|(tag, _)| has(tag))
        .map(|(_, weight)| weight)
        .sum();
    let gentle = 1.0 - 2.0 * mood.energy;
    let lean = [
        ("bright", mood.valence),
        ("dark", -mood.valence),
        ("soft", gentle),
        ("breathy", gentle),
        ("warm", 0.5 * gentle),
        ("firm", -gentle),
        ("brass", -gentle),
    ];
    let leaning: f64 = lean
        .iter()
        .filter(|(tag, _)| has(tag))
        .map(|(_, weight)| weight)
        .sum();
    fits + leaning
}
