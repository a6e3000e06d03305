//! A minute of random playing: what happens, and when. Used by the soak; makes no sound.

use engine::{EnvelopeSettings, Event, KeyMode, NoteAddress, NoteExpression, PlayerParameters};

use super::dice::Dice;

/// Length of a scene, s.
pub const SCENE_S: f64 = 60.0;
/// Slots that have a sound; the next one never has.
pub const NUM_SOUNDS: u8 = 3;
/// Slots of the player.
pub const NUM_SLOTS: u8 = NUM_SOUNDS + 1;
/// Keys that are played: some lie beyond the model's own, and are baked when they are struck first.
pub const KEYS: [u8; 16] = [
    20, 28, 36, 41, 45, 48, 52, 55, 60, 62, 64, 67, 71, 76, 84, 110,
];
const NUM_CHANNELS: u8 = 4;
const SUSTAIN: u8 = 64;
/// Controllers that are moved: modulation, volume, pan, expression, sostenuto, soft, timbre, bend range and its data, and
/// three that mean nothing.
const CONTROLLERS: [u8; 14] = [1, 7, 10, 11, 66, 67, 74, 101, 100, 6, 38, 3, 20, 99];

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Act {
    /// As a host says it.
    Event(Event),
    /// All parameters at once.
    Set(PlayerParameters),
}

/// How busy a minute is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Manner {
    notes_per_s: f32,
    hold_s: (f32, f32),
    /// Notes begin before this, s.
    until_s: f64,
    /// Moves of bends, pedals, controllers and single notes.
    moves_per_s: f32,
    /// Whether events come that no host should send, in modes that change all the time.
    is_storm: bool,
}

const REST: Manner = Manner {
    notes_per_s: 0.02,
    hold_s: (0.1, 1.0),
    until_s: 50.0,
    moves_per_s: 0.1,
    is_storm: false,
};
const SPARSE: Manner = Manner {
    notes_per_s: 0.25,
    hold_s: (1.0, 8.0),
    until_s: 52.0,
    moves_per_s: 0.5,
    is_storm: false,
};
const WALKING: Manner = Manner {
    notes_per_s: 1.5,
    hold_s: (0.05, 1.5),
    until_s: 58.0,
    moves_per_s: 2.0,
    is_storm: false,
};
const DENSE: Manner = Manner {
    notes_per_s: 12.0,
    hold_s: (0.05, 2.5),
    until_s: 12.0,
    moves_per_s: 10.0,
    is_storm: false,
};
const STORM: Manner = Manner {
    notes_per_s: 60.0,
    hold_s: (0.0, 0.5),
    until_s: 5.0,
    moves_per_s: 150.0,
    is_storm: true,
};

/// A scene, in order: time in s and what happens.
pub fn scene(dice: &mut Dice) -> Vec<(f64, Act)> {
    let manner = match dice.below(20) {
        0..=2 => REST,
        3..=10 => SPARSE,
        11..=16 => WALKING,
        17 | 18 => DENSE,
        _ => STORM,
    };
    scene_in(dice, manner)
}

/// The wildest scene: what no host should send is in it.
pub fn storm(dice: &mut Dice) -> Vec<(f64, Act)> {
    scene_in(dice, STORM)
}

fn scene_in(dice: &mut Dice, manner: Manner) -> Vec<(f64, Act)> {
    let mut acts = vec![(0.0, Act::Set(parameters(dice, manner.is_storm)))];
    if dice.percent(60) {
        for channel in 0..NUM_CHANNELS {
            let slot = dice.below(u32::from(NUM_SOUNDS)) as u8;
            acts.push((0.0, Act::Event(Event::Sound { channel, slot })));
        }
    }
    add_notes(dice, &manner, &mut acts);
    add_moves(dice, &manner, &mut acts);
    let ending = match dice.below(10) {
        _ if manner.is_storm => Some(Event::Reset),
        0 => None,
        1 | 2 => Some(Event::Reset),
        _ => Some(Event::AllNotesOff),
    };
    acts.extend(ending.map(|event| (SCENE_S - 1.0, Act::Event(event))));
    acts.retain(|(time_s, _)| *time_s < SCENE_S);
    acts.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    acts
}

fn add_notes(dice: &mut Dice, manner: &Manner, acts: &mut Vec<(f64, Act)>) {
    let mut time_s = 0.5 + dice.wait_s(manner.notes_per_s);
    while time_s < manner.until_s {
        let channel = dice.below(u32::from(NUM_CHANNELS)) as u8;
        let key = dice.of(&KEYS);
        let on = Event::NoteOn {
            channel,
            key,
            velocity: dice.between(0.05, 1.0),
            note_id: dice.percent(50).then_some(i32::from(key)),
            seed: None,
        };
        acts.push((time_s, Act::Event(on)));
        let off = Event::NoteOff {
            channel,
            key,
            velocity: 0.5,
        };
        let hold_s = dice.between(manner.hold_s.0, manner.hold_s.1);
        acts.push((time_s + f64::from(hold_s), Act::Event(off)));
        time_s += dice.wait_s(manner.notes_per_s);
    }
}

