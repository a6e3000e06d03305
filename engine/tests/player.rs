//! The player as a host uses it: blocks, tuning, bend, release, loudness, pedal.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{EnvelopeSettings, Event, Player, PlayerConfig};
use fixture::{ClosedForm, note_off, note_on, peak_db, player_with, render, sawtooth, sine};

const ALL_KEYS: [u8; 7] = [24, 36, 48, 60, 72, 84, 96];

/// A stretch of playing that uses every event: (frame, event).
fn busy_score() -> Vec<(usize, Event)> {
    vec![
        (0, note_on(48, 0.9)),
        (3, note_on(60, 0.5)),
        (
            777,
            Event::Bend {
                channel: 0,
                semitones: 1.5,
            },
        ),
        (1_000, note_on(61, 0.4)),
        (
            1_500,
            Event::SustainPedal {
                channel: 0,
                down: true,
            },
        ),
        (1_501, note_off(60)),
        (
            2_049,
            Event::Volume {
                channel: 0,
                gain_db: -6.0,
            },
        ),
        (
            2_050,
            Event::Pan {
                channel: 0,
                position: -0.5,
            },
        ),
        (3_333, note_on(60, 0.8)),
        (
            4_000,
            Event::SustainPedal {
                channel: 0,
                down: false,
            },
        ),
        (4_100, Event::Width(0.1)),
        (
            5_000,
            Event::Envelope(EnvelopeSettings {
                attack_ms: 5.0,
                decay_ms: 20.0,
                sustain_level: 0.5,
                release_ms: 40.0,
            }),
        ),
        (5_001, note_on(72, 1.0)),
        (7_000, Event::AllNotesOff),
        (9_000, note_on(36, 0.7)),
        (9_500, Event::Reset),
        (9_600, note_on(84, 0.7)),
    ]
}

const SCORE_FRAMES: usize = 12_000;

/// A rich, moving note with noise.
fn rich() -> ClosedForm {
    ClosedForm {
        noise_db: |_, _| -50.0,
        ..sawtooth()
    }
}

/// Plays the busy score in blocks whose sizes `next_block` gives, cut at events.
fn play_in_blocks(rate_hz: f64, mut next_block: impl FnMut() -> usize) -> Vec<f32> {
    let config = PlayerConfig {
        sample_rate_hz: rate_hz,
        max_voices: 3,
        ..PlayerConfig::default()
    };
    let (_controller, mut player) = player_with(&config, &rich(), &ALL_KEYS);
    let score = busy_score();
    let (mut left, mut right) = (vec![0.0; SCORE_FRAMES], vec![0.0; SCORE_FRAMES]);
    let (mut frame, mut next_event) = (0, 0);
    while frame < SCORE_FRAMES {
        let block_end = (frame + next_block()).min(SCORE_FRAMES);
        while frame < block_end {
            while next_event < score.len() && score[next_event].0 == frame {
                player.handle(&score[next_event].1);
                next_event += 1;
            }
            let until = score
                .get(next_event)
                .map_or(block_end, |(at, _)| (*at).min(block_end));
            player.render_into(&mut left[frame..until], &mut right[frame..until]);
            frame = until;
        }
    }
    left.extend(right);
    left
}

#[test]
fn output_is_the_same_to_the_bit_for_every_block_size_and_random_cuts() {
    for rate_hz in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let expected = play_in_blocks(rate_hz, || SCORE_FRAMES);
        assert!(
            expected.iter().any(|sample| sample.abs() > 0.01),
            "the score is silent at {rate_hz} Hz"
        );
        for size in [1, 7, 64, 480, 4_096] {
            assert!(
                play_in_blocks(rate_hz, || size) == expected,
                "blocks of {size} differ at {rate_hz} Hz"
            );
        }
        let mut state = 99u32;
        let random = || {
            state = models::seeded::mix(state);
            1 + (state % 333) as usize
        };
        assert!(
            play_in_blocks(rate_hz, random) == expected,
            "random blocks differ at {rate_hz} Hz"
        );
    }
}

