//! The list of commands. Each has a file with its `Arguments` and one `run(&Arguments, &Common) -> Result<Outcome, Failure>`.

mod backdrop;
mod batch;
mod bed;
mod bench;
mod bundle;
mod check;
mod demo;
mod models;
mod note;
mod render;
mod setup;
mod test;
mod verify;

use clap::Subcommand;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::workshop::Workshop;

/// One variant per command; the doc comment is what `--help` shows.
#[derive(Subcommand)]
pub enum Command {
    /// Bring what this machine lacks: the ONNX Runtime library, on request Python for training.
    Setup(setup::Arguments),
    /// Set up what the tests need, then run every test of the project.
    Test(test::Arguments),
    /// Check format, lints, docs and house rules.
    Check(check::Arguments),
    /// Play the project's own tune through three seeds and a bed under a spoken line, with pictures, into one folder.
    Demo(demo::Arguments),
    /// Render one note to WAV.
    Note(note::Arguments),
    /// Render a MIDI file to WAV.
    Render(render::Arguments),
    /// Make the plugin bundles Understory.vst3 and Understory.clap, and install them on request.
    Bundle(bundle::Arguments),
    /// Compose a score bed of exactly the length asked for, ducked under a voice, at a loudness.
    Bed(Box<bed::Arguments>),
    /// Paint a backdrop: a picture, a closed loop or a contact sheet.
    Backdrop(Box<backdrop::Arguments>),
    /// Make many notes, renders, beds and backdrops from one manifest.
    Batch(batch::Arguments),
    /// Make files again from the recipe inside them, and compare.
    Verify(verify::Arguments),
    /// Measure the project's figures on this machine.
    Bench(bench::Arguments),
    /// List, describe, check, train and export models.
    Models(models::Arguments),
}

impl Command {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<Outcome, Failure> {
        let workshop = &mut Workshop::new();
        match self {
            Self::Setup(arguments) => setup::run(arguments, common),
            Self::Test(arguments) => test::run(arguments, common),
            Self::Check(arguments) => check::run(arguments, common),
            Self::Demo(arguments) => demo::run(arguments, common),
            Self::Note(arguments) => note::run(arguments, common, workshop),
            Self::Render(arguments) => render::run(arguments, common, workshop),
            Self::Bundle(arguments) => bundle::run(arguments, common),
            Self::Bed(arguments) => bed::run(arguments, common, workshop),
            Self::Backdrop(arguments) => backdrop::run(arguments, common, workshop),
            Self::Batch(arguments) => batch::run(arguments, common, workshop),
            Self::Verify(arguments) => verify::run(arguments, common, workshop),
            Self::Bench(arguments) => bench::run(arguments, common),
            Self::Models(arguments) => models::run(arguments, common),
        }
    }
}
