//! `models check` survives what it examines: hostile files end in one clear message, good ones of other people's kinds are explained.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use serde_json::Value;

/// More than all but an endless network needs, little enough to wait for one.
const SECONDS: &str = "4";
/// A quarter of what the doctor allows by itself.
const MIB: &str = "1024";

fn check(model: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(["models", "check", "--json"])
        .arg(model)
        .args(more)
        .output()
        .unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures")
}

fn json(output: &Output) -> Value {
    let stdout = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(stdout.lines().last().unwrap_or_default()).unwrap()
}

/// The one sentence that a person reads: an error, or the only problem of a model that opened.
fn sentence(output: &Output) -> Option<String> {
    let json = json(output);
    if let Some(error) = json["error"].as_str() {
        return Some(error.to_owned());
    }
    let problems = json["problems"].as_array()?;
    (json["usable"] == false && problems.len() == 1)
        .then(|| problems[0].as_str().map(str::to_owned))?
}

#[test]
fn every_hostile_file_ends_in_one_sentence_and_exit_code_3() {
    let files: Vec<PathBuf> = std::fs::read_dir(fixtures().join("hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 50, "only {} files", files.len());
    let failures = Mutex::new(Vec::new());
    let queue = Mutex::new(files.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(file) = queue.lock().unwrap().next() else {
                        return;
                    };
                    let limits = ["--time-limit", SECONDS, "--memory-limit", MIB];
                    let output = check(file, &limits);
                    let words = sentence(&output).unwrap_or_default();
                    println!("{}: {words}", file.display());
                    let is_clear = !words.is_empty()
                        && words.lines().count() == 1
                        && words.len() < 1_000
                        && !words.contains("panicked");
                    if output.status.code() != Some(3) || !is_clear {
                        let seen = format!("{}: {:?} {words}", file.display(), output);
                        failures.lock().unwrap().push(seen);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_network_that_never_ends_is_ended_and_one_that_reads_other_files_never_starts() {
    let folder = fixtures().join("hostile");
    let endless = check(
        &folder.join("loop_without_end.onnx"),
        &["--time-limit", "2"],
    );
    assert!(sentence(&endless).unwrap().contains("ended after 2 s"));
    for name in [
        "external_absolute",
        "external_in_a_branch",
        "external_sparse",
    ] {
        let thief = check(&folder.join(name).with_extension("onnx"), &[]);
        let words = sentence(&thief).unwrap();
        assert!(
            words.contains("/etc/passwd") && words.contains("another file"),
            "{words}"
        );
    }
    let foreign = sentence(&check(&folder.join("foreign_operator.onnx"), &[])).unwrap();
    assert!(foreign.contains("evil.Steal"), "{foreign}");
}

#[test]
fn networks_of_other_peoples_kinds_are_listened_to_and_explained() {
    for (name, kind) in [
        ("mel_toy", "mel_if"),
        ("wave_toy", "wave"),
        ("well_behaved", "wave"),
    ] {
        let output = check(&fixtures().join(name).with_extension("onnx"), &[]);
        let json = json(&output);
        assert_eq!(output.status.code(), Some(0), "{json}");
        assert_eq!(
            (&json["usable"], &json["representation"]),
            (&true.into(), &kind.into())
        );
        let heard = json["heard"].as_array().unwrap();
        assert_eq!(heard.len(), 7);
        // The well-behaved one sounds as key 60 whatever is asked of it: five keys, so two of its seven notes are of key 60.
        let in_tune = |note: &&Value| {
            note["cents"]
                .as_f64()
                .is_some_and(|cents| cents.abs() < 5.0)
        };
        let wanted = if name == "well_behaved" { 1 } else { 7 };
        assert!(
            heard.iter().filter(in_tune).count() >= wanted,
            "{name}: {heard:?}"
        );
        let explanation = json["explanation"].to_string();
        for part in ["licence: CC0-1.0", "noise floor", "level:", "cents off"] {
            assert!(explanation.contains(part), "{name}: {explanation}");
        }
    }
}

#[test]
fn limits_that_are_none_are_refused() {
    let output = check(&fixtures().join("toy.onnx"), &["--time-limit", "0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        json(&output)["error"]
            .as_str()
            .unwrap()
            .contains("--time-limit 0")
    );
}
