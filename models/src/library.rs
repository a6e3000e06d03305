//! The ONNX Runtime library: where it lies, whether it is the pinned one, loading it once per process. Any thread but the audio thread.
//!
//! It never downloads: `cargo xtask setup` brings the file. A failed load may be tried again.

mod verdict;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::{Error, Result};
use crate::model_file::sha256_hex;

/// The version of ONNX Runtime that this program was built and tested with.
pub const RUNTIME_VERSION: &str = "1.32.0";
/// Names one file to use instead of the ones found by searching. Its checksum counts all the same.
const OVERRIDE_VARIABLE: &str = "UNDERSTORY_ONNXRUNTIME";
/// Since 1.32 the official builds write a number for the machine into the user's cache and report to their maker, on every
/// system; only this variable, set before the library is loaded, stops all of it (microsoft/onnxruntime, pull request 27379).
const SILENCE_VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// What the library must be on this platform, taken from the wheels of `onnxruntime` 1.32.0 on PyPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuntimePin {
    /// The name of the library file.
    pub file_name: &'static str,
    /// SHA-256 of the library file, hex.
    pub library_sha256: &'static str,
    /// The `--platform` tag of the wheel that holds it.
    pub wheel_platform: &'static str,
}

/// The pin of the platform that this program was built for, if there is one.
pub const fn runtime_pin() -> Option<RuntimePin> {
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        Some(RuntimePin {
            file_name: "libonnxruntime.so.1.32.0",
            library_sha256: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
            wheel_platform: "manylinux_2_28_x86_64",
        })
    } else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
        Some(RuntimePin {
            file_name: "libonnxruntime.so.1.32.0",
            library_sha256: "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
            wheel_platform: "manylinux_2_28_aarch64",
        })
    } else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
        Some(RuntimePin {
            file_name: "libonnxruntime.1.32.0.dylib",
            library_sha256: "fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7",
            wheel_platform: "macosx_14_0_arm64",
        })
    } else if cfg!(all(target_os = "windows", target_arch = "x86_64")) {
        Some(RuntimePin {
            file_name: "onnxruntime.dll",
            library_sha256: "e9feebaed867b76f741c14ae64e056a3da64a153a61994f1fb48eadc7f9b3ba8",
            wheel_platform: "win_amd64",
        })
    } else if cfg!(all(target_os = "windows", target_arch = "aarch64")) {
        Some(RuntimePin {
            file_name: "onnxruntime.dll",
            library_sha256: "d3587771474d96427cc5683fa49440127e928622a5e9df0f3e24209ae1fc42ad",
            wheel_platform: "win_arm64",
        })
    } else {
        None
    }
}

/// The folder of this user for things that can be fetched again: `~/.cache/understory`, on Windows
/// `%LOCALAPPDATA%\understory`.
///
/// # Errors
/// [`Error::NoHomeFolder`].
pub fn cache_folder() -> Result<PathBuf> {
    if cfg!(target_os = "windows") {
        let folder = std::env::var_os("LOCALAPPDATA").ok_or(Error::NoHomeFolder)?;
        return Ok(Path::new(&folder).join("understory"));
    }
    let home = std::env::var_os("HOME")
        .filter(|home| !home.is_empty())
        .ok_or(Error::NoHomeFolder)?;
    Ok(Path::new(&home).join(".cache/understory"))
}

/// Adds a folder to search before all others. For a plugin, which does not lie beside the running executable.
pub fn search_beside(folder: PathBuf) {
    lock(&EXTRA_FOLDERS).push(folder);
}

