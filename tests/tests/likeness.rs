//! Own sound in, on the shipped model: a note that it painted itself comes back, and an offset found at one key is a sound
//! all over the keyboard.

use std::path::Path;

use engine::decode::decode_straight;
use engine::likeness::{Effort, Found, RecordedNote, Target, band_error, find};
use engine::wav::read::Recording;
use engine::{Note, NoteLayout};
use models::{DEFAULT_TRUNCATION, SoundGenerator, SoundGrid, SoundPoint, newest_sound_model};

const RATE_HZ: f64 = 48_000.0;
const VELOCITY: f32 = 0.6;
const KEY: u8 = 57;
/// Not among the seeds that are looked at, with a control moved.
const PLANTED_SEEDS: [u32; 3] = [90_210, 90_211, 90_212];
/// How much farther from it the answer of the middle one may be than the note itself, decoded with other random phases. The
/// first seed alone once had to come back within 2.5 dB, with 0.6 between two decodings of it: the same bound.
const FARTHER_DB: f64 = 1.9;
/// What the command promises. Now and then the fit ends in another valley than the planted sound's.
const PROMISED_DB: f64 = 4.0;
/// Less than the command tries, so that the test is done in seconds.
const EFFORT: Effort = Effort {
    num_seeds: 200,
    num_candidates: 6,
    num_looks: 6,
};

fn shipped_model() -> SoundGenerator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped");
    SoundGenerator::load(newest_sound_model(&folder).unwrap()).unwrap()
}

fn layout(generator: &SoundGenerator) -> NoteLayout {
    NoteLayout::from_grid(&generator.manifest().grid).unwrap()
}

fn samples(maps: &SoundGrid, layout: &NoteLayout, key: u8, seed: u32) -> Vec<f32> {
    let note = Note::baked_from_maps(maps, layout.clone(), key).unwrap();
    decode_straight(&note, RATE_HZ, seed).unwrap()
}

/// A note of a planted sound.
fn planted(generator: &mut SoundGenerator, seed: u32) -> SoundGrid {
    let mut point = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
    point
        .add_named("brightness", 0.6, generator.manifest())
        .unwrap();
    generator
        .run_one(&point.request(f32::from(KEY), VELOCITY))
        .unwrap()
}

/// The same as somebody's recording.
fn recorded(maps: &SoundGrid, layout: &NoteLayout) -> RecordedNote {
    let recording = Recording {
        channels: vec![samples(maps, layout, KEY, 3)],
        sample_rate_hz: RATE_HZ as u32,
        num_not_finite: 0,
    };
    RecordedNote::new(&recording, None, layout, RATE_HZ).unwrap()
}

fn look_for(generator: &mut SoundGenerator, recorded: &RecordedNote) -> Found {
    let target = Target::of(recorded, &layout(generator));
    find(
        generator,
        &target,
        recorded.key,
        VELOCITY,
        EFFORT,
        &mut |_| {},
    )
    .unwrap()
}

#[test]
fn notes_of_the_model_itself_come_back_and_their_sounds_hold_all_over_the_keyboard() {
    let mut generator = shipped_model();
    let layout = layout(&generator);
    let mut farther_db = PLANTED_SEEDS.map(|seed| {
        let planted = planted(&mut generator, seed);
        let recorded = recorded(&planted, &layout);
        assert_eq!(recorded.key, KEY, "seed {seed}");
        let found = look_for(&mut generator, &recorded);
        let distance_db = |maps: &SoundGrid| {
            let heard = samples(maps, &layout, KEY, 1);
            let error = band_error(&recorded.samples, &heard, RATE_HZ, &recorded.known);
            error.unwrap().mean_db
        };
        let answer_db = distance_db(&found.painted);
        assert!(answer_db < PROMISED_DB, "seed {seed}: {answer_db} dB");
        holds_everywhere(&mut generator, &layout, &found);
        answer_db - distance_db(&planted)
    });
    farther_db.sort_by(f64::total_cmp);
    assert!(farther_db[1] < FARTHER_DB, "{farther_db:?}");
}

/// In tune and not silent on every key.
fn holds_everywhere(generator: &mut SoundGenerator, layout: &NoteLayout, found: &Found) {
    let [lowest, highest] = generator.manifest().key_range;
    for key in (lowest..=highest).step_by(6) {
        let request = found.point.request(f32::from(key), VELOCITY);
        let maps = generator.run_one(&request).unwrap();
        let note = Note::baked_from_maps(&maps, layout.clone(), key).unwrap();
        assert!(note.gain() > 0.0, "key {key} is silent");
        let samples = decode_straight(&note, RATE_HZ, 1).unwrap();
        if let Some(f0_hz) = engine::descriptors::f0_hz(&samples, RATE_HZ as u32) {
            let cents = engine::descriptors::cents_from_key(f0_hz, f64::from(key), 440.0);
            // Strong upper harmonics may be heard an octave up, which is no mistuning.
            let folded = cents - 1200.0 * (cents / 1200.0).round();
            assert!(folded.abs() < 20.0, "key {key} is off by {cents} cents");
        }
    }
}

#[test]
fn the_same_recording_gives_the_same_sound() {
    let mut generator = shipped_model();
    let layout = layout(&generator);
    let recorded = recorded(&planted(&mut generator, PLANTED_SEEDS[0]), &layout);
    let target = Target::of(&recorded, &layout);
    let least = Effort {
        num_seeds: 10,
        num_candidates: 2,
        num_looks: 1,
    };
    let mut once = || find(&mut generator, &target, KEY, VELOCITY, least, &mut |_| {}).unwrap();
    assert_eq!(once(), once());
}
