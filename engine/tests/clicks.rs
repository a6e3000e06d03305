//! Nothing the player does to a sounding note clicks: stealing, exchange, bend, pedal, width, volume, reset.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{EnvelopeSettings, Event, Player, PlayerConfig, PlayerParameters};
use fixture::{ClosedForm, noise, note, note_off, note_on, peak_db, player_with, render, sine};

const RATE_HZ: usize = 48_000;
/// Orders of the difference: enough to remove tones below 1 kHz by more than 50 dB, a click stays as it is.
const DIFFERENCES: usize = 6;
/// A jump of this size must be found, dB re full scale: far below a note's peak.
const CLICK_DB: f32 = -50.0;

/// How large a jump a signal may hold: the largest sixth difference, scaled so that a step of height h gives h.
fn largest_jump(samples: &[f32]) -> f32 {
    let mut differences: Vec<f64> = samples.iter().map(|&sample| f64::from(sample)).collect();
    for _ in 0..DIFFERENCES {
        differences = differences
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
    }
    // The sixth difference of a step is the row 1 -5 10 -10 5 -1.
    (differences
        .iter()
        .fold(0.0f64, |largest, value| largest.max(value.abs()))
        / 10.0) as f32
}

fn jump_db(samples: &[f32]) -> f32 {
    20.0 * largest_jump(samples).max(1e-9).log10()
}

/// A low, plain sound: two partials below 1 kHz, so that everything higher is a click.
fn low() -> ClosedForm {
    ClosedForm {
        level_db: |k, _| if k < 2.5 { -6.0 * (k - 1.0) } else { -100.0 },
        ..ClosedForm::default()
    }
}

/// Another sound of the same keys, with the second partial louder and slower.
fn other() -> ClosedForm {
    ClosedForm {
        level_db: |k, _| if k < 2.5 { -12.0 * (2.0 - k) } else { -100.0 },
        deviation_cents: |_, t| 30.0 * (20.0 * t).sin(),
        ..ClosedForm::default()
    }
}

/// Renders while something happens after 0.3 s, and gives the largest jump around it in either channel, dB.
fn jump_around(player: &mut Player, happens: impl FnOnce(&mut Player)) -> f32 {
    let (mut left, mut right) = render(player, 3 * RATE_HZ / 10 + 17);
    happens(player);
    let (left_after, right_after) = render(player, 2 * RATE_HZ);
    left.extend(left_after);
    right.extend(right_after);
    jump_db(&left[RATE_HZ / 10..]).max(jump_db(&right[RATE_HZ / 10..]))
}

fn player_of_four_voices() -> (engine::Controller, Player) {
    let config = PlayerConfig {
        max_voices: 4,
        ..PlayerConfig::default()
    };
    player_with(&config, &low(), &[45, 48, 52, 55, 57])
}

#[test]
fn the_detector_finds_a_planted_click_of_minus_50_db_and_none_in_a_plain_tone() {
    let tone: Vec<f32> = (0..RATE_HZ)
        .map(|n| 0.5 * (n as f32 * 0.05).sin())
        .collect();
    assert!(jump_db(&tone) < CLICK_DB - 20.0, "{}", jump_db(&tone));
    let click = 10f32.powf(CLICK_DB / 20.0);
    let clicked: Vec<f32> = tone
        .iter()
        .enumerate()
        .map(|(n, sample)| if n < 30_000 { *sample } else { sample + click })
        .collect();
    assert!(
        (jump_db(&clicked) - CLICK_DB).abs() < 1.0,
        "{}",
        jump_db(&clicked)
    );
}

#[test]
fn a_stolen_voice_does_not_click() {
    let (controller, mut player) = player_of_four_voices();
    for key in [45, 48, 52, 55] {
        player.handle(&note_on(key, 0.9));
    }
    let jump = jump_around(&mut player, |player| player.handle(&note_on(57, 0.9)));
    assert_eq!(controller.counts().stolen_voices, 1);
    assert!(jump < CLICK_DB, "{jump} dB");
}

#[test]
fn note_exchange_under_a_held_key_does_not_click_and_changes_the_sound() {
    let (mut controller, mut player) = player_of_four_voices();
    player.handle(&note_on(48, 0.9));
    let before = render(&mut player, RATE_HZ / 2).0;
    let jump = jump_around(&mut player, |_| {
        controller.send_note(0, 2, note(&other(), 48)).unwrap()
    });
    assert!(jump < CLICK_DB, "{jump} dB");
    let after = render(&mut player, RATE_HZ / 2).0;
    // The second partial was 6 dB below the first and is now 12 dB above: the tone crosses zero twice as often.
    let crossings = |samples: &[f32]| {
        samples
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
            .count()
    };
    assert!(crossings(&after) as f64 > 1.8 * crossings(&before) as f64);
    assert_eq!(controller.collect_trash(), 2);
}

