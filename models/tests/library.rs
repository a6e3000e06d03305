//! The ONNX Runtime library is found, is the pinned one, or is refused with its path. Loading is once per process, so each
//! case runs in a process of its own: this test program, started again with another environment.

#[path = "fixtures/load.rs"]
mod fixtures;

use std::path::{Path, PathBuf};
use std::process::Command;

use models::{
    Error, Fault, RUNTIME_VERSION, SoundGenerator, runtime_library_path, runtime_pin,
    verify_runtime_library,
};

/// What the child process is told to use.
const LIBRARY: &str = "UNDERSTORY_ONNXRUNTIME";

#[test]
fn the_library_of_this_machine_is_the_pinned_one() {
    let path = runtime_library_path().unwrap();
    assert!(path.is_absolute());
    verify_runtime_library(&path).unwrap();
}

#[test]
fn a_library_of_another_version_is_refused_with_both_versions() {
    let (_folder, path) = library_of(b"\x7fELF......VERS_1.20.1\0......");
    let error = verify_runtime_library(&path).unwrap_err();
    assert!(matches!(error, Error::LibraryVersion { .. }));
    assert_eq!(error.fault(), Fault::System);
    for part in ["1.20.1", RUNTIME_VERSION, &path.display().to_string()] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_library_with_one_changed_byte_is_refused_with_both_checksums() {
    let mut bytes = std::fs::read(runtime_library_path().unwrap()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let (_folder, path) = library_of(&bytes);
    let error = verify_runtime_library(&path).unwrap_err();
    assert!(matches!(error, Error::LibraryChecksum { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(runtime_pin().unwrap().library_sha256)
    );
}

#[test]
fn a_missing_library_is_told_with_the_path_that_was_tried() {
    let said = load_in_another_process(Path::new("/nowhere/libonnxruntime.so"));
    assert!(
        said.contains("no ONNX Runtime library") && said.contains("/nowhere/libonnxruntime.so"),
        "{said}"
    );
    assert!(said.contains("cargo xtask setup"), "{said}");
}

#[test]
fn a_file_that_is_no_library_is_refused_and_never_opened_as_one() {
    let (_folder, path) = library_of(b"a text that calls itself a library");
    let said = load_in_another_process(&path);
    assert!(
        said.contains("SHA-256") && said.contains(&path.display().to_string()),
        "{said}"
    );
}

#[test]
fn a_library_that_appears_later_is_taken_at_the_next_try() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("late.so");
    let said = run_child("child_that_brings_the_library_after_the_first_try", &path);
    assert!(
        said.contains("first: no ONNX Runtime library") && said.contains("second: loaded"),
        "{said}"
    );
}

#[test]
fn a_library_that_changes_after_it_passed_is_checked_again() {
    let (_folder, path) = library_of(&std::fs::read(runtime_library_path().unwrap()).unwrap());
    assert!(load_in_another_process(&path).contains("loaded"));
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let said = load_in_another_process(&path);
    assert!(said.contains("SHA-256"), "{said}");
}

#[test]
fn a_library_that_lies_beside_needs_no_home_folder() {
    let library = runtime_library_path().unwrap();
    let said = said_by(
        child("child_that_looks_in_a_folder_of_its_own")
            .env("FOLDER", library.parent().unwrap())
            .env_remove(LIBRARY)
            .env_remove("HOME")
            .env_remove("LOCALAPPDATA"),
    );
    assert!(said.contains("before: no ONNX Runtime library"), "{said}");
    assert!(
        said.contains(&format!("after: {}", library.display())),
        "{said}"
    );
}

/// Its official builds name the machine and report to their maker unless they are told not to before they start.
#[test]
fn the_library_leaves_nothing_in_the_users_folders() {
    let folder = tempfile::tempdir().unwrap();
    let library = runtime_library_path().unwrap();
    let said = said_by(
        child("child_that_loads_a_model")
            .env(LIBRARY, library)
            .env("XDG_CACHE_HOME", folder.path())
            .env_remove("ORT_DISABLE_TELEMETRY"),
    );
    assert!(said.contains("loaded"), "{said}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Hosts ship libraries of the same name beside their own executable.
#[test]
fn a_plugins_folder_is_searched_before_that_of_the_hosts_executable() {
    let said = said_by(
        child("child_that_looks_where_nothing_is")
            .env_remove(LIBRARY)
            .env("HOME", "/nowhere/home"),
    );
    let of_the_plugin = said.find("/nowhere/plugin/").unwrap();
    let executable = std::env::current_exe().unwrap();
    let of_the_host = said.find(&executable.parent().unwrap().display().to_string());
    assert!(of_the_plugin < of_the_host.unwrap(), "{said}");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn child_that_looks_where_nothing_is() {
    models::search_beside("/nowhere/plugin".into());
    println!("{}", runtime_library_path().unwrap_err());
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn child_that_looks_in_a_folder_of_its_own() {
    println!("before: {}", runtime_library_path().unwrap_err());
    models::search_beside(std::env::var_os("FOLDER").unwrap().into());
    println!("after: {}", runtime_library_path().unwrap().display());
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn child_that_loads_a_model() {
    match SoundGenerator::load(fixtures::model("toy.onnx")) {
        Ok(_) => println!("loaded"),
        Err(error) => println!("{error}"),
    }
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn child_that_brings_the_library_after_the_first_try() {
    println!(
        "first: {}",
        SoundGenerator::load(fixtures::model("toy.onnx")).unwrap_err()
    );
    let pin = runtime_pin().unwrap();
    let cached = models::cache_folder()
        .unwrap()
        .join(format!("onnxruntime-{RUNTIME_VERSION}"))
        .join(pin.file_name);
    std::fs::copy(cached, std::env::var_os(LIBRARY).unwrap()).unwrap();
    SoundGenerator::load(fixtures::model("toy.onnx")).unwrap();
    println!("second: loaded");
}

fn library_of(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn load_in_another_process(library: &Path) -> String {
    run_child("child_that_loads_a_model", library)
}

fn run_child(test: &str, library: &Path) -> String {
    said_by(child(test).env(LIBRARY, library))
}

fn child(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "--nocapture", test]);
    child
}

fn said_by(child: &mut Command) -> String {
    let output = child.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
