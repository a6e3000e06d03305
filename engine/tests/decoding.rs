//! Straight decoding against closed forms (CONTRACT.md section 3), worked out here in `f64`.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::f64::consts::TAU;

use engine::NoteLayout;
use engine::decode::decode_straight;
use fixture::{ClosedForm, LEVEL_FLOOR_DB, noise, note, rms_db, sawtooth, sine};
use models::SoundGrid;
use models::seeded::hash;

const RATE_HZ: f64 = 48_000.0;

/// Level of the difference, dB re the expected signal.
fn difference_db(samples: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(samples.len(), expected.len());
    let error: f64 = samples
        .iter()
        .zip(expected)
        .map(|(&a, b)| (f64::from(a) - b).powi(2))
        .sum();
    let signal: f64 = expected.iter().map(|b| b * b).sum();
    10.0 * (error / signal).log10()
}

fn start_phase(seed: u32, partial: u32) -> f64 {
    f64::from(hash(seed, 0, partial)) / 4_294_967_296.0
}

#[test]
fn a_single_partial_is_the_sine_of_its_key_within_minus_80_db() {
    for (key, rate_hz) in [
        (24, 48_000.0),
        (69, 44_100.0),
        (96, 48_000.0),
        (60, 192_000.0),
    ] {
        let samples = decode_straight(&note(&sine(), key), rate_hz, 7).unwrap();
        let f0_hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
        let amplitude = 1.0 - 10f64.powf(f64::from(LEVEL_FLOOR_DB) / 20.0);
        let expected: Vec<f64> = (0..samples.len())
            .map(|n| {
                let fade_in = (n as f64 / 64.0).min(1.0);
                amplitude * fade_in * (TAU * (start_phase(7, 1) + n as f64 * f0_hz / rate_hz)).sin()
            })
            .collect();
        let error_db = difference_db(&samples, &expected);
        assert!(error_db < -80.0, "key {key} at {rate_hz} Hz: {error_db} dB");
    }
}

/// Step 1 of the contract: the line through the common deviation, about its weighted means.
fn tuning_line(maps: &SoundGrid, layout: &NoteLayout) -> Vec<f64> {
    let times = &layout.column_times_s;
    let mut points = Vec::new();
    for c in (1..times.len() - 1).filter(|&c| (0.1..=layout.release_start_s).contains(&times[c])) {
        let rows = (0..16).map(|row| {
            let harmonic = f64::from(layout.row_first_harmonic[row]);
            let cell = row * times.len() + c;
            let power = 10f64.powf(f64::from(maps.level_db[cell]) / 10.0);
            (
                power * harmonic * harmonic,
                f64::from(maps.deviation_cents[cell]),
            )
        });
        let (weight, sum) = rows.fold((0.0, 0.0), |(w, s), (weight, cents)| {
            (w + weight, s + weight * cents)
        });
        let width_s = 0.5 * (times[c + 1] - times[c - 1]);
        points.push((times[c], sum / weight, weight.sqrt() * width_s));
    }
    let total: f64 = points.iter().map(|p| p.2).sum();
    let mean_t = points.iter().map(|p| p.2 * p.0).sum::<f64>() / total;
    let mean_c = points.iter().map(|p| p.2 * p.1).sum::<f64>() / total;
    let both: f64 = points
        .iter()
        .map(|p| p.2 * (p.0 - mean_t) * (p.1 - mean_c))
        .sum();
    let spread: f64 = points.iter().map(|p| p.2 * (p.0 - mean_t).powi(2)).sum();
    let line = |&t: &f64| mean_c + both / spread * (t.clamp(0.1, layout.release_start_s) - mean_t);
    times.iter().map(line).collect()
}

/// A sawtooth whose level rises and falls within two short columns.
fn trill() -> ClosedForm {
    ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 6.0 * (1.0 - (350.0 * t).cos()),
        ..sawtooth()
    }
}

