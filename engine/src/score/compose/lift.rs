//! The lift: a high line over the heights of a bed, and swells that grow into hits. Pure arithmetic.

use super::bed::{BedPart, SectionKind};
use super::harmony::{Chord, ChordSlot};
use super::key::{Key, OCTAVE};
use super::sheet::{Sheet, Touch, Written};
use super::voicing::{Voicing, is_parallel};

/// Range of the high line; above the pad.
const RANGE: (i32, i32) = (80, 91);
/// Sections of this energy have a high line without being a lift.
const HIGH_ENERGY: f64 = 0.78;
/// Range of swells.
const SWELL_RANGE: (i32, i32) = (64, 80);
/// A swell takes at most this long, seconds, and at most this share of its section.
const LONGEST_SWELL_S: f64 = 4.5;
const SWELL_SHARE: f64 = 0.6;
/// A swell shorter than this is a bump.
const SHORTEST_SWELL_S: f64 = 0.35;
/// Notes of a swell are cut off by the hit.
const SWELL_RELEASE_MS: f64 = 90.0;

/// The high line: one note a chord, moving as little as it can, never in parallel octaves or fifths with the bass.
/// Returns the last note and its bass, for the section after.
pub(super) fn write_line(
    sheet: &mut Sheet<'_>,
    key: Key,
    slots: &[ChordSlot],
    voicings: &[Voicing],
    before: Option<(i32, i32)>,
) -> Option<(i32, i32)> {
    let section = sheet.section;
    let is_high = section.kind == SectionKind::Lift || section.energy_at(0.0) > HIGH_ENERGY;
    if !is_high || section.is_ending {
        return None;
    }
    let touch = Touch {
        part: BedPart::Lift,
        attack_ms: 700.0 - 500.0 * section.energy_at(0.0),
        release_ms: 1400.0,
        spread_ms: 8.0,
    };
    let mut last = before;
    let mut held: Option<Written> = None;
    for (slot, voicing) in slots.iter().zip(voicings) {
        let note = next_note(key, &slot.chord, voicing.bass, last);
        match &mut held {
            Some(written) if written.key == note => written.beats += slot.beats,
            _ => {
                if let Some(written) = held.take() {
                    sheet.write(&touch, written);
                }
                held = Some(Written {
                    line: 0,
                    start_beat: slot.start_beat,
                    beats: slot.beats,
                    key: note,
                    velocity: 0.3 + 0.3 * section.energy_at(slot.start_beat),
                    exact: false,
                });
            }
        }
        last = Some((voicing.bass, note));
    }
    if let Some(written) = held {
        sheet.write(&touch, written);
    }
    last
}

fn next_note(key: Key, chord: &Chord, bass: i32, last: Option<(i32, i32)>) -> i32 {
    let classes: Vec<i32> = chord
        .degrees
        .iter()
        .map(|&degree| key.key_of_step(degree).rem_euclid(OCTAVE))
        .collect();
    let cost = |note: &i32| {
        let way = last.map_or((note - 84).abs(), |(_, before)| (note - before).abs());
        let parallel = last.is_some_and(|last| is_parallel(last, (bass, *note)));
        // Doubling the bass high up sounds thin.
        way + 100 * i32::from(parallel) + i32::from((note - bass).rem_euclid(OCTAVE) == 0)
    };
    (RANGE.0..=RANGE.1)
        .filter(|note| classes.contains(&note.rem_euclid(OCTAVE)))
        .min_by_key(cost)
        .unwrap_or(RANGE.0)
}

/// Two notes of the chord to come, growing from nothing until the hit.
pub(super) fn write_swell(sheet: &mut Sheet<'_>, key: Key, coming: &Chord) {
    let section = sheet.section;
    let section_s = section.end_s - section.start_s;
    let swell_s = LONGEST_SWELL_S.min(SWELL_SHARE * section_s);
    if swell_s < SHORTEST_SWELL_S {
        return;
    }
    let touch = Touch {
        part: BedPart::Lift,
        attack_ms: 1e3 * swell_s,
        release_ms: SWELL_RELEASE_MS,
        spread_ms: 0.0,
    };
    let beats = swell_s / section.beat_s();
    let end = section.beats();
    let energy = section.energy_at(end);
    let degrees = [Some(coming.degree), coming.degrees.get(1).copied()];
    for (line, degree) in degrees.into_iter().flatten().enumerate() {
        let class = key.key_of_step(degree).rem_euclid(OCTAVE);
        let Some(note) =
            (SWELL_RANGE.0..=SWELL_RANGE.1).find(|note| note.rem_euclid(OCTAVE) == class)
        else {
            continue;
        };
        sheet.write(
            &touch,
            Written {
                line: 1 + line as u8,
                start_beat: end - beats,
                beats,
                key: note,
                velocity: 0.5 + 0.4 * energy,
                exact: true,
            },
        );
    }
}

/// The high octave of a hit's chord.
pub(super) fn write_hit(sheet: &mut Sheet<'_>, key: Key, slots: &[ChordSlot]) {
    let Some(slot) = slots.first() else { return };
    let energy = sheet.section.energy_at(0.0);
    let touch = Touch {
        part: BedPart::Lift,
        attack_ms: 4.0,
        release_ms: 1800.0,
        spread_ms: 0.0,
    };
    let class = key.key_of_step(slot.chord.degree).rem_euclid(OCTAVE);
    if let Some(note) = (RANGE.0..=RANGE.1).find(|note| note.rem_euclid(OCTAVE) == class) {
        sheet.write(
            &touch,
            Written {
                line: 3,
                start_beat: 0.0,
                beats: slot.beats.min(1.0),
                key: note,
                velocity: 0.4 + 0.4 * energy,
                exact: true,
            },
        );
    }
}
