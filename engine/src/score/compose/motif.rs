//! The motif: one short thought per bed, told, answered, turned over and remembered rather than new notes each time. Pure
//! arithmetic.
//!
//! The developments are the classical ones (Schoenberg, "Fundamentals of Musical Composition", ch. 3): sequence, inversion,
//! augmentation, fragment. Between tellings there is rest, and where somebody speaks the tune waits.

mod telling;

use super::bed::{BedPart, SectionKind};
use super::dice::Dice;
use super::harmony::ChordSlot;
use super::key::{Key, NUM_DEGREES, OCTAVE};
use super::pulse::slot_at;
use super::settings::{Metre, SpeechRange};
use super::sheet::{Sheet, Touch, Written};
use super::tables::{NUM_STEPS, Tables};
use telling::{Telling, Tone, told};

/// Keys that the tune stays within.
const RANGE: (i32, i32) = (62, 88);
/// Where a telling begins, by section; the lift is told higher.
const CENTRE: i32 = 71;
const LIFT_CENTRE: i32 = 78;
/// Bars shorter than this hold half a thought: the motif then takes two.
const SHORT_BAR_S: f64 = 2.2;
/// A telling is dropped when so much of it would be spoken over.
const MOST_SPOKEN_OVER: f64 = 0.3;
/// Scale steps between notes, and how likely each is: small ones most (Huron 2001 on pitch proximity).
const WAYS: [(i32, f64); 7] = [
    (1, 5.0),
    (-1, 5.0),
    (2, 3.0),
    (-2, 2.5),
    (3, 1.0),
    (4, 1.2),
    (-4, 0.6),
];

/// The thought of a bed.
pub(super) struct Motif {
    tones: Vec<Tone>,
    bars: usize,
    dice: Dice,
}

pub(super) struct MotifSetting<'a> {
    pub key: Key,
    pub density: f64,
    pub speech: &'a [SpeechRange],
    pub leads_to_hit: bool,
}

impl Motif {
    pub fn new(tables: &Tables, metre: Metre, beat_s: f64, density: f64, dice: &Dice) -> Self {
        let dice = dice.topic("motif");
        let bar_s = beat_s * f64::from(metre.beats_per_bar);
        let bars = if bar_s < SHORT_BAR_S { 2 } else { 1 };
        let mut throws = dice.topic("shape");
        let starts = rhythm(tables, metre, bars, density, &mut throws);
        let end = (bars as u32 * metre.beats_per_bar) as f64;
        let mut step = 0;
        let mut tones: Vec<Tone> = Vec::with_capacity(starts.len());
        for (index, &start) in starts.iter().enumerate() {
            if index > 0 {
                let weights = WAYS.map(|(way, weight)| {
                    // Back towards the middle: a thought is an arch, not a staircase.
                    let far = (step + way).abs();
                    if far > 5 {
                        0.0
                    } else {
                        weight / f64::from(1 + far)
                    }
                });
                step += WAYS[throws.weighted(&weights)].0;
            }
            let next = starts.get(index + 1).copied().unwrap_or(end);
            let beats = next - start;
            tones.push(Tone { start, beats, step });
        }
        Motif { tones, bars, dice }
    }

    pub fn write(&self, sheet: &mut Sheet<'_>, slots: &[ChordSlot], setting: &MotifSetting<'_>) {
        if sheet.section.is_ending {
            return;
        }
        let energy = sheet.section.energy_at(0.0);
        let touch = Touch {
            part: BedPart::Motif,
            attack_ms: 4.0,
            release_ms: 1500.0 - 700.0 * energy,
            spread_ms: 11.0,
        };
        let mut bar_start = 0.0;
        let mut last_key = None;
        let bars: Vec<f64> = sheet.section.bars.clone();
        for (unit, unit_bars) in bars.chunks(self.bars).enumerate() {
            let beats: f64 = unit_bars.iter().sum();
            let telling = self.telling(sheet.section.kind, unit, setting.density);
            let room =
                sheet.section.beats() - bar_start - if setting.leads_to_hit { 1.0 } else { 0.0 };
            let tones = told(&self.tones, telling, room);
            let place = Place {
                start: bar_start,
                slots,
                centre: last_key.unwrap_or(centre(sheet.section.kind)),
            };
            let keys = keys_of(setting.key, &tones, &place);
            let notes: Vec<(Tone, i32)> = tones.into_iter().zip(keys).collect();
            if !is_spoken_over(sheet, bar_start, &notes, setting.speech) {
                for &(tone, key) in &notes {
                    write_tone(sheet, &touch, bar_start, tone, key);
                }
                last_key = notes
                    .last()
                    .map(|(_, key)| (key + centre(sheet.section.kind)) / 2);
            }
            bar_start += beats;
        }
    }

