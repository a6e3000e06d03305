//! The sheet that parts write their notes on: beats become seconds, and every note gets the small unevenness of a hand.
//! Pure arithmetic.

use super::bed::{BedNote, BedPart, Section};
use super::dice::Dice;

/// Notes end this long before the bed does, seconds: their release is over, and the file ends in silence.
const LAST_SILENCE_S: f64 = 0.03;
/// Largest share of the time a late note has left that its release may take.
const RELEASE_SHARE: f64 = 0.7;
/// Share of the last chord's time in which it dies away.
const ENDING_RELEASE_SHARE: f64 = 0.55;
/// Unevenness of velocity, one standard deviation.
const VELOCITY_SPREAD: f64 = 0.025;

/// How a part's notes begin and end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub part: BedPart,
    pub attack_ms: f64,
    pub release_ms: f64,
    /// One standard deviation of a note's distance from its beat, ms.
    pub spread_ms: f64,
}

/// One note in beats of its section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub line: u8,
    pub start_beat: f64,
    pub beats: f64,
    pub key: i32,
    pub velocity: f64,
    /// On the beat to the sample, as hits are.
    pub exact: bool,
}

/// Collects the notes of one section.
pub(super) struct Sheet<'a> {
    pub section: &'a Section,
    pub index: usize,
    dice: Dice,
    pub notes: Vec<BedNote>,
}

impl<'a> Sheet<'a> {
    pub fn new(section: &'a Section, index: usize, dice: &Dice) -> Self {
        Sheet {
            section,
            index,
            dice: dice.topic("hand").place(index),
            notes: Vec::new(),
        }
    }

    /// Writes a note. One without length, or outside MIDI's keys, is left out.
    pub fn write(&mut self, touch: &Touch, note: Written) {
        let mut dice = self.dice.topic(touch.part.name()).place(self.notes.len());
        let Ok(key) = u8::try_from(note.key) else {
            return;
        };
        let spread_s = if note.exact || self.is_on_hit(note.start_beat) {
            0.0
        } else {
            0.001 * touch.spread_ms
        };
        let shift_s = spread_s * dice.normal();
        let start_s = (self.section.time_s(note.start_beat) + shift_s).max(self.section.start_s);
        let end_s = self.section.time_s(note.start_beat + note.beats);
        if key > 127 || end_s <= start_s {
            return;
        }
        let velocity = note.velocity + VELOCITY_SPREAD * dice.normal();
        self.notes.push(BedNote {
            part: touch.part,
            line: note.line,
            start_s,
            end_s,
            key,
            velocity: velocity.clamp(0.08, 1.0) as f32,
            attack_ms: touch.attack_ms as f32,
            release_ms: touch.release_ms as f32,
            section: self.index,
            seed: dice.seed(),
        });
    }

    fn is_on_hit(&self, beat: f64) -> bool {
        beat == 0.0 && (self.section.hit.is_some() || self.section.is_ending)
    }
}

/// Brings late notes in before the end, so that nothing is cut off, and lets the last chord die away slowly.
pub(super) fn end_inside(
    notes: &mut Vec<BedNote>,
    length_s: f64,
    ending: Option<(usize, &Section)>,
) {
    let last_s = length_s - LAST_SILENCE_S;
    for note in notes.iter_mut() {
        if let Some((_, section)) = ending.filter(|(index, _)| *index == note.section) {
            let slow_ms = 1e3 * ENDING_RELEASE_SHARE * (section.end_s - section.start_s);
            note.release_ms = note.release_ms.max(slow_ms as f32);
        }
        let room_ms = 1e3 * RELEASE_SHARE * (last_s - note.start_s).max(0.0);
        note.release_ms = note.release_ms.min(room_ms as f32);
        note.end_s = note.end_s.min(last_s - 1e-3 * f64::from(note.release_ms));
    }
    notes.retain(|note| note.end_s > note.start_s);
}
