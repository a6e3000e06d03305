//! What a player adds to written notes: swells, scoops and vibrato, as controllers and pitch bends.

use engine::score::write::{bend, controller};

use super::{Messages, TICKS_PER_BEAT};

const EXPRESSION: u8 = 11;
/// Registered parameter 0 and its data entry (MIDI 1.0).
const RPN_COARSE: u8 = 101;
const RPN_FINE: u8 = 100;
const DATA_ENTRY: u8 = 6;

/// Ticks between two controller values: 26 ms at the tune's tempo, too fine to hear as steps.
const STEP_TICKS: u32 = 15;
/// A scoop starts this far below, in parts of the bend range of two semitones, and takes this long.
const SCOOP_DEPTH: f64 = 0.35;
const SCOOP_TICKS: u32 = 150;
/// Vibrato starts after this long and widens to 18 cents.
const VIBRATO_DELAY_TICKS: u32 = TICKS_PER_BEAT;
const VIBRATO_DEPTH: f64 = 0.09;
const VIBRATO_TICKS_PER_TURN: f64 = 112.0;

/// Sets the range of the pitch wheel.
pub fn bend_range(semitones: u8) -> Messages {
    [(RPN_COARSE, 0), (RPN_FINE, 0), (DATA_ENTRY, semitones)]
        .map(|(number, value)| (0, controller(number, value)))
        .to_vec()
}

/// Expression rises from the first value to the second and sinks again, as half a sine.
pub fn swell(messages: &mut Messages, start: u32, length: u32, values: (u8, u8)) {
    expression(messages, start, length, values, |share| {
        (std::f64::consts::PI * share).sin()
    });
}

/// Expression goes from the first value to the second, steadily.
pub fn fade(messages: &mut Messages, start: u32, length: u32, values: (u8, u8)) {
    expression(messages, start, length, values, |share| share);
}

/// `shape` says how far from the first value to the second, at each share of the length.
fn expression(
    messages: &mut Messages,
    start: u32,
    length: u32,
    (first, second): (u8, u8),
    shape: fn(f64) -> f64,
) {
    let mut last = None;
    for tick in (0..length).step_by(STEP_TICKS as usize) {
        let share = shape(f64::from(tick) / f64::from(length));
        let value = (f64::from(first) * (1.0 - share) + f64::from(second) * share).round() as u8;
        if last.replace(value) != Some(value) {
            messages.push((start + tick, controller(EXPRESSION, value)));
        }
    }
}

/// Slides up into a note.
pub fn scoop(messages: &mut Messages, start: u32) {
    for tick in (0..=SCOOP_TICKS).step_by(STEP_TICKS as usize) {
        let left = 1.0 - f64::from(tick) / f64::from(SCOOP_TICKS);
        messages.push((start + tick, bend(-SCOOP_DEPTH * left * left)));
    }
}

/// Widens over the note and ends with it.
pub fn vibrato(messages: &mut Messages, start: u32, length: u32) {
    for tick in (VIBRATO_DELAY_TICKS..length).step_by(STEP_TICKS as usize) {
        let since = f64::from(tick - VIBRATO_DELAY_TICKS);
        let width = VIBRATO_DEPTH * since / f64::from(length - VIBRATO_DELAY_TICKS);
        let turns = since / VIBRATO_TICKS_PER_TURN;
        let position = width * (std::f64::consts::TAU * turns).sin();
        messages.push((start + tick, bend(position)));
    }
    messages.push((start + length, bend(0.0)));
}
