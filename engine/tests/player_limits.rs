//! The player at its limits: broken and absurd events, too many notes, full rings, nothing to play.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{EnvelopeSettings, Event, KeyMode, PlayerConfig, PlayerParameters};
use fixture::{ClosedForm, note, note_off, note_on, peak_db, player_with, render, sawtooth, sine};

const ALL_KEYS: [u8; 7] = [24, 36, 48, 60, 72, 84, 96];

/// A rich, moving note with noise.
fn rich() -> ClosedForm {
    ClosedForm {
        noise_db: |_, _| -50.0,
        ..sawtooth()
    }
}

#[test]
fn note_offs_without_notes_and_notes_out_of_range_change_nothing_and_are_counted() {
    let (controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&note_off(60));
    assert_eq!(controller.counts().refused_events, 0);
    let broken = [
        Event::NoteOn {
            channel: 16,
            key: 60,
            velocity: 0.5,
            note_id: None,
            seed: None,
        },
        note_on(128, 0.5),
        note_on(60, f32::NAN),
        Event::Bend {
            channel: 0,
            semitones: f32::NAN,
        },
        Event::Bend {
            channel: 0,
            semitones: f32::INFINITY,
        },
        Event::Sound {
            channel: 0,
            slot: 16,
        },
        Event::Volume {
            channel: 0,
            gain_db: f32::NAN,
        },
        Event::Pan {
            channel: 0,
            position: f32::NAN,
        },
        Event::Width(f32::NAN),
        Event::OutputGain { gain_db: f32::NAN },
        Event::Envelope(EnvelopeSettings {
            attack_ms: f32::NAN,
            ..EnvelopeSettings::default()
        }),
    ];
    for event in &broken {
        player.handle(event);
    }
    assert_eq!(controller.counts().refused_events, broken.len() as u64);
    assert_eq!(player.num_sounding(), 0);
    player.handle(&note_on(60, 0.8));
    assert!(
        render(&mut player, 4_800)
            .0
            .iter()
            .all(|sample| sample.is_finite())
    );
}

#[test]
fn absurd_but_finite_numbers_still_give_finite_sound() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &ALL_KEYS);
    let absurd = [
        Event::Bend {
            channel: 0,
            semitones: 1e30,
        },
        Event::Volume {
            channel: 0,
            gain_db: f32::INFINITY,
        },
        Event::Expression {
            channel: 0,
            gain_db: f32::NEG_INFINITY,
        },
        Event::Pan {
            channel: 0,
            position: -1e9,
        },
        Event::Width(1e9),
        Event::OutputGain { gain_db: 1e9 },
        Event::Envelope(EnvelopeSettings {
            attack_ms: -1.0,
            decay_ms: 1e30,
            sustain_level: 7.0,
            release_ms: -1e30,
        }),
    ];
    for event in &absurd {
        player.handle(event);
        player.handle(&note_on(127, 1e30));
        player.handle(&note_on(0, 1e-30));
        let (left, right) = render(&mut player, 1_000);
        assert!(
            left.iter().chain(&right).all(|sample| sample.is_finite()),
            "after {event:?}"
        );
    }
}

#[test]
fn a_note_with_absurd_but_finite_cells_sounds_finite() {
    let assert_finite = |maps: &models::SoundGrid, what: &str| {
        let note = engine::Note::from_maps(maps, fixture::layout(), 60).unwrap();
        let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
        controller
            .send_note(0, 2, std::sync::Arc::new(note))
            .unwrap();
        player.take_arrivals();
        player.handle(&note_on(60, 1.0));
        let (left, right) = render(&mut player, 9_600);
        assert!(
            left.iter().chain(&right).all(|sample| sample.is_finite()),
            "{what}"
        );
    };
    for value in [-3e38, -1e6, -200.0, 30.0, 300.0, 700.0, 4e3, 1e6, 3e38] {
        let plain = fixture::maps(&rich());
        for place in [0, 40 * 128 + 3] {
            for map in 0..3 {
                let mut maps = plain.clone();
                [
                    &mut maps.level_db,
                    &mut maps.deviation_cents,
                    &mut maps.noise_db,
                ][map][place] = value;
                assert_finite(&maps, &format!("{value} in map {map}"));
            }
        }
        let mut everywhere = plain;
        everywhere.level_db.fill(value);
        everywhere.deviation_cents.fill(value);
        everywhere.noise_db.fill(value);
        assert_finite(&everywhere, &format!("{value} everywhere"));
    }
}

