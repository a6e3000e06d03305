//! Playing with fingers, pedals and wheels: what each of them does to which notes.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{
    Controller, EnvelopeSettings, Event, KeyMode, NoteAddress, NoteExpression, Player,
    PlayerConfig, PlayerParameters,
};
use fixture::{ClosedForm, note_off, player_with, render, rms_db, sawtooth, sine};

const RATE_HZ: f64 = 48_000.0;
const KEYS: [u8; 25] = {
    let mut keys = [0; 25];
    let mut index = 0;
    while index < 25 {
        keys[index] = 48 + index as u8;
        index += 1;
    }
    keys
};

fn player() -> (Controller, Player) {
    player_with(&PlayerConfig::default(), &sine(), &KEYS)
}

fn set(player: &mut Player, change: impl FnOnce(&mut PlayerParameters)) {
    let mut parameters = *player.parameters();
    change(&mut parameters);
    player.set_parameters(&parameters);
}

fn strike(channel: u8, key: u8, note_id: Option<i32>) -> Event {
    Event::NoteOn {
        channel,
        key,
        velocity: 0.9,
        note_id,
        seed: None,
    }
}

fn controller(channel: u8, number: u8, seven_bits: u8) -> Event {
    Event::Controller {
        channel,
        number,
        value: f32::from(seven_bits) / 127.0,
    }
}

fn express(address: NoteAddress, expression: NoteExpression) -> Event {
    Event::NoteExpression {
        address,
        expression,
    }
}

fn id(note_id: i32) -> NoteAddress {
    NoteAddress {
        note_id: Some(note_id),
        ..NoteAddress::default()
    }
}

/// Level of a pitch in what sounds next, dB: a Hann-windowed half second at one frequency.
fn level_at(samples: &[f32], pitch: f64) -> f64 {
    let turn = std::f64::consts::TAU * 440.0 * ((pitch - 69.0) / 12.0).exp2() / RATE_HZ;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (index, &sample) in samples.iter().enumerate() {
        let hann = 0.5 - 0.5 * (std::f64::consts::TAU * index as f64 / samples.len() as f64).cos();
        let (sine, cosine) = (turn * index as f64).sin_cos();
        real += hann * f64::from(sample) * cosine;
        imaginary += hann * f64::from(sample) * sine;
    }
    20.0 * (4.0 * real.hypot(imaginary) / samples.len() as f64).log10()
}

/// Asserts that of the pitches exactly the wanted ones sound.
fn assert_sounds(player: &mut Player, wanted: &[f64], silent: &[f64], what: &str) {
    render(player, 4_800);
    let (left, _) = render(player, 24_000);
    for &pitch in wanted {
        let level = level_at(&left, pitch);
        assert!(level > -40.0, "{what}: {pitch} is at {level:.0} dB");
    }
    for &pitch in silent {
        let level = level_at(&left, pitch);
        assert!(level < -60.0, "{what}: {pitch} is at {level:.0} dB");
    }
}

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
fn the_sostenuto_pedal_holds_the_keys_that_were_down_and_no_others() {
    let (_controller, mut player) = player();
    player.handle(&strike(0, 60, None));
    player.handle(&controller(0, 66, 127));
    player.handle(&strike(0, 64, None));
    player.handle(&note_off(60));
    player.handle(&note_off(64));
    render(&mut player, 48_000);
    assert_sounds(&mut player, &[60.0], &[64.0], "pedal down");
    player.handle(&controller(0, 66, 0));
    render(&mut player, 48_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn a_masters_pedal_holds_the_notes_of_its_members() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| parameters.mpe = true);
    player.handle(&strike(3, 60, None));
    player.handle(&controller(0, 64, 127));
    player.handle(&Event::NoteOff {
        channel: 3,
        key: 60,
        velocity: 0.0,
    });
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 1);
    player.handle(&controller(0, 64, 0));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn the_soft_pedal_makes_new_notes_quieter_and_leaves_old_ones() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| parameters.width = 0.0);
    let level = |player: &mut Player| {
        player.handle(&strike(0, 69, None));
        let level = rms_db(&render(player, 24_000).0[4_800..]);
        player.handle(&Event::Choke {
            channel: 0,
            key: 69,
        });
        render(player, 4_800);
        level
    };
    let loud = level(&mut player);
    player.handle(&controller(0, 67, 127));
    let soft = level(&mut player);
    assert!((loud - soft - 4.0).abs() < 2.5, "{loud} dB, {soft} dB");
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
fn a_glide_is_half_way_in_semitones_after_half_its_time() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| {
        (parameters.glide_ms, parameters.key_mode) = (1_000.0, KeyMode::Mono);
    });
    player.handle(&strike(0, 60, None));
    render(&mut player, 24_000);
    player.handle(&strike(0, 72, None));
    render(&mut player, 22_800);
    // 2400 frames around the middle: the pitch moves by 0.6 semitones in them.
    let (left, _) = render(&mut player, 2_400);
    let crossings = left
        .windows(2)
        .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
        .count();
    let wanted = 440.0 * ((66.0f64 - 69.0) / 12.0).exp2() * 2_400.0 / RATE_HZ;
    assert!(
        (crossings as f64 - wanted).abs() <= 1.5,
        "{crossings}, not {wanted}"
    );
    render(&mut player, 24_000);
    assert_sounds(&mut player, &[72.0], &[60.0, 66.0], "arrived");
}

