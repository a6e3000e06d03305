//! `--keep`: the sound as one of the user's own, for `--sound` and for the plugin's browser.

use std::path::PathBuf;

use models::{DEFAULT_TRUNCATION, Place, SoundRecipe};

use crate::failure::Failure;
use crate::output_file::{self, OutputFile};
use crate::performance::Stage;
use crate::sound_choice::{self, SoundChoice};

/// A word to find the user's own sounds by.
const TAG: &str = "own";

/// A file on its way, made before the work so that a wrong name is told at once.
pub struct Kept {
    name: String,
    file: OutputFile,
}

impl Kept {
    /// Starts the file of a name, or the named file.
    ///
    /// # Errors
    /// Exit code 2 when it is there already and `force` is off, or a shipped sound has the name.
    pub fn create(name: &str, force: bool) -> Result<Self, Failure> {
        let path = sound_choice::own_file(name)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            output_file::create_folder(folder)?;
        }
        let is_file = path == std::path::Path::new(name);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            name: if is_file {
                stem.into_owned()
            } else {
                name.to_owned()
            },
            file: OutputFile::create(&path, force)?,
        })
    }

    /// Writes the sound's point in the stage's model.
    ///
    /// # Errors
    /// What the sound's controls refuse, or the disk.
    pub fn write(self, sound: &SoundChoice, stage: &mut Stage) -> Result<PathBuf, Failure> {
        let generator = stage.generator();
        let manifest = generator.manifest();
        let point = sound.point(manifest)?;
        let recipe = SoundRecipe {
            name: self.name,
            seed: sound.first_seed(),
            truncation: DEFAULT_TRUNCATION,
            controls: Vec::new(),
            tags: vec![TAG.to_owned()],
            place: Some(Place::of(&point, &manifest.name, generator.fingerprint())),
        };
        let text = serde_json::to_string_pretty(&recipe).map_err(Failure::other)?;
        self.file.write_and_commit(text.as_bytes())
    }
}
