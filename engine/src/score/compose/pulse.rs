//! The pulse: a repeated figure over the chord's notes that carries the time, and the chord struck on hits. Pure
//! arithmetic.

use super::bed::{BedPart, SectionKind};
use super::dice::Dice;
use super::harmony::ChordSlot;
use super::key::{Key, OCTAVE};
use super::sheet::{Sheet, Touch, Written};

/// Below this energy there is no pulse.
const LEAST_ENERGY: f64 = 0.16;
/// Lowest key of the figure.
const BASE_KEY: i32 = 57;
/// Notes of the ladder that the figure climbs.
const LADDER_NOTES: usize = 6;
/// Orders in which the ladder is climbed; the number is a rung.
const FIGURES: [&[usize]; 7] = [
    &[0, 1, 2, 3],
    &[0, 2, 1, 2],
    &[0, 2, 3, 2],
    &[0, 1, 2, 4, 3, 2],
    &[2, 0, 1, 0],
    &[0, 3, 1, 3, 2, 3],
    &[4, 3, 2, 1],
];
/// Before a hit the pulse holds its breath for this many beats.
const BREATH_BEATS: f64 = 1.0;
/// Keys of the chord struck on a hit.
const HIT_RUNGS: [usize; 3] = [1, 2, 4];

/// The figure of one kind of section.
struct Figure {
    /// Places of onsets in a bar, in steps; ascending.
    steps: Vec<u32>,
    order: &'static [usize],
    octave: i32,
}

pub(super) struct PulseSetting<'a> {
    pub key: Key,
    pub steps_per_beat: u32,
    pub beats_per_bar: u32,
    pub density: f64,
    /// Whether the section runs into a hit.
    pub leads_to_hit: bool,
    pub dice: &'a Dice,
}

pub(super) fn write(sheet: &mut Sheet<'_>, slots: &[ChordSlot], setting: &PulseSetting<'_>) {
    let energy = sheet.section.energy_at(0.5 * sheet.section.beats());
    let touch = Touch {
        part: BedPart::Pulse,
        attack_ms: 2.0,
        release_ms: 1100.0 - 600.0 * energy,
        spread_ms: 4.0,
    };
    if sheet.section.hit.is_some() || sheet.section.is_ending {
        strike_chord(sheet, &touch, slots, setting.key);
    }
    if sheet.section.is_ending || energy < LEAST_ENERGY || is_silent(sheet, setting) {
        return;
    }
    let figure = figure(sheet, setting, energy);
    let steps_per_beat = f64::from(setting.steps_per_beat);
    let step_end = last_beat(sheet, setting);
    let mut bar_start = 0.0;
    let mut count = 0;
    for &bar_beats in &sheet.section.bars {
        for (place, &step) in figure.steps.iter().enumerate() {
            let in_bar = f64::from(step) / steps_per_beat;
            let start_beat = bar_start + in_bar;
            let Some(slot) = slot_at(slots, start_beat) else {
                continue;
            };
            if in_bar >= bar_beats - 1e-9 || start_beat >= step_end {
                continue;
            }
            let next = figure.steps.get(place + 1).copied();
            let next = next.unwrap_or(setting.beats_per_bar * setting.steps_per_beat);
            let ladder = ladder(setting.key, slot, BASE_KEY + figure.octave);
            let rung = figure.order[count % figure.order.len()];
            count += 1;
            sheet.write(
                &touch,
                Written {
                    line: 0,
                    start_beat,
                    beats: f64::from(next - step) / steps_per_beat * 0.95,
                    key: ladder[rung.min(ladder.len() - 1)],
                    velocity: velocity(sheet, start_beat, in_bar),
                    exact: false,
                },
            );
        }
        bar_start += bar_beats;
    }
}

/// The pulse enters late in an intro, and leaves a quiet outro alone.
fn is_silent(sheet: &Sheet<'_>, setting: &PulseSetting<'_>) -> bool {
    let mut dice = setting
        .dice
        .topic("pulse rests")
        .topic(sheet.section.kind.name());
    match sheet.section.kind {
        SectionKind::Intro => true,
        SectionKind::Outro => dice.chance(0.6),
        SectionKind::A => dice.chance(0.5 - 0.5 * setting.density),
        SectionKind::B => dice.chance(0.3 - 0.3 * setting.density),
        SectionKind::Lift => false,
    }
}

