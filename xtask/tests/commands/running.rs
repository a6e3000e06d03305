//! The program run in a folder of its own, and what it left there. What the tests of all commands share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A file of the source tree.
pub fn in_tree(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The program on the shipped models, in a folder, not yet run.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_understory"));
    command
        .current_dir(folder)
        .env("UNDERSTORY_MODELS", in_tree("models/shipped"));
    command
}

/// Runs the program on the shipped models.
pub fn understory(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

/// What a run that succeeded said with `--json`.
pub fn json(output: &Output) -> Value {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said(output)
}

/// What any run said with `--json`.
pub fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What lies in a folder, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Asserts the exit code, exactly one `error:` line that names the fault, no panic, and no file but those given.
pub fn assert_refused(output: &Output, exit_code: i32, fault: &str, folder: &Path, left: &[&str]) {
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{words}");
    assert_eq!(words.matches("error:").count(), 1, "{words}");
    assert!(words.contains(fault), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    assert_eq!(names(folder), left, "{words}");
}

/// 100 ticks a beat, one track, as the Standard MIDI File specification lays it out.
pub fn midi(events: &[u8]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06\0\0\0\x01\0\x64MTrk".to_vec();
    bytes.extend(((events.len() + 4) as u32).to_be_bytes());
    bytes.extend(events);
    bytes.extend([0x00, 0xFF, 0x2F, 0x00]);
    bytes
}

/// Writes a WAV file of floats; the samples of all channels in turn.
pub fn record(path: &Path, channels: u16, rate_hz: u32, samples: impl Iterator<Item = f32>) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.for_each(|sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
}
