//! `models check`: the doctor. Has a file examined in a process of its own and tells what came of it.
//!
//! A model is a program of somebody else's. This process never opens it: whatever it does to memory, time or its own
//! process, here it becomes one sentence. What is examined is in `examine`.

use std::path::Path;

use clap::Args;
use serde_json::{Map, Value, json};

use super::apart::{self, Ending, Limits};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places::find_model;

/// What an examination may cost when nothing is said.
const TIME_LIMIT_S: u32 = 120;
const MEMORY_LIMIT_MIB: u32 = 4_096;
/// Most seconds that may be asked for.
const MOST_SECONDS: u32 = 3_600;
/// Most memory that may be asked for, MiB.
const MOST_MIB: u32 = 1 << 20;

/// What to examine, and what it may cost.
#[derive(Args)]
pub struct CheckArguments {
    /// A model file, or the name of a model that `list` shows.
    model: String,
    /// Seconds after which the examination is ended.
    #[arg(long, default_value_t = TIME_LIMIT_S, value_name = "SECONDS")]
    time_limit: u32,
    /// Memory that the model may use, MiB (not held on Windows).
    #[arg(long, default_value_t = MEMORY_LIMIT_MIB, value_name = "MIB")]
    memory_limit: u32,
}

impl CheckArguments {
    /// An examination of this file within the usual limits.
    pub fn of(model: &Path) -> Self {
        Self {
            model: model.to_string_lossy().into_owned(),
            time_limit: TIME_LIMIT_S,
            memory_limit: MEMORY_LIMIT_MIB,
        }
    }
}

/// Examines one model.
///
/// # Errors
/// Exit code 2 for limits or names that are none, 3 for a file that cannot be opened as a model, 4 when no process can be
/// started. A model that can be opened and is bad is no error: the outcome says so, with exit code 3.
pub fn run(arguments: &CheckArguments, common: &Common) -> Result<Outcome, Failure> {
    let limits = limits(arguments)?;
    let path = find_model(&arguments.model)?;
    match apart::examine(&path, &limits, common.seed)? {
        Ending::Answered { exit_code, answer } => answered(&path, exit_code, answer),
        Ending::TimeOut => Ok(ended(
            &path,
            &format!(
                "the examination was ended after {} s: the network runs without end, or is far too slow to play",
                arguments.time_limit
            ),
        )),
        Ending::Died { how } => Ok(ended(
            &path,
            &format!(
                "the network brought down the process that examined it ({how}); it would bring down a host as well, or wants more than {} MiB",
                arguments.memory_limit
            ),
        )),
    }
}

fn limits(arguments: &CheckArguments) -> Result<Limits, Failure> {
    let within = |name: &str, value: u32, most: u32| {
        if (1..=most).contains(&value) {
            Ok(value)
        } else {
            Err(Failure::request(format!(
                "{name} {value}: choose 1 to {most}"
            )))
        }
    };
    Ok(Limits {
        time_s: within("--time-limit", arguments.time_limit, MOST_SECONDS)?,
        memory_mib: within("--memory-limit", arguments.memory_limit, MOST_MIB)?,
    })
}

/// The examiner's own words and figures, or its one sentence on why there are none.
fn answered(path: &Path, exit_code: u8, answer: Map<String, Value>) -> Result<Outcome, Failure> {
    if let Some(Value::String(error)) = answer.get("error") {
        let error = error.clone();
        return Err(match exit_code {
            2 => Failure::request(error),
            3 => Failure::input_file(error),
            4 => Failure::system(error),
            _ => Failure::other(error),
        });
    }
    let lines = answer.get("explanation").and_then(Value::as_array);
    let words: Vec<&str> = lines
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if words.is_empty() {
        return Ok(ended(path, "its examination ended without a verdict"));
    }
    let words = words.join("\n");
    Ok(Outcome::done(words, Value::Object(answer)).with_exit_code(exit_code))
}

/// A model that did not live to be judged.
fn ended(path: &Path, problem: &str) -> Outcome {
    let words = format!(
        "problem: {problem}\nthis model cannot be played: {}",
        path.display()
    );
    let json = json!({
        "path": path.display().to_string(), "usable": false, "problems": [problem],
        "explanation": words.lines().collect::<Vec<_>>(),
    });
    Outcome::done(words, json).with_exit_code(3)
}