#[test]
fn a_repitched_key_changes_over_to_its_own_note_without_a_click_when_that_arrives() {
    let (mut controller, mut player) = player_with(&PlayerConfig::default(), &low(), &[57]);
    player.handle(&note_on(45, 0.9));
    let jump = jump_around(&mut player, |_| {
        controller.send_note(0, 2, note(&other(), 45)).unwrap()
    });
    assert!(jump < CLICK_DB, "{jump} dB");
    assert_eq!(controller.counts().missing_keys, 1);
    // The nearest note went back to its table place: nothing was replaced, nothing is trash.
    assert_eq!(controller.collect_trash(), 0);
}

#[test]
fn controls_do_not_click() {
    type Act = fn(&mut Player);
    let acts: [(&str, Act); 7] = [
        ("bend", |player| {
            player.handle(&Event::Bend {
                channel: 0,
                semitones: -12.0,
            })
        }),
        ("restrike", |player| player.handle(&note_on(48, 0.9))),
        ("reset", |player| player.handle(&Event::Reset)),
        ("release", |player| player.handle(&note_off(48))),
        ("all notes off", |player| player.handle(&Event::AllNotesOff)),
        ("silent volume", |player| {
            player.handle(&Event::Volume {
                channel: 0,
                gain_db: f32::NEG_INFINITY,
            })
        }),
        ("pedal", |player| {
            player.handle(&Event::SustainPedal {
                channel: 0,
                down: true,
            });
            player.handle(&note_off(48));
            player.handle(&Event::SustainPedal {
                channel: 0,
                down: false,
            });
        }),
    ];
    for (name, act) in acts {
        let (_controller, mut player) = player_of_four_voices();
        player.handle(&note_on(48, 0.9));
        let jump = jump_around(&mut player, act);
        assert!(jump < CLICK_DB, "{name}: {jump} dB");
    }
}

#[test]
fn a_jump_of_detune_room_or_output_does_not_click_either_way() {
    // A long attack: the room gives every corner of the note's own start back, again and again.
    let usual = PlayerParameters {
        envelope: EnvelopeSettings {
            attack_ms: 100.0,
            ..EnvelopeSettings::default()
        },
        ..PlayerParameters::default()
    };
    let others = [
        PlayerParameters {
            detune_cents: 50.0,
            ..usual
        },
        PlayerParameters {
            reverb_mix: 1.0,
            ..usual
        },
        PlayerParameters {
            output_gain_db: f32::NEG_INFINITY,
            ..usual
        },
    ];
    for other in others {
        for (from, to) in [(usual, other), (other, usual)] {
            let (_controller, mut player) = player_of_four_voices();
            player.set_parameters(&from);
            player.handle(&note_on(48, 0.9));
            let jump = jump_around(&mut player, |player| player.set_parameters(&to));
            assert!(jump < CLICK_DB, "{from:?} to {to:?}: {jump} dB");
        }
    }
}

#[test]
fn width_and_pan_do_not_click() {
    for event in [
        Event::Width(1.0),
        Event::Width(0.0),
        Event::Pan {
            channel: 0,
            position: -1.0,
        },
    ] {
        let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[64]);
        player.handle(&note_on(64, 0.9));
        let jump = jump_around(&mut player, |player| player.handle(&event));
        assert!(jump < CLICK_DB, "{event:?}: {jump} dB");
    }
}

#[test]
fn noise_which_starts_in_mid_wave_is_faded_in_from_nothing() {
    // 2 ms are 96 frames: frame n has at most n/96 of what the wave reaches.
    for key in 60..70 {
        let (_controller, mut player) = player_with(&PlayerConfig::default(), &noise(), &[key]);
        player.handle(&note_on(key, 1.0));
        let (left, _) = render(&mut player, RATE_HZ);
        let peak = 10f32.powf(peak_db(&left) / 20.0);
        for (frame, sample) in left[..96].iter().enumerate() {
            let most = 1.001 * peak * frame as f32 / 96.0;
            assert!(sample.abs() <= most, "key {key}, frame {frame}: {sample}");
        }
    }
}

#[test]
fn a_note_begins_without_a_click() {
    let (_controller, mut player) = player_of_four_voices();
    player.handle(&Event::Width(0.0));
    let (silence, _) = render(&mut player, 1_000);
    player.handle(&note_on(48, 0.9));
    let (left, _) = render(&mut player, RATE_HZ / 5);
    let whole: Vec<f32> = silence.into_iter().chain(left).collect();
    assert!(jump_db(&whole) < CLICK_DB, "{} dB", jump_db(&whole));
}
