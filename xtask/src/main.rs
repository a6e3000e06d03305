//! The command line: `cargo xtask X` and the installed `understory X` are this one program. One file per command.
//!
//! Here arguments become a command and a result becomes words, JSON and an exit code. No command prints its own result.

mod bed_production;
mod checksum;
mod commands;
mod dialogue;
mod failure;
mod flags;
mod licences;
mod npz;
mod outcome;
mod output_file;
mod performance;
mod picture;
mod places;
mod progress;
mod recorded;
mod sound_choice;
mod tool;
mod workshop;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::flags::Common;

/// Grows music to sit under a story: notes, songs, models. Offline, from a seed, repeatable.
#[derive(Parser)]
#[command(name = "understory", version, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return answer_to(&error),
    };
    let (words, json, code) = match arguments.command.run(&arguments.common) {
        Ok(outcome) => (
            outcome.words,
            outcome.json.map(serde_json::Value::Object),
            outcome.exit_code,
        ),
        Err(failure) => {
            let words = failure.in_words();
            let json = serde_json::json!({ "error": words, "exit_code": failure.exit_code() });
            say(&mut std::io::stderr(), &format!("error: {words}"));
            (String::new(), Some(json), failure.exit_code())
        }
    };
    if arguments.common.json {
        say(&mut std::io::stderr(), &words);
        say(
            &mut std::io::stdout(),
            &json.map(|json| json.to_string()).unwrap_or_default(),
        );
    } else {
        say(&mut std::io::stdout(), &words);
    }
    ExitCode::from(code)
}

/// Help and version, or what is wrong with the flags; the latter as JSON too when that was asked for.
fn answer_to(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let words = error.to_string();
        let first = words.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        let json = serde_json::json!({ "error": message, "exit_code": error.exit_code() });
        say(&mut std::io::stdout(), &json.to_string());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
}

/// A reader that closed the pipe early (`| head`) is no reason to panic: what it did not want is dropped.
fn say(stream: &mut dyn Write, words: &str) {
    if !words.is_empty() {
        let _ = writeln!(stream, "{words}");
    }
}
