//! `models run`: arrays in, arrays out, through the program itself; what does not fit is refused by its name.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use npyz::WriterBuilder;
use serde_json::Value;

/// Arrays by name, each as `.npy` bytes.
type Arrays = Vec<(&'static str, Vec<u8>)>;

fn understory(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(arguments)
        .output()
        .unwrap()
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures");
    folder.join(name).display().to_string()
}

fn npy<T: npyz::AutoSerialize + Copy>(shape: &[u64], values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().shape(shape);
    let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
    bytes
}

/// An `.npz` file as NumPy writes it.
fn npz(folder: &Path, arrays: &[(&str, Vec<u8>)]) -> PathBuf {
    let path = folder.join("inputs.npz");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, bytes) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    path
}

fn read_npz(path: &Path, name: &str) -> (Vec<u64>, Vec<f32>) {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    let mut entry = archive.by_name(&format!("{name}.npy")).unwrap();
    entry.read_to_end(&mut bytes).unwrap();
    let file = npyz::NpyFile::new(Cursor::new(bytes)).unwrap();
    (file.shape().to_vec(), file.into_vec().unwrap())
}

/// Runs a fixture on arrays; gives the program's answer and where the outputs went.
fn run(folder: &Path, model: &str, arrays: &[(&str, Vec<u8>)], more: &[&str]) -> (Output, PathBuf) {
    let (inputs, outputs) = (npz(folder, arrays), folder.join("outputs.npz"));
    let (inputs, shown, model) = (
        inputs.display().to_string(),
        outputs.display().to_string(),
        fixture(model),
    );
    let mut arguments = vec!["models", "run", &model, "--inputs", &inputs, "-o", &shown];
    arguments.extend(more);
    (understory(&arguments), outputs)
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn latents(num_notes: u64) -> (&'static str, Vec<u8>) {
    let values: Vec<f32> = (0..num_notes * 8).map(|i| 0.25 * i as f32 - 1.0).collect();
    ("latent", npy(&[num_notes, 8], &values))
}

#[test]
fn a_mel_if_model_gives_its_picture_and_the_sound_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let keys = ("key", npy(&[2], &[58.0_f32, 62.0]));
    let (output, path) = run(
        folder.path(),
        "mel_toy.onnx",
        &[latents(2), keys],
        &["--decode", "--json"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["sample_rate"], 16_000.0);
    assert_eq!(json["outputs"]["mel"], serde_json::json!([2, 128, 1024, 2]));
    let (shape, mel) = read_npz(&path, "mel");
    assert_eq!(
        (shape, mel.len()),
        (vec![2, 128, 1024, 2], 2 * 128 * 1024 * 2)
    );
    let (shape, wave) = read_npz(&path, "wave");
    assert_eq!(shape, [2, 64_000]);
    assert!(wave.iter().any(|sample| sample.abs() > 0.01));
}

#[test]
fn a_note_of_a_batch_has_the_bits_of_the_note_alone_whatever_type_the_keys_have() {
    let folder = tempfile::tempdir().unwrap();
    let keys = ("key", npy(&[2], &[48_i64, 60]));
    let (output, path) = run(folder.path(), "toy.onnx", &[latents(2), keys], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let (shape, both) = read_npz(&path, "level_db");
    assert_eq!(shape, [2, 64, 128]);
    let second: Vec<f32> = (8..16).map(|i| 0.25 * i as f32 - 1.0).collect();
    let alone = [
        ("latent", npy(&[1, 8], &second)),
        ("key", npy(&[1], &[60.0_f64])),
        // What is left out is this.
        ("velocity", npy(&[1], &[0.7_f32])),
        ("attributes", npy(&[1, 4], &[0.0_f32; 4])),
        ("style_offset", npy(&[1, 6], &[0.0_f32; 6])),
    ];
    let (output, path) = run(folder.path(), "toy.onnx", &alone, &["--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(read_npz(&path, "level_db").1, both[64 * 128..]);
}

#[test]
fn a_network_without_a_manifest_runs_and_only_its_decoding_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let arrays = [
        latents(3),
        ("key", npy(&[3], &[48.0_f32, 60.0, 72.0])),
        ("velocity", npy(&[3], &[0.7_f32; 3])),
        ("attributes", npy(&[3, 4], &[0.0_f32; 12])),
        ("style_offset", npy(&[3, 6], &[0.0_f32; 18])),
    ];
    let (output, path) = run(folder.path(), "plain.onnx", &arrays, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(read_npz(&path, "noise_db").0, [3, 2, 6]);
    let (output, _) = run(
        folder.path(),
        "plain.onnx",
        &arrays,
        &["--force", "--decode"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("--decode"), "{}", words(&output));
}

#[test]
fn every_array_that_does_not_fit_is_refused_in_one_line_with_its_name_and_what_is_wanted() {
    let key = || ("key", npy(&[1], &[60.0_f32]));
    let cases: Vec<(Arrays, &[&str])> = vec![
        (vec![key()], &["`latent`", "missing", "latent [n, 8]"]),
        (vec![latents(1)], &["`key`", "missing"]),
        (
            vec![("latent", npy(&[1, 7], &[0.5_f32; 7])), key()],
            &["`latent`", "[1, 7]", "[n, 8]"],
        ),
        (
            vec![("latent", npy(&[8], &[0.5_f32; 8])), key()],
            &["`latent`", "[8]", "[n, 8]"],
        ),
        (
            vec![latents(1), ("key", npy(&[1, 1], &[60.0_f32]))],
            &["`key`", "[1, 1]", "[n]"],
        ),
        (
            vec![latents(2), key()],
            &["`key`", "1 notes", "`latent` has 2"],
        ),
        (
            vec![latents(1), ("key", npy(&[1], &[f64::NAN]))],
            &["`key`", "NaN", "finite"],
        ),
        (
            vec![latents(1), key(), ("pitch", npy(&[1], &[60.0_f32]))],
            &["`pitch`", "no input", "latent [n, 8]"],
        ),
        (
            vec![
                ("latent", npy::<f32>(&[0, 8], &[])),
                ("key", npy::<f32>(&[0], &[])),
            ],
            &["[0, 8]", "at least one note"],
        ),
        (
            vec![("latent", npy(&[1, 8], &[0.0_f32; 8])), key()],
            &["`latent`", "zeros"],
        ),
        (
            vec![("latent", b"\x93NUMPY no array".to_vec()), key()],
            &["`latent`", "numpy.savez"],
        ),
        (
            vec![("latent", claiming("(9999999999, 8)")), key()],
            &["`latent`", "9999999999", "bytes hold"],
        ),
        (
            vec![("latent", claiming(&"(".repeat(500))), key()],
            &["`latent`", "records"],
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (arrays, wanted) in cases {
        let (output, path) = run(folder.path(), "toy.onnx", &arrays, &[]);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(3), "{words}");
        assert!(!path.exists(), "{words}");
        assert_eq!(words.lines().count(), 1, "{words}");
        for part in wanted.iter().chain(&["inputs.npz"]) {
            assert!(words.contains(part), "{part} is not in: {words}");
        }
    }
}

/// A header that says float32 of some shape, and no data behind it.
fn claiming(shape: &str) -> Vec<u8> {
    let words = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(words.len()).unwrap().to_le_bytes());
    bytes.extend(words.as_bytes());
    bytes
}

#[test]
fn an_array_stored_by_columns_is_read_as_the_same_array() {
    let folder = tempfile::tempdir().unwrap();
    let keys = || ("key", npy(&[2], &[48.0_f32, 60.0]));
    let (_, path) = run(folder.path(), "toy.onnx", &[latents(2), keys()], &[]);
    let by_rows = read_npz(&path, "level_db");
    let values: Vec<f32> = (0..8)
        .flat_map(|i| [i, i + 8])
        .map(|i| 0.25 * i as f32 - 1.0)
        .collect();
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[2, 8])
        .order(npyz::Order::Fortran);
    let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
    writer.extend(values).unwrap();
    writer.finish().unwrap();
    let (output, path) = run(
        folder.path(),
        "toy.onnx",
        &[("latent", bytes), keys()],
        &["--force"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(read_npz(&path, "level_db"), by_rows);
}
