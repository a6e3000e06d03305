//! `setup` says what is missing and what to do about it, on machines that lack one thing each. Nothing is downloaded here:
//! the other programs are stand-ins on a path of our own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// A machine with an empty home and these programs (name, shell script) before the real ones.
fn understory(programs: &[(&str, &str)], arguments: &[&str]) -> Output {
    let machine = tempfile::tempdir().unwrap();
    for (name, script) in programs {
        let path = machine.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let real = std::env::var("PATH").unwrap();
    Command::new(env!("CARGO_BIN_EXE_understory"))
        .args(arguments)
        .env("HOME", machine.path())
        .env("PATH", format!("{}:{real}", machine.path().display()))
        // No registry answers here, whatever this machine is told to use otherwise.
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        .env("PIP_FIND_LINKS", machine.path())
        .env("PIP_RETRIES", "0")
        .env_remove("UNDERSTORY_ONNXRUNTIME")
        .output()
        .unwrap()
}

/// A Python of this version whose every module is missing.
const BARE_PYTHON: &str = "case \"$2\" in *version_info*) echo 3 11 ;; *) exit 1 ;; esac";
const OLD_PYTHON: &str = "echo 3 9";
const USER: &str = "echo 1000";

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn check_lists_what_is_missing_and_brings_nothing() {
    let output = understory(&[("python3", "exit 1")], &["setup", "--check", "--json"]);
    assert_eq!(output.status.code(), Some(4));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["ready"], false);
    assert!(
        json["missing"][0]
            .as_str()
            .unwrap()
            .contains("ONNX Runtime 1.32.0"),
        "{json}"
    );
}

#[test]
fn without_network_setup_says_so_and_leaves_no_library() {
    let output = understory(&[], &["setup"]);
    assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    assert!(
        words(&output).contains("error: pip could not fetch ONNX Runtime"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_user_without_rights_is_told_the_exact_line_to_type() {
    let programs = [
        ("python3", BARE_PYTHON),
        ("id", USER),
        ("apt-get", "exit 0"),
    ];
    let output = understory(&programs, &["setup"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        words(&output).contains("`sudo apt-get install --yes python3-venv`"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_system_without_apt_is_told_the_names_of_the_packages() {
    let programs = [("python3", BARE_PYTHON), ("apt-get", "exit 127")];
    let output = understory(&programs, &["setup"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        words(&output).contains("python3-venv") && words(&output).contains("no apt-get"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_python_older_than_3_11_counts_as_none() {
    let all = [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python",
    ]
    .map(|name| (name, OLD_PYTHON));
    let mut programs = all.to_vec();
    programs.extend([("id", USER), ("apt-get", "exit 0")]);
    let output = understory(&programs, &["setup"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        words(&output).contains("apt-get install --yes python3 python3-venv"),
        "{}",
        words(&output)
    );
}

#[test]
fn root_gets_the_missing_package_from_apt() {
    // The stand-in for apt writes down what it was asked for and brings nothing, so the step after it fails.
    let asked = tempfile::NamedTempFile::new().unwrap();
    let apt = format!("echo \"$@\" >> {}", asked.path().display());
    let programs = [
        ("python3", BARE_PYTHON),
        ("id", "echo 0"),
        ("apt-get", apt.as_str()),
    ];
    let output = understory(&programs, &["setup"]);
    assert_eq!(output.status.code(), Some(4));
    let asked = std::fs::read_to_string(asked.path()).unwrap();
    assert!(asked.contains("-qq update"), "{asked}");
    assert!(
        asked.contains("-qq install --yes --no-install-recommends python3-venv"),
        "{asked}"
    );
}

#[test]
fn a_failed_apt_is_the_systems_fault() {
    let apt = "case \"$*\" in *install*) exit 100 ;; esac";
    let programs = [("python3", BARE_PYTHON), ("id", "echo 0"), ("apt-get", apt)];
    let output = understory(&programs, &["setup"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        words(&output).contains("apt-get could not install python3-venv"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_home_that_cannot_be_written_is_the_systems_fault_and_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_understory"))
        .arg("setup")
        .env("HOME", Path::new("/dev/null"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(
        words(&output).contains("/dev/null/.cache/understory"),
        "{}",
        words(&output)
    );
}
