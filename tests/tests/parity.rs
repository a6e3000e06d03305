//! Rust against the Python pipeline: the numbers in `tests/vectors/` were made by `models/training/sound/vectors.py`.

use std::path::{Path, PathBuf};

use engine::Note;
use engine::decode::decode_straight;
use models::{Grid, SoundGrid, seeded};
use serde_json::Value;

/// Largest difference of the two decoders, dB re the signal (CONTRACT.md, `tolerance.audio_db`).
const AUDIO_TOLERANCE_DB: f64 = -60.0;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn vectors() -> Value {
    let text = std::fs::read_to_string(folder().join("vectors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn floats(file: &str) -> Vec<f32> {
    let bytes = std::fs::read(folder().join(file)).unwrap();
    bytes
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
        .collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Power of the difference over power of the signal, dB.
fn difference_db(ours: &[f32], theirs: &[f32]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let signal = power(&mut theirs.iter().map(|&v| f64::from(v)));
    let difference = power(
        &mut ours
            .iter()
            .zip(theirs)
            .map(|(a, b)| f64::from(*a) - f64::from(*b)),
    );
    10.0 * (difference / signal).log10()
}

struct Case {
    /// Rust's and Python's samples of each stretch.
    stretches: Vec<(Vec<f32>, Vec<f32>)>,
}

fn decode_case(grid: &Grid, case: &Value) -> Case {
    let values = floats(case["file"].as_str().unwrap());
    let columns = grid.column_times_s.len();
    let level = grid.row_first_harmonic.len() * columns;
    let noise = (grid.noise_band_edges_hz.len() - 1) * columns;
    let maps = SoundGrid {
        level_db: values[..level].to_vec(),
        deviation_cents: values[level..2 * level].to_vec(),
        noise_db: values[2 * level..2 * level + noise].to_vec(),
    };
    let note = Note::from_grid(&maps, grid, number(&case["key"]) as u8).unwrap();
    let samples = decode_straight(
        &note,
        number(&case["sample_rate_hz"]),
        number(&case["seed"]) as u32,
    )
    .unwrap();
    let length = number(&case["length"]) as usize;
    let starts = case["starts"].as_array().unwrap();
    let stretches = starts
        .iter()
        .enumerate()
        .map(|(index, start)| {
            let start = number(start) as usize;
            let theirs = 2 * level + noise + index * length;
            (
                samples[start..start + length].to_vec(),
                values[theirs..theirs + length].to_vec(),
            )
        })
        .collect();
    Case { stretches }
}

fn all_cases() -> Vec<Case> {
    let vectors = vectors();
    let grid: Grid = serde_json::from_value(vectors["grid"].clone()).unwrap();
    let cases = vectors["decode"].as_array().unwrap();
    cases.iter().map(|case| decode_case(&grid, case)).collect()
}

#[test]
fn rust_and_python_decode_a_generated_note_to_the_same_samples() {
    for case in all_cases() {
        for (ours, theirs) in case.stretches {
            let difference = difference_db(&ours, &theirs);
            println!("difference {difference:.1} dB");
            assert!(difference < AUDIO_TOLERANCE_DB, "{difference:.1} dB");
        }
    }
}

#[test]
fn the_comparison_hears_a_shift_of_one_frame_and_a_tenth_of_a_db() {
    let cases = all_cases();
    let (ours, theirs) = &cases[0].stretches[1];
    let end = ours.len() - 1;
    assert!(difference_db(&ours[1..], &theirs[..end]) > AUDIO_TOLERANCE_DB);
    let louder: Vec<f32> = ours.iter().map(|v| v * 1.0116).collect();
    assert!(difference_db(&louder, theirs) > AUDIO_TOLERANCE_DB);
}

#[test]
fn rust_and_python_draw_the_same_numbers_from_a_seed() {
    let vectors = vectors();
    let integer = |value: &Value| value.as_u64().unwrap() as u32;
    for row in vectors["hash"].as_array().unwrap() {
        let drawn = seeded::hash(integer(&row[0]), integer(&row[1]), integer(&row[2]));
        assert_eq!(drawn, integer(&row[3]));
    }
    for row in vectors["normal"].as_array().unwrap() {
        let drawn = seeded::normal(integer(&row[0]), integer(&row[1]), integer(&row[2]));
        assert!((drawn - number(&row[3])).abs() < 1e-12);
    }
}
