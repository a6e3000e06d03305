//! Properties of the player that hold for any stream of events and parameters, whatever numbers they hold: what breaks one
//! is cut down to the shortest stream that does.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{Event, KeyMode, NoteAddress, NoteExpression, Player, PlayerConfig, PlayerParameters};
use fixture::{ClosedForm, note, sawtooth};
use proptest::prelude::*;
use proptest::sample::select;

/// Frames of one stream.
const FRAMES: usize = 6_000;
/// With the limiter on no sample passes it.
const FULL_SCALE: f32 = 1.0;
const NUM_SLOTS: u8 = 2;
/// Blocks of 10 ms: releases of streams that leave the envelope as it is, and the shortest note before them.
const MOST_SETTLING_BLOCKS: usize = 100;

/// One thing that happens, and how many frames later the next does.
#[derive(Clone, Debug)]
struct Step {
    act: Act,
    frames: usize,
}

#[derive(Clone, Debug)]
enum Act {
    Event(Event),
    Set(PlayerParameters),
}

/// Numbers as hosts send them, and as broken ones do.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        6 => -1.5_f32..1.5,
        1 => -1e4_f32..1e4,
        1 => any::<f32>(),
        1 => select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MIN_POSITIVE]),
    ]
}

fn key() -> impl Strategy<Value = u8> {
    prop_oneof![9 => 36_u8..85, 1 => any::<u8>()]
}

fn channel() -> impl Strategy<Value = u8> {
    prop_oneof![9 => 0_u8..3, 1 => any::<u8>()]
}

fn expression() -> impl Strategy<Value = NoteExpression> {
    (0..6_u8, number()).prop_map(|(which, value)| match which {
        0 => NoteExpression::Tuning(value),
        1 => NoteExpression::Brightness(value),
        2 => NoteExpression::Pressure(value),
        3 => NoteExpression::Pan(value),
        4 => NoteExpression::Volume(value),
        _ => NoteExpression::Vibrato(value),
    })
}

fn event() -> impl Strategy<Value = Event> {
    let strike = (channel(), key(), number()).prop_map(|(channel, key, velocity)| Event::NoteOn {
        channel,
        key,
        velocity,
        note_id: Some(i32::from(key)),
        seed: None,
    });
    let release =
        (channel(), key(), number()).prop_map(|(channel, key, velocity)| Event::NoteOff {
            channel,
            key,
            velocity,
        });
    let controller =
        (channel(), any::<u8>(), number()).prop_map(|(channel, number, value)| Event::Controller {
            channel,
            number,
            value,
        });
    let of_channel =
        (channel(), number(), 0..5_u8).prop_map(|(channel, value, which)| match which {
            0 => Event::PitchBend { channel, value },
            1 => Event::Bend {
                channel,
                semitones: value,
            },
            2 => Event::ChannelPressure {
                channel,
                pressure: value,
            },
            3 => Event::Volume {
                channel,
                gain_db: value,
            },
            _ => Event::Pan {
                channel,
                position: value,
            },
        });
    let of_note = (channel(), key(), expression()).prop_map(|(channel, key, expression)| {
        Event::NoteExpression {
            address: NoteAddress {
                note_id: None,
                channel: Some(channel),
                key: Some(key),
            },
            expression,
        }
    });
    prop_oneof![
        6 => strike,
        3 => release,
        3 => controller,
        3 => of_channel,
        2 => of_note,
        1 => (channel(), key()).prop_map(|(channel, key)| Event::Choke { channel, key }),
        1 => (channel(), any::<u8>()).prop_map(|(channel, slot)| Event::Sound {
            channel,
            slot: slot % 4
        }),
        1 => number().prop_map(Event::Width),
        1 => select(vec![Event::AllNotesOff, Event::Reset]),
    ]
}