#[test]
fn in_mono_a_key_that_is_let_go_gives_way_to_the_one_held_before() {
    for mode in [KeyMode::Mono, KeyMode::Legato] {
        let (_controller, mut player) = player();
        set(&mut player, |parameters| parameters.key_mode = mode);
        for key in [60, 64, 67] {
            player.handle(&strike(0, key, None));
            render(&mut player, 4_800);
        }
        assert_sounds(&mut player, &[67.0], &[60.0, 64.0], "the last");
        player.handle(&note_off(64));
        assert_sounds(&mut player, &[67.0], &[60.0, 64.0], "another let go");
        player.handle(&note_off(67));
        assert_sounds(&mut player, &[60.0], &[64.0, 67.0], "back to the first");
        player.handle(&note_off(60));
        render(&mut player, 96_000);
        assert_eq!(player.num_sounding(), 0, "{mode:?}");
    }
}

#[test]
fn legato_goes_on_without_a_new_attack_and_mono_strikes_again() {
    let lowest_db = |mode| {
        let (_controller, mut player) = player();
        set(&mut player, |parameters| {
            parameters.key_mode = mode;
            parameters.width = 0.0;
            parameters.envelope = EnvelopeSettings {
                attack_ms: 200.0,
                ..EnvelopeSettings::default()
            };
        });
        player.handle(&strike(0, 60, None));
        render(&mut player, 48_000);
        player.handle(&strike(0, 62, None));
        render(&mut player, 480);
        let (left, _) = render(&mut player, 4_800);
        left.chunks_exact(960).map(rms_db).fold(f64::MAX, f64::min)
    };
    let (mono, legato) = (lowest_db(KeyMode::Mono), lowest_db(KeyMode::Legato));
    assert!(legato > mono + 6.0, "{mono} dB, {legato} dB");
}

#[test]
fn all_sound_off_ends_a_channel_within_5_ms_and_reset_lets_pedals_up() {
    let (_controller, mut player) = player();
    player.handle(&strike(4, 60, None));
    player.handle(&strike(5, 64, None));
    render(&mut player, 4_800);
    player.handle(&controller(4, 120, 0));
    render(&mut player, 241);
    assert_eq!(player.num_sounding(), 1);
    player.handle(&controller(5, 64, 127));
    player.handle(&Event::PitchBend {
        channel: 5,
        value: 1.0,
    });
    player.handle(&Event::NoteOff {
        channel: 5,
        key: 64,
        velocity: 0.0,
    });
    assert_sounds(&mut player, &[66.0], &[64.0], "held and bent");
    player.handle(&controller(5, 121, 0));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
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

#[test]
fn one_channel_is_the_mean_of_two() {
    let play = |player: &mut Player| {
        player.handle(&strike(0, 60, None));
        player.handle(&strike(1, 64, None));
    };
    let (_controller, mut stereo) = player();
    play(&mut stereo);
    let (left, right) = render(&mut stereo, 5_000);
    let (_controller, mut mono) = player();
    play(&mut mono);
    let mut samples = vec![0.0; 5_000];
    mono.render_mono_into(&mut samples, &mut [0.0; 333]);
    let mean = left
        .iter()
        .zip(&right)
        .map(|(left, right)| 0.5 * (left + right));
    assert!(mean.eq(samples.iter().copied()));
}
