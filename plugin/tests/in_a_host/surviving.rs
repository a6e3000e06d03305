//! What hosts and hands do to an instrument, and that sound goes on or fades.

use engine::descriptors::CLICK_DB;
use models::seeded::unit;

use crate::host::{BLOCK, Heard, Host, Message, RATE_HZ};

const STREAM: u32 = 901;
/// How hard keys are struck under a jump: all parameters but one.
const STRENGTH: f64 = 0.7;
/// Under a jump of the output, which reaches +12 dB: there the guard rounds off the peaks of harder ones, which is measured as
/// a click whether anything jumps or not (24 dB, 120 ms after the jump; 11 dB with keys this soft).
const SOFT: f64 = 0.1;
/// +6 dBFS.
const CEILING: f32 = 2.0;

fn assert_sane(heard: &Heard) {
    assert!(heard.is_finite());
    assert!(heard.peak() < CEILING, "peak {}", heard.peak());
}

/// A held key after whatever came before: still heard.
fn assert_still_plays(host: &mut Host) {
    host.play(&[(0, Message::Midi([0xb0, 123, 0]))], 4 * 48_000, 4096);
    let heard = host.play(&[(0, Message::On(60, 0.8))], 24_000, u64::from(BLOCK));
    assert_sane(&heard);
    assert!(heard.peak() > 1e-3, "peak {}", heard.peak());
}

#[test]
fn ten_thousand_strikes_in_a_block_are_survived() {
    let mut host = Host::ready();
    let strikes: Vec<_> = (0..10_000)
        .map(|index| {
            (
                index % u64::from(BLOCK),
                Message::On((index % 128) as u8, 1.0),
            )
        })
        .collect();
    assert_sane(&host.play(&strikes, 10 * u64::from(BLOCK), u64::from(BLOCK)));
    assert_still_plays(&mut host);
}

#[test]
fn a_release_before_its_strike_and_events_out_of_order_do_no_harm() {
    let mut host = Host::ready();
    let events = [
        (0, Message::Off(60)),
        (300, Message::On(60, 0.7)),
        (100, Message::Off(60)),
        (50, Message::On(200, 0.7)),
        (10, Message::Midi([0xe0, 0x7f, 0x7f])),
        (400, Message::Midi([0xb0, 64, 127])),
        (20, Message::Midi([0xff, 0xff, 0xff])),
    ];
    assert_sane(&host.play(&events, 4 * u64::from(BLOCK), u64::from(BLOCK)));
    assert_still_plays(&mut host);
}

#[test]
fn another_sample_rate_while_keys_are_down_goes_on_at_the_right_pitch() {
    let mut host = Host::ready();
    host.play(&[(0, Message::On(60, 0.8))], 4_800, u64::from(BLOCK));
    for rate_hz in [22_050.0, 96_000.0, 192_000.0] {
        host.deactivate();
        host.activate(rate_hz, BLOCK);
        let length = (2.0 * rate_hz) as u64;
        let heard = host.play(&[(0, Message::On(60, 0.8))], length, u64::from(BLOCK));
        assert_sane(&heard);
        let f0_hz = engine::descriptors::f0_hz(&heard.mid(), rate_hz as u32).expect("a pitch");
        let cents = 1200.0 * (f0_hz / 261.6256).log2();
        assert!(cents.abs() < 5.0, "{rate_hz} Hz: {f0_hz} Hz");
    }
}

#[test]
fn activating_again_and_again_changes_nothing() {
    let mut host = Host::new();
    for (rate_hz, max_frames) in [
        (44_100.0, 64),
        (48_000.0, 1),
        (48_000.0, 8192),
        (RATE_HZ, BLOCK),
    ] {
        host.activate(rate_hz, max_frames);
        host.deactivate();
    }
    host.activate(RATE_HZ, BLOCK);
    assert_still_plays(&mut host);
}

