//! Loops for samplers: a tone that was looped goes on as if it had never been cut.

use std::f64::consts::TAU;

use engine::descriptors::{CLICK_DB, worst_click};
use engine::seamless::{LoopPoints, seamless};

const RATE_HZ: u32 = 48_000;

/// Ten harmonics of equal phase steps, four seconds.
fn tone(frequency_hz: f64) -> Vec<f32> {
    (0..4 * RATE_HZ)
        .map(|frame| {
            let turns = frequency_hz * f64::from(frame) / f64::from(RATE_HZ);
            let harmonics = (1..=10).map(f64::from);
            let sum: f64 = harmonics
                .map(|k| (TAU * (k * turns + 0.3 * k * k)).sin() / k)
                .sum();
            (0.2 * sum) as f32
        })
        .collect()
}

/// What a sampler plays: the loop three times over.
fn played(samples: &[f32], points: LoopPoints) -> Vec<f32> {
    let mut played = samples[..points.end_frame].to_vec();
    for _ in 0..3 {
        played.extend(&samples[points.start_frame..points.end_frame]);
    }
    played
}

#[test]
fn a_looped_tone_is_the_endless_tone_within_a_thousandth() {
    // Periods of 183.466, 1467.7 and 13.0 frames: none is whole.
    for frequency_hz in [261.625_565, 32.703_196, 3_691.1] {
        let (mut left, mut right) = (tone(frequency_hz), tone(frequency_hz));
        let channels = [&mut left[..], &mut right[..]];
        let points = seamless(channels, RATE_HZ, frequency_hz, 1.5).unwrap();
        let looped = played(&left, points);
        assert!(looped.len() > 5 * RATE_HZ as usize && left == right);
        // Past the end the endless tone is known by its formula, at the phase the loop came round to.
        let length = points.end_frame - points.start_frame;
        let exact = tone(frequency_hz);
        for round in 0..3 {
            let start = points.end_frame + round * length;
            for index in (0..length).step_by(7) {
                let wanted = exact[points.start_frame + index];
                let found = looped[start + index];
                assert!(
                    (wanted - found).abs() < 1e-3 * 0.6,
                    "{frequency_hz} Hz, {index}"
                );
            }
        }
    }
}

#[test]
fn the_seam_of_a_tone_that_swells_and_drifts_does_not_click() {
    let frequency_hz = 220.5;
    let mut left: Vec<f32> = tone(frequency_hz)
        .iter()
        .enumerate()
        .map(|(frame, sample)| {
            let time_s = frame as f64 / f64::from(RATE_HZ);
            // Ten decibels down from loop to loop, with a tremolo that no loop fits.
            sample * (10_f64.powf(-0.3 * time_s) * (1.0 + 0.3 * (TAU * 1.37 * time_s).sin())) as f32
        })
        .collect();
    let mut right = left.clone();
    let plain = left.clone();
    let channels = [&mut left[..], &mut right[..]];
    let points = seamless(channels, RATE_HZ, frequency_hz, 1.5).unwrap();
    let first = RATE_HZ as usize / 10;
    assert!(worst_click(&played(&left, points), first).excess_db < CLICK_DB);
    // The alarm rings: without the crossfade the same loop does click.
    assert!(worst_click(&played(&plain, points), first).excess_db > CLICK_DB);
}

#[test]
fn a_note_too_short_to_loop_is_refused() {
    let (mut left, mut right) = (vec![0.0; 48_000], vec![0.0; 48_000]);
    assert!(seamless([&mut left, &mut right], RATE_HZ, 440.0, 0.5).is_err());
    assert!(seamless([&mut left, &mut right], RATE_HZ, 440.0, 0.01).is_err());
}
