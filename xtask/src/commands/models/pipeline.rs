//! `models prepare/train/export/evaluate/import`: the Python steps, run in the environment of `setup --python`.
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

/// Runs `python -m sound.STEP ARGUMENTS...`, or `picture.STEP` for a configuration of pictures.
pub fn run(step: &str, arguments: &[OsString], common: &Common) -> Result<Outcome, Failure> {
    let training = workspace_root()?.join("models/training");
    if step == "prepare" && names_debian_sounds(arguments, &training) {
        setup::ensure(&[Part::Corpus])?;
    }
    let package = package(arguments, &training);
    run_module(&format!("{package}.{step}"), arguments, common)
}

/// Runs `python -m gansynth.import_checkpoint ARGUMENTS...`.
pub fn import(arguments: &[OsString], common: &Common) -> Result<Outcome, Failure> {
    let mut arguments = arguments.to_vec();
    if common.force && !arguments.iter().any(|argument| argument == "--force") {
        arguments.push("--force".into());
    }
    run_module("gansynth.import_checkpoint", &arguments, common)
}

fn run_module(module: &str, arguments: &[OsString], common: &Common) -> Result<Outcome, Failure> {
    let training = workspace_root()?.join("models/training");
    setup::ensure(&[Part::PythonEnvironment])?;
    let mut tool = Tool::new(setup::environment_python(setup::Environment::Training)?)
        .args(["-m", module])
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

/// The Python package that knows the configuration: one of pictures has a section `[data]`. What cannot be read is judged by
/// its name, so that the package that says what is wrong is the likelier one.
fn package(arguments: &[OsString], training: &Path) -> &'static str {
    let is_picture = configurations(arguments, training).next().map_or_else(
        || {
            arguments
                .iter()
                .any(|name| name.to_string_lossy().starts_with("picture"))
        },
        |(_, table)| table.contains_key("data"),
    );
    if is_picture { "picture" } else { "sound" }
}

/// True when the corpus that the configuration names renders instruments that Debian packages install. Others (closed-form tones, a user's own
/// files) need no system package. What cannot be read is left to the step, which says what is wrong with it.
fn names_debian_sounds(arguments: &[OsString], training: &Path) -> bool {
    configurations(arguments, training).any(|(path, table)| {
        table
            .get("corpus")
            .and_then(toml::Value::as_str)
            .and_then(|name| std::fs::read_to_string(path.with_file_name(name)).ok())
            .is_some_and(|corpus| corpus.contains(DEBIAN_SOUNDS))
    })
}

/// The arguments that name a configuration, as file or as shipped name, with what is in it.
fn configurations<'a>(
    arguments: &'a [OsString],
    training: &'a Path,
) -> impl Iterator<Item = (PathBuf, toml::Table)> + 'a {
    let candidates = arguments.iter().flat_map(move |argument| {
        let shipped = training
            .join("configs")
            .join(argument)
            .with_extension("toml");
        [PathBuf::from(argument), shipped]
    });
    candidates.filter_map(|path| {
        let text = std::fs::read_to_string(&path).ok()?;
        let table = text.parse::<toml::Table>().ok()?;
        Some((path, table))
    })
}
