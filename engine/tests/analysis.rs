//! Analysis is the way back of decoding: closed-form notes go round and come back with the same sound.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::analysis::analyse;
use engine::decode::decode_straight;
use engine::{Note, NoteLayout};
use fixture::{ClosedForm, layout, maps, note, rms_db};
use realfft::RealFftPlanner;

const RATE_HZ: f64 = 48_000.0;
/// Length of the spectra that are compared.
const LENGTH: usize = 4_096;

/// A bowed sound: falling partials, vibrato of 20 cents, noise 45 dB below in all bands.
fn bowed() -> ClosedForm {
    ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 6.0 * t,
        deviation_cents: |_, t| 20.0 * (std::f64::consts::TAU * 5.0 * t).sin(),
        noise_db: |_, t| -45.0 - 3.0 * t,
    }
}

/// Mean square in third octaves from 100 Hz to 16 kHz for each stretch of the samples, `[stretches][bands]`.
fn third_octaves(samples: &[f32]) -> Vec<Vec<f64>> {
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(LENGTH);
    let spectrum = |stretch: &[f32]| {
        let window =
            |n: usize| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / LENGTH as f64).cos();
        let mut input: Vec<f64> = stretch
            .iter()
            .enumerate()
            .map(|(n, &x)| f64::from(x) * window(n))
            .collect();
        let mut output = plan.make_output_vec();
        plan.process(&mut input, &mut output).unwrap();
        (0..22)
            .map(|band| {
                let low_hz = 100.0 * (f64::from(band) / 3.0).exp2();
                let bin = |hz: f64| (hz / RATE_HZ * LENGTH as f64).round() as usize;
                output[bin(low_hz)..bin(low_hz * (1.0f64 / 3.0).exp2()).max(bin(low_hz) + 1)]
                    .iter()
                    .map(|c| c.norm_sqr())
                    .sum()
            })
            .collect()
    };
    samples.chunks_exact(LENGTH).map(spectrum).collect()
}

/// Mean distance of the third octaves that lie within 60 dB of the loudest, dB.
fn band_error_db(original: &[f32], copy: &[f32]) -> f64 {
    let (original, copy) = (third_octaves(original), third_octaves(copy));
    let loudest = original.iter().flatten().copied().fold(0.0, f64::max);
    let distances: Vec<f64> = original
        .iter()
        .flatten()
        .zip(copy.iter().flatten())
        .filter(|(a, _)| **a > loudest * 1e-6)
        .map(|(a, b)| (10.0 * (a / b).log10()).abs())
        .collect();
    assert!(
        distances.len() > 200,
        "only {} bands to compare",
        distances.len()
    );
    distances.iter().sum::<f64>() / distances.len() as f64
}

#[test]
fn a_note_that_was_decoded_and_analysed_sounds_the_same_within_2_db_per_band() {
    for key in [45, 60, 76] {
        let original = decode_straight(&note(&bowed(), key), RATE_HZ, 1).unwrap();
        let found = analyse(&original, RATE_HZ, key, &layout()).unwrap();
        let again = Note::from_maps(&found.maps, layout(), key).unwrap();
        let copy: Vec<f32> = decode_straight(&again, RATE_HZ, 2)
            .unwrap()
            .iter()
            .map(|x| x * found.peak_amplitude as f32)
            .collect();
        let error_db = band_error_db(&original, &copy);
        assert!(error_db < 2.0, "key {key}: {error_db} dB");
        assert!((rms_db(&original) - rms_db(&copy)).abs() < 0.5, "key {key}");
    }
}

#[test]
fn levels_and_drift_of_the_lowest_partials_come_back() {
    let (key, layout) = (60, layout());
    // Without noise, which would move the partials' phases in truth, and slow enough for columns of 40 ms: of a vibrato
    // of 5 Hz, straight lines between columns and their averages keep but four fifths.
    let form = ClosedForm {
        deviation_cents: |_, t| 20.0 * (std::f64::consts::TAU * 1.5 * t).sin(),
        noise_db: |_, _| -115.0,
        ..bowed()
    };
    let samples = decode_straight(&note(&form, key), RATE_HZ, 1).unwrap();
    let found = analyse(&samples, RATE_HZ, key, &layout).unwrap().maps;
    let wanted = maps(&form);
    let columns = layout.num_columns();
    let offset_db = found.level_db[40] - wanted.level_db[40];
    let steady: Vec<usize> = (0..columns)
        .filter(|&column| (0.3..3.0).contains(&layout.column_times_s[column]))
        .collect();
    // Decoding takes a straight line off (CONTRACT.md 3.1), the same from all rows: here it is found at row 0.
    let difference = |row: usize, column: usize| {
        f64::from(found.deviation_cents[row * columns + column])
            - f64::from(wanted.deviation_cents[row * columns + column])
    };
    let time_s = |column: usize| layout.column_times_s[column];
    let mean = |of: &dyn Fn(usize) -> f64| {
        steady.iter().map(|&column| of(column)).sum::<f64>() / steady.len() as f64
    };
    let (mean_s, mean_cents) = (mean(&time_s), mean(&|column| difference(0, column)));
    let slope = mean(&|column| (time_s(column) - mean_s) * difference(0, column))
        / mean(&|column| (time_s(column) - mean_s).powi(2));
    let line = |column: usize| mean_cents + slope * (time_s(column) - mean_s);
    for row in 0..10 {
        let mut squares = 0.0;
        for &column in &steady {
            let cell = row * columns + column;
            let level_db = found.level_db[cell] - wanted.level_db[cell] - offset_db;
            assert!(
                level_db.abs() < 1.0,
                "row {row}, column {column} is off by {level_db} dB"
            );
            squares += (difference(row, column) - line(column)).powi(2);
        }
        // Column, window and straight lines each take 1 to 2 % off the drift of 14 cents RMS.
        let rms_cents = (squares / steady.len() as f64).sqrt();
        assert!(rms_cents < 1.0, "row {row} is off by {rms_cents} cents");
    }
}

#[test]
fn noise_alone_comes_back_with_its_power() {
    let samples = decode_straight(&note(&fixture::noise(), 72), RATE_HZ, 1).unwrap();
    let found = analyse(&samples, RATE_HZ, 72, &layout()).unwrap();
    let again = Note::from_maps(&found.maps, layout(), 72).unwrap();
    let copy: Vec<f32> = decode_straight(&again, RATE_HZ, 2)
        .unwrap()
        .iter()
        .map(|x| x * found.peak_amplitude as f32)
        .collect();
    assert!(
        (rms_db(&samples) - rms_db(&copy)).abs() < 2.0,
        "{} dB for {} dB",
        rms_db(&copy),
        rms_db(&samples)
    );
}

#[test]
fn silence_broken_samples_and_broken_layouts_are_refused_by_name() {
    let refused = |samples: &[f32], layout: &NoteLayout| {
        analyse(samples, RATE_HZ, 60, layout)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[0.0; 9_600], &layout()).contains("silent"));
    assert!(refused(&[], &layout()).contains("silent"));
    assert!(refused(&[0.0, f32::NAN], &layout()).contains("frame 1"));
    let no_columns = NoteLayout {
        column_times_s: vec![],
        ..layout()
    };
    assert!(refused(&[0.5; 9_600], &no_columns).contains("columns"));
}
