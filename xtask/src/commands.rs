//! The list of commands. Each has a file with its `Arguments` and one `run(&Arguments, &Common) -> Result<Outcome, Failure>`.

mod models;

use clap::Subcommand;

use crate::common::Common;
use crate::failure::Failure;
use crate::outcome::Outcome;

/// One variant per command; the doc comment is what `--help` shows.
#[derive(Subcommand)]
pub enum Command {
    /// List, describe, check, train and export models.
    Models(models::Arguments),
}

impl Command {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<Outcome, Failure> {
        match self {
            Self::Models(arguments) => models::run(arguments, common),
        }
    }
}
