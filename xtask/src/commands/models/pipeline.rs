//! `models prepare/train/export/evaluate`: the Python steps, run in the environment of `setup --python`.
//!
//! Here is no training. Arguments, stdin, stdout, stderr and exit code pass through; the user's folder stays the current one.

use std::ffi::OsString;

use crate::commands::setup::{self, Part};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places::workspace_root;
use crate::tool::Tool;

/// Runs `python -m sound.STEP ARGUMENTS...`.
pub fn run(step: &str, arguments: &[OsString], common: &Common) -> Result<Outcome, Failure> {
    let parts = if step == "prepare" && !asks_for_help(arguments) {
        vec![Part::PythonEnvironment, Part::Corpus]
    } else {
        vec![Part::PythonEnvironment]
    };
    setup::ensure(&parts)?;
    let mut tool = Tool::new(setup::environment_python()?)
        .args(["-m", &format!("sound.{step}")])
        .args(arguments)
        .env("PYTHONPATH", workspace_root()?.join("models/training"));
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

fn asks_for_help(arguments: &[OsString]) -> bool {
    arguments
        .iter()
        .any(|argument| argument == "--help" || argument == "-h")
}
