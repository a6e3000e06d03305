//! A model file runs as its manifest says, or is refused with the reason: through real files and the real ONNX Runtime.

#[path = "fixtures/load.rs"]
mod fixtures;

use std::path::PathBuf;

use fixtures::{expected, list, model, number};
use models::{
    DEFAULT_TRUNCATION, Error, Fault, ModelFile, SoundGenerator, SoundPoint, SoundRequest,
};

fn toy() -> SoundGenerator {
    SoundGenerator::load(model("toy.onnx")).unwrap()
}

fn request(generator: &SoundGenerator, key: f32) -> SoundRequest {
    SoundPoint::from_seed(1, DEFAULT_TRUNCATION, generator.manifest())
        .unwrap()
        .request(key, 0.7)
}

/// A file of these bytes; lives as long as the folder.
fn file_of(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.onnx");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn the_network_gives_the_numbers_of_its_formula() {
    let mut generator = toy();
    for note in expected()["notes"].as_array().unwrap() {
        let seed = note["seed"].as_u64().unwrap() as u32;
        let mut sound =
            SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
        sound.style_offset = list(&note["style_offset"]);
        let request = sound.request(
            number(&note["key"]) as f32,
            number(&note["velocity"]) as f32,
        );
        let grid = generator.run_one(&request).unwrap();
        for (map, cells) in [&grid.level_db, &grid.deviation_cents, &grid.noise_db]
            .iter()
            .zip(note["cells"].as_array().unwrap())
        {
            for ((row, column), cell) in [(0, 0), (10, 50), (33, 90), (63, 127)]
                .iter()
                .zip(cells.as_array().unwrap())
            {
                let difference = f64::from(map[row * 128 + column]) - number(cell);
                assert!(
                    difference.abs() < 1e-3,
                    "seed {seed}, row {row}, column {column}: differs by {difference}"
                );
            }
        }
    }
}

#[test]
fn the_reference_notes_are_met_and_a_wrong_one_is_measured() {
    assert!(toy().reference_difference().unwrap() < 1e-3);
    let mut wrong = SoundGenerator::load(model("wrong_reference.onnx")).unwrap();
    assert!((wrong.reference_difference().unwrap() - 0.5).abs() < 1e-3);
}

#[test]
fn a_note_has_the_same_bits_alone_and_in_company() {
    let mut generator = toy();
    let requests: Vec<_> = [28.0, 60.0, 60.5, 96.0]
        .map(|key| request(&generator, key))
        .to_vec();
    let together = generator.run(&requests).unwrap();
    for (request, grid) in requests.iter().zip(together) {
        assert_eq!(toy().run_one(request).unwrap(), grid);
    }
}

#[test]
fn the_fingerprint_is_the_sha_256_of_the_file() {
    assert_eq!(
        toy().fingerprint(),
        expected()["toy_sha256"].as_str().unwrap()
    );
}

#[test]
fn a_request_at_fault_is_refused_as_the_callers_fault() {
    let mut generator = toy();
    let good = request(&generator, 60.0);
    let wrong = [
        SoundRequest {
            latent: vec![0.0; 7],
            ..good.clone()
        },
        SoundRequest {
            latent: vec![f32::NAN; 8],
            ..good.clone()
        },
        // No direction: a network that norms its latent would answer with NaN.
        SoundRequest {
            latent: vec![0.0; 8],
            ..good.clone()
        },
        SoundRequest {
            latent: vec![1e-20; 8],
            ..good.clone()
        },
        SoundRequest {
            attributes: Vec::new(),
            ..good.clone()
        },
        SoundRequest {
            style_offset: vec![0.0; 7],
            ..good.clone()
        },
        SoundRequest {
            key: 200.0,
            ..good.clone()
        },
        SoundRequest {
            key: 27.9,
            ..good.clone()
        },
        SoundRequest {
            key: f32::NAN,
            ..good.clone()
        },
        SoundRequest {
            velocity: 1.1,
            ..good.clone()
        },
        SoundRequest {
            velocity: -0.1,
            ..good.clone()
        },
    ];
    for request in wrong {
        assert_eq!(
            generator.run_one(&request).unwrap_err().fault(),
            Fault::Request,
            "{request:?}"
        );
    }
    generator.run_one(&good).unwrap();
}