/// Step 3's average of the columns that stand within 10 ms of both neighbours.
fn smooth_levels(levels_db: &[f32], times: &[f64]) -> Vec<f32> {
    let columns = times.len();
    let smooth = |(cell, &level_db): (usize, &f32)| {
        let c = cell % columns;
        let short = (1..columns - 1).contains(&c)
            && times[c] - times[c - 1] < 0.01
            && times[c + 1] - times[c] < 0.01;
        let before_db = levels_db[cell.saturating_sub(1)];
        if short {
            (before_db + 2.0 * level_db + levels_db[cell + 1]) / 4.0
        } else {
            level_db
        }
    };
    levels_db.iter().enumerate().map(smooth).collect()
}

/// The whole contract, steps 1 to 6, written down once more without any of the engine's code.
fn trill_by_the_contract(key: u8, seed: u32) -> Vec<f64> {
    let (maps, layout) = (fixture::maps(&trill()), fixture::layout());
    let columns = layout.column_times_s.len();
    let at = |map: &[f32], row: usize, t: f64| {
        let times = &layout.column_times_s;
        let c = times.iter().rposition(|&time| time <= t).unwrap_or(0);
        let d = (c + 1).min(columns - 1);
        let share = if d > c {
            ((t - times[c]) / (times[d] - times[c])).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (a, b) = (
            f64::from(map[row * columns + c]),
            f64::from(map[row * columns + d]),
        );
        a + share * (b - a)
    };
    let f0_hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
    let levels_db = smooth_levels(&maps.level_db, &layout.column_times_s);
    let tuning = tuning_line(&maps, &layout);
    let deviations: Vec<f32> = (maps.deviation_cents.iter().enumerate())
        .map(|(cell, &cents)| (f64::from(cents) - tuning[cell % columns]) as f32)
        .collect();
    let centres: Vec<f64> = (layout
        .row_first_harmonic
        .iter()
        .zip(&layout.row_last_harmonic))
    .filter(|(first, _)| f64::from(**first) * f0_hz <= layout.max_frequency_hz)
    .map(|(&first, &last)| 0.5 * (f64::from(first) * f64::from(last)).ln())
    .collect();
    let num_frames = (layout.duration_s * RATE_HZ).round() as usize;
    let mut out = vec![0.0; num_frames];
    for partial in 1..=((layout.max_frequency_hz / f0_hz) as u32).min(256) {
        let ln_k = f64::from(partial)
            .ln()
            .clamp(centres[0], centres[centres.len() - 1]);
        let row =
            (centres.iter().rposition(|&centre| centre <= ln_k).unwrap()).min(centres.len() - 2);
        let share = (ln_k - centres[row]) / (centres[row + 1] - centres[row]);
        let value =
            |map: &[f32], t: f64| (1.0 - share) * at(map, row, t) + share * at(map, row + 1, t);
        let floor = 10f64.powf(f64::from(LEVEL_FLOOR_DB) / 20.0);
        let (mut phase, mut from) = (start_phase(seed, partial), 0.0);
        for tick in 0..num_frames.div_ceil(64) {
            let cents = value(&deviations, 64.0 * tick as f64 / RATE_HZ);
            let turns = f64::from(partial) * f0_hz * (cents / 1200.0).exp2() / RATE_HZ;
            let level_db = value(&levels_db, 64.0 * (tick + 1) as f64 / RATE_HZ);
            let to = (10f64.powf(level_db / 20.0) - floor).max(0.0);
            for j in 0..64.min(num_frames - 64 * tick) {
                let amplitude = from + (to - from) * j as f64 / 64.0;
                out[64 * tick + j] += amplitude * (TAU * (phase + j as f64 * turns)).sin();
            }
            phase = (phase + 64.0 * turns).fract();
            from = to;
        }
    }
    out
}

#[test]
fn a_sawtooth_with_vibrato_and_a_fast_trill_follows_the_contract_within_minus_70_db() {
    for key in [33, 60, 90] {
        let samples = decode_straight(&note(&trill(), key), RATE_HZ, 3).unwrap();
        let error_db = difference_db(&samples, &trill_by_the_contract(key, 3));
        assert!(error_db < -70.0, "key {key}: {error_db} dB");
    }
}

#[test]
fn noise_has_the_power_of_its_bands() {
    let samples = decode_straight(&note(&noise(), 60), RATE_HZ, 5).unwrap();
    let wanted_db = 10.0 * (64.0 * (1e-3 - 10f64.powf(-11.5))).log10();
    let level_db = rms_db(&samples);
    assert!(
        (level_db - wanted_db).abs() < 0.5,
        "{level_db} dB, wanted {wanted_db} dB"
    );
}

/// Power between two frequencies by a plain DFT of many Hann-windowed stretches, mean square.
fn band_power(samples: &[f32], low_hz: f64, high_hz: f64) -> f64 {
    const LENGTH: usize = 2_048;
    let (low_bin, high_bin) = (
        (low_hz / RATE_HZ * LENGTH as f64).round() as usize,
        (high_hz / RATE_HZ * LENGTH as f64).round() as usize,
    );
    let mut power = 0.0;
    let stretches: Vec<&[f32]> = samples[4_096..].chunks_exact(LENGTH).take(40).collect();
    for stretch in &stretches {
        for bin in low_bin..high_bin {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, &sample) in stretch.iter().enumerate() {
                let window = 0.5 - 0.5 * (TAU * n as f64 / LENGTH as f64).cos();
                let angle = TAU * ((bin * n) % LENGTH) as f64 / LENGTH as f64;
                re += f64::from(sample) * window * angle.cos();
                im += f64::from(sample) * window * angle.sin();
            }
            power += (re * re + im * im) * 2.0 / (0.375 * (LENGTH * LENGTH) as f64);
        }
    }
    power / stretches.len() as f64
}