fn add_moves(dice: &mut Dice, manner: &Manner, acts: &mut Vec<(f64, Act)>) {
    let mut time_s = dice.wait_s(manner.moves_per_s);
    while time_s < manner.until_s {
        match dice.below(5) {
            0 => {
                let channel = dice.below(u32::from(NUM_CHANNELS)) as u8;
                for (after_s, value) in [(0.0, 1.0), (dice.between(0.1, 3.0), 0.0)] {
                    let pedal = Event::Controller {
                        channel,
                        number: SUSTAIN,
                        value,
                    };
                    acts.push((time_s + f64::from(after_s), Act::Event(pedal)));
                }
            }
            1 if manner.is_storm => acts.push((time_s, Act::Set(parameters(dice, true)))),
            2 if manner.is_storm => acts.push((time_s, Act::Event(outrageous(dice)))),
            _ => acts.push((time_s, Act::Event(gesture(dice)))),
        }
        time_s += dice.wait_s(manner.moves_per_s);
    }
}

/// A move that any host may send.
fn gesture(dice: &mut Dice) -> Event {
    let channel = dice.below(u32::from(NUM_CHANNELS)) as u8;
    let value = dice.unit();
    match dice.below(6) {
        0 | 1 => Event::PitchBend {
            channel,
            value: 2.0 * value - 1.0,
        },
        2 => Event::ChannelPressure {
            channel,
            pressure: value,
        },
        3 => Event::Controller {
            channel,
            number: dice.of(&CONTROLLERS),
            value,
        },
        4 => Event::Sound {
            channel,
            slot: dice.below(u32::from(NUM_SOUNDS)) as u8,
        },
        _ => Event::NoteExpression {
            address: NoteAddress {
                note_id: None,
                channel: Some(channel),
                key: Some(dice.of(&KEYS)),
            },
            expression: match dice.below(6) {
                0 => NoteExpression::Tuning(24.0 * value - 12.0),
                1 => NoteExpression::Brightness(value),
                2 => NoteExpression::Pressure(value),
                3 => NoteExpression::Pan(2.0 * value - 1.0),
                4 => NoteExpression::Volume(30.0 * value - 20.0),
                _ => NoteExpression::Vibrato(value),
            },
        },
    }
}

/// What no host should send, and what it may send at the worst time.
fn outrageous(dice: &mut Dice) -> Event {
    let number = dice.of(&[f32::NAN, f32::INFINITY, -0.2, 1.7]);
    let channel = dice.of(&[0, 1, 16, 255]);
    let key = dice.of(&[0, 60, 127, 128, 200]);
    match dice.below(9) {
        0 => Event::NoteOn {
            channel,
            key,
            velocity: number,
            note_id: Some(-1),
            seed: Some(7),
        },
        1 => Event::NoteOff {
            channel,
            key,
            velocity: number,
        },
        2 => Event::Choke { channel, key },
        3 => Event::Sound {
            channel,
            slot: dice.of(&[NUM_SOUNDS, NUM_SLOTS, 255, 1]),
        },
        4 => Event::Bend {
            channel,
            semitones: number,
        },
        5 => Event::Controller {
            channel,
            number: dice.of(&[7, 120, 121, 123, 200]),
            value: number,
        },
        6 => Event::Volume {
            channel,
            gain_db: dice.of(&[f32::NAN, f32::NEG_INFINITY, 6.0]),
        },
        7 => Event::Width(number),
        _ => Event::AllNotesOff,
    }
}

fn parameters(dice: &mut Dice, is_storm: bool) -> PlayerParameters {
    let modes = [KeyMode::Poly, KeyMode::Mono, KeyMode::Legato];
    let mut parameters = PlayerParameters {
        corners: match dice.below(8) {
            0 => Some([0, 1, 2, 1]),
            1 => Some([2, 2, 0, 0]),
            _ => None,
        },
        morph_x: dice.unit(),
        morph_y: dice.unit(),
        envelope: EnvelopeSettings {
            attack_ms: dice.between(0.0, 50.0),
            decay_ms: dice.between(0.0, 400.0),
            sustain_level: dice.between(0.3, 1.0),
            release_ms: dice.between(5.0, 400.0),
        },
        key_mode: if dice.percent(15) {
            dice.of(&modes)
        } else {
            KeyMode::Poly
        },
        max_voices: dice.of(&[2, 4, 8, 16, 32, 64]),
        glide_ms: if dice.percent(20) {
            dice.between(0.0, 300.0)
        } else {
            0.0
        },
        touch_tilt_db: dice.between(0.0, 6.0),
        touch_morph: dice.unit(),
        transpose_semitones: dice.of(&[0, 0, 0, 0, -12, 12]),
        detune_cents: if dice.percent(10) {
            dice.between(0.0, 30.0)
        } else {
            0.0
        },
        reverb_size: dice.between(0.0, 0.6),
        reverb_mix: if dice.percent(15) {
            dice.between(0.05, 0.4)
        } else {
            0.0
        },
        output_gain_db: dice.between(-12.0, 6.0),
        limiter: true,
        ..PlayerParameters::default()
    };
    if is_storm {
        parameters.key_mode = dice.of(&modes);
        parameters.mpe = dice.percent(30);
        match dice.below(10) {
            0 => parameters.morph_x = f32::NAN,
            1 => parameters.corners = Some([0, 1, 2, NUM_SLOTS]),
            2 => parameters.corners = Some([0, 1, 2, NUM_SOUNDS]),
            3 => parameters.envelope.attack_ms = f32::INFINITY,
            _ => {}
        }
    }
    parameters
}
