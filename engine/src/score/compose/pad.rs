//! The pad: long chords with slow inner motion. Common tones are held over, inner lines now and then arrive late
//! (suspensions) or lean out and back (neighbours). Pure arithmetic.

use super::bed::BedPart;
use super::dice::Dice;
use super::harmony::ChordSlot;
use super::key::Key;
use super::sheet::{Sheet, Touch, Written};
use super::voicing::Voicing;

/// How likely an inner line ornaments a chord.
const ORNAMENT: f64 = 0.4;
/// Chords overlap by this share of a beat, so that the sound does not breathe.
const OVERLAP_BEATS: f64 = 0.1;
/// Shortest chord that is ornamented, beats.
const SHORTEST_ORNAMENTED_BEATS: f64 = 2.5;
/// Notes are struck anew after this long, seconds: a chord that never moves dies to the ear.
const LONGEST_NOTE_S: f64 = 16.0;

/// A stretch of one key in one line.
#[derive(Clone, Copy)]
struct Stretch {
    start: f64,
    end: f64,
    key: i32,
}

/// The chords of a section and what lines may do with them.
struct Chords<'a> {
    slots: &'a [ChordSlot],
    voicings: &'a [Voicing],
    may_ornament: bool,
    /// Beats after which a held note is struck anew.
    longest: f64,
}

pub(super) fn write(
    sheet: &mut Sheet<'_>,
    key: Key,
    slots: &[ChordSlot],
    voicings: &[Voicing],
    dice: &Dice,
) {
    let energy = sheet.section.energy_at(0.0);
    let touch = Touch {
        part: BedPart::Pad,
        attack_ms: if sheet.section.hit.is_some() {
            25.0
        } else {
            950.0 - 780.0 * energy
        },
        release_ms: 1900.0 - 900.0 * energy,
        spread_ms: 9.0,
    };
    let num_lines = voicings.first().map_or(0, |voicing| voicing.pad.len());
    for line in 0..num_lines {
        let mut dice = dice
            .topic("pad")
            .topic(sheet.section.kind.name())
            .place(line);
        let chords = Chords {
            slots,
            voicings,
            // The last chord rests.
            may_ornament: !sheet.section.is_ending,
            longest: longest_beats(sheet),
        };
        for stretch in stretches(key, &chords, line, &mut dice) {
            let velocity = 0.42 + 0.3 * sheet.section.energy_at(stretch.start);
            let soft_attack = Touch {
                attack_ms: if stretch.start > 0.0 {
                    950.0 - 780.0 * energy
                } else {
                    touch.attack_ms
                },
                ..touch
            };
            sheet.write(
                &soft_attack,
                Written {
                    line: line as u8,
                    start_beat: stretch.start,
                    beats: stretch.end - stretch.start + OVERLAP_BEATS,
                    key: stretch.key,
                    velocity,
                    exact: false,
                },
            );
        }
    }
}

fn longest_beats(sheet: &Sheet<'_>) -> f64 {
    LONGEST_NOTE_S / sheet.section.beat_s()
}

/// What one line plays: a key per chord, ornaments put in, equal neighbours joined.
fn stretches(key: Key, chords: &Chords<'_>, line: usize, dice: &mut Dice) -> Vec<Stretch> {
    let voicings = chords.voicings;
    let mut line_keys = Vec::new();
    for (place, slot) in chords.slots.iter().enumerate() {
        let own = voicings[place].pad[line];
        let end = slot.start_beat + slot.beats;
        let is_inner = line > 0 && line + 1 < voicings[place].pad.len();
        let above = voicings[place]
            .pad
            .get(line + 1)
            .copied()
            .unwrap_or(i32::MAX);
        let previous = place
            .checked_sub(1)
            .map(|before| voicings[before].pad[line]);
        let ornaments = chords.may_ornament
            && is_inner
            && slot.beats >= SHORTEST_ORNAMENTED_BEATS
            && dice.chance(ORNAMENT);
        let from_above = previous
            .filter(|&held| key.step_of_key(held) == key.step_of_key(own) + 1 && held < above);
        let neighbour = key.key_of_step(key.step_of_key(own) + 1);
        if let (true, Some(held)) = (ornaments, from_above) {
            let late = slot.start_beat + (0.25 * slot.beats).max(1.0);
            line_keys.push(Stretch {
                start: slot.start_beat,
                end: late,
                key: held,
            });
            line_keys.push(Stretch {
                start: late,
                end,
                key: own,
            });
        } else if ornaments && neighbour < above - 1 {
            let (out, back) = (
                slot.start_beat + 0.5 * slot.beats,
                slot.start_beat + 0.75 * slot.beats,
            );
            line_keys.push(Stretch {
                start: slot.start_beat,
                end: out,
                key: own,
            });
            line_keys.push(Stretch {
                start: out,
                end: back,
                key: neighbour,
            });
            line_keys.push(Stretch {
                start: back,
                end,
                key: own,
            });
        } else {
            line_keys.push(Stretch {
                start: slot.start_beat,
                end,
                key: own,
            });
        }
    }
    joined(&line_keys, chords.longest)
}

fn joined(line_keys: &[Stretch], longest: f64) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::with_capacity(line_keys.len());
    for &stretch in line_keys {
        match joined.last_mut() {
            Some(last) if last.key == stretch.key && stretch.end - last.start <= longest => {
                last.end = stretch.end;
            }
            _ => joined.push(stretch),
        }
    }
    joined
}
