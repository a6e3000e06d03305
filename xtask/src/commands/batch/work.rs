//! An item as one of the commands: parsed, checked, carried out.

use clap::{Parser, Subcommand};

use crate::commands::{backdrop, bed, note, render};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::workshop::Workshop;

/// The arguments of one item.
#[derive(Parser, Debug)]
#[command(no_binary_name = true, disable_help_flag = true)]
pub struct ItemArguments {
    /// As on the command line.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub work: Work,
}

/// What an item may be.
#[derive(Subcommand, Debug)]
pub enum Work {
    /// One note.
    Note(note::Arguments),
    /// A MIDI file.
    Render(render::Arguments),
    /// A score bed.
    Bed(Box<bed::Arguments>),
    /// A picture or a loop.
    Backdrop(Box<backdrop::Arguments>),
}

impl Work {
    /// Everything that can be known before it is made.
    ///
    /// # Errors
    /// What the command would say.
    pub fn check(&self, common: &Common, workshop: &mut Workshop) -> Result<(), Failure> {
        match self {
            Work::Note(arguments) => note::check(arguments, common, workshop),
            Work::Render(arguments) => render::check(arguments, common, workshop),
            Work::Bed(arguments) => bed::check(arguments, common, workshop),
            Work::Backdrop(arguments) => backdrop::check(arguments, common, workshop),
        }
    }

    /// Makes it.
    ///
    /// # Errors
    /// What the command says.
    pub fn run(&self, common: &Common, workshop: &mut Workshop) -> Result<Outcome, Failure> {
        match self {
            Work::Note(arguments) => note::run(arguments, common, workshop),
            Work::Render(arguments) => render::run(arguments, common, workshop),
            Work::Bed(arguments) => bed::run(arguments, common, workshop),
            Work::Backdrop(arguments) => backdrop::run(arguments, common, workshop),
        }
    }

    /// The model's file.
    ///
    /// # Errors
    /// Exit code 4 when none is shipped.
    pub fn model(&self) -> Result<std::path::PathBuf, Failure> {
        let sound = |model: &Option<std::path::PathBuf>| match model {
            Some(path) => Ok(path.clone()),
            None => crate::places::shipped_sound_model(),
        };
        match self {
            Work::Note(arguments) => sound(&arguments.model),
            Work::Render(arguments) => sound(&arguments.model),
            Work::Bed(arguments) => sound(&arguments.model),
            Work::Backdrop(arguments) => crate::workshop::picture_model(arguments.model.as_deref()),
        }
    }
}
