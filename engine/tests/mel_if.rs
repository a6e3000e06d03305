//! GANSynth's picture decodes to Magenta's own samples, and networks of other people's kinds become notes that play in tune.

use std::io::Read;
use std::path::PathBuf;

use engine::Note;
use engine::decode::{decode_painting, decode_straight};
use engine::descriptors;
use engine::mel_if::Decoder;
use engine::worker::{ModelSource, bake};
use models::{DEFAULT_TRUNCATION, MelIf, Painting, Representation, SoundGenerator, SoundPoint};

const MAGENTA: MelIf = MelIf {
    sample_rate_hz: 16_000.0,
    fft_length: 2_048,
    hop_length: 512,
    num_frames: 128,
    num_bins: 1_024,
    num_samples: 64_000,
    leading_samples: 3_072,
};

fn in_models(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(path)
}

/// An array of the numbers that Magenta's own code made.
fn vector(name: &str) -> Vec<f32> {
    let file =
        std::fs::File::open(in_models("training/tests/gansynth_vectors/vectors.npz")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    let mut entry = archive.by_name(&format!("{name}.npy")).unwrap();
    entry.read_to_end(&mut bytes).unwrap();
    npyz::NpyFile::new(&bytes[..]).unwrap().into_vec().unwrap()
}

fn level_db(error: impl Iterator<Item = f32>, signal: &[f32]) -> f64 {
    let power =
        |samples: &mut dyn Iterator<Item = f32>| samples.map(|x| f64::from(x).powi(2)).sum::<f64>();
    10.0 * (power(&mut { error }) / power(&mut signal.iter().copied())).log10()
}

fn toy(name: &str) -> SoundGenerator {
    SoundGenerator::load(in_models("tests/fixtures").join(name)).unwrap()
}

/// A sound of the toys: their first latent number makes it brighter, the others do nothing.
fn bright(generator: &SoundGenerator, first: f32) -> SoundPoint {
    let mut point = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
    point.latent[0] = first;
    point
}

/// Amplitude of a sine in samples, by correlation with it over whole periods' worth of a long stretch.
fn amplitude(samples: &[f32], sample_rate_hz: f64, frequency_hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in samples.iter().enumerate() {
        let window = 1.0 - (std::f64::consts::TAU * n as f64 / samples.len() as f64).cos();
        let turn = std::f64::consts::TAU * frequency_hz * n as f64 / sample_rate_hz;
        re += f64::from(sample) * window * turn.cos();
        im += f64::from(sample) * window * turn.sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

#[test]
fn a_picture_decodes_to_magentas_samples_within_minus_90_db() {
    let expected = vector("signal_wave_from_mel");
    let found = Decoder::new(&MAGENTA)
        .unwrap()
        .decode(&vector("signal_mel"))
        .unwrap();
    assert_eq!(found.len(), expected.len());
    let error_db = level_db(found.iter().zip(&expected).map(|(a, b)| a - b), &expected);
    assert!(error_db < -90.0, "{error_db} dB");
}

#[test]
fn a_picture_of_another_size_is_refused() {
    let decoder = Decoder::new(&MAGENTA).unwrap();
    let refused = decoder.decode(&[0.0; 100]).unwrap_err().to_string();
    assert!(refused.contains("100 numbers"), "{refused}");
    let odd = MelIf {
        num_bins: 1_000,
        ..MAGENTA
    };
    assert!(Decoder::new(&odd).is_err());
}

#[test]
fn toys_of_both_kinds_meet_the_numbers_that_python_computed() {
    for name in ["mel_toy.onnx", "wave_toy.onnx"] {
        let mut generator = toy(name);
        let tolerated = generator.manifest().tolerance.output_abs;
        let difference = generator.reference_difference().unwrap();
        assert!(f64::from(difference) < tolerated, "{name}: {difference}");
    }
}

#[test]
fn an_imported_note_plays_at_the_pitch_of_its_key_even_beyond_the_keys_it_was_trained_for() {
    for name in ["mel_toy.onnx", "wave_toy.onnx"] {
        let mut generator = toy(name);
        let point = bright(&generator, 0.0);
        for key in [50, 58, 60, 62, 70] {
            let note = bake::note(&mut generator, &point, 0, key).unwrap();
            let samples = decode_straight(&note, 48_000.0, 1).unwrap();
            let f0_hz = descriptors::f0_hz(&samples, 48_000).unwrap();
            let cents = descriptors::cents_from_key(f0_hz, f64::from(key), 440.0);
            assert!(cents.abs() < 2.0, "{name}, key {key}: {cents} cents");
        }
    }
}

#[test]
fn the_partials_of_an_imported_note_are_those_of_its_own_decoder_within_1_db() {
    for name in ["mel_toy.onnx", "wave_toy.onnx"] {
        let mut generator = toy(name);
        let manifest = generator.manifest().clone();
        for first in [-1.0, 1.5] {
            let point = bright(&generator, first);
            let painting = generator.paint(&point.request(60.0, 0.7)).unwrap();
            assert!(!matches!(painting, Painting::Maps(_)));
            let (original, rate_hz) = decode_painting(&painting, &manifest, 60, 1).unwrap();
            let note = Note::painted(&painting, &manifest, 60, 60).unwrap();
            let copy = decode_straight(&note, 48_000.0, 1).unwrap();
            let part = |samples: &[f32], rate_hz: f64| {
                samples[(0.5 * rate_hz) as usize..(1.5 * rate_hz) as usize].to_vec()
            };
            let (original, copy) = (part(&original, rate_hz), part(&copy, 48_000.0));
            let f0_hz = 440.0 * (-0.75_f64).exp2();
            let level_db = |k: u8, samples: &[f32], rate_hz: f64| {
                20.0 * amplitude(samples, rate_hz, f64::from(k) * f0_hz).log10()
            };
            let offset_db = level_db(1, &original, rate_hz) - level_db(1, &copy, 48_000.0);
            for k in 2..=8 {
                let error_db =
                    level_db(k, &original, rate_hz) - level_db(k, &copy, 48_000.0) - offset_db;
                assert!(error_db.abs() < 1.0, "{name}, partial {k}: {error_db} dB");
            }
        }
    }
}

#[test]
fn an_imported_model_is_asked_through_the_same_door_as_our_own() {
    let generator = toy("mel_toy.onnx");
    assert_eq!(
        generator.manifest().representation,
        Representation::MelIf { mel_if: MAGENTA }
    );
    let source = ModelSource::of_model("mel-toy", || {
        SoundGenerator::load(in_models("tests/fixtures/mel_toy.onnx"))
    });
    assert_eq!(source.id(), "mel-toy");
    let mut generator = toy("mel_toy.onnx");
    let refused = generator.run_one(&bright(&toy("mel_toy.onnx"), 0.0).request(60.0, 0.7));
    assert!(refused.unwrap_err().to_string().contains("mel_if"));
}

#[test]
fn a_network_that_answers_with_silence_gives_a_silent_note() {
    let manifest = toy("wave_toy.onnx").manifest().clone();
    let note = Note::painted(&Painting::Wave(vec![0.0; 48_000]), &manifest, 60, 60).unwrap();
    let samples = decode_straight(&note, 48_000.0, 1).unwrap();
    assert!(samples.iter().all(|sample| *sample == 0.0));
}
