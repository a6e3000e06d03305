//! Other programs that a command runs: their output goes to stderr, their failure becomes ours, their absence is told.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

/// A program to run, with what to say when it fails.
pub struct Tool {
    command: Command,
    name: String,
}

impl Tool {
    /// A program by path or name.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let name = Path::new(program.as_ref())
            .file_name()
            .unwrap_or(program.as_ref())
            .to_string_lossy()
            .into_owned();
        Self {
            command: Command::new(program),
            name,
        }
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Adds one argument.
    pub fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    /// Adds a variable to the environment of the program.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in a folder.
    pub fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it with our own stdin, stdout and stderr.
    ///
    /// # Errors
    /// Exit code 4 when it is not there.
    pub fn run_inherited(mut self) -> Result<ExitStatus, Failure> {
        self.command
            .status()
            .map_err(|error| Failure::system(format!("{}: {error}", self.name)))
    }

    /// Runs it and shows what it says on stderr, so that stdout stays ours. True when it succeeded.
    ///
    /// # Errors
    /// Exit code 4 when it is not there.
    pub fn run(mut self) -> Result<bool, Failure> {
        self.command.stdin(Stdio::null()).stdout(std::io::stderr());
        Ok(self.run_inherited()?.success())
    }

    /// Runs it unseen and gives what it printed to stdout; `None` when it is not there or fails.
    pub fn answer(mut self) -> Option<String> {
        let output = self
            .command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it, shows what it says on stderr and keeps the lines that `wanted` chooses, in the order they came on each
    /// stream. True when it succeeded.
    ///
    /// # Errors
    /// Exit code 4 when it is not there.
    pub fn run_keeping(mut self, wanted: fn(&str) -> bool) -> Result<(bool, Vec<String>), Failure> {
        let system = |error: std::io::Error| Failure::system(format!("{}: {error}", self.name));
        let command = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(system)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let kept = std::thread::scope(|scope| {
            let other = scope.spawn(|| show_and_keep(stderr, wanted));
            let mut kept = show_and_keep(stdout, wanted);
            kept.extend(other.join().unwrap_or_default());
            kept
        });
        Ok((child.wait().map_err(system)?.success(), kept))
    }
}

fn show_and_keep(stream: Option<impl Read>, wanted: fn(&str) -> bool) -> Vec<String> {
    let mut kept = Vec::new();
    let Some(stream) = stream else { return kept };
    for bytes in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&bytes).into_owned();
        eprintln!("{line}");
        if wanted(&line) {
            kept.push(line);
        }
    }
    kept
}

/// The cargo that runs us, or the one of the path.
pub fn cargo() -> Tool {
    Tool::new(cargo_program())
}

/// The same for a program that runs it.
pub fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
