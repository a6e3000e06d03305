//! Recordings made ready, and how far apart two notes are: closed forms, so that every expected value can be derived.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::f64::consts::TAU;

use engine::decode::decode_straight;
use engine::likeness::{Known, RecordedNote, band_error};
use engine::resample::resample;
use engine::wav::read::Recording;
use fixture::{ClosedForm, layout, note, sawtooth};

const RATE_HZ: f64 = 48_000.0;
/// All that a model's note has is known.
const WHOLE: Known = Known {
    until_s: 4.0,
    below_hz: 20_000.0,
};

fn recording(samples: Vec<f32>) -> Recording {
    Recording {
        channels: vec![samples],
        sample_rate_hz: 48_000,
        num_not_finite: 0,
    }
}

fn tones(parts: &[(f64, f64)], seconds: f64) -> Vec<f32> {
    let frames = (seconds * RATE_HZ) as usize;
    let sample = |frame: usize| {
        let turns = TAU * frame as f64 / RATE_HZ;
        let sum = parts.iter().map(|(hz, gain)| gain * (turns * hz).sin());
        sum.sum::<f64>() as f32
    };
    (0..frames).map(sample).collect()
}

/// Harmonics falling by 6 dB an octave up to 15 kHz.
fn saw(f0_hz: f64, gain: f64) -> Vec<(f64, f64)> {
    let count = (15_000.0 / f0_hz) as usize;
    (1..=count)
        .map(|k| (k as f64 * f0_hz, gain / k as f64))
        .collect()
}

fn made_ready(samples: Vec<f32>) -> engine::Result<RecordedNote> {
    let layout = layout();
    let recorded = RecordedNote::new(&recording(samples), None, &layout, RATE_HZ)?;
    recorded.check_one_note(&layout)?;
    Ok(recorded)
}

fn refusal(samples: Vec<f32>) -> String {
    made_ready(samples).unwrap_err().to_string()
}

#[test]
fn a_note_is_no_distance_from_itself_at_any_loudness() {
    let loud = tones(&saw(220.0, 0.3), 4.0);
    let soft: Vec<f32> = loud.iter().map(|x| 0.1 * x).collect();
    let error = band_error(&loud, &soft, RATE_HZ, &WHOLE).unwrap();
    assert!(error.mean_db < 1e-3, "{error:?}");
    assert!((error.gain_db - 20.0).abs() < 1e-3, "{error:?}");
}

#[test]
fn one_of_two_bands_that_is_4_db_too_loud_makes_both_2_db_off() {
    // Both in the middle of a third octave, 20 bins and more from its edges: no skirt of the window reaches another band.
    let wanted = tones(&[(2_245.0, 0.1), (8_980.0, 0.1)], 4.0);
    let louder = 0.1 * 10f64.powf(4.0 / 20.0);
    let found = tones(&[(2_245.0, 0.1), (8_980.0, louder)], 4.0);
    let error = band_error(&wanted, &found, RATE_HZ, &WHOLE).unwrap();
    assert!((error.mean_db - 2.0).abs() < 0.1, "{error:?}");
    assert!((error.rms_db - 2.0).abs() < 0.1, "{error:?}");
}

#[test]
fn what_is_not_known_does_not_count() {
    let wanted = tones(&[(224.0, 0.1), (8_980.0, 0.1)], 4.0);
    let mut found = tones(&[(224.0, 0.1)], 4.0);
    let below = Known {
        below_hz: 4_000.0,
        ..WHOLE
    };
    assert!(
        band_error(&wanted, &found, RATE_HZ, &below)
            .unwrap()
            .mean_db
            < 0.1
    );
    assert!(
        band_error(&wanted, &found, RATE_HZ, &WHOLE)
            .unwrap()
            .mean_db
            > 10.0
    );
    found = wanted.clone();
    found[96_000..].fill(0.0);
    let half = Known {
        until_s: 2.0,
        ..WHOLE
    };
    assert!(band_error(&wanted, &found, RATE_HZ, &half).unwrap().mean_db < 0.1);
    assert!(
        band_error(
            &wanted,
            &wanted,
            RATE_HZ,
            &Known {
                until_s: 0.01,
                ..WHOLE
            }
        )
        .is_none()
    );
}

#[test]
fn the_analysis_of_a_recording_played_is_within_2_db() {
    let samples = decode_straight(&note(&sawtooth(), 57), RATE_HZ, 1).unwrap();
    let recorded = made_ready(samples).unwrap();
    assert_eq!(recorded.key, 57);
    let maps = &recorded.analysis.maps;
    let again = engine::Note::baked_from_maps(maps, layout(), 57).unwrap();
    let answer = decode_straight(&again, RATE_HZ, 2).unwrap();
    let error = band_error(&recorded.samples, &answer, RATE_HZ, &recorded.known).unwrap();
    assert!(error.mean_db < 2.0, "{error:?}");
}

