//! `models prepare/train/export/evaluate`: the Python steps, run in the environment of `setup --python`.
//!
//! Here is no training. Arguments, stdin, stdout, stderr and exit code pass through; the user's folder stays the current one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::commands::setup::{self, Part};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places::workspace_root;
use crate::tool::Tool;

/// Where the Debian packages of [`Part::Corpus`] put their instruments.
const DEBIAN_SOUNDS: &str = "/usr/share/sounds/";

/// Runs `python -m sound.STEP ARGUMENTS...`.
pub fn run(step: &str, arguments: &[OsString], common: &Common) -> Result<Outcome, Failure> {
    let training = workspace_root()?.join("models/training");
    let mut parts = vec![Part::PythonEnvironment];
    if step == "prepare" && names_debian_sounds(arguments, &training) {
        parts.push(Part::Corpus);
    }
    setup::ensure(&parts)?;
    let mut tool = Tool::new(setup::environment_python(setup::Environment::Training)?)
        .args(["-m", &format!("sound.{step}")])
        .args(arguments)
        .env("PYTHONPATH", &training);
    // Flags that stand before the configuration were read by us; the step knows the same ones.
    if common.json && !arguments.iter().any(|argument| argument == "--json") {
        tool = tool.arg("--json");
    }
    if let Some(out) = &common.out {
        tool = tool.arg("--out").arg(out);
    }
    let status = tool.run_inherited()?;
    // Killed by a signal: there is no code, and nothing that a script could tell apart.
    let exit_code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(Outcome::passed_on(exit_code))
}

/// True when the corpus that the configuration names renders instruments that Debian packages install. Others (closed-form tones, a user's own
/// files) need no system package. What cannot be read is left to the step, which says what is wrong with it.
fn names_debian_sounds(arguments: &[OsString], training: &Path) -> bool {
    let mut candidates = arguments.iter().flat_map(|argument| {
        let shipped = training
            .join("configs")
            .join(argument)
            .with_extension("toml");
        [PathBuf::from(argument), shipped]
    });
    candidates.any(|path| {
        let Ok(config) = std::fs::read_to_string(&path) else {
            return false;
        };
        let corpus = config.parse::<toml::Table>().ok().and_then(|table| {
            let name = table.get("corpus")?.as_str()?.to_owned();
            std::fs::read_to_string(path.with_file_name(name)).ok()
        });
        corpus.is_some_and(|corpus| corpus.contains(DEBIAN_SOUNDS))
    })
}
