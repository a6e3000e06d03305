//! Where sounds stand between the speakers (CONTRACT.md 3.8), and that the player plays what straight decoding decodes.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::f64::consts::FRAC_PI_4;

use engine::decode::decode_straight;
use engine::{EnvelopeSettings, Event, PlayerConfig};
use fixture::{ClosedForm, noise, note, player_with, render, rms_db, sawtooth, sine};
use models::seeded::hash;

/// Both channels of one second of a note with that seed and width.
fn one_second(form: &ClosedForm, key: u8, seed: u32, width: f32) -> (Vec<f32>, Vec<f32>) {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), form, &[key]);
    player.handle(&Event::Width(width));
    player.handle(&Event::NoteOn {
        channel: 0,
        key,
        velocity: 1.0,
        note_id: None,
        seed: Some(seed),
    });
    render(&mut player, 48_000)
}

#[test]
fn a_partial_stands_where_its_seed_and_the_width_put_it() {
    for (key, seed, width) in [
        (69, 1, 1.0),
        (69, 2, 0.6),
        (81, 3, 1.0),
        (45, 4, 1.0),
        (45, 5, 0.3),
    ] {
        let (left, right) = one_second(&sine(), key, seed, width);
        let f0_hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
        let position =
            (2.0 * f64::from(hash(seed, 1, 1)) / 4_294_967_296.0 - 1.0) * (f0_hz / 300.0).min(1.0);
        let angle = FRAC_PI_4 * (1.0 + f64::from(width) * position);
        let wanted_db = 20.0 * (angle.cos() / angle.sin()).log10();
        let found_db = rms_db(&left) - rms_db(&right);
        assert!(
            (found_db - wanted_db).abs() < 0.01,
            "key {key}, seed {seed}: {found_db} dB, wanted {wanted_db} dB"
        );
    }
}

#[test]
fn noise_is_the_same_in_both_channels_at_width_0_and_independent_at_width_1() {
    let (left, right) = one_second(&noise(), 60, 9, 0.0);
    assert_eq!(left, right);
    let (left, right) = one_second(&noise(), 60, 9, 1.0);
    let product: f64 = left
        .iter()
        .zip(&right)
        .map(|(&a, &b)| f64::from(a) * f64::from(b))
        .sum();
    let powers: f64 = [&left, &right]
        .map(|channel| channel.iter().map(|&a| f64::from(a).powi(2)).sum::<f64>())
        .iter()
        .product();
    let correlation = product / powers.sqrt();
    assert!(correlation.abs() < 0.05, "{correlation}");
    assert!((rms_db(&left) - rms_db(&right)).abs() < 0.5);
}

#[test]
fn a_player_at_width_0_plays_what_straight_decoding_decodes_until_the_note_is_held() {
    let form = ClosedForm {
        noise_db: |_, t| -40.0 - 10.0 * t,
        ..sawtooth()
    };
    for key in [36, 60, 61, 62, 84] {
        let note = note(&form, key);
        let decoded = decode_straight(&note, 48_000.0, 77).unwrap();
        let (left, _) = one_second(&form, key, 77, 0.0);
        let attack_frames = EnvelopeSettings::default().attack_ms * 48.0;
        // The sustain part starts at 0.9 s; noise looks up to two hops ahead.
        for (frame, (played, decoded)) in left.iter().zip(&decoded).take(40_000).enumerate() {
            let wanted = decoded * note.gain() * (frame as f32 / attack_frames).min(1.0);
            assert!(
                (played - wanted).abs() < 1e-6,
                "key {key}, frame {frame}: {played} for {wanted}"
            );
        }
    }
}

#[test]
fn a_channel_panned_to_one_side_is_silent_on_the_other() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&Event::Pan {
        channel: 3,
        position: -1.0,
    });
    player.handle(&Event::NoteOn {
        channel: 3,
        key: 60,
        velocity: 0.8,
        note_id: None,
        seed: None,
    });
    let (left, right) = render(&mut player, 9_600);
    assert!(rms_db(&left) > -30.0);
    assert!(rms_db(&right) < -120.0, "{} dB", rms_db(&right));
}
