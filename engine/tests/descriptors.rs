//! The measuring instruments, measured: sounds with known pitch, offset and clicks.

use engine::descriptors::{CLICK_DB, cents_from_key, dc_db, f0_hz, peak_db, worst_click};

const SAMPLE_RATE_HZ: u32 = 48_000;

/// Harmonics 1..=count with amplitude 1/k and phases that differ, one second and a half.
fn harmonic_tone(frequency_hz: f64, count: usize) -> Vec<f32> {
    let rate = f64::from(SAMPLE_RATE_HZ);
    (0..72_000)
        .map(|frame| {
            let sum: f64 = (1..=count)
                .map(|k| k as f64)
                .filter(|k| k * frequency_hz < 0.45 * rate)
                .map(|k| {
                    let turns = k * frequency_hz * f64::from(frame) / rate + 0.37 * k * k;
                    (std::f64::consts::TAU * turns).sin() / k
                })
                .sum();
            (0.2 * sum) as f32
        })
        .collect()
}

/// Uniform noise in -1..1 from a linear congruential generator (Numerical Recipes constants).
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / 2_147_483_648.0 - 1.0
        })
        .collect()
}

#[test]
fn the_pitch_of_a_harmonic_tone_is_right_within_half_a_cent_on_every_key() {
    for key in (16..=108).step_by(4) {
        for count in [1, 3, 40] {
            let frequency_hz = 440.0 * 2_f64.powf((f64::from(key) - 69.0) / 12.0 + 0.0123);
            let measured = f0_hz(&harmonic_tone(frequency_hz, count), SAMPLE_RATE_HZ).unwrap();
            let error_cents = 1200.0 * (measured / frequency_hz).log2();
            assert!(
                error_cents.abs() < 0.5,
                "key {key}, {count} harmonics: {error_cents:.3} cents off"
            );
        }
    }
}

#[test]
fn the_pitch_survives_a_missing_fundamental_and_noise() {
    let frequency_hz = 110.0;
    let whole = harmonic_tone(frequency_hz, 20);
    let fundamental = harmonic_tone(frequency_hz, 1);
    let samples: Vec<f32> = whole
        .iter()
        .zip(fundamental)
        .zip(noise(whole.len()))
        .map(|((whole, fundamental), noise)| whole - fundamental + 0.02 * noise)
        .collect();
    let measured = f0_hz(&samples, SAMPLE_RATE_HZ).unwrap();
    assert!(
        cents_from_key(measured, 45.0, 440.0).abs() < 0.5,
        "{measured} Hz"
    );
}

#[test]
fn silence_noise_and_short_sounds_have_no_pitch() {
    assert_eq!(f0_hz(&[], SAMPLE_RATE_HZ), None);
    assert_eq!(f0_hz(&[0.0; 48_000], SAMPLE_RATE_HZ), None);
    assert_eq!(
        f0_hz(&harmonic_tone(440.0, 5)[..1000], SAMPLE_RATE_HZ),
        None
    );
    assert_eq!(f0_hz(&noise(48_000), SAMPLE_RATE_HZ), None);
}

#[test]
fn peak_and_offset_are_those_of_the_worse_channel() {
    let left = [0.5_f32, -0.25];
    let right = [0.01_f32, 0.01];
    assert!((peak_db(&left, &right) + 6.0206).abs() < 0.001);
    // Left: mean 0.125.
    assert!((dc_db(&left, &right) + 18.0618).abs() < 0.001);
    assert_eq!(peak_db(&[0.0], &[0.0]), -200.0);
}

/// The same sound with a start that does not click: 5 ms of raised cosine.
fn faded_in(mut samples: Vec<f32>) -> Vec<f32> {
    for (frame, sample) in samples.iter_mut().enumerate().take(240) {
        *sample *= 0.5 - 0.5 * (frame as f32 / 240.0 * std::f32::consts::PI).cos();
    }
    samples
}

/// A tone over a little noise, as notes of the generator are.
fn note_like() -> Vec<f32> {
    let mut samples = faded_in(harmonic_tone(130.81, 60));
    for (sample, noise) in samples.iter_mut().zip(noise(72_000)) {
        *sample += 3e-4 * noise;
    }
    samples
}

#[test]
fn a_planted_click_40_db_below_the_peak_is_found_where_it_is() {
    let mut samples = note_like();
    assert!(
        worst_click(&samples, 0).excess_db < 16.0,
        "{:?}",
        worst_click(&samples, 0)
    );
    let peak = samples
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    samples[30_000] += 0.01 * peak;
    let click = worst_click(&samples, 0);
    assert!(click.frame.abs_diff(30_000) <= 2, "{click:?}");
    assert!(click.excess_db > CLICK_DB, "{click:?}");
}

#[test]
fn a_tone_that_is_cut_off_clicks_and_one_that_fades_in_5_ms_does_not() {
    let mut cut = note_like();
    // Cut at a peak of the wave, where the step is largest.
    let place = (30_000..31_000)
        .max_by(|&a, &b| cut[a].total_cmp(&cut[b]))
        .unwrap();
    let mut faded = cut.clone();
    cut[place..].fill(0.0);
    for (frame, sample) in faded.iter_mut().enumerate().skip(30_000) {
        let fade = (frame - 30_000) as f32 / 240.0 * std::f32::consts::PI;
        *sample *= if frame < 30_240 {
            0.5 + 0.5 * fade.cos()
        } else {
            0.0
        };
    }
    assert!(
        worst_click(&cut, 0).excess_db > CLICK_DB,
        "{:?}",
        worst_click(&cut, 0)
    );
    assert!(
        worst_click(&faded, 0).excess_db < 16.0,
        "{:?}",
        worst_click(&faded, 0)
    );
}

#[test]
fn pure_tones_noise_and_silence_do_not_look_like_clicks() {
    for samples in [
        faded_in(harmonic_tone(41.2, 1)),
        faded_in(harmonic_tone(2093.0, 8)),
        noise(72_000),
        vec![0.0; 4096],
        vec![],
    ] {
        assert!(
            worst_click(&samples, 0).excess_db < 16.0,
            "{:?}",
            worst_click(&samples, 0)
        );
    }
}