/// Frequency of a sine by the times of its first and last upward zero crossing, Hz.
fn frequency_by_crossings(samples: &[f32], rate_hz: f64) -> f64 {
    let crossings: Vec<f64> = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(index, pair)| index as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
        .collect();
    (crossings.len() - 1) as f64 / (crossings[crossings.len() - 1] - crossings[0]) * rate_hz
}

#[test]
fn every_key_from_24_to_96_is_in_tune_within_a_cent_even_when_repitched() {
    // Only octaves are baked: the other keys are repitched from the nearest.
    let (mut controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &ALL_KEYS);
    for key in 24..=96 {
        player.handle(&Event::Reset);
        render(&mut player, 4_800);
        player.handle(&note_on(key, 0.8));
        let (left, _) = render(&mut player, 48_000);
        let wanted_hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
        let cents = 1200.0 * (frequency_by_crossings(&left[2_400..], 48_000.0) / wanted_hz).log2();
        assert!(cents.abs() < 1.0, "key {key} is off by {cents} cents");
    }
    let num_missing = (24..=96).filter(|key| !ALL_KEYS.contains(key)).count();
    assert_eq!(controller.counts().missing_keys, num_missing as u64);
    assert_eq!(controller.next_wish().map(|wish| wish.key), Some(25));
}

#[test]
fn a_bend_of_two_semitones_raises_the_pitch_by_two_semitones() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&Event::Bend {
        channel: 0,
        semitones: 2.0,
    });
    player.handle(&note_on(60, 0.8));
    let (left, _) = render(&mut player, 48_000);
    let wanted_hz = 440.0 * ((62.0f64 - 69.0) / 12.0).exp2();
    assert!(
        (1200.0 * (frequency_by_crossings(&left[2_400..], 48_000.0) / wanted_hz).log2()).abs()
            < 1.0
    );
}

#[test]
fn a_released_note_is_exactly_silent_when_its_release_time_has_passed() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &[60]);
    for release_ms in [0.0, 3.0, 100.0, 900.0] {
        let envelope = EnvelopeSettings {
            release_ms,
            ..EnvelopeSettings::default()
        };
        player.handle(&Event::Envelope(envelope));
        player.handle(&note_on(60, 0.8));
        render(&mut player, 10_001);
        player.handle(&note_off(60));
        let release_frames = (f64::from(release_ms.max(3.0)) * 48.0).round() as usize;
        let (left, _) = render(&mut player, release_frames - 1);
        assert!(
            left[release_frames / 2..]
                .iter()
                .any(|&sample| sample != 0.0),
            "{release_ms} ms: silent too early"
        );
        let (left, right) = render(&mut player, 4_800);
        assert!(
            left[1..]
                .iter()
                .chain(&right[1..])
                .all(|&sample| sample == 0.0),
            "{release_ms} ms: still sounds"
        );
        assert_eq!(player.num_sounding(), 0);
    }
}

#[test]
fn notes_at_velocity_0_8_peak_between_minus_18_and_minus_1_dbfs() {
    let flat = ClosedForm {
        level_db: |_, _| 0.0,
        ..ClosedForm::default()
    };
    let pluck = ClosedForm {
        level_db: |k, t| -6.0 * k.log2() - 120.0 * t,
        ..ClosedForm::default()
    };
    let forms = [
        ("sine", sine()),
        ("sawtooth", sawtooth()),
        ("flat", flat),
        ("pluck", pluck),
        ("noise", fixture::noise()),
        ("rich", rich()),
    ];
    for (name, form) in forms {
        for key in [24, 36, 48, 60, 72, 84, 96, 108] {
            for width in [0.0, 0.6, 1.0] {
                let (_controller, mut player) =
                    player_with(&PlayerConfig::default(), &form, &[key]);
                player.handle(&Event::Width(width));
                player.handle(&note_on(key, 0.8));
                let (left, right) = render(&mut player, 96_000);
                let peak = peak_db(&left).max(peak_db(&right));
                assert!(
                    (-18.0..=-1.0).contains(&peak),
                    "{name} at key {key}, width {width}: {peak} dBFS"
                );
            }
        }
    }
}