fn parameters() -> impl Strategy<Value = PlayerParameters> {
    let modes = select(vec![KeyMode::Poly, KeyMode::Mono, KeyMode::Legato]);
    let corners = select(vec![None, Some([0, 1, 1, 0]), Some([0, 9, 1, 1])]);
    let numbers = proptest::array::uniform8(number());
    (modes, corners, numbers, any::<bool>(), 0_usize..9).prop_map(
        |(key_mode, corners, numbers, mpe, max_voices)| PlayerParameters {
            corners,
            key_mode,
            mpe,
            max_voices,
            morph_x: numbers[0],
            morph_y: numbers[1],
            glide_ms: numbers[2],
            tilt_db: numbers[3],
            detune_cents: numbers[4],
            reverb_mix: numbers[5],
            fine_cents: numbers[6],
            output_gain_db: numbers[7],
            limiter: true,
            ..PlayerParameters::default()
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let act = prop_oneof![
        6 => event().prop_map(Act::Event),
        1 => parameters().prop_map(Act::Set),
    ];
    let step = (act, 0_usize..400).prop_map(|(act, frames)| Step { act, frames });
    proptest::collection::vec(step, 1..40)
}

fn player() -> (engine::Controller, Player) {
    let config = PlayerConfig {
        max_voices: 8,
        num_sounds: usize::from(NUM_SLOTS),
        ..PlayerConfig::default()
    };
    let (mut controller, mut player) = engine::new(&config).unwrap();
    let rich = ClosedForm {
        noise_db: |_, _| -60.0,
        ..sawtooth()
    };
    for (slot, key) in [(0, 40), (0, 64), (1, 55)] {
        controller.send_note(slot, 1, note(&rich, key)).unwrap();
    }
    player.take_arrivals();
    let limited = PlayerParameters {
        limiter: true,
        ..PlayerParameters::default()
    };
    player.set_parameters(&limited);
    (controller, player)
}

fn limit(player: &mut Player) {
    // A reset sets the limiter back: hosts send parameters again.
    let limited = PlayerParameters {
        limiter: true,
        ..*player.parameters()
    };
    player.set_parameters(&limited);
}

fn obey(player: &mut Player, act: &Act) {
    match act {
        Act::Event(event) => player.handle(event),
        Act::Set(parameters) => player.set_parameters(parameters),
    }
    limit(player);
}

/// Plays all steps, rendering at most so many frames at once; both channels, one behind the other.
fn play(player: &mut Player, steps: &[Step], block: usize) -> Vec<f32> {
    let (mut left, mut right) = (vec![0.0; FRAMES], vec![0.0; FRAMES]);
    let mut frame = 0;
    for step in steps {
        obey(player, &step.act);
        let end = (frame + step.frames).min(FRAMES);
        while frame < end {
            let until = (frame + block).min(end);
            player.render_into(&mut left[frame..until], &mut right[frame..until]);
            frame = until;
        }
    }
    player.render_into(&mut left[frame..], &mut right[frame..]);
    left.extend(right);
    left
}

/// Whether the player takes an act for what it is: it counts what it refuses.
fn is_refused(act: &Act) -> bool {
    let (controller, mut player) = player();
    match act {
        Act::Event(event) => player.handle(event),
        Act::Set(_) => return false,
    }
    controller.counts().refused_events > 0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_stays_a_number_below_full_scale(steps in steps()) {
        let (_controller, mut player) = player();
        for sample in play(&mut player, &steps, 512) {
            prop_assert!(sample.abs() <= FULL_SCALE, "{sample}");
        }
    }

    #[test]
    fn any_stream_sounds_the_same_however_blocks_are_cut(steps in steps(), block in 1_usize..200) {
        let (_controller, mut one) = player();
        let (_other_controller, mut other) = player();
        prop_assert!(play(&mut one, &steps, FRAMES) == play(&mut other, &steps, block));
    }

    #[test]
    fn what_is_refused_changes_nothing_and_is_counted(steps in steps()) {
        let (controller, mut all) = player();
        let with = play(&mut all, &steps, 512);
        let (mut kept, mut num_refused, mut waits) = (Vec::new(), 0, 0);
        for step in &steps {
            if is_refused(&step.act) {
                num_refused += 1;
                waits += step.frames;
            } else {
                kept.push(Step { act: step.act.clone(), frames: step.frames });
                continue;
            }
            match kept.last_mut() {
                Some(last) => last.frames += std::mem::take(&mut waits),
                None => kept.push(Step {
                    act: Act::Event(Event::AllNotesOff),
                    frames: std::mem::take(&mut waits),
                }),
            }
        }
        let (without_controller, mut without) = player();
        prop_assert!(play(&mut without, &kept, 512) == with);
        let counts = [controller.counts(), without_controller.counts()];
        prop_assert_eq!(counts[0].refused_events - counts[1].refused_events, num_refused);
    }

    #[test]
    fn after_any_stream_all_notes_off_ends_in_silence(steps in steps()) {
        let (_controller, mut player) = player();
        play(&mut player, &steps, 512);
        let dry = PlayerParameters { limiter: true, ..PlayerParameters::default() };
        player.set_parameters(&dry);
        player.handle(&Event::AllNotesOff);
        let (mut left, mut right) = (vec![0.0; 480], vec![0.0; 480]);
        for _ in 0..MOST_SETTLING_BLOCKS {
            player.render_into(&mut left, &mut right);
        }
        prop_assert!(player.is_silent());
        prop_assert!(left.iter().chain(&right).all(|&sample| sample == 0.0));
    }
}