#[test]
fn a_recording_out_of_tune_at_another_rate_with_silence_before_it_comes_out_in_tune() {
    // 30 cents above key 64, at 44.1 kHz, after half a second of nothing.
    let f0_hz = 440.0 * ((64.3f64 - 69.0) / 12.0).exp2();
    let mut samples = vec![0.0; 24_000];
    samples.extend(tones(&saw(f0_hz, 0.3), 3.0));
    let sharp = Recording {
        channels: vec![vec![0.0; 10], resample(&samples, 48_000u32, 44_100u32)],
        sample_rate_hz: 44_100,
        num_not_finite: 0,
    };
    let recorded = RecordedNote::new(&sharp, None, &layout(), RATE_HZ).unwrap();
    assert_eq!(recorded.key, 64);
    assert!((recorded.cents - 30.0).abs() < 1.0, "{}", recorded.cents);
    let f0_hz = engine::descriptors::f0_hz(&recorded.samples[..120_000], 48_000).unwrap();
    let cents = engine::descriptors::cents_from_key(f0_hz, 64.0, 440.0);
    assert!(cents.abs() < 1.0, "{cents}");
    // The note begins at once, its foot of 10 ms aside, and was cut off while it sounded.
    assert!(recorded.samples[1_000..2_000].iter().any(|x| x.abs() > 0.1));
    assert!(
        (recorded.known.until_s - 3.0).abs() < 0.1,
        "{:?}",
        recorded.known
    );
    assert!(recorded.known.below_hz < 0.46 * 44_100.0);
}

#[test]
fn a_note_that_died_away_is_known_to_its_end_and_one_held_on_until_the_release() {
    let decaying: Vec<f32> = tones(&saw(220.0, 0.3), 2.0)
        .iter()
        .enumerate()
        .map(|(frame, x)| x * (-6.0 * frame as f32 / 48_000.0).exp())
        .collect();
    assert_eq!(made_ready(decaying).unwrap().known.until_s, 4.0);
    let held = tones(&saw(220.0, 0.3), 8.0);
    assert_eq!(made_ready(held).unwrap().known.until_s, 3.0);
}

#[test]
fn each_recording_that_is_no_note_is_refused_by_name() {
    assert!(refusal(vec![0.0; 48_000]).contains("silent"));
    assert!(refusal(Vec::new()).contains("silent"));
    assert!(refusal(tones(&saw(220.0, 0.3), 0.1)).contains("at least 0.3 s"));
    let noise = (0..96_000).map(|n| models::seeded::unit(1, 2, n) as f32 - 0.5);
    assert!(refusal(noise.collect()).contains("no one pitch"));
    let broken = Recording {
        num_not_finite: 3,
        ..recording(tones(&saw(220.0, 0.3), 1.0))
    };
    let refused = RecordedNote::new(&broken, None, &layout(), RATE_HZ).unwrap_err();
    assert!(refused.to_string().contains("3 samples"));
    // One note after the other.
    let mut tune = tones(&saw(220.0, 0.3), 1.0);
    tune.extend(tones(&saw(294.0, 0.3), 1.0));
    assert!(refusal(tune).contains("no one pitch"));
}

#[test]
fn two_notes_at_once_are_refused_and_a_note_without_even_harmonics_is_not() {
    for (key, other) in [(57.0, 64.0), (60.0, 65.0), (60.0, 64.0), (62.0, 71.0)] {
        let hz = |key: f64| 440.0 * ((key - 69.0f64) / 12.0).exp2();
        let both = [saw(hz(key), 0.2), saw(hz(other), 0.2)].concat();
        let said = refusal(tones(&both, 3.0));
        assert!(
            said.contains("two notes") || said.contains("no one pitch"),
            "{key} and {other}: {said}"
        );
    }
    let mut square = saw(220.0, 0.3);
    square.retain(|(hz, _)| (hz / 220.0).round() as usize % 2 == 1);
    assert_eq!(made_ready(tones(&square, 3.0)).unwrap().key, 57);
}

#[test]
fn a_key_that_is_given_counts() {
    let samples = tones(&saw(220.0, 0.3), 3.0);
    let as_octave_below = RecordedNote::new(&recording(samples), Some(45), &layout(), RATE_HZ);
    let recorded = as_octave_below.unwrap();
    assert_eq!(recorded.key, 45);
    assert!(recorded.cents.abs() < 1.0);
    let form = ClosedForm {
        noise_db: |_, _| -30.0,
        ..ClosedForm::default()
    };
    let noise = decode_straight(&note(&form, 60), RATE_HZ, 1).unwrap();
    let recorded = RecordedNote::new(&recording(noise), Some(60), &layout(), RATE_HZ).unwrap();
    assert_eq!((recorded.key, recorded.cents), (60, 0.0));
}