#[test]
fn a_missing_empty_text_or_foreign_file_is_told_apart() {
    let missing = SoundGenerator::load("nowhere.onnx").unwrap_err();
    assert!(matches!(missing, Error::ModelMissing { .. }), "{missing}");
    let (_folder, path) = file_of(b"");
    assert!(matches!(
        SoundGenerator::load(&path),
        Err(Error::ModelEmpty { .. })
    ));
    for bytes in [
        &b"this is a poem, not a model\n"[..],
        b"{}",
        &[0xff; 100],
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\x89PNG\r\n\x1a\n",
        b"\x08",
    ] {
        let (_folder, path) = file_of(bytes);
        let error = SoundGenerator::load(&path).unwrap_err();
        assert!(matches!(error, Error::NotOnnx { .. }), "{bytes:?}: {error}");
        assert_eq!(error.fault(), Fault::ModelFile);
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_without_panic() {
    let whole = std::fs::read(model("plain.onnx")).unwrap();
    for length in 0..whole.len() {
        let (_folder, path) = file_of(&whole[..length]);
        assert_eq!(
            SoundGenerator::load(&path).unwrap_err().fault(),
            Fault::ModelFile,
            "cut at {length}"
        );
    }
}

#[test]
fn a_file_cut_in_half_is_called_cut_off() {
    let whole = std::fs::read(model("toy.onnx")).unwrap();
    for percent in [20, 50, 99] {
        let (_folder, path) = file_of(&whole[..whole.len() * percent / 100]);
        let error = SoundGenerator::load(&path).unwrap_err();
        assert!(
            matches!(error, Error::ModelTruncated { .. }),
            "{percent} %: {error}"
        );
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let whole = std::fs::read(model("toy.onnx")).unwrap();
    for position in 0..600 {
        let mut bytes = whole.clone();
        bytes[position * 29 % whole.len()] ^= 0xff;
        let (_folder, path) = file_of(&bytes);
        // Damage may hit a weight, which nobody can see; what counts is that the answer is an answer.
        let _ = ModelFile::load(&path);
    }
}

#[test]
fn a_plain_onnx_file_is_refused_for_its_missing_manifest() {
    let error = SoundGenerator::load(model("plain.onnx")).unwrap_err();
    assert!(matches!(error, Error::NoManifest { .. }), "{error}");
}

#[test]
fn a_model_that_does_not_fit_its_manifest_is_refused_with_file_and_reason() {
    let cases = [
        ("newer_schema.onnx", "schema version 2"),
        ("no_tuning.onnx", "tuning_hz"),
        ("renamed_input.onnx", "input `latent`"),
        ("extra_input.onnx", "input `mood`"),
        ("other_rows.onnx", "[free, 5, 6], manifest says [n, 3, 6]"),
        ("double_output.onnx", "element type f64"),
        ("unknown_operator.onnx", "Tanhh"),
    ];
    for (name, reason) in cases {
        let error = SoundGenerator::load(model(name)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains(name) && message.contains(reason),
            "{name}: {message}"
        );
        assert_eq!(error.fault(), Fault::ModelFile, "{name}");
    }
}

#[test]
fn an_output_of_another_size_than_promised_is_refused_when_it_comes() {
    let mut generator = SoundGenerator::load(model("other_rows_hidden.onnx")).unwrap();
    let error = generator.run_one(&request(&generator, 60.0)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("[1, 2, 6], manifest says [1, 3, 6]"),
        "{error}"
    );
    assert_eq!(error.fault(), Fault::ModelFile);
}

#[test]
fn nan_in_an_output_is_refused_and_the_next_good_note_still_comes() {
    let mut generator = SoundGenerator::load(model("nan_output.onnx")).unwrap();
    let error = generator.run_one(&request(&generator, 72.0)).unwrap_err();
    assert_eq!(error.fault(), Fault::ModelFile);
    assert!(
        error.to_string().contains("level_db") && error.to_string().contains("NaN"),
        "{error}"
    );
    generator.run_one(&request(&generator, 40.0)).unwrap();
}

#[test]
fn generators_work_side_by_side_in_threads() {
    let wanted = toy().run_one(&request(&toy(), 60.0)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut generator = toy();
                let request = request(&generator, 60.0);
                assert_eq!(generator.run_one(&request).unwrap(), wanted);
            });
        }
    });
}