#[test]
fn velocity_0_5_is_9_db_below_velocity_1() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    let mut peak_at = |velocity| {
        player.handle(&Event::Reset);
        render(&mut player, 4_800);
        player.handle(&note_on(60, velocity));
        peak_db(&render(&mut player, 9_600).0)
    };
    let difference_db = peak_at(1.0) - peak_at(0.5);
    assert!((difference_db - 9.03).abs() < 0.05, "{difference_db} dB");
}

/// A key pressed and let go `held_frames` later, rendered in blocks of a size, left channel.
fn tap(held_frames: usize, block_frames: usize) -> Vec<f32> {
    const FRAMES: usize = 9_600;
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &[60]);
    player.handle(&Event::Envelope(EnvelopeSettings {
        release_ms: 100.0,
        ..EnvelopeSettings::default()
    }));
    let mut left = Vec::new();
    let mut play = |player: &mut Player, until: usize| {
        while left.len() < until {
            let frames = block_frames.min(until - left.len());
            left.extend(render(player, frames).0);
        }
    };
    player.handle(&note_on(60, 0.8));
    play(&mut player, held_frames);
    player.handle(&note_off(60));
    play(&mut player, FRAMES);
    assert_eq!(player.num_sounding(), 0, "held for {held_frames} frames");
    left
}

#[test]
fn a_key_let_go_at_once_sounds_as_one_held_for_20_ms() {
    let held = tap(960, 9_600);
    assert!(peak_db(&held) > -30.0, "{} dBFS", peak_db(&held));
    for held_frames in [0, 1, 63, 64, 500, 959] {
        for block_frames in [1, 64, 480, 9_600] {
            let tapped = tap(held_frames, block_frames);
            assert!(
                tapped == held,
                "held for {held_frames} frames, blocks of {block_frames}"
            );
        }
    }
}

#[test]
fn a_key_struck_again_at_once_is_not_heard_twice() {
    let strike = Event::NoteOn {
        channel: 0,
        key: 60,
        velocity: 0.8,
        note_id: None,
        seed: Some(5),
    };
    let (_controller, mut once) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    once.handle(&strike);
    let (_controller, mut twice) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    twice.handle(&note_on(60, 0.8));
    twice.handle(&note_off(60));
    twice.handle(&strike);
    assert_eq!(render(&mut twice, 48_000), render(&mut once, 48_000));
}

#[test]
fn a_note_on_of_velocity_0_is_a_note_off_which_the_pedal_holds() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&Event::SustainPedal {
        channel: 0,
        down: true,
    });
    player.handle(&note_on(60, 0.8));
    render(&mut player, 4_800);
    player.handle(&note_on(60, 0.0));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 1);
}

#[test]
fn what_a_muted_channel_plays_stays_unheard_through_a_reset() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &[60]);
    player.handle(&Event::Volume {
        channel: 0,
        gain_db: f32::NEG_INFINITY,
    });
    player.handle(&note_on(60, 0.8));
    render(&mut player, 4_801);
    player.handle(&Event::Reset);
    let (left, right) = render(&mut player, 480);
    assert!(left.iter().chain(&right).all(|&sample| sample == 0.0));
    player.handle(&note_on(60, 0.8));
    assert!(peak_db(&render(&mut player, 4_800).0) > -30.0);
}

#[test]
fn the_pedal_holds_released_keys_until_it_is_lifted() {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &[60]);
    player.handle(&Event::SustainPedal {
        channel: 0,
        down: true,
    });
    player.handle(&note_on(60, 0.8));
    render(&mut player, 4_800);
    player.handle(&note_off(60));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 1);
    player.handle(&Event::SustainPedal {
        channel: 0,
        down: false,
    });
    render(&mut player, 48_000);
    assert_eq!(player.num_sounding(), 0);
}