#[test]
fn ten_thousand_note_ons_sound_with_no_more_than_the_allowed_voices() {
    let config = PlayerConfig {
        max_voices: 32,
        ..PlayerConfig::default()
    };
    let (controller, mut player) = player_with(&config, &sine(), &ALL_KEYS);
    for index in 0..10_000u32 {
        let channel = (index % 16) as u8;
        player.handle(&Event::NoteOn {
            channel,
            key: (index % 128) as u8,
            velocity: 0.5,
            note_id: None,
            seed: None,
        });
        if index % 7 == 0 {
            let (left, right) = render(&mut player, 1);
            assert!(left[0].is_finite() && right[0].is_finite());
        }
    }
    assert!(
        player.num_sounding() <= 32 + 16,
        "{} voices",
        player.num_sounding()
    );
    let counts = controller.counts();
    assert!(counts.stolen_voices > 0, "{counts:?}");
    player.handle(&Event::AllNotesOff);
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn a_sound_without_any_note_is_silent_and_wished_for() {
    let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
    player.handle(&note_on(64, 0.9));
    assert!(
        render(&mut player, 480)
            .0
            .iter()
            .all(|&sample| sample == 0.0)
    );
    assert_eq!(
        (
            controller.counts().silent_notes,
            controller.counts().missing_keys
        ),
        (1, 1)
    );
    let wish = controller.next_wish().unwrap();
    assert_eq!((wish.slot, wish.layer, wish.key), (0, 2, 64));
}

#[test]
fn zero_frames_and_slices_of_different_length_are_taken() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&note_on(60, 0.9));
    player.render_into(&mut [], &mut []);
    let (mut left, mut right) = ([1.0; 100], [1.0; 60]);
    player.render_into(&mut left, &mut right);
    assert!(left[60..].iter().all(|&sample| sample == 0.0));
}

#[test]
fn a_full_note_ring_refuses_by_name_and_takes_notes_again_after_a_block() {
    let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
    let note = note(&sine(), 60);
    let mut sent = 0;
    let error = loop {
        match controller.send_note(0, 0, note.clone()) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains(&sent.to_string()), "{error}");
    render(&mut player, 1);
    // All but one replaced another; those beyond the trash ring wait in the note ring.
    let mut freed = controller.collect_trash();
    assert!(freed > 0 && freed < sent, "{freed} of {sent}");
    while freed < sent - 1 {
        render(&mut player, 1);
        let more = controller.collect_trash();
        assert!(more > 0, "{freed} of {sent} came back");
        freed += more;
    }
    controller.send_note(0, 0, note).unwrap();
}

#[test]
fn slots_and_layers_that_do_not_exist_are_refused_by_name() {
    let (mut controller, _player) = engine::new(&PlayerConfig {
        num_sounds: 2,
        ..PlayerConfig::default()
    })
    .unwrap();
    assert!(
        controller
            .send_note(2, 0, note(&sine(), 60))
            .unwrap_err()
            .to_string()
            .contains("sound slot is 2")
    );
    assert!(
        controller
            .send_note(0, 3, note(&sine(), 60))
            .unwrap_err()
            .to_string()
            .contains("velocity layer is 3")
    );
    for config in [
        PlayerConfig {
            sample_rate_hz: f64::NAN,
            ..PlayerConfig::default()
        },
        PlayerConfig {
            max_voices: 0,
            ..PlayerConfig::default()
        },
        PlayerConfig {
            max_voices: 65,
            ..PlayerConfig::default()
        },
        PlayerConfig {
            num_sounds: 17,
            ..PlayerConfig::default()
        },
    ] {
        assert!(engine::new(&config).is_err(), "{config:?}");
    }
}