    /// What happens in one unit of a section.
    fn telling(&self, kind: SectionKind, unit: usize, density: f64) -> Telling {
        use Telling::{Augmentation, Fragment, Inversion, Plain, Rest, Sequence};
        const INTRO: [Telling; 4] = [Rest, Rest, Fragment, Rest];
        const MAIN: [[Telling; 8]; 3] = [
            [
                Plain,
                Rest,
                Sequence(1),
                Rest,
                Plain,
                Fragment,
                Inversion,
                Rest,
            ],
            [
                Rest,
                Plain,
                Rest,
                Sequence(-1),
                Rest,
                Plain,
                Augmentation,
                Rest,
            ],
            [
                Plain,
                Rest,
                Plain,
                Fragment,
                Sequence(2),
                Rest,
                Inversion,
                Rest,
            ],
        ];
        const CONTRAST: [Telling; 8] = [
            Inversion,
            Rest,
            Sequence(-1),
            Rest,
            Inversion,
            Fragment,
            Augmentation,
            Rest,
        ];
        const HEIGHT: [Telling; 8] = [
            Plain,
            Sequence(1),
            Plain,
            Fragment,
            Sequence(2),
            Inversion,
            Plain,
            Augmentation,
        ];
        const END: [Telling; 4] = [Augmentation, Rest, Fragment, Rest];
        let mut dice = self.dice.topic("plan");
        let main = &MAIN[dice.below(MAIN.len())];
        let planned = match kind {
            SectionKind::Intro => INTRO[unit % INTRO.len()],
            SectionKind::A => main[unit % main.len()],
            SectionKind::B => CONTRAST[unit % CONTRAST.len()],
            SectionKind::Lift => HEIGHT[unit % HEIGHT.len()],
            SectionKind::Outro => END[unit % END.len()],
        };
        let mut dice = self.dice.topic("rests").topic(kind.name()).place(unit);
        let is_told = kind == SectionKind::Lift || dice.chance(0.5 + 0.5 * density);
        if is_told { planned } else { Rest }
    }
}

fn centre(kind: SectionKind) -> i32 {
    if kind == SectionKind::Lift {
        LIFT_CENTRE
    } else {
        CENTRE
    }
}

/// Starts of the motif's notes in beats, drawn by the metrical weights; more notes where there is more density, and room
/// to breathe at the end.
fn rhythm(tables: &Tables, metre: Metre, bars: usize, density: f64, dice: &mut Dice) -> Vec<f64> {
    let steps = metre.beats_per_bar * metre.steps_per_beat;
    let mut weights: Vec<f64> = (0..steps * bars as u32)
        .map(|step| weight_of(tables, metre, step % steps))
        .collect();
    let count = (2.4 + 3.2 * density + dice.between(-0.5, 1.0))
        .round()
        .max(2.0) as usize;
    // The last third rests.
    let quiet = weights.len() - weights.len() / 3;
    for weight in weights.iter_mut().skip(quiet) {
        *weight *= 0.12;
    }
    let mut chosen = Vec::with_capacity(count);
    // Most thoughts begin on the first beat, some just after it.
    if dice.chance(0.7) {
        chosen.push(0);
        weights[0] = 0.0;
    }
    while chosen.len() < count.min(weights.len() / 2) {
        let step = dice.weighted(&weights);
        if weights[step] == 0.0 {
            break;
        }
        weights[step] = 0.0;
        chosen.push(step);
    }
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|step| step as f64 / f64::from(metre.steps_per_beat))
        .collect()
}

