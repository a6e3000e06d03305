//! `verify`: makes files again from the recipe inside them, and says whether they are the same. It writes nothing.

mod comparison;
mod installed;
mod midi;
mod picture;
mod sound;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::progress;
use crate::workshop::Workshop;
use comparison::Verdict;
use installed::Installed;

/// Largest file that is read: a WAV file's own limit.
const MAX_FILE_BYTES: u64 = u32::MAX as u64;
/// The work is done, its answer is bad news.
const DIFFERENT: u8 = 1;

/// What to compare.
#[derive(Args, Debug)]
pub struct Arguments {
    /// WAV, MIDI, PNG, JPEG, WebP, AVIF, TIFF or OpenEXR files that this program wrote.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where to look for the MIDI file that a render was made from, besides the folder of the render.
    #[arg(long, value_name = "DIR")]
    inputs: Vec<PathBuf>,
    /// The model to use, when it is neither shipped nor among your own.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// What every file of a call shares.
struct Bench<'a> {
    common: &'a Common,
    workshop: &'a mut Workshop,
    installed: Installed,
    inputs: &'a [PathBuf],
}

/// Compares every file.
///
/// # Errors
/// None but what keeps the program from working at all: a file that cannot be compared is part of the answer.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    // The bars of single renders would cover the one that counts files.
    let quiet = Common {
        json: true,
        out: None,
        seed: common.seed,
        force: false,
    };
    let mut bench = Bench {
        common: &quiet,
        workshop,
        installed: Installed::new(arguments.model.as_deref()),
        inputs: &arguments.inputs,
    };
    let bar = progress::counted(common, "comparing", arguments.files.len());
    let mut answers = Vec::with_capacity(arguments.files.len());
    for path in &arguments.files {
        answers.push((path.as_path(), bench.verdict(path)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcome(&answers))
}

impl Bench<'_> {
    fn verdict(&mut self, path: &Path) -> Result<Verdict, Failure> {
        let bytes = read(path)?;
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
            return sound::verdict(self, path, &bytes);
        }
        if bytes.starts_with(b"MThd") {
            return midi::verdict(&bytes);
        }
        picture::verdict(self, &bytes)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| Failure::input_file(error.to_string());
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_FILE_BYTES {
        return Err(Failure::input_file(format!(
            "{length} bytes are more than any file of this program"
        )));
    }
    std::fs::read(path).map_err(unreadable)
}

/// What is said of files that hold no recipe.
fn foreign() -> Failure {
    Failure::input_file(
        "there is no recipe inside; only files that Understory wrote, and no other program saved since, can be made again",
    )
}

fn outcome(answers: &[(&Path, Result<Verdict, Failure>)]) -> Outcome {
    let mut words = Vec::new();
    let mut files = Vec::new();
    let mut num_identical = 0;
    let (mut is_different, mut failed) = (false, None);
    for (path, answer) in answers {
        let mut json = match answer {
            Ok(verdict) => verdict.json(),
            Err(failure) => {
                json!({ "identical": false, "verdict": "cannot", "error": failure.in_words() })
            }
        };
        json["file"] = json!(path);
        files.push(json);
        words.push(match answer {
            Ok(verdict) => format!("{}: {}", path.display(), verdict.words()),
            Err(failure) => format!(
                "{}: cannot be verified: {}",
                path.display(),
                failure.in_words()
            ),
        });
        match answer {
            Ok(Verdict::Identical { .. }) => num_identical += 1,
            Ok(Verdict::Different(_)) => is_different = true,
            Err(failure) => failed = failed.or(Some(failure.exit_code())),
        }
    }
    if answers.len() > 1 {
        words.push(format!("{num_identical} of {} identical", answers.len()));
    }
    let is_identical = num_identical == answers.len();
    let json: Value =
        json!({ "identical": is_identical, "num_identical": num_identical, "files": files });
    let exit_code = if is_different {
        DIFFERENT
    } else {
        failed.unwrap_or(0)
    };
    Outcome::done(words.join("\n"), json).with_exit_code(exit_code)
}
