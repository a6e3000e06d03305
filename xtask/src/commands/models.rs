//! `models ...`: the life of a model, one file per step.

mod apart;
mod check;
mod examine;
mod inspect;
mod list;
mod own;
mod pack_default;
mod pipeline;
mod run;

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
    /// Examine a model in a process of its own: manifest, shapes, numbers, tuning, level, licence, speed on this machine.
    Check(check::CheckArguments),
    #[command(hide = true)]
    Examine(examine::ExamineArguments),
    /// Run any network on arrays of an .npz file and write what comes out: for experts.
    Run(run::RunArguments),
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
    /// Turn a folder with a Magenta GANSynth checkpoint, or with --map an ONNX file of somebody else, into a model file.
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
    /// The checkpoint's folder or the ONNX file, then the importer's own flags; `--help` after it shows them.
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
        Step::Check(arguments) => check::run(arguments, common),
        Step::Examine(arguments) => examine::run(arguments, common),
        Step::Run(arguments) => run::run(arguments, common),
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
