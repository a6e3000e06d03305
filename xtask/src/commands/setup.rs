//! `setup [--check] [--python] [--corpus]`: brings what the machine lacks, from package registries and nowhere else.
//!
//! What is there is not touched. A part that was interrupted is done again. Other commands call [`ensure`] for what they need.

mod onnx_library;
mod python;
mod system_packages;

use std::fs::File;

use clap::Args;
use serde_json::json;

pub use self::onnx_library::notices as runtime_notices;
pub use self::python::{Environment, environment_python};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::create_folder;

/// Flags of `setup`.
#[derive(Args)]
pub struct Arguments {
    /// Only say what is missing (exit code 4 when something is).
    #[arg(long)]
    check: bool,
    /// Bring the Python environment too, which training and `test` need (about 5 GB on disk).
    #[arg(long)]
    python: bool,
    /// Bring the instrument collections too, which `models prepare` needs (Debian packages).
    #[arg(long)]
    corpus: bool,
}

/// A thing that a machine has or lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The ONNX Runtime library: everything that runs a network.
    RuntimeLibrary,
    /// The Python environment of the lock file: training and its tests.
    PythonEnvironment,
    /// The Python environment of the hosts that load the plugin: tests.
    PluginHosts,
    /// A display without a screen: tests of the editor's window.
    Display,
    /// A whole DAW to try the plugin in: tests.
    Daw,
    /// Headers of the system's sound libraries: the program without a host.
    SoundDrivers,
    /// FluidSynth and instrument collections: `models prepare`.
    Corpus,
}

impl Part {
    /// What people call it.
    pub fn name(self) -> String {
        match self {
            Self::RuntimeLibrary => format!("ONNX Runtime {} library", models::RUNTIME_VERSION),
            Self::PythonEnvironment => "Python environment for training".to_owned(),
            Self::PluginHosts => "hosts to test the plugin in".to_owned(),
            Self::Display => format!("system packages {}", system_packages::DISPLAY.join(" ")),
            Self::SoundDrivers => format!(
                "system packages {}",
                system_packages::SOUND_DRIVERS.join(" ")
            ),
            Self::Daw => format!("system packages {}", system_packages::DAW.join(" ")),
            Self::Corpus => format!("system packages {}", system_packages::CORPUS.join(" ")),
        }
    }

    fn is_ready(self) -> Result<bool, Failure> {
        match self {
            Self::RuntimeLibrary => onnx_library::is_ready(),
            Self::PythonEnvironment => python::is_ready(Environment::Training),
            Self::PluginHosts => python::is_ready(Environment::Hosts),
            Self::Display => Ok(system_packages::missing(&system_packages::DISPLAY).is_empty()),
            Self::SoundDrivers => {
                Ok(system_packages::missing(&system_packages::SOUND_DRIVERS).is_empty())
            }
            Self::Daw => Ok(system_packages::missing(&system_packages::DAW).is_empty()),
            Self::Corpus => Ok(system_packages::missing(&system_packages::CORPUS).is_empty()),
        }
    }

    fn bring(self) -> Result<(), Failure> {
        match self {
            Self::RuntimeLibrary => onnx_library::bring(),
            Self::PythonEnvironment => python::bring(Environment::Training),
            Self::PluginHosts => python::bring(Environment::Hosts),
            Self::Display => system_packages::bring(&system_packages::DISPLAY),
            Self::SoundDrivers => system_packages::bring(&system_packages::SOUND_DRIVERS),
            Self::Daw => system_packages::bring(&system_packages::DAW),
            Self::Corpus => system_packages::bring(&system_packages::CORPUS),
        }
    }
}

/// Brings or checks the wanted parts.
pub fn run(arguments: &Arguments, _common: &Common) -> Result<Outcome, Failure> {
    let mut parts = vec![Part::RuntimeLibrary];
    parts.extend(arguments.python.then_some(Part::PythonEnvironment));
    parts.extend(arguments.corpus.then_some(Part::Corpus));
    if !arguments.check {
        ensure(&parts)?;
    }
    let missing = missing(&parts)?;
    if missing.is_empty() {
        return Ok(Outcome::done(
            "everything is here",
            json!({ "ready": true, "missing": [] }),
        ));
    }
    let words = format!(
        "missing: {}; run `cargo xtask setup` without --check to bring it",
        missing.join(", ")
    );
    Ok(Outcome::done(words, json!({ "ready": false, "missing": missing })).with_exit_code(4))
}

/// Brings those parts that are not here, telling progress on stderr.
///
/// # Errors
/// Exit code 4 with what to do: no network, no rights, no Python, disk full.
pub fn ensure(parts: &[Part]) -> Result<(), Failure> {
    if missing(parts)?.is_empty() {
        return Ok(());
    }
    let _one_at_a_time = wait_for_other_setups()?;
    for part in parts {
        if !part.is_ready()? {
            eprintln!("setup: bringing {}", part.name());
            part.bring()?;
        }
    }
    Ok(())
}

fn missing(parts: &[Part]) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for part in parts {
        if !part.is_ready()? {
            names.push(part.name());
        }
    }
    Ok(names)
}

/// Two setups at once would write into one folder. The lock goes with the file, also when we are killed.
fn wait_for_other_setups() -> Result<File, Failure> {
    let folder = models::cache_folder()?;
    create_folder(&folder)?;
    let path = folder.join("setup.lock");
    let file = File::create(&path).map_err(|error| Failure::at_path(&path, &error))?;
    file.lock()
        .map_err(|error| Failure::at_path(&path, &error))?;
    Ok(file)
}
