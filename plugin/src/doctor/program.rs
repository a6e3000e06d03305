//! The program `understory` as the doctor: asked in a process of its own, waited for, ended when it takes too long. The
//! doctor's thread.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// What an examination may take, s; the program holds to it itself.
const TIME_LIMIT_S: u32 = 60;
/// A program that does not hold to it is ended.
const LONGEST: Duration = Duration::from_secs(2 * TIME_LIMIT_S as u64);
/// How often is looked whether it has ended.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);
/// An answer is a few kilobytes; what is longer is none.
const LONGEST_ANSWER_BYTES: u64 = 1 << 20;

/// What the program says of a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// Whether it lived through its examination and makes notes.
    pub(super) is_usable: bool,
    /// What is wrong with it.
    pub(super) problems: Vec<String>,
    /// SHA-256 of the file that was examined, hex.
    pub(super) fingerprint: Option<String>,
    /// Median time of a note on one core, ms.
    pub(super) run_ms: Option<f64>,
}

/// The last line that `models check --json` prints.
#[derive(Deserialize)]
struct Printed {
    usable: Option<bool>,
    #[serde(default)]
    problems: Vec<String>,
    fingerprint: Option<String>,
    run_ms_median: Option<f64>,
    error: Option<String>,
    exit_code: Option<u8>,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// The program is not there, or this machine cannot run models at all: nothing is said about the model.
    Nothing,
    /// The program ended without a word, or had to be ended.
    Silence,
    /// An answer.
    Answer(Answer),
}

/// Has a model examined.
pub(super) fn ask(program: &Path, model: &Path) -> Reply {
    let mut command = Command::new(program);
    command
        .args(["models", "check", "--json", "--time-limit"])
        .arg(TIME_LIMIT_S.to_string())
        .arg("--")
        .arg(model)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    without_window(&mut command);
    let Ok(mut child) = command.spawn() else {
        return Reply::Nothing;
    };
    let stdout = child.stdout.take();
    // Reads along, so that a full pipe never stops it.
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.map(|stdout| stdout.take(LONGEST_ANSWER_BYTES).read_to_string(&mut text));
        read.is_some_and(|read| read.is_ok()).then_some(text)
    });
    let ended = wait(&mut child);
    if ended.is_none() {
        // It may have ended by itself meanwhile; either way it is gone after this.
        let _ = child.kill();
        let _ = child.wait();
    }
    let text = reader.join().ok().flatten();
    match (ended, text) {
        (Some(_), Some(text)) => parsed(&text),
        _ => Reply::Silence,
    }
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < LONGEST {
        // A host that wants to hear of no child leaves none to wait for: then there is no answer.
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => std::thread::sleep(LOOK_AGAIN_AFTER),
            Err(_) => return None,
        }
    }
    None
}

fn parsed(text: &str) -> Reply {
    let last = text.lines().last().unwrap_or_default();
    let Ok(printed) = serde_json::from_str::<Printed>(last) else {
        return Reply::Silence;
    };
    match (printed.usable, printed.error, printed.exit_code) {
        (Some(is_usable), _, _) => Reply::Answer(Answer {
            is_usable,
            problems: printed.problems,
            fingerprint: printed.fingerprint,
            run_ms: printed.run_ms_median,
        }),
        // Exit code 3 is the model's fault; any other says nothing about it.
        (None, Some(error), Some(3)) => Reply::Answer(Answer {
            is_usable: false,
            problems: vec![error],
            fingerprint: None,
            run_ms: None,
        }),
        _ => Reply::Nothing,
    }
}

/// On Windows a program of the command line would open a window.
#[cfg(windows)]
fn without_window(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    /// `CREATE_NO_WINDOW` of the Windows API.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn without_window(_command: &mut Command) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        match parsed(text) {
            Reply::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_answers_of_models_check_are_understood() {
        let sound = r#"{"usable":true,"problems":[],"fingerprint":"ab","run_ms_median":5.5}"#;
        let good = answer(&format!("words before\n{sound}\n"));
        assert!(good.is_usable && good.run_ms == Some(5.5));
        let dead = r#"{"usable":false,"problems":["signal 11"],"path":"x"}"#;
        assert_eq!(answer(dead).problems, ["signal 11"]);
        let foreign = r#"{"error":"it is a text file","exit_code":3}"#;
        assert!(!answer(foreign).is_usable);
        let other = r#"{"error":"no library","exit_code":4}"#;
        assert_eq!(parsed(other), Reply::Nothing);
        assert_eq!(parsed("a word"), Reply::Silence);
    }
}
