//! Models that did not come with the plugin: what a project names is found and played, or is silence with its reason; what is
//! bad is kept away from the host. Each runs in a process of its own, with a user's folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use models::ModelFile;
use plugin::instrument::scale::Scale;
use plugin::instrument::shelf::ChosenModel;

use crate::host::{BLOCK, Heard, Host, Message, RATE_HZ};

/// Names the test's folder, in the process of its own.
const FOLDER: &str = "UNDERSTORY_TEST_FOLDER";
/// The program that examines models; what the plugin reads.
const PROGRAM: &str = "UNDERSTORY_PROGRAM";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn fixture(name: &str) -> PathBuf {
    root().join("models/tests/fixtures").join(name)
}

/// An empty folder for a test, as the user's data.
fn new_folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("data/understory/models")).expect("a folder");
    folder
}

/// Runs a test once more in a process of its own. `program` examines models; without one there is none on any path.
fn run_inside(test: &str, folder: &Path, program: Option<&Path>) {
    let own = std::env::current_exe().expect("our own path");
    let mut command = Command::new(own);
    command
        .args(["--exact", &format!("other_models::{test}"), "--nocapture"])
        .env(FOLDER, folder)
        .env("UNDERSTORY_MODELS", root().join("models/shipped"))
        .env("XDG_DATA_HOME", folder.join("data"))
        .env(PROGRAM, program.unwrap_or(&folder.join("no program")));
    let output = command.output().expect("it starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn choice(file: &Path) -> ChosenModel {
    let model = ModelFile::load(file).expect("a model");
    ChosenModel {
        name: model.manifest().name.clone(),
        fingerprint: model.fingerprint(),
        file: file.to_string_lossy().into_owned(),
    }
}

fn offline_host(choice: Option<ChosenModel>) -> Host {
    let mut host = Host::new();
    host.set_offline();
    assert!(host.change(|settings| settings.model = choice));
    host.activate(RATE_HZ, BLOCK);
    host
}

fn key(host: &mut Host) -> Heard {
    let strike = [(0, Message::On(60, 0.8)), (30_000, Message::Off(60))];
    host.play(&strike, 48_000, u64::from(BLOCK))
}

#[test]
fn a_project_finds_its_model_again_where_it_lies_now_and_plays_the_same_samples() {
    const NAME: &str =
        "a_project_finds_its_model_again_where_it_lies_now_and_plays_the_same_samples";
    let Some(folder) = folder() else {
        return run_inside(NAME, &new_folder("found-again"), None);
    };
    // One of our own kind, one of GANSynth's, one that paints waves.
    for name in ["toy.onnx", "mel_toy.onnx", "wave_toy.onnx"] {
        let file = folder.join(name);
        fs::copy(fixture(name), &file).expect("a copy");
        let mut host = offline_host(Some(choice(&file)));
        let heard = key(&mut host);
        assert!(heard.is_finite());
        assert!(heard.peak() > 1e-3, "{name}: peak {}", heard.peak());
        assert_ne!(heard, key(&mut offline_host(None)), "{name}");
        let state = host.save();
        drop(host);
        let moved = folder
            .join("data/understory/models")
            .join(format!("moved-{name}"));
        fs::rename(&file, &moved).expect("it moves");
        let mut other = Host::new();
        other.set_offline();
        assert!(other.load(&state));
        other.activate(RATE_HZ, BLOCK);
        assert!(key(&mut other) == heard, "{name}: other samples");
    }
}

#[test]
fn a_project_whose_model_is_nowhere_is_silence_and_keeps_its_choice() {
    const NAME: &str = "a_project_whose_model_is_nowhere_is_silence_and_keeps_its_choice";
    let Some(folder) = folder() else {
        return run_inside(NAME, &new_folder("nowhere"), None);
    };
    let gone = ChosenModel {
        name: "gone".to_owned(),
        fingerprint: "ab".repeat(32),
        file: folder.join("gone.onnx").to_string_lossy().into_owned(),
    };
    // Also in an instance that has just played another sound.
    let mut host = Host::offline();
    assert!(key(&mut host).peak() > 1e-3);
    host.play(&[], 4 * 48_000, u64::from(BLOCK));
    assert!(host.change(|settings| settings.model = Some(gone.clone())));
    assert_eq!(key(&mut host).peak(), 0.0);
    assert_eq!(host.saved().settings().model, Some(gone));
    assert!(host.change(|settings| settings.model = None));
    assert!(key(&mut host).peak() > 1e-3);
}

/// A program in the place of `understory`, to see what the plugin makes of its answers.
#[cfg(unix)]
fn program(folder: &Path, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join("program");
    fs::write(&file, format!("#!/bin/sh\n{body}\n")).expect("a program");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it can be run");
    file
}

#[cfg(unix)]
#[test]
fn a_model_that_the_doctor_refuses_or_dies_of_is_not_played_and_the_host_goes_on() {
    const NAME: &str =
        "a_model_that_the_doctor_refuses_or_dies_of_is_not_played_and_the_host_goes_on";
    if let Some(folder) = folder() {
        let file = folder.join("toy.onnx");
        let mut host = offline_host(Some(choice(&file)));
        assert_eq!(key(&mut host).peak(), 0.0);
        assert!(host.change(|settings| settings.model = None));
        assert!(key(&mut host).peak() > 1e-3);
        return;
    }
    for (name, body) in [
        (
            "refused",
            r#"echo '{"usable":false,"problems":["it never ends"]}'; exit 3"#,
        ),
        ("died", "kill -SEGV $$"),
        ("silent", "exit 0"),
    ] {
        let folder = new_folder(name);
        fs::copy(fixture("toy.onnx"), folder.join("toy.onnx")).expect("a copy");
        let program = program(&folder, body);
        run_inside(NAME, &folder, Some(&program));
    }
}

#[cfg(unix)]
#[test]
fn a_verdict_is_asked_for_once_per_file_and_kept() {
    const NAME: &str = "a_verdict_is_asked_for_once_per_file_and_kept";
    if let Some(folder) = folder() {
        let mut host = offline_host(Some(choice(&folder.join("toy.onnx"))));
        assert!(key(&mut host).peak() > 1e-3);
        return;
    }
    let folder = new_folder("once");
    let file = folder.join("toy.onnx");
    fs::copy(fixture("toy.onnx"), &file).expect("a copy");
    let fingerprint = choice(&file).fingerprint;
    let asked = folder.join("asked");
    let body = format!(
        "echo x >> '{}'; echo '{{\"usable\":true,\"problems\":[],\"fingerprint\":\"{fingerprint}\"}}'",
        asked.display()
    );
    let program = program(&folder, &body);
    run_inside(NAME, &folder, Some(&program));
    run_inside(NAME, &folder, Some(&program));
    assert_eq!(fs::read_to_string(asked).expect("it was asked"), "x\n");
}

#[test]
fn a_scale_of_the_project_tunes_its_keys() {
    const NAME: &str = "a_scale_of_the_project_tunes_its_keys";
    if folder().is_none() {
        return run_inside(NAME, &new_folder("scale"), None);
    }
    let scale = Scale {
        name: "fifths".to_owned(),
        scl: "fifths\n 2\n 3/2\n 2/1\n".to_owned(),
        kbm: None,
    };
    let mut host = Host::offline();
    assert!(host.change(|settings| settings.scale = Some(scale)));
    let heard = host.play(&[(0, Message::On(61, 0.8))], 96_000, u64::from(BLOCK));
    let f0_hz = engine::descriptors::f0_hz(&heard.mid(), RATE_HZ as u32).expect("a pitch");
    // Middle C is the scale's first note, 261.63 Hz; the key above it the fifth.
    let cents = 1200.0 * (f0_hz / (1.5 * 261.6256)).log2();
    assert!(cents.abs() < 5.0, "{f0_hz} Hz");
    // A player for another rate is tuned alike.
    host.deactivate();
    host.activate(96_000.0, BLOCK);
    let heard = host.play(&[(0, Message::On(61, 0.8))], 192_000, u64::from(BLOCK));
    let f0_hz = engine::descriptors::f0_hz(&heard.mid(), 96_000).expect("a pitch");
    let cents = 1200.0 * (f0_hz / (1.5 * 261.6256)).log2();
    assert!(cents.abs() < 5.0, "{f0_hz} Hz at 96 kHz");
}

/// The real doctor, from the bundle: a network without end is ended, and the host never notices.
#[test]
#[ignore = "needs the built bundles: `cargo xtask bundle`; `cargo xtask test` runs it"]
fn the_bundles_own_doctor_lets_good_models_play_and_keeps_bad_ones_away() {
    const NAME: &str = "the_bundles_own_doctor_lets_good_models_play_and_keeps_bad_ones_away";
    let program = root().join("target/bundled/Understory.vst3/Contents/Resources/understory");
    let Some(folder) = folder() else {
        let folder = new_folder("doctor");
        let own = std::env::current_exe().expect("our own path");
        let output = Command::new(own)
            .args([
                "--exact",
                &format!("other_models::{NAME}"),
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, &folder)
            .env("UNDERSTORY_MODELS", root().join("models/shipped"))
            .env("XDG_DATA_HOME", folder.join("data"))
            .env(PROGRAM, program)
            .output()
            .expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        return assert!(output.status.success(), "{words}");
    };
    for (name, is_good) in [
        ("well_behaved.onnx", true),
        ("mel_toy.onnx", true),
        ("hostile/huge_tile.onnx", false),
        ("hostile/nan_output.onnx", false),
    ] {
        let file = folder.join(name.replace('/', "-"));
        fs::copy(fixture(name), &file).expect("a copy");
        let mut host = offline_host(Some(choice(&file)));
        let peak = key(&mut host).peak();
        assert_eq!(peak > 1e-3, is_good, "{name}: peak {peak}");
    }
}
