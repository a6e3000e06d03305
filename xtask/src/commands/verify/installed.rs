//! Which installed model a recipe means: found by its fingerprint, whatever its file is called.

use std::path::{Path, PathBuf};

use crate::checksum;
use crate::failure::Failure;
use crate::places;
use crate::recorded::Recorded;

/// Characters of a fingerprint that are shown.
const SHOWN: usize = 12;

/// The models that may be meant.
pub struct Installed {
    candidates: Vec<PathBuf>,
    /// Fingerprints of the candidates looked at so far.
    known: Vec<(PathBuf, String)>,
}

impl Installed {
    /// The named model, the shipped ones and the user's own.
    pub fn new(named: Option<&Path>) -> Self {
        let folders = [places::shipped_models_dir().ok(), places::user_models_dir()];
        let found = folders
            .iter()
            .flatten()
            .flat_map(|folder| models::model_files(folder));
        Installed {
            candidates: named
                .map(Path::to_path_buf)
                .into_iter()
                .chain(found)
                .collect(),
            known: Vec::new(),
        }
    }

    /// The file of the model that a recipe names.
    ///
    /// # Errors
    /// Exit code 3 when it is not here.
    pub fn model_of(&mut self, recipe: Recorded<'_>) -> Result<PathBuf, Failure> {
        let model = recipe.part("model")?;
        let wanted = model.text("fingerprint")?;
        let find = |known: &[(PathBuf, String)]| {
            let found = known.iter().find(|(_, fingerprint)| fingerprint == wanted);
            found.map(|(path, _)| path.clone())
        };
        while find(&self.known).is_none() && self.known.len() < self.candidates.len() {
            let path = self.candidates[self.known.len()].clone();
            let fingerprint =
                checksum::of_file(&path).map_err(|error| Failure::at_path(&path, &error))?;
            self.known.push((path, fingerprint));
        }
        find(&self.known).ok_or_else(|| self.missing(model, wanted))
    }

    fn missing(&self, model: Recorded<'_>, wanted: &str) -> Failure {
        let here: Vec<String> = self
            .known
            .iter()
            .map(|(path, fingerprint)| {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                format!("{name} {}", shown(fingerprint))
            })
            .collect();
        Failure::input_file(format!(
            "made with the model {} (fingerprint {}), which is not installed; here are {}; name its file with --model",
            model.text("name").unwrap_or("of no name"),
            shown(wanted),
            if here.is_empty() {
                "none".to_owned()
            } else {
                here.join(", ")
            }
        ))
    }
}

fn shown(fingerprint: &str) -> &str {
    fingerprint.get(..SHOWN).unwrap_or(fingerprint)
}
