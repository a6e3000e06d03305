//! The bass: long notes at rest, a walking root where there is drive, a deep strike on hits. Pure arithmetic.

use super::bed::{BedPart, SectionKind};
use super::harmony::ChordSlot;
use super::key::OCTAVE;
use super::sheet::{Sheet, Touch, Written};
use super::voicing::Voicing;

/// Above this energy the bass strikes on more than the chord's first beat.
const DRIVE: f64 = 0.55;
/// Lowest key of a hit's octave.
const LOWEST_KEY: i32 = 26;
/// Below this energy an intro has no bass in its first half.
const BARE_INTRO: f64 = 0.35;

pub(super) fn write(sheet: &mut Sheet<'_>, slots: &[ChordSlot], voicings: &[Voicing]) {
    let energy = sheet.section.energy_at(0.0);
    let touch = Touch {
        part: BedPart::Low,
        attack_ms: if sheet.section.hit.is_some() {
            5.0
        } else {
            220.0 - 200.0 * energy
        },
        release_ms: 900.0 - 450.0 * energy,
        spread_ms: 5.0,
    };
    let is_bare = sheet.section.kind == SectionKind::Intro && energy < BARE_INTRO;
    for (slot, voicing) in slots.iter().zip(voicings) {
        if is_bare && slot.start_beat < 0.5 * sheet.section.beats() {
            continue;
        }
        let energy = sheet.section.energy_at(slot.start_beat);
        for (start_beat, beats, weight) in
            strikes(slot, if sheet.section.is_ending { 0.0 } else { energy })
        {
            sheet.write(
                &touch,
                Written {
                    line: 0,
                    start_beat,
                    beats,
                    key: voicing.bass,
                    velocity: weight * (0.45 + 0.32 * energy),
                    exact: false,
                },
            );
        }
    }
    if let (Some(_), Some(slot), Some(voicing)) =
        (sheet.section.hit, slots.first(), voicings.first())
    {
        strike_hit(sheet, &touch, slot, voicing);
    }
}

/// (start, length, weight) of the strikes under one chord.
fn strikes(slot: &ChordSlot, energy: f64) -> Vec<(f64, f64, f64)> {
    let half = 0.5 * slot.beats;
    if energy < DRIVE || slot.beats < 2.0 {
        return vec![(slot.start_beat, slot.beats, 1.0)];
    }
    if energy < 0.75 || slot.beats.fract() != 0.0 {
        return vec![
            (slot.start_beat, half, 1.0),
            (slot.start_beat + half, half, 0.85),
        ];
    }
    // Dotted: long, short before the next beat, long.
    let long = half - 0.5;
    vec![
        (slot.start_beat, long, 1.0),
        (slot.start_beat + long, 0.5, 0.75),
        (slot.start_beat + half, half, 0.9),
    ]
}

fn strike_hit(sheet: &mut Sheet<'_>, touch: &Touch, slot: &ChordSlot, voicing: &Voicing) {
    let key = voicing.bass - OCTAVE;
    if key < LOWEST_KEY {
        return;
    }
    let energy = sheet.section.energy_at(0.0);
    sheet.write(
        touch,
        Written {
            line: 1,
            start_beat: 0.0,
            beats: slot.beats,
            key,
            velocity: 0.6 + 0.35 * energy,
            exact: true,
        },
    );
}
