//! The morph: four corner sounds mixed partial by partial, moved without a click.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::f64::consts::TAU;

use engine::descriptors::{CLICK_DB, worst_click};
use engine::{Controller, Event, Player, PlayerConfig, PlayerParameters};
use fixture::{ClosedForm, note, note_on, render, sawtooth};

const RATE_HZ: usize = 48_000;

/// Two partials; the second one's level is what the corners differ by.
fn corner(index: usize) -> ClosedForm {
    let form = |level_db| ClosedForm {
        level_db,
        ..ClosedForm::default()
    };
    match index {
        0 => form(|k, _| two_partials(k, -60.0)),
        1 => form(|k, _| two_partials(k, -20.0)),
        2 => form(|k, _| two_partials(k, -40.0)),
        _ => form(|k, _| two_partials(k, 0.0)),
    }
}

fn two_partials(k: f64, second_db: f64) -> f64 {
    match k {
        k if k < 1.5 => 0.0,
        k if k < 2.5 => second_db,
        _ => -100.0,
    }
}

fn player_of_corners(corners: &[usize]) -> (Controller, Player) {
    let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
    for &slot in corners {
        for layer in 0..engine::VELOCITY_LAYERS {
            controller
                .send_note(slot, layer, note(&corner(slot), 60))
                .unwrap();
        }
    }
    player.take_arrivals();
    (controller, player)
}

fn at(x: f32, y: f32) -> PlayerParameters {
    PlayerParameters {
        corners: Some([0, 1, 2, 3]),
        morph_x: x,
        morph_y: y,
        width: 0.0,
        ..PlayerParameters::default()
    }
}

/// Level of the second partial of middle C beside the first, dB, over whole periods.
fn second_partial_db(samples: &[f32]) -> f64 {
    let f0_hz = 440.0 * (-9.0f64 / 12.0).exp2();
    let amplitude = |hz: f64| {
        let turn = TAU * hz / RATE_HZ as f64;
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (index, &sample) in samples.iter().enumerate() {
            let hann = 0.5 - 0.5 * (TAU * index as f64 / samples.len() as f64).cos();
            let (sine, cosine) = (turn * index as f64).sin_cos();
            real += hann * f64::from(sample) * cosine;
            imaginary += hann * f64::from(sample) * sine;
        }
        real.hypot(imaginary)
    };
    20.0 * (amplitude(2.0 * f0_hz) / amplitude(f0_hz)).log10()
}

#[test]
fn levels_between_the_corners_are_bilinear_in_db() {
    for (x, y) in [
        (0.0, 0.0),
        (1.0, 0.0),
        (0.5, 0.0),
        (0.0, 0.5),
        (0.25, 0.75),
        (0.5, 0.5),
    ] {
        let (_controller, mut player) = player_of_corners(&[0, 1, 2, 3]);
        player.set_parameters(&at(x, y));
        player.handle(&note_on(60, 0.9));
        let (left, _) = render(&mut player, RATE_HZ / 2);
        let (x, y) = (f64::from(x), f64::from(y));
        let wanted_db = -60.0 * (1.0 - x) * (1.0 - y) - 20.0 * x * (1.0 - y) - 40.0 * (1.0 - x) * y;
        let found_db = second_partial_db(&left[RATE_HZ / 4..]);
        assert!(
            (found_db - wanted_db).abs() < 0.2,
            "{x}, {y}: {found_db}, not {wanted_db}"
        );
    }
}

#[test]
fn at_a_corner_its_sound_plays_to_the_bit() {
    let (_controller, mut plain) = player_of_corners(&[0, 1, 2, 3]);
    plain.handle(&Event::Width(0.0));
    plain.handle(&Event::Sound {
        channel: 0,
        slot: 2,
    });
    let (_controller, mut morphed) = player_of_corners(&[0, 1, 2, 3]);
    morphed.set_parameters(&at(0.0, 1.0));
    for player in [&mut plain, &mut morphed] {
        player.handle(&note_on(60, 0.9));
    }
    assert!(render(&mut plain, 24_000) == render(&mut morphed, 24_000));
}

#[test]
fn a_morph_across_the_whole_pad_does_not_click() {
    let rich = ClosedForm {
        noise_db: |_, _| -70.0,
        ..sawtooth()
    };
    let dull = ClosedForm {
        level_db: |k, _| -40.0 * k.log10(),
        ..ClosedForm::default()
    };
    let (mut controller, mut player) = engine::new(&PlayerConfig::default()).unwrap();
    controller.send_note(0, 2, note(&rich, 48)).unwrap();
    controller.send_note(1, 2, note(&dull, 48)).unwrap();
    player.take_arrivals();
    let place = |x| PlayerParameters {
        corners: Some([0, 1, 0, 1]),
        morph_x: x,
        ..PlayerParameters::default()
    };
    player.set_parameters(&place(0.0));
    player.handle(&note_on(48, 0.9));
    let mut left = render(&mut player, 9_600).0;
    for x in [1.0, 0.2, 0.9, 0.0] {
        player.set_parameters(&place(x));
        left.extend(render(&mut player, 4_801).0);
    }
    let click = worst_click(&left, 2_400);
    assert!(click.excess_db < CLICK_DB, "{click:?}");
}

#[test]
fn a_corner_without_a_sound_leaves_its_place_to_the_others() {
    for (x, y) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)] {
        let (_controller, mut player) = player_of_corners(&[1]);
        player.set_parameters(&at(x, y));
        player.handle(&note_on(60, 0.9));
        let (left, _) = render(&mut player, RATE_HZ / 2);
        let found_db = second_partial_db(&left[RATE_HZ / 4..]);
        assert!((found_db + 20.0).abs() < 0.2, "{x}, {y}: {found_db} dB");
    }
}

#[test]
fn a_finger_moves_its_own_note_between_the_corners() {
    let (_controller, mut player) = player_of_corners(&[0, 1, 2, 3]);
    player.set_parameters(&PlayerParameters {
        touch_morph: 1.0,
        ..at(0.0, 0.0)
    });
    player.handle(&note_on(60, 0.9));
    player.handle(&Event::ChannelPressure {
        channel: 0,
        pressure: 1.0,
    });
    let (left, _) = render(&mut player, RATE_HZ / 2);
    let found_db = second_partial_db(&left[RATE_HZ / 4..]);
    assert!((found_db + 20.0).abs() < 0.2, "{found_db} dB");
}
