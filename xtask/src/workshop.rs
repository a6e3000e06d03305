//! The models that commands work with, each loaded once. One workshop per thread that works.

use std::path::{Path, PathBuf};

use backdrop::Studio;

use crate::failure::Failure;
use crate::performance::Stage;
use crate::{bed_production, places};

/// Loaded models by file.
pub struct Workshop {
    num_threads: usize,
    stages: Vec<(PathBuf, Stage)>,
    studios: Vec<(PathBuf, Studio)>,
}

impl Workshop {
    /// A workshop that has the machine to itself.
    pub fn new() -> Self {
        Self::with_threads(bed_production::num_threads())
    }

    /// A workshop of at most this many threads. What it makes does not depend on it.
    pub fn with_threads(num_threads: usize) -> Self {
        Workshop {
            num_threads: num_threads.max(1),
            stages: Vec::new(),
            studios: Vec::new(),
        }
    }

    /// Threads that one piece of work may use.
    pub fn num_threads(&self) -> usize {
        self.num_threads
    }

    /// The named sound model, or the shipped one.
    ///
    /// # Errors
    /// Whatever is wrong with the file or the runtime library.
    pub fn stage(&mut self, model: Option<&Path>) -> Result<&mut Stage, Failure> {
        let path = match model {
            Some(path) => path.to_path_buf(),
            None => places::shipped_sound_model()?,
        };
        let index = match self.stages.iter().position(|(known, _)| *known == path) {
            Some(index) => index,
            None => {
                let stage = Stage::open(Some(&path), self.num_threads)?;
                self.stages.push((path, stage));
                self.stages.len() - 1
            }
        };
        Ok(&mut self.stages[index].1)
    }

    /// The named picture model, or the shipped one.
    ///
    /// # Errors
    /// Whatever is wrong with the file or the runtime library.
    pub fn studio(&mut self, model: Option<&Path>) -> Result<&mut Studio, Failure> {
        let path = picture_model(model)?;
        let index = match self.studios.iter().position(|(known, _)| *known == path) {
            Some(index) => index,
            None => {
                let studio = Studio::load(&path)?;
                self.studios.push((path, studio));
                self.studios.len() - 1
            }
        };
        Ok(&mut self.studios[index].1)
    }
}

/// The file of the named picture model, or of the shipped one.
///
/// # Errors
/// Exit code 4 when nothing is shipped.
pub fn picture_model(model: Option<&Path>) -> Result<PathBuf, Failure> {
    match model {
        Some(path) => Ok(path.to_path_buf()),
        None => places::shipped_picture_model(),
    }
}