static EXTRA_FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Finds the library: the file that `UNDERSTORY_ONNXRUNTIME` names, else in folders given to [`search_beside`], else beside
/// the running executable, else in the cache folder where one is known. The path is absolute; the file is not opened.
///
/// # Errors
/// [`Error::LibraryMissing`] with every path that was tried.
pub fn runtime_library_path() -> Result<PathBuf> {
    let candidates = candidate_paths();
    let found = candidates
        .iter()
        .find(|path| path.is_file())
        .map(std::path::absolute);
    match found {
        Some(Ok(path)) => Ok(path),
        _ => Err(Error::LibraryMissing {
            searched: candidates
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

fn candidate_paths() -> Vec<PathBuf> {
    if let Some(file) = std::env::var_os(OVERRIDE_VARIABLE).filter(|file| !file.is_empty()) {
        return vec![PathBuf::from(file)];
    }
    let file_name = library_file_name();
    // A plugin's own folders come first: the executable is its host's, which may bring another ONNX Runtime of that name.
    let mut folders = lock(&EXTRA_FOLDERS).clone();
    if let Ok(executable) = std::env::current_exe()
        && let Some(folder) = executable.parent()
    {
        folders.push(folder.to_path_buf());
    }
    // A host may run without a home folder; a library beside the program needs none.
    folders.extend(
        cache_folder()
            .ok()
            .map(|cache| cache.join(format!("onnxruntime-{RUNTIME_VERSION}"))),
    );
    folders
        .into_iter()
        .map(|folder| folder.join(file_name))
        .collect()
}

/// Platforms without a pinned wheel have to build the library themselves; it bears its usual name.
fn library_file_name() -> &'static str {
    runtime_pin().map_or("libonnxruntime.so.1.32.0", |pin| pin.file_name)
}

/// Reads the whole library and compares it with the pin. A library of a platform without a pin passes.
///
/// # Errors
/// [`Error::LibraryVersion`] or [`Error::LibraryChecksum`]; [`Error::LibraryLoad`] when it cannot be read.
pub fn verify_runtime_library(path: &Path) -> Result<()> {
    let Some(pin) = runtime_pin() else {
        return Ok(());
    };
    let bytes = std::fs::read(path).map_err(|error| Error::LibraryLoad {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    let found = sha256_hex(&bytes);
    if found == pin.library_sha256 {
        return Ok(());
    }
    match version_in_symbols(&bytes) {
        Some(found) if found != RUNTIME_VERSION => Err(Error::LibraryVersion {
            path: path.to_path_buf(),
            found,
            wanted: RUNTIME_VERSION,
        }),
        _ => Err(Error::LibraryChecksum {
            path: path.to_path_buf(),
            found,
            wanted: pin.library_sha256,
        }),
    }
}

/// The same, but a library that passed before and was not changed since is not read again.
///
/// # Errors
/// As [`verify_runtime_library`].
pub fn verify_runtime_library_once(path: &Path) -> Result<()> {
    if !verdict::is_remembered(path) {
        verify_runtime_library(path)?;
        verdict::remember(path);
    }
    Ok(())
}

/// The version that the ELF symbol table names (`VERS_1.32.0`). Asking the library itself would mean to run it, and a
/// file that failed the checksum is not run. Other platforms have no such mark: there the checksum speaks alone.
fn version_in_symbols(bytes: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"VERS_";
    let start = bytes
        .windows(MARK.len())
        .position(|window| window == MARK)?
        + MARK.len();
    let version: String = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .map(|byte| char::from(*byte))
        .collect();
    (!version.is_empty()).then_some(version)
}

/// The process's one environment. ONNX Runtime can make it once per process: it is never dropped, or a plugin could not
/// start again after its last instance closed.
static ENVIRONMENT: OnceLock<ort::environment::Environment> = OnceLock::new();
/// Two threads that load at once wait for each other here; `OnceLock` alone cannot hold a fallible start.
static LOADING: Mutex<()> = Mutex::new(());

/// The environment, loading the library on the first call.
pub(crate) fn environment() -> Result<&'static ort::environment::Environment> {
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let _loading = lock(&LOADING);
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let path = runtime_library_path()?;
    verify_runtime_library_once(&path)?;
    let loaded = load(&path)?;
    Ok(ENVIRONMENT.get_or_init(|| loaded))
}

fn load(path: &Path) -> Result<ort::environment::Environment> {
    let refused = |reason: String| Error::LibraryLoad {
        path: path.to_path_buf(),
        reason,
    };
    forbid_reports();
    ort::init_from(path)
        .map_err(|error| refused(error.to_string()))?
        .with_name("understory")
        .with_telemetry(false)
        // Its messages would go to the host's stderr; what matters comes back as errors.
        .with_logger(std::sync::Arc::new(|_, _, _, _, _| {}))
        .build()
        .map_err(|error| refused(error.to_string()))
}

/// Nothing here may touch the network. The interface's own switch ([`ort::environment::EnvironmentBuilder::with_telemetry`])
/// comes too late: by then the machine has its number.
fn forbid_reports() {
    if std::env::var_os(SILENCE_VARIABLE).is_none_or(|value| value != "1") {
        // SAFETY: once per process, within `LOADING`, before the library's threads are there. A host's own threads may read
        // the environment meanwhile: C libraries copy its table when they add to it and leave the old one readable, unless
        // the host itself has set variables before, when for the time of this call a reader in C may see the table move.
        unsafe { std::env::set_var(SILENCE_VARIABLE, "1") };
    }
}

/// A thread that panicked while it held one of these locks left nothing half done: the data is a list of paths or `()`.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
