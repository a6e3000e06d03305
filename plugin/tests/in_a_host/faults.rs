//! A model that is missing, goes, changes or breaks while an instance plays. Each runs in a process of its own, with a
//! folder of models of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plugin::instrument::sound::Sound;

use crate::host::{BLOCK, Heard, Host, Message, RATE_HZ};

/// Names the folder of models; what the plugin reads.
const MODELS: &str = "UNDERSTORY_MODELS";
/// Set in the process of its own.
const INSIDE: &str = "UNDERSTORY_TEST_INSIDE";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a test once more, by its name, in a process whose models lie in this folder.
fn run_inside(test: &str, models: &Path) {
    let program = std::env::current_exe().expect("our own path");
    let output = Command::new(program)
        .args(["--exact", &format!("faults::{test}"), "--nocapture"])
        .env(MODELS, models)
        .env(INSIDE, "1")
        .output()
        .expect("it starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
}

fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

fn models_folder() -> PathBuf {
    PathBuf::from(std::env::var_os(MODELS).expect("a folder of models"))
}

/// An empty folder for a test.
fn new_folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A folder with the shipped models.
fn folder_with_shipped(test: &str) -> PathBuf {
    let folder = new_folder(test);
    let shipped = fs::read_dir(root().join("models/shipped")).expect("shipped models");
    for file in shipped.flatten().filter(|file| file.path().is_file()) {
        fs::copy(file.path(), folder.join(file.file_name())).expect("a copy");
    }
    folder
}

fn assert_goes_on(host: &mut Host, what: &str) {
    let heard = host.play(&[], 24_000, u64::from(BLOCK));
    assert!(heard.is_finite(), "{what}");
    assert!(heard.peak() > 1e-3, "{what}: peak {}", heard.peak());
}

/// The sound of this seed, which nobody has baked.
fn sound(seed: u32) -> Option<Sound> {
    Some(Sound::of_recipe(&models::SoundRecipe::from_seed(seed)))
}

#[test]
fn a_model_that_is_deleted_while_it_plays_is_not_missed() {
    const NAME: &str = "a_model_that_is_deleted_while_it_plays_is_not_missed";
    if !is_inside() {
        return run_inside(NAME, &folder_with_shipped("deleted"));
    }
    let mut host = Host::ready();
    host.play(&[(0, Message::On(60, 0.8))], 4_800, u64::from(BLOCK));
    fs::remove_dir_all(models_folder()).expect("it can be deleted");
    assert_goes_on(&mut host, "a held key");
    let other = [(0, Message::On(67, 0.3)), (1, Message::On(30, 0.9))];
    host.play(&other, 4_800, u64::from(BLOCK));
    assert_goes_on(&mut host, "other keys");
    host.deactivate();
    host.activate(96_000.0, BLOCK);
    host.play(&[(0, Message::On(62, 0.8))], 4_800, u64::from(BLOCK));
    assert_goes_on(&mut host, "another sample rate");
    assert!(host.change(|settings| settings.corners[0] = sound(77)));
    let heard = host.play(&[(0, Message::On(64, 0.8))], 48_000, u64::from(BLOCK));
    assert!(heard.is_finite());
}

#[test]
fn a_model_that_is_replaced_by_one_of_nan_is_refused_and_the_old_sound_goes_on() {
    const NAME: &str =
        "a_model_that_is_replaced_by_one_of_nan_is_refused_and_the_old_sound_goes_on";
    if !is_inside() {
        return run_inside(NAME, &folder_with_shipped("replaced"));
    }
    let mut host = Host::ready();
    let shipped = models::newest_sound_model(&models_folder()).expect("a shipped model");
    let broken = root().join("models/tests/fixtures/nan_output.onnx");
    fs::copy(broken, shipped).expect("it can be replaced");
    host.play(&[(0, Message::On(60, 0.8))], 4_800, u64::from(BLOCK));
    assert!(host.change(|settings| settings.corners[0] = sound(78)));
    host.play(&[(0, Message::On(67, 0.8))], 4_800, u64::from(BLOCK));
    assert_goes_on(&mut host, "what was baked before");
}

#[test]
fn keys_that_a_model_makes_of_nan_are_played_by_others() {
    const NAME: &str = "keys_that_a_model_makes_of_nan_are_played_by_others";
    if !is_inside() {
        let folder = new_folder("nan");
        let broken = root().join("models/tests/fixtures/nan_output.onnx");
        fs::copy(broken, folder.join("sound-v1.onnx")).expect("a copy");
        return run_inside(NAME, &folder);
    }
    // The fixture is NaN above key 60.
    let mut host = Host::offline();
    let strike = |key| [(0, Message::On(key, 0.8)), (10_000, Message::Off(key))];
    let right = host.play(&strike(48), 48_000, u64::from(BLOCK));
    let broken = host.play(&strike(72), 48_000, u64::from(BLOCK));
    for heard in [right, broken] {
        assert!(heard.is_finite());
        assert!(
            heard.peak() > 1e-3 && heard.peak() < 2.0,
            "{}",
            heard.peak()
        );
    }
    let saved = host.save();
    assert!(host.load(&saved));
}

#[test]
fn a_file_that_is_no_model_is_silence_and_no_harm() {
    const NAME: &str = "a_file_that_is_no_model_is_silence_and_no_harm";
    if !is_inside() {
        let folder = new_folder("no-model");
        fs::write(folder.join("sound-v1.onnx"), [0xff; 4096]).expect("a file");
        return run_inside(NAME, &folder);
    }
    let mut host = Host::offline();
    let heard = host.play(&[(0, Message::On(60, 0.8))], 48_000, u64::from(BLOCK));
    assert_eq!(heard.peak(), 0.0);
}

/// Keys of two layers, one outside the shipped notes' range, bent.
fn performance(host: &mut Host) -> Heard {
    let events = [
        (0, Message::On(60, 0.8)),
        (1_000, Message::On(100, 0.3)),
        (9_000, Message::Midi([0xe0, 0, 0x50])),
        (9_999, Message::Off(60)),
        (20_000, Message::On(48, 0.6)),
    ];
    host.play(&events, 48_000, u64::from(BLOCK))
}

/// Same layout as [`Heard`]: left, then right, as bytes.
fn bytes_of(heard: &Heard) -> Vec<u8> {
    let samples = heard.left.iter().chain(&heard.right);
    samples.flat_map(|sample| sample.to_le_bytes()).collect()
}

#[test]
fn a_project_that_keeps_its_notes_plays_the_same_samples_without_its_model() {
    const NAME: &str = "a_project_that_keeps_its_notes_plays_the_same_samples_without_its_model";
    if is_inside() {
        let folder = models_folder();
        let mut host = Host::new();
        host.set_offline();
        assert!(host.load(&fs::read(folder.join("state")).expect("a state")));
        host.activate(RATE_HZ, BLOCK);
        let wanted = fs::read(folder.join("samples")).expect("samples");
        assert!(bytes_of(&performance(&mut host)) == wanted);
        // Saved again without the model it still has its notes.
        let again = host.save();
        let mut other = Host::new();
        other.set_offline();
        assert!(other.load(&again));
        other.activate(RATE_HZ, BLOCK);
        assert!(bytes_of(&performance(&mut other)) == wanted);
        return;
    }
    let mut host = Host::offline();
    let change = |settings: &mut plugin::instrument::session::Settings| {
        settings.corners[0] = sound(79);
        settings.keeps_notes = true;
    };
    assert!(host.change(change));
    let heard = performance(&mut host);
    assert!(heard.peak() > 1e-2);
    let state = host.save();
    assert!(state.len() < 3 << 20, "{} bytes", state.len());
    let folder = new_folder("kept");
    fs::write(folder.join("samples"), bytes_of(&heard)).expect("it is written");
    fs::write(folder.join("state"), state).expect("it is written");
    run_inside(NAME, &folder);
}
