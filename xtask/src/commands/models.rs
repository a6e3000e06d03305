//! `models ...`: the life of a model, one file per step.

mod list;

use clap::{Args, Subcommand};

use crate::common::Common;
use crate::failure::Failure;
use crate::outcome::Outcome;

/// `models` and what follows it.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Show the models that are here: shipped ones and your own.
    List,
}

/// Runs one step.
pub fn run(arguments: &Arguments, _common: &Common) -> Result<Outcome, Failure> {
    match &arguments.step {
        Step::List => list::run(),
    }
}
