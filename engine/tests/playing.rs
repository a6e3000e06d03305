//! Playing with fingers and wheels: what each of them does to which notes.

#[path = "closed_form/fixture.rs"]
mod fixture;
#[path = "closed_form/hands.rs"]
mod hands;

use engine::{Event, NoteAddress, NoteExpression, PlayerConfig, PlayerParameters};
use fixture::{ClosedForm, note_off, player_with, render, rms_db, sawtooth};
use hands::*;

#[test]
fn every_finger_of_an_mpe_zone_bends_its_own_note_and_the_master_all() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| parameters.mpe = true);
    player.handle(&strike(1, 60, None));
    player.handle(&strike(2, 64, None));
    let bend = |channel, value| Event::PitchBend { channel, value };
    player.handle(&bend(1, 1.0 / 48.0));
    assert_sounds(&mut player, &[61.0, 64.0], &[60.0, 62.5], "one finger");
    player.handle(&bend(0, 1.0));
    assert_sounds(&mut player, &[63.0, 66.0], &[61.0, 64.0], "the master");
}

#[test]
fn a_configuration_message_sets_zones_and_rpn_0_a_bend_range() {
    let (_controller, mut player) = player();
    // MPE configuration: RPN 6 on the master, 3 members; then 12 semitones on member 2.
    for (channel, number, value) in [
        (0, 101, 0),
        (0, 100, 6),
        (0, 6, 3),
        (2, 101, 0),
        (2, 100, 0),
        (2, 6, 12),
    ] {
        player.handle(&controller(channel, number, value));
    }
    player.handle(&strike(2, 60, None));
    player.handle(&strike(5, 65, None));
    player.handle(&Event::PitchBend {
        channel: 2,
        value: 1.0,
    });
    assert_sounds(&mut player, &[72.0, 65.0], &[60.0], "member 2");
    player.handle(&Event::PitchBend {
        channel: 0,
        value: 1.0,
    });
    assert_sounds(
        &mut player,
        &[74.0, 65.0],
        &[72.0],
        "channel 5 is no member",
    );
}

#[test]
fn an_expression_reaches_the_note_of_its_name_and_no_other() {
    let (_controller, mut player) = player();
    player.handle(&strike(0, 60, Some(7)));
    player.handle(&strike(0, 64, Some(8)));
    player.handle(&express(id(7), NoteExpression::Tuning(2.0)));
    assert_sounds(&mut player, &[62.0, 64.0], &[60.0, 66.0], "by name");
    let by_key = NoteAddress {
        channel: Some(0),
        key: Some(64),
        note_id: None,
    };
    player.handle(&express(by_key, NoteExpression::Volume(f32::NEG_INFINITY)));
    assert_sounds(&mut player, &[62.0], &[64.0], "by key");
    player.handle(&express(id(99), NoteExpression::Tuning(9.0)));
    player.handle(&express(
        NoteAddress::default(),
        NoteExpression::Tuning(9.0),
    ));
    assert_sounds(&mut player, &[62.0], &[71.0, 73.0], "nobody's name");
    player.handle(&express(id(7), NoteExpression::Pan(-1.0)));
    render(&mut player, 4_800);
    let (left, right) = render(&mut player, 9_600);
    assert!(rms_db(&left) > -40.0 && rms_db(&right) < -100.0);
}

#[test]
fn numbers_that_say_nothing_are_refused_and_counted() {
    let (controller, mut player) = player();
    player.handle(&strike(0, 60, Some(1)));
    let nan = f32::NAN;
    let broken = [
        express(id(1), NoteExpression::Tuning(nan)),
        express(id(1), NoteExpression::Volume(nan)),
        express(id(1), NoteExpression::Pressure(f32::INFINITY)),
        Event::ChannelPressure {
            channel: 0,
            pressure: nan,
        },
        Event::ChannelPressure {
            channel: 16,
            pressure: 0.5,
        },
        Event::PitchBend {
            channel: 0,
            value: nan,
        },
        Event::Controller {
            channel: 0,
            number: 128,
            value: 0.5,
        },
        Event::Controller {
            channel: 99,
            number: 1,
            value: 0.5,
        },
        Event::Choke {
            channel: 0,
            key: 128,
        },
    ];
    broken.iter().for_each(|event| player.handle(event));
    assert_eq!(controller.counts().refused_events, broken.len() as u64);
    player.set_parameters(&PlayerParameters {
        width: nan,
        corners: Some([0, 1, 2, 200]),
        ..PlayerParameters::default()
    });
    assert_eq!(player.parameters(), &PlayerParameters::default());
    assert_eq!(controller.counts().refused_events, broken.len() as u64 + 1);
    assert!(
        render(&mut player, 4_800)
            .0
            .iter()
            .all(|sample| sample.is_finite())
    );
}

#[test]
fn pressure_brightens_by_the_tilt_that_it_was_given() {
    let falling = ClosedForm {
        deviation_cents: |_, _| 0.0,
        ..sawtooth()
    };
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &falling, &[57]);
    set(&mut player, |parameters| {
        (parameters.touch_tilt_db, parameters.width) = (6.0, 0.0);
    });
    player.handle(&strike(0, 57, None));
    render(&mut player, 4_800);
    // Harmonics 2 and 4 of 220 Hz lie within a tilt's reach, an octave apart.
    let step_db = |samples: &[f32]| level_at(samples, 81.0) - level_at(samples, 69.0);
    let before = step_db(&render(&mut player, 24_000).0);
    player.handle(&Event::ChannelPressure {
        channel: 0,
        pressure: 1.0,
    });
    render(&mut player, 4_800);
    let after = step_db(&render(&mut player, 24_000).0);
    assert!(
        (after - before - 6.0).abs() < 0.5,
        "{before} dB, {after} dB"
    );
}

#[test]
fn a_transposed_key_plays_the_note_of_its_new_place_and_its_own_note_off_ends_it() {
    let (controller, mut player) = player();
    set(&mut player, |parameters| {
        parameters.transpose_semitones = -7
    });
    player.handle(&strike(0, 67, None));
    assert_sounds(&mut player, &[60.0], &[67.0], "transposed");
    assert_eq!(controller.counts().missing_keys, 0);
    player.handle(&note_off(67));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn detuned_copies_beat_and_the_modulation_wheel_moves_the_pitch() {
    let levels = |detune_cents, wheel| {
        let (_controller, mut player) = player();
        set(&mut player, |parameters| {
            (parameters.detune_cents, parameters.width) = (detune_cents, 0.0);
        });
        player.handle(&controller(0, 1, wheel));
        player.handle(&strike(0, 69, None));
        render(&mut player, 4_800);
        let (left, _) = render(&mut player, 96_000);
        let curve: Vec<f64> = left.chunks_exact(960).map(rms_db).collect();
        let span = curve.iter().copied().fold(f64::MIN, f64::max)
            - curve.iter().copied().fold(f64::MAX, f64::min);
        (span, level_at(&left, 69.0))
    };
    let (plain, wheel, detuned) = (levels(0.0, 0), levels(0.0, 127), levels(20.0, 0));
    assert!(plain.0 < 0.5, "{plain:?}");
    // 20 cents at 440 Hz beat five times a second.
    assert!(detuned.0 > 6.0, "{detuned:?}");
    assert!(
        wheel.0 < 0.5 && wheel.1 < plain.1 - 3.0,
        "{wheel:?}, {plain:?}"
    );
}
