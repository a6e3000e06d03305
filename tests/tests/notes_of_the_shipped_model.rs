//! Every key of the shipped model, with ten seeds, as `note` plays it: in tune, at a sane level, without offset or clicks.

use std::path::Path;
use std::thread;

use engine::descriptors::{CLICK_DB, cents_from_key, dc_db, f0_hz, peak_db, worst_click};
use engine::offline::{RenderSettings, Rendering, SlotMap, render_score};
use engine::score::{Action, Part, Score, ScoreEvent};
use engine::worker::bake::bake;
use models::{DEFAULT_TRUNCATION, SoundGenerator, SoundPoint};

const FIRST_KEY: u8 = 28;
const LAST_KEY: u8 = 96;
const NUM_SEEDS: u32 = 10;
/// Unoptimised builds look at every fourth key; the release run looks at all.
const KEY_STEP: usize = if cfg!(debug_assertions) { 4 } else { 1 };
const NUM_THREADS: u32 = 2;
/// The start of a note is a jump, and meant: 5 ms.
const ONSET_FRAMES: usize = 240;
/// While it rises (40 ms), partials move by tens of dB from one 8 ms column to the next. That bends the wave, and may stand
/// out by as much as this more.
const ATTACK_FRAMES: usize = 1_920;
const ATTACK_ALLOWANCE_DB: f64 = 6.0;

fn shipped_model() -> SoundGenerator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped/sound-v1.onnx");
    SoundGenerator::load(path).unwrap()
}

/// One note at velocity 0.8, held for 1.2 s.
fn play(generator: &mut SoundGenerator, seed: u32, key: u8) -> Rendering {
    let event = |time_s, action| ScoreEvent {
        time_s,
        channel: 0,
        action,
    };
    let score = Score {
        events: vec![
            event(
                0.0,
                Action::NoteOn {
                    key,
                    velocity: 0.8,
                    program: 0,
                },
            ),
            event(1.2, Action::NoteOff { key, velocity: 0.5 }),
        ],
        parts: vec![Part {
            channel: 0,
            num_notes: 1,
            programs: vec![0],
        }],
        duration_s: 1.2,
        warnings: Vec::new(),
    };
    let point = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
    let slots = SlotMap::of(&score);
    let notes = bake(
        std::slice::from_mut(generator),
        &[point],
        &slots.wishes(&score),
        &|_| {},
    )
    .unwrap();
    let settings = RenderSettings {
        seed,
        ..RenderSettings::default()
    };
    render_score(&score, &slots, &notes, &settings, &mut |_| {}).unwrap()
}

/// What is wrong with a note, one line each.
fn faults(rendering: &Rendering, seed: u32, key: u8) -> Vec<String> {
    let (left, right) = (&rendering.left, &rendering.right);
    let mut faults = Vec::new();
    let mut check = |good: bool, what: String| {
        if !good {
            faults.push(format!("seed {seed}, key {key}: {what}"));
        }
    };
    check(
        left.iter().chain(right).all(|sample| sample.is_finite()),
        "NaN".to_owned(),
    );
    let peak_db = peak_db(left, right);
    check(
        (-18.0..=-1.0).contains(&peak_db),
        format!("peak {peak_db:.1} dBFS"),
    );
    let dc_db = dc_db(left, right);
    check(dc_db < -60.0, format!("offset {dc_db:.1} dB"));
    for samples in [left, right] {
        for (first_frame, limit_db) in [
            (ONSET_FRAMES, CLICK_DB + ATTACK_ALLOWANCE_DB),
            (ATTACK_FRAMES, CLICK_DB),
        ] {
            let click = worst_click(samples, first_frame);
            check(
                click.excess_db < limit_db,
                format!("{click:?}, limit {limit_db} dB"),
            );
        }
    }
    let mid: Vec<f32> = left
        .iter()
        .zip(right)
        .map(|(left, right)| 0.5 * (left + right))
        .collect();
    let cents = f0_hz(&mid, rendering.sample_rate_hz)
        .map(|f0_hz| cents_from_key(f0_hz, f64::from(key), 440.0));
    check(
        cents.is_some_and(|cents| cents.abs() < 5.0),
        format!("pitch off by {cents:?} cents"),
    );
    faults
}

#[test]
fn every_key_of_ten_seeds_is_in_tune_at_a_sane_level_and_clean() {
    let faults: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..NUM_THREADS)
            .map(|offset| {
                scope.spawn(move || {
                    let mut generator = shipped_model();
                    let seeds = (1..=NUM_SEEDS).filter(|seed| seed % NUM_THREADS == offset);
                    let keys = || (FIRST_KEY..=LAST_KEY).step_by(KEY_STEP);
                    seeds
                        .flat_map(|seed| keys().map(move |key| (seed, key)))
                        .flat_map(|(seed, key)| faults(&play(&mut generator, seed, key), seed, key))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