#[test]
fn a_whole_keyboard_of_notes_is_taken_in_shares_of_32_per_block() {
    let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
    for key in 0..128 {
        controller.send_note(0, 2, note(&sine(), key)).unwrap();
    }
    render(&mut player, 1);
    player.handle(&note_on(31, 0.9));
    assert_eq!(controller.counts().missing_keys, 0);
    player.handle(&note_on(32, 0.9));
    assert_eq!(controller.counts().missing_keys, 1);
    (0..3).for_each(|_| drop(render(&mut player, 1)));
    player.handle(&note_on(127, 0.9));
    assert_eq!(controller.counts().missing_keys, 1);
}

/// A player without notes, in which this key was struck and held a block long.
fn struck_before_its_note(key_mode: KeyMode) -> (engine::Controller, engine::Player) {
    let (controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[]);
    player.set_parameters(&PlayerParameters {
        key_mode,
        ..PlayerParameters::default()
    });
    player.handle(&note_on(62, 0.8));
    assert_eq!(peak_db(&render(&mut player, 512).0), f32::NEG_INFINITY);
    (controller, player)
}

#[test]
fn a_key_held_before_any_note_exists_sounds_as_soon_as_one_comes() {
    for key_mode in [KeyMode::Poly, KeyMode::Mono, KeyMode::Legato] {
        let (mut controller, mut player) = struck_before_its_note(key_mode);
        controller.send_note(0, 1, note(&sine(), 60)).unwrap();
        assert!(
            peak_db(&render(&mut player, 4096).0) > -40.0,
            "{key_mode:?}"
        );
        assert_eq!(player.num_sounding(), 1);
        player.handle(&note_off(62));
        render(&mut player, 96_000);
        assert_eq!(player.num_sounding(), 0, "{key_mode:?}");
    }
}

#[test]
fn a_key_let_go_before_any_note_exists_stays_silent() {
    let ways_to_let_go: [fn(&mut engine::Player); 5] = [
        |player| player.handle(&note_off(62)),
        |player| {
            player.handle(&Event::Controller {
                channel: 0,
                number: 120,
                value: 0.0,
            })
        },
        |player| player.handle(&Event::AllNotesOff),
        |player| player.handle(&Event::Reset),
        |player| {
            player.handle(&Event::Choke {
                channel: 0,
                key: 62,
            })
        },
    ];
    for let_go in ways_to_let_go {
        for key_mode in [KeyMode::Poly, KeyMode::Legato] {
            let (mut controller, mut player) = struck_before_its_note(key_mode);
            let_go(&mut player);
            controller.send_note(0, 1, note(&sine(), 62)).unwrap();
            assert_eq!(peak_db(&render(&mut player, 4096).0), f32::NEG_INFINITY);
        }
    }
}

#[test]
fn a_key_of_another_sound_goes_on_waiting_for_its_own() {
    let config = PlayerConfig {
        num_sounds: 2,
        ..PlayerConfig::default()
    };
    let (mut controller, mut player) = player_with(&config, &sine(), &[]);
    player.handle(&Event::Sound {
        channel: 0,
        slot: 1,
    });
    player.handle(&note_on(60, 0.8));
    controller.send_note(0, 1, note(&sine(), 60)).unwrap();
    assert_eq!(peak_db(&render(&mut player, 4096).0), f32::NEG_INFINITY);
    controller.send_note(1, 1, note(&sine(), 60)).unwrap();
    assert!(peak_db(&render(&mut player, 4096).0) > -40.0);
}
