//! `models list, inspect, check` and the way to the Python steps: exit codes, JSON and messages, through the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn understory(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(arguments)
        .env("UNDERSTORY_MODELS", fixtures())
        .output()
        .unwrap()
}

/// The model files of the `models` package's own tests.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures")
}

fn fixture(name: &str) -> String {
    fixtures().join(name).display().to_string()
}

fn json(output: &Output) -> Value {
    let stdout = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(stdout.lines().last().unwrap_or_default()).unwrap()
}

#[test]
fn a_good_model_is_sound_and_its_speed_is_told() {
    let output = understory(&["models", "check", &fixture("toy.onnx"), "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let json = json(&output);
    assert_eq!(
        (&json["usable"], &json["notes"]),
        (&true.into(), &50.into())
    );
    let (median, worst) = (
        json["run_ms_median"].as_f64().unwrap(),
        json["run_ms_worst"].as_f64().unwrap(),
    );
    assert!(
        0.0 < median && median <= worst,
        "median {median}, worst {worst}"
    );
}

#[test]
fn a_model_that_turns_to_nan_on_some_keys_is_unusable_with_exit_code_3() {
    let output = understory(&["models", "check", &fixture("nan_output.onnx"), "--json"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(json(&output)["usable"], false);
    assert!(
        json(&output)["problems"][0]
            .as_str()
            .unwrap()
            .contains("NaN")
    );
}

#[test]
fn every_broken_file_ends_check_and_inspect_with_exit_code_3_and_its_name() {
    for name in [
        "plain.onnx",
        "newer_schema.onnx",
        "no_tuning.onnx",
        "make_fixtures.py",
        "expected.json",
    ] {
        for step in ["check", "inspect"] {
            let output = understory(&["models", step, &fixture(name)]);
            assert_eq!(output.status.code(), Some(3), "{step} {name}");
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                words.starts_with("error: ") && words.contains(name) && words.lines().count() == 1,
                "{words}"
            );
        }
    }
}

#[test]
fn a_failure_with_json_is_one_object_with_the_message_and_the_exit_code() {
    let output = understory(&["models", "inspect", &fixture("plain.onnx"), "--json"]);
    assert_eq!(json(&output)["exit_code"], 3);
    assert!(
        json(&output)["error"]
            .as_str()
            .unwrap()
            .contains("without a manifest")
    );
}

#[test]
fn a_wrong_flag_with_json_is_one_object_too() {
    let output = understory(&["models", "list", "--louder", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["exit_code"], 2);
    assert!(
        json(&output)["error"]
            .as_str()
            .unwrap()
            .contains("--louder")
    );
    let help = understory(&["models", "--help", "--json"]);
    assert_eq!(help.status.code(), Some(0));
}

#[test]
fn an_unknown_name_is_the_requests_fault_and_lists_the_known_ones() {
    let output = understory(&["models", "check", "nightingale"]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.contains("nightingale") && words.contains("toy"),
        "{words}"
    );
}

#[test]
fn a_model_is_found_by_name_and_inspected_whole() {
    let output = understory(&["models", "inspect", "toy", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["manifest"]["grid"]["tuning_hz"], 440.0);
    assert_eq!(json(&output)["fingerprint"].as_str().unwrap().len(), 64);
}

#[test]
fn the_list_shows_good_models_and_says_what_is_wrong_with_the_others() {
    let output = understory(&["models", "list", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let json = json(&output);
    let models = json["models"].as_array().unwrap();
    let find = |name: &str| {
        models
            .iter()
            .find(|model| Path::new(model["path"].as_str().unwrap()).ends_with(name))
            .unwrap()
            .clone()
    };
    assert_eq!(find("toy.onnx")["name"], "toy");
    assert!(
        find("plain.onnx")["error"]
            .as_str()
            .unwrap()
            .contains("without a manifest")
    );
}

#[test]
fn a_wrong_flag_or_command_ends_with_exit_code_2() {
    for arguments in [
        &["models"][..],
        &["models", "fly"],
        &["nonsense"],
        &["models", "list", "--louder"],
        &[],
    ] {
        assert_eq!(
            understory(arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