#[test]
fn every_parameter_at_its_ends_and_in_jumps_stays_finite_and_below_6_dbfs() {
    let mut host = Host::ready();
    let parameters = host.parameters();
    let chord = [48, 55, 60, 64, 67, 72].map(|key| (0, Message::On(key, 1.0)));
    host.play(&chord, 4_800, u64::from(BLOCK));
    for parameter in &parameters {
        for value in [parameter.min, parameter.max, parameter.default] {
            let events = [
                (17, Message::Set(parameter.id, value)),
                (20, Message::On(60, 1.0)),
            ];
            let heard = host.play(&events, 2 * u64::from(BLOCK), u64::from(BLOCK));
            assert!(heard.is_finite(), "{} at {value}", parameter.name);
            let peak = heard.peak();
            assert!(peak < CEILING, "{} at {value}: {peak}", parameter.name);
        }
        assert!((host.value(&parameter.name) - parameter.default).abs() < 1e-3);
    }
    for block in 0..200_u32 {
        let jumps: Vec<_> = (0_u32..)
            .zip(&parameters)
            .map(|(index, parameter)| {
                let share = unit(block, STREAM, index);
                let value = parameter.min + share * (parameter.max - parameter.min);
                (u64::from(index), Message::Set(parameter.id, value))
            })
            .collect();
        assert_sane(&host.play(&jumps, u64::from(BLOCK), u64::from(BLOCK)));
    }
}

#[test]
fn a_jump_of_any_parameter_under_held_keys_is_no_click() {
    let mut host = Host::offline();
    let parameters = host.parameters();
    let mut clicks = Vec::new();
    for parameter in &parameters {
        for (from, to) in [
            (parameter.min, parameter.max),
            (parameter.max, parameter.min),
        ] {
            host.reset();
            let settle = [(0, Message::Set(parameter.id, from))];
            host.play(&settle, 8_192, u64::from(BLOCK));
            let strength = if parameter.name == "Output" {
                SOFT
            } else {
                STRENGTH
            };
            let chord = [48, 55, 64].map(|key| (0, Message::On(key, strength)));
            host.play(&chord, 9_600, u64::from(BLOCK));
            let mut heard = host.play(&[], 4_800, u64::from(BLOCK));
            let jump = [(100, Message::Set(parameter.id, to))];
            heard.extend(&host.play(&jump, 9_600, u64::from(BLOCK)));
            let click = engine::descriptors::worst_click(&heard.mid(), 2_400);
            if click.excess_db > CLICK_DB {
                clicks.push((parameter.name.clone(), from, to, click));
            }
        }
        host.play(
            &[(0, Message::Set(parameter.id, parameter.default))],
            512,
            512,
        );
    }
    assert!(clicks.is_empty(), "{clicks:#?}");
}

#[test]
fn a_parameter_that_is_no_number_does_no_harm() {
    let mut host = Host::ready();
    let parameters = host.parameters();
    let events: Vec<_> = parameters
        .iter()
        .flat_map(|parameter| {
            [f64::NAN, f64::INFINITY].map(|value| (0, Message::Set(parameter.id, value)))
        })
        .chain([(5, Message::On(60, f64::NAN)), (6, Message::On(62, 7.0))])
        .collect();
    assert_sane(&host.play(&events, 4 * u64::from(BLOCK), u64::from(BLOCK)));
    let mut other = Host::new();
    assert!(other.load(&host.save()));
    assert_still_plays(&mut host);
}

#[test]
fn two_instances_play_side_by_side_and_one_survives_the_other() {
    let mut one = Host::ready();
    let mut other = Host::ready();
    let strike = [(0, Message::On(60, 0.8))];
    assert!(one.play(&strike, 24_000, u64::from(BLOCK)).peak() > 1e-3);
    assert!(other.play(&strike, 24_000, u64::from(BLOCK)).peak() > 1e-3);
    drop(one);
    assert_still_plays(&mut other);
    drop(other);
    assert_still_plays(&mut Host::ready());
}

#[test]
fn blocks_of_no_frames_and_of_more_than_announced_are_taken() {
    let mut host = Host::ready();
    host.process(&clack_host::prelude::EventBuffer::new(), 0);
    assert_sane(&host.play(&[(0, Message::On(60, 0.8))], 1, 1));
    assert_still_plays(&mut host);
}
