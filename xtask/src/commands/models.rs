//! `models ...`: the life of a model, one file per step.

mod check;
mod check_picture;
mod inspect;
mod list;
mod own;
mod pack_default;
mod pipeline;

use std::ffi::OsString;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::flags::Common;
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
    /// Tell what a model's manifest says.
    Inspect {
        /// A model file, or the name of a model that `list` shows.
        model: String,
    },
    /// Examine a model: manifest, shapes, numbers, speed on this machine.
    Check {
        /// A model file, or the name of a model that `list` shows.
        model: String,
    },
    /// Bake some notes of the default sound into a small file beside its model: the plugin's first key sounds from them.
    PackDefault {
        /// Another model than the shipped one.
        #[arg(long, value_name = "FILE")]
        model: Option<std::path::PathBuf>,
    },
    /// Make the training corpus of a configuration, of notes or of pictures.
    Prepare(PythonArguments),
    /// Train a configuration; goes on where it was interrupted.
    Train(PythonArguments),
    /// Write a trained network as a model file.
    Export(PythonArguments),
    /// Measure a model against real notes or pictures and write a report.
    Evaluate(PythonArguments),
    /// Find a model's controls and moods again and write them into its file.
    Controls(PythonArguments),
    /// Search a model for named sounds.
    Sounds(PythonArguments),
    /// Turn a folder with a Magenta GANSynth checkpoint into a model file.
    Import(ImportArguments),
    /// Say what was found in a corpus: pictures, duplicates, outliers, what was left out and why.
    Wrangle(PythonArguments),
    /// Make a model of your own recordings: an estimate first, then everything.
    Own(own::OwnArguments),
}

/// Handed on to the Python step as they are.
#[derive(Args)]
pub struct PythonArguments {
    /// A configuration, for instance `sound_narrow` or `picture`, then the step's own flags; `--help` after it shows them.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CONFIG"
    )]
    arguments: Vec<OsString>,
}

/// Handed on to the importer as they are.
#[derive(Args)]
pub struct ImportArguments {
    /// The checkpoint's folder, then the importer's own flags; `--help` after it shows them.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "FOLDER"
    )]
    arguments: Vec<OsString>,
}

/// Runs one step.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    match &arguments.step {
        Step::List => list::run(),
        Step::Inspect { model } => inspect::run(model),
        Step::Check { model } => check::run(model, common),
        Step::PackDefault { model } => pack_default::run(model.as_deref(), common),
        Step::Prepare(python) => pipeline::run("prepare", &python.arguments, common),
        Step::Train(python) => pipeline::run("train", &python.arguments, common),
        Step::Export(python) => pipeline::run("export", &python.arguments, common),
        Step::Evaluate(python) => pipeline::run("evaluate", &python.arguments, common),
        Step::Controls(python) => pipeline::run("controls", &python.arguments, common),
        Step::Sounds(python) => pipeline::run("sounds", &python.arguments, common),
        Step::Import(import) => pipeline::import(&import.arguments, common),
        Step::Wrangle(python) => pipeline::run("wrangling_report", &python.arguments, common),
        Step::Own(arguments) => own::run(arguments, common),
    }
}
