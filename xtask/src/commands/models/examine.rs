//! `models examine`: what the doctor has done in a process of its own. Limits itself, opens the model, runs it, reports.
//!
//! Not for people: `models check` starts it and survives it.

mod listening;
mod picture;
mod sound;

use std::path::{Path, PathBuf};

use clap::Args;
use models::{AnyModelFile, Fault, GraphFacts, PictureGenerator, SoundGenerator};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;

/// What to examine within which limits.
#[derive(Args)]
pub struct ExamineArguments {
    /// A model file.
    model: PathBuf,
    /// Seconds of computing.
    #[arg(long)]
    time_limit: u32,
    /// Memory, MiB.
    #[arg(long)]
    memory_limit: u32,
}

/// Examines one model in this process.
///
/// # Errors
/// A file that cannot be opened as a model.
pub fn run(arguments: &ExamineArguments, common: &Common) -> Result<Outcome, Failure> {
    limit_this_process(arguments)?;
    match AnyModelFile::load(&arguments.model)? {
        AnyModelFile::Sound(file) => {
            let facts = file.graph_facts()?;
            refuse_foreign_operators(&facts, &arguments.model)?;
            let generator = SoundGenerator::from_file(*file).map_err(of_opening)?;
            sound::run(generator, &facts, arguments.time_limit, common)
        }
        AnyModelFile::Picture(file) => {
            let generator = PictureGenerator::from_file(*file).map_err(of_opening)?;
            picture::run(generator, common)
        }
    }
}

/// Whether an error tells something about the model. Memory that ends under the limit of an examination does.
fn is_the_models(error: &models::Error) -> bool {
    error.fault() == Fault::ModelFile || error.is_out_of_memory()
}

fn of_opening(error: models::Error) -> Failure {
    if is_the_models(&error) {
        Failure::input_file(error)
    } else {
        error.into()
    }
}

/// The runtime would say as much in the words of its own source.
fn refuse_foreign_operators(facts: &GraphFacts, path: &Path) -> Result<(), Failure> {
    if facts.foreign_operators.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = facts.foreign_operators.iter().map(String::as_str).collect();
    Err(Failure::input_file(format!(
        "{}: needs operators that are not part of ONNX ({}), and no extension is ever loaded; export it with standard operators",
        path.display(),
        names.join(", ")
    )))
}

/// Beyond these the system refuses memory or ends the process, whoever asks for more.
#[cfg(unix)]
fn limit_this_process(arguments: &ExamineArguments) -> Result<(), Failure> {
    use rlimit::Resource;
    let bytes = u64::from(arguments.memory_limit) << 20;
    let seconds = u64::from(arguments.time_limit);
    for (resource, most) in [
        (Resource::AS, bytes),
        (Resource::CPU, seconds),
        // A process that falls over is expected here, its memory on disk is not.
        (Resource::CORE, 0),
    ] {
        let (_, hard) = resource.get().map_err(Failure::system)?;
        let most = most.min(hard);
        resource.set(most, most).map_err(Failure::system)?;
    }
    Ok(())
}

/// Time is held by the process that waits; memory is not.
#[cfg(not(unix))]
fn limit_this_process(_arguments: &ExamineArguments) -> Result<(), Failure> {
    Ok(())
}