/// The tables hold a bar of four beats in sixteenths; other bars use the weight of the same kind of place.
fn weight_of(tables: &Tables, metre: Metre, step: u32) -> f64 {
    if metre == Metre::COMMON {
        return tables.onsets[step as usize % NUM_STEPS];
    }
    let (beat, part) = (step / metre.steps_per_beat, step % metre.steps_per_beat);
    let place = match (
        part * 4 / metre.steps_per_beat,
        part * 4 % metre.steps_per_beat,
    ) {
        (0, 0) if beat == 0 => 0,
        (0, 0) => 4,
        (2, 0) => 2,
        // Thirds of a beat are to 6/8 what eighths are to 4/4.
        _ if metre.steps_per_beat == 6 && part % 2 == 0 => 2,
        _ => 1,
    };
    tables.onsets[place]
}

/// Where a telling stands.
struct Place<'a> {
    start: f64,
    slots: &'a [ChordSlot],
    centre: i32,
}

/// Keys of the tones: the first on the chord's note nearest to the centre, long and strong ones on the chord's nearest
/// note, the others by step in between.
fn keys_of(key: Key, tones: &[Tone], place: &Place<'_>) -> Vec<i32> {
    let Some(first) = tones.first() else {
        return Vec::new();
    };
    let anchor = slot_at(place.slots, place.start + first.start).map_or_else(
        || key.step_of_key(place.centre),
        |slot| nearest_chord_step(slot, key.step_of_key(place.centre)),
    );
    tones
        .iter()
        .map(|tone| {
            let beat = place.start + tone.start;
            let step = anchor + tone.step - first.step;
            let is_strong = beat.fract() == 0.0 || tone.beats >= 1.0;
            let step = match slot_at(place.slots, beat) {
                Some(slot) if is_strong => nearest_chord_step(slot, step),
                _ => step,
            };
            into_range(key.key_of_step(step))
        })
        .collect()
}

fn nearest_chord_step(slot: &ChordSlot, step: i32) -> i32 {
    let is_of_chord = |candidate: &i32| {
        slot.chord
            .degrees
            .contains(&candidate.rem_euclid(NUM_DEGREES))
    };
    (0..=NUM_DEGREES)
        .flat_map(|way| [step + way, step - way])
        .find(is_of_chord)
        .unwrap_or(step)
}

fn into_range(mut key: i32) -> i32 {
    while key < RANGE.0 {
        key += OCTAVE;
    }
    while key > RANGE.1 {
        key -= OCTAVE;
    }
    key
}

fn is_spoken_over(
    sheet: &Sheet<'_>,
    start: f64,
    notes: &[(Tone, i32)],
    speech: &[SpeechRange],
) -> bool {
    let (Some((first, _)), Some((last, _))) = (notes.first(), notes.last()) else {
        return false;
    };
    let from_s = sheet.section.time_s(start + first.start);
    let to_s = sheet
        .section
        .time_s(start + last.start + last.beats.min(1.0));
    let spoken_s: f64 = speech
        .iter()
        .map(|range| (range.end_s.min(to_s) - range.start_s.max(from_s)).max(0.0))
        .sum();
    spoken_s > MOST_SPOKEN_OVER * (to_s - from_s)
}

fn write_tone(sheet: &mut Sheet<'_>, touch: &Touch, start: f64, tone: Tone, key: i32) {
    let start_beat = start + tone.start;
    let accent = if tone.start == 0.0 { 0.06 } else { 0.0 };
    let velocity = 0.42 + 0.3 * sheet.section.energy_at(start_beat) + accent;
    sheet.write(
        touch,
        Written {
            line: 0,
            start_beat,
            beats: 0.97 * tone.beats,
            key,
            velocity,
            exact: false,
        },
    );
}
