//! `models train` and its sisters hand everything on to Python and its exit code back. Python is a stand-in that says what
//! it was given, in the place where `setup --python` puts the real one.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

/// Runs a command on a machine whose Python environment is this script.
fn understory(script: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let lock = std::fs::read(training().join("requirements.lock")).unwrap();
    let hash: String = Sha256::digest(&lock)
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let environment = home.path().join(format!(".cache/understory/python-{hash}"));
    std::fs::create_dir_all(environment.join("bin")).unwrap();
    write_program(&environment.join("bin/python"), script);
    std::fs::write(environment.join("complete"), "").unwrap();
    // On this machine no Debian package is installed, and nobody is root to change that.
    write_program(&home.path().join("dpkg-query"), "[ \"$1\" = --version ]");
    write_program(&home.path().join("id"), "echo 1000");
    let real = std::env::var("PATH").unwrap();
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(arguments)
        .env("HOME", home.path())
        .env("PATH", format!("{}:{real}", home.path().display()))
        .output()
        .unwrap()
}

fn write_program(path: &Path, script: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn training() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("models/training")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_step_gets_its_arguments_as_they_are_and_the_training_code_to_import() {
    let output = understory(
        "echo \"$PYTHONPATH: $*\"",
        &[
            "models",
            "train",
            "sound_narrow",
            "--stop-after-s",
            "5",
            "-o",
            "runs",
        ],
    );
    let wanted = format!(
        "{}: -m sound.train sound_narrow --stop-after-s 5 -o runs",
        training().display()
    );
    assert_eq!(said(&output), wanted);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn flags_before_the_configuration_reach_the_step_too() {
    let output = understory(
        "echo \"$*\"",
        &[
            "--json",
            "--out",
            "F.onnx",
            "models",
            "export",
            "sound_narrow",
        ],
    );
    assert_eq!(
        said(&output),
        "-m sound.export sound_narrow --json --out F.onnx"
    );
}

#[test]
fn the_exit_code_of_the_step_is_ours() {
    for code in [0, 1, 2, 3, 4] {
        let output = understory(
            &format!("exit {code}"),
            &["models", "evaluate", "sound_narrow"],
        );
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn a_step_without_a_configuration_is_the_requests_fault() {
    assert_eq!(
        understory("exit 0", &["models", "train"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_corpus_of_closed_form_tones_needs_no_system_package() {
    let output = understory("echo ran", &["models", "prepare", "sound_narrow_tiny"]);
    assert_eq!(said(&output), "ran");
}

#[test]
fn a_corpus_of_debian_instruments_asks_for_their_packages_first() {
    let output = understory("echo ran", &["models", "prepare", "sound_narrow"]);
    assert_eq!(
        (said(&output).as_str(), output.status.code()),
        ("", Some(4))
    );
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.contains("libfluidsynth3 fluid-soundfont-gm musescore-general-soundfont"),
        "{words}"
    );
}
