//! Another copy of this program, for work that may end badly: limits on time and memory, an answer in JSON or the way it died.
//!
//! Here is no examination; `examine` is what the other copy runs.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Map, Value};
use wait_timeout::ChildExt;

use crate::failure::Failure;

/// An answer is a few kilobytes; what is longer is none.
const LONGEST_ANSWER_BYTES: u64 = 1 << 20;

/// What the other process may cost.
pub struct Limits {
    /// Seconds by the clock, and of computing.
    pub time_s: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
}

/// How it ended.
pub enum Ending {
    /// With an object of JSON.
    Answered {
        /// Its exit code.
        exit_code: u8,
        /// What it printed last.
        answer: Map<String, Value>,
    },
    /// It was stopped when its time was over.
    TimeOut,
    /// It fell over.
    Died {
        /// For instance `signal 11`.
        how: String,
    },
}

/// Has a model examined.
///
/// # Errors
/// Exit code 4 when the process cannot be started or watched.
pub fn examine(model: &Path, limits: &Limits, seed: u32) -> Result<Ending, Failure> {
    let program = std::env::current_exe().map_err(Failure::system)?;
    let mut child = Command::new(program)
        .args(["models", "examine", "--json", "--seed", &seed.to_string()])
        .args(["--time-limit", &limits.time_s.to_string()])
        .args(["--memory-limit", &limits.memory_mib.to_string()])
        .arg("--")
        .arg(model)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Failure::system)?;
    let reader = answer_reader(&mut child);
    let time = Duration::from_secs(u64::from(limits.time_s));
    let status = child.wait_timeout(time).map_err(Failure::system)?;
    let Some(status) = status else {
        // It may have ended by itself meanwhile; either way it is gone after this.
        let _ = child.kill();
        child.wait().map_err(Failure::system)?;
        return Ok(Ending::TimeOut);
    };
    let text = reader
        .and_then(|reader| reader.join().ok())
        .unwrap_or_default();
    Ok(ending(status, &text))
}

/// Reads along, so that a full pipe never stops the child.
fn answer_reader(child: &mut Child) -> Option<JoinHandle<String>> {
    let stdout = child.stdout.take()?;
    Some(std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is missing from the answer, which then is none.
        let _ = stdout.take(LONGEST_ANSWER_BYTES).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }))
}

fn ending(status: ExitStatus, text: &str) -> Ending {
    let answer = text
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok());
    let exit_code = status.code().and_then(|code| u8::try_from(code).ok());
    match (exit_code, answer) {
        (Some(exit_code), Some(answer)) => Ending::Answered { exit_code, answer },
        _ if is_out_of_time(status) => Ending::TimeOut,
        _ => Ending::Died {
            how: in_words(status),
        },
    }
}

#[cfg(unix)]
fn is_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    /// Sent by the system when the limit on computing time is reached; the number is the same on Linux and macOS.
    const SIGXCPU: i32 = 24;
    status.signal() == Some(SIGXCPU)
}

#[cfg(not(unix))]
fn is_out_of_time(_status: ExitStatus) -> bool {
    false
}

#[cfg(unix)]
fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "no reason given".to_owned(),
    }
}

#[cfg(not(unix))]
fn in_words(status: ExitStatus) -> String {
    status.to_string()
}
