//! Held notes: they keep their level for a minute and never repeat, whatever the note does by itself.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::PlayerConfig;
use fixture::{ClosedForm, note_off, note_on, player_with, render, rms_db, sawtooth};

const RATE_HZ: usize = 48_000;
/// Frames of one value of a level curve: 20 ms.
const CURVE_STEP: usize = 960;
/// The loop is entered at 0.9 s (fixture); from here on the level must hold.
const HELD_FROM_S: usize = 1;

/// Level of a held note, dB per 20 ms, over a minute.
fn level_curve_db(form: &ClosedForm, key: u8) -> Vec<f64> {
    let (_controller, mut player) = player_with(&PlayerConfig::default(), form, &[key]);
    player.handle(&note_on(key, 0.8));
    let (left, _) = render(&mut player, 60 * RATE_HZ);
    left.chunks_exact(CURVE_STEP).map(rms_db).collect()
}

/// Largest and smallest mean level of any half second once the loop was entered.
fn span_of_half_seconds_db(curve_db: &[f64]) -> (f64, f64) {
    let held = &curve_db[HELD_FROM_S * RATE_HZ / CURVE_STEP..];
    let means: Vec<f64> = held
        .windows(25)
        .map(|window| window.iter().sum::<f64>() / 25.0)
        .collect();
    (
        means.iter().copied().fold(f64::INFINITY, f64::min),
        means.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    )
}

fn forms() -> Vec<(&'static str, ClosedForm)> {
    let steady = sawtooth();
    let decaying = ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - (4.0 + 0.2 * k) * t,
        ..sawtooth()
    };
    let swelling = ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 9.0 * (3.0 - t).max(0.0),
        ..sawtooth()
    };
    let curved = ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 25.0 * (1.0 - (-t).exp()),
        ..sawtooth()
    };
    let breathy = ClosedForm {
        level_db: |k, t| if k < 1.5 { -8.0 * t } else { -100.0 },
        noise_db: |_, t| -40.0 - 8.0 * t,
        ..ClosedForm::default()
    };
    let dying = ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 35.0 * t,
        ..sawtooth()
    };
    vec![
        ("steady", steady),
        ("decaying", decaying),
        ("swelling", swelling),
        ("curved", curved),
        ("breathy", breathy),
        ("dying", dying),
    ]
}

#[test]
fn a_minute_of_a_held_note_keeps_its_level_within_6_db_once_the_loop_is_entered() {
    for (name, form) in forms() {
        let curve_db = level_curve_db(&form, 60);
        let (low_db, high_db) = span_of_half_seconds_db(&curve_db);
        assert!(
            high_db - low_db < 6.0,
            "{name}: {low_db} dB to {high_db} dB"
        );
    }
}

#[test]
fn a_note_that_has_decayed_is_held_at_the_level_where_the_loop_was_entered() {
    let decaying = ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 6.0 * t,
        ..ClosedForm::default()
    };
    let curve_db = level_curve_db(&decaying, 60);
    let at_entry_db = curve_db[9 * RATE_HZ / 10 / CURVE_STEP];
    let (low_db, high_db) = span_of_half_seconds_db(&curve_db);
    assert!(
        low_db > at_entry_db - 1.5 && high_db < at_entry_db + 1.5,
        "{low_db} to {high_db}, entered at {at_entry_db}"
    );
}

/// Correlation of a curve with itself some steps later, means taken off, -1..1.
fn self_correlation(curve: &[f64], lag: usize) -> f64 {
    let (early, late) = (&curve[..curve.len() - lag], &curve[lag..]);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (early_mean, late_mean) = (mean(early), mean(late));
    let mut sums = (0.0, 0.0, 0.0);
    for (a, b) in early.iter().zip(late) {
        let (a, b) = (a - early_mean, b - late_mean);
        sums = (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b);
    }
    sums.0 / (sums.1 * sums.2).sqrt()
}

/// A note whose level wanders on its own, without a period: what comes back shows in the level curve.
fn wandering() -> ClosedForm {
    ClosedForm {
        level_db: |k, t| -20.0 * k.log10() + 3.0 * (9.0 * t).sin() + 3.0 * (14.3 * t + 1.0).sin(),
        ..ClosedForm::default()
    }
}

#[test]
fn the_level_of_a_held_note_never_repeats() {
    let curve_db = level_curve_db(&wandering(), 60);
    let held = &curve_db[HELD_FROM_S * RATE_HZ / CURVE_STEP..];
    // A plain loop of the sustain part repeats after 1.9 s, plain to and fro after 3.8 s: both correlate by nearly 1.
    let (lag, highest) = (50..1_500)
        .map(|lag| (lag, self_correlation(held, lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap();
    assert!(
        highest < 0.7,
        "correlates by {highest} after {} s",
        lag as f64 * 0.02
    );
}

#[test]
fn a_curve_that_is_looped_is_caught_by_the_correlation() {
    let once: Vec<f64> = (0..95)
        .map(|step| (9.0 * 0.02 * f64::from(step)).sin() + (14.3 * 0.02 * f64::from(step)).sin())
        .collect();
    let looped: Vec<f64> = once
        .iter()
        .chain(once.iter().rev())
        .copied()
        .cycle()
        .take(2_900)
        .collect();
    let highest = (50..1_500)
        .map(|lag| self_correlation(&looped, lag))
        .fold(0.0, f64::max);
    assert!(highest > 0.95, "{highest}");
}

#[test]
fn two_strikes_of_one_key_are_held_in_different_ways_and_a_new_player_repeats_both() {
    let strike_twice = || {
        let (_controller, mut player) = player_with(&PlayerConfig::default(), &wandering(), &[60]);
        let mut strike = || {
            player.handle(&note_on(60, 0.8));
            let (left, _) = render(&mut player, 8 * RATE_HZ);
            player.handle(&note_off(60));
            render(&mut player, 2 * RATE_HZ);
            left
        };
        (strike(), strike())
    };
    let (first, second) = strike_twice();
    let curve = |samples: &[f32]| {
        samples
            .chunks_exact(CURVE_STEP)
            .map(rms_db)
            .collect::<Vec<_>>()
    };
    let late = 4 * RATE_HZ / CURVE_STEP;
    let (a, b) = (curve(&first), curve(&second));
    let difference_db = a[late..]
        .iter()
        .zip(&b[late..])
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    assert!(difference_db > 1.0, "{difference_db} dB");
    assert_eq!((first, second), strike_twice());
}

#[test]
fn a_release_follows_the_release_columns_of_the_note_and_never_swells() {
    // After 3 s this note falls by 60 dB/s; the sine falls with the envelope alone.
    let form = ClosedForm {
        level_db: |k, t| {
            if k < 1.5 {
                -60.0 * (t - 3.0).max(0.0)
            } else {
                -100.0
            }
        },
        ..ClosedForm::default()
    };
    let plain = fixture::sine();
    let fall_db = |form: &ClosedForm| {
        let (_controller, mut player) = player_with(&PlayerConfig::default(), form, &[69]);
        player.handle(&note_on(69, 0.8));
        let before = rms_db(&render(&mut player, 48_000).0[38_400..]);
        player.handle(&note_off(69));
        let (left, _) = render(&mut player, 14_400);
        before - rms_db(&left[12_000..])
    };
    // 250 to 300 ms after the release: 16.5 dB more than the envelope alone.
    let more_db = fall_db(&form) - fall_db(&plain);
    assert!((more_db - 16.5).abs() < 1.5, "{more_db} dB");
}