fn last_beat(sheet: &Sheet<'_>, setting: &PulseSetting<'_>) -> f64 {
    let beats = sheet.section.beats();
    if setting.leads_to_hit && beats > 4.0 * BREATH_BEATS {
        beats - BREATH_BEATS
    } else {
        beats
    }
}

fn figure(sheet: &Sheet<'_>, setting: &PulseSetting<'_>, energy: f64) -> Figure {
    let kind = sheet.section.kind;
    let mut dice = setting.dice.topic("pulse").topic(kind.name());
    // Onsets a second that the ear takes for this energy; the figure takes the nearest division of the bar.
    let wanted_per_s = (0.5 + 4.2 * energy) * (0.6 + 0.8 * setting.density);
    let bar_beats = f64::from(setting.beats_per_bar);
    let per_bar = wanted_per_s * bar_beats * sheet.section.beat_s();
    let steps = setting.beats_per_bar * setting.steps_per_beat;
    let slots = if per_bar <= bar_beats {
        setting.beats_per_bar
    } else if setting.steps_per_beat == 6 {
        setting.beats_per_bar * 3
    } else if per_bar <= 2.0 * bar_beats {
        setting.beats_per_bar * 2
    } else {
        steps
    };
    let onsets = (per_bar.round() as u32).clamp(1, slots);
    let stride = steps / slots;
    let rotation = if dice.chance(0.25) { 1 } else { 0 };
    Figure {
        steps: euclid(onsets, slots, rotation)
            .into_iter()
            .map(|slot| slot * stride)
            .collect(),
        order: FIGURES[dice.below(FIGURES.len())],
        octave: if kind == SectionKind::Lift { OCTAVE } else { 0 },
    }
}

/// Onsets spread as evenly as whole places allow (Toussaint 2005, "The Euclidean algorithm generates traditional musical
/// rhythms"); the first place is always one.
fn euclid(onsets: u32, places: u32, rotation: u32) -> Vec<u32> {
    let mut found: Vec<u32> = (0..onsets)
        .map(|onset| (onset * places).div_ceil(onsets) % places)
        .map(|place| {
            if place == 0 {
                0
            } else {
                (place + rotation) % places
            }
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The chord's notes upwards from a key.
fn ladder(key: Key, slot: &ChordSlot, base: i32) -> Vec<i32> {
    let classes: Vec<i32> = slot
        .chord
        .degrees
        .iter()
        .map(|&degree| key.key_of_step(degree).rem_euclid(OCTAVE))
        .collect();
    (base..base + 3 * OCTAVE)
        .filter(|candidate| classes.contains(&candidate.rem_euclid(OCTAVE)))
        .take(LADDER_NOTES)
        .collect()
}

fn velocity(sheet: &Sheet<'_>, beat: f64, in_bar: f64) -> f64 {
    let accent = if in_bar == 0.0 {
        0.1
    } else if in_bar.fract() == 0.0 {
        0.04
    } else {
        0.0
    };
    0.3 + 0.34 * sheet.section.energy_at(beat) + accent
}

pub(super) fn slot_at(slots: &[ChordSlot], beat: f64) -> Option<&ChordSlot> {
    slots
        .iter()
        .rev()
        .find(|slot| slot.start_beat <= beat + 1e-9)
}

fn strike_chord(sheet: &mut Sheet<'_>, touch: &Touch, slots: &[ChordSlot], key: Key) {
    let Some(slot) = slots.first() else { return };
    let ladder = ladder(key, slot, BASE_KEY);
    let energy = sheet.section.energy_at(0.0);
    let ending = sheet.section.is_ending;
    for (line, rung) in HIT_RUNGS.into_iter().enumerate() {
        sheet.write(
            touch,
            Written {
                line: line as u8,
                start_beat: 0.0,
                beats: slot.beats.min(2.0),
                key: ladder[rung.min(ladder.len() - 1)],
                velocity: if ending {
                    0.35 + 0.3 * energy
                } else {
                    0.55 + 0.35 * energy
                },
                exact: true,
            },
        );
    }
}