#[test]
fn each_octave_of_noise_has_the_power_of_its_bands_within_1_db() {
    // 1 kHz to 2 kHz alone, in bands whose edges need not match: the octave's power is that of the bands inside it.
    let form = ClosedForm {
        noise_db: |hz, _| if hz < 2_000.0 { -20.0 } else { -40.0 },
        ..ClosedForm::default()
    };
    let samples = decode_straight(&note(&form, 60), RATE_HZ, 11).unwrap();
    let edges_hz = fixture::layout().noise_band_edges_hz;
    for low_hz in [375.0, 750.0, 1_500.0, 3_000.0, 6_000.0] {
        let high_hz = 2.0 * low_hz;
        let wanted: f64 = edges_hz
            .windows(2)
            .map(|edge| {
                let inside_hz = (edge[1].min(high_hz) - edge[0].max(low_hz)).max(0.0);
                let level_db = (form.noise_db)(0.5 * (edge[0] + edge[1]), 0.0);
                10f64.powf(level_db / 10.0) * inside_hz / (edge[1] - edge[0])
            })
            .sum();
        let found_db = 10.0 * (band_power(&samples, low_hz, high_hz) / wanted).log10();
        assert!(
            found_db.abs() < 1.0,
            "{low_hz} Hz to {high_hz} Hz is off by {found_db} dB"
        );
    }
}

#[test]
fn dark_noise_stays_dark() {
    // The ends of the blocks it is made of are where a treble would come from.
    let form = ClosedForm {
        noise_db: |hz, _| if hz < 300.0 { -20.0 } else { -120.0 },
        ..ClosedForm::default()
    };
    let samples = decode_straight(&note(&form, 60), RATE_HZ, 11).unwrap();
    let dark = band_power(&samples, 30.0, 600.0);
    let treble_db = 10.0 * (band_power(&samples, 4_000.0, 8_000.0) / dark).log10();
    assert!(treble_db < -85.0, "{treble_db} dB");
}

#[test]
fn two_seeds_give_different_phases_and_one_seed_the_same_samples() {
    let note = note(&sawtooth(), 60);
    let first = decode_straight(&note, RATE_HZ, 1).unwrap();
    assert_eq!(first, decode_straight(&note, RATE_HZ, 1).unwrap());
    assert_ne!(first, decode_straight(&note, RATE_HZ, 2).unwrap());
}

#[test]
fn a_sample_rate_of_zero_or_nan_is_refused_by_name() {
    for rate_hz in [0.0, f64::NAN, 8_000.0, 1e6] {
        let error = decode_straight(&note(&sine(), 60), rate_hz, 1).unwrap_err();
        assert!(error.to_string().contains("sample rate"), "{error}");
    }
}
