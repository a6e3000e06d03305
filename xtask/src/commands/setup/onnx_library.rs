//! Brings the ONNX Runtime library: the pinned wheel by pip, the one file out of it, checked, into the cache folder.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use models::{
    Error, RUNTIME_VERSION, RuntimePin, cache_folder, runtime_library_path, runtime_pin,
    verify_runtime_library, verify_runtime_library_once,
};

use super::python;
use crate::failure::Failure;
use crate::licences::Runtime;
use crate::output_file::{OutputFile, create_folder};

/// The wheel's hashes, inside the program: `setup` works without a source tree.
const WHEEL_LOCK: &str = include_str!("../../../../models/onnxruntime.lock");

/// What its makers ask to be kept: its licence, and those of what is inside it. They stand beside the package's `capi`.
const NOTICES: [&str; 2] = ["LICENSE", "ThirdPartyNotices.txt"];

/// True when the library that would be loaded is the pinned one.
///
/// # Errors
/// Exit code 4 when it is there and cannot be read: bringing another would not help.
pub fn is_ready() -> Result<bool, Failure> {
    let Ok(path) = runtime_library_path() else {
        return Ok(false);
    };
    match verify_runtime_library_once(&path) {
        Ok(()) => Ok(true),
        Err(Error::LibraryVersion { .. } | Error::LibraryChecksum { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Downloads, checks and places the library.
pub fn bring() -> Result<(), Failure> {
    let pin = runtime_pin().ok_or_else(|| {
        Failure::system(format!(
            "there is no ONNX Runtime wheel for this platform; build version {RUNTIME_VERSION} and name the library in UNDERSTORY_ONNXRUNTIME"
        ))
    })?;
    let target = cache_folder()?
        .join(format!("onnxruntime-{RUNTIME_VERSION}"))
        .join(pin.file_name);
    let scratch =
        tempfile::tempdir().map_err(|error| Failure::at_path(&std::env::temp_dir(), &error))?;
    let wheel = download(pin, scratch.path())?;
    create_folder(target.parent().unwrap_or(Path::new(".")))?;
    unpack(
        &wheel,
        &format!("onnxruntime/capi/{}", pin.file_name),
        &target,
    )?;
    for name in NOTICES {
        unpack(
            &wheel,
            &format!("onnxruntime/{name}"),
            &target.with_file_name(name),
        )?;
    }
    verify_runtime_library(&target)?;
    refuse_hidden_library(&target)
}

/// The notices that belong to the library: beside it, or above it as in the wheel. A library that was brought before they
/// were is brought again.
///
/// # Errors
/// Exit code 4 when there are none.
pub fn notices() -> Result<Runtime, Failure> {
    let found = || {
        let library = runtime_library_path().ok()?;
        let folders = library.ancestors().skip(1).take(2);
        let [licence, notices] = NOTICES;
        let both = folders.map(|folder| Runtime {
            licence: folder.join(licence),
            notices: folder.join(notices),
        });
        let mut whole = both.filter(|both| both.licence.is_file() && both.notices.is_file());
        whole.next()
    };
    if let Some(found) = found() {
        return Ok(found);
    }
    bring()?;
    found().ok_or_else(|| {
        Failure::system(format!(
            "ONNX Runtime lies there without its notices; put its {} beside the library",
            NOTICES.join(" and ")
        ))
    })
}

fn download(pin: RuntimePin, folder: &Path) -> Result<PathBuf, Failure> {
    let lock = folder.join("onnxruntime.lock");
    std::fs::write(&lock, WHEEL_LOCK).map_err(|error| Failure::at_path(&lock, &error))?;
    // Platform and Python are named so that any pip takes the one wheel whose hash is pinned; the library is the same in all.
    let fetched = python::pip()?
        .args([
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--implementation",
            "cp",
        ])
        .args([
            "--python-version",
            "3.11",
            "--abi",
            "cp311",
            "--platform",
            pin.wheel_platform,
            "--requirement",
        ])
        .arg(&lock)
        .args(["--dest"])
        .arg(folder)
        .run()?;
    if !fetched {
        return Err(Failure::system(
            "pip could not fetch ONNX Runtime (its words are above); check the network and run `cargo xtask setup` again",
        ));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::at_path(folder, &error))?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(is_wheel)
        .ok_or_else(|| {
            Failure::system("pip fetched no wheel of ONNX Runtime; run `cargo xtask setup` again")
        })
}

fn unpack(wheel: &Path, inside: &str, target: &Path) -> Result<(), Failure> {
    let broken = |error: zip::result::ZipError| {
        Failure::system(format!("{}: {inside}: {error}", wheel.display()))
    };
    let file = File::open(wheel).map_err(|error| Failure::at_path(wheel, &error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(broken)?;
    let mut file = archive.by_name(inside).map_err(broken)?;
    let mut output = OutputFile::create(target, true)?;
    std::io::copy(&mut file, &mut output).map_err(|error| Failure::at_path(target, &error))?;
    output
        .flush()
        .map_err(|error| Failure::at_path(target, &error))?;
    output.commit().map(|_| ())
}

/// A bad library in an earlier place would still be taken instead of the one just brought.
fn refuse_hidden_library(target: &Path) -> Result<(), Failure> {
    let found = runtime_library_path()?;
    verify_runtime_library(&found).map_err(|error| {
        Failure::system(format!(
            "{error} (it is found before {}, where a good one lies now)",
            target.display()
        ))
    })
}
