//! The sounds that can be chosen: shipped recipes and the user's own sounds; and which are favourites. Editor
//! thread. It reads and writes those files and nothing else.

use std::collections::BTreeSet;
use std::path::PathBuf;

use models::SoundRecipe;

use super::sound::Sound;
use crate::resources;

/// Names of the favourites, one per line, in the user's folder.
const FAVOURITES_FILE: &str = "favourites.txt";

/// One sound of the list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Not placed in any model yet.
    pub(super) sound: Sound,
    /// Its file, when it is the user's own.
    pub(super) own_file: Option<PathBuf>,
    /// Whether the user marked it.
    pub(super) is_favourite: bool,
}

/// All sounds, shipped ones first.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub(super) entries: Vec<Entry>,
}

impl Library {
    /// Reads both folders. Files that are no sounds are left out.
    pub(super) fn read() -> Self {
        let favourites = favourites();
        let shipped = resources::sound_folders();
        let shipped = shipped
            .iter()
            .flat_map(|folder| models::sound_files(folder));
        let shipped = shipped.filter_map(|file| {
            let recipe = SoundRecipe::load(&file).ok()?;
            Some((Sound::of_recipe(&recipe), None))
        });
        let own = own_files().into_iter().filter_map(|file| {
            let text = std::fs::read_to_string(&file).ok()?;
            let sound: Sound = serde_json::from_str(&text).ok()?;
            sound.is_finite().then_some((sound, Some(file)))
        });
        let entries = shipped.chain(own).map(|(sound, own_file)| Entry {
            is_favourite: favourites.contains(&sound.name),
            sound,
            own_file,
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// The row of a sound of this name.
    pub(super) fn row_of(&self, name: &str) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.sound.name == name)
    }

    /// Marks a sound, or no longer, and remembers it.
    ///
    /// # Errors
    /// In words for a user, when the file cannot be written.
    pub(super) fn toggle_favourite(&mut self, row: usize) -> Result<(), String> {
        let Some(entry) = self.entries.get_mut(row) else {
            return Ok(());
        };
        entry.is_favourite = !entry.is_favourite;
        let names = self.entries.iter().filter(|entry| entry.is_favourite);
        let text: String = names
            .map(|entry| format!("{}\n", entry.sound.name))
            .collect();
        write_file(FAVOURITES_FILE, &text)
    }

    /// Keeps a sound as the user's own, place and all, and reads the folders again.
    ///
    /// # Errors
    /// In words for a user.
    pub(super) fn save(&mut self, sound: &Sound) -> Result<(), String> {
        let text = serde_json::to_string_pretty(sound).map_err(|error| error.to_string())?;
        write_file(&models::own_sound_file_name(&sound.name), &text)?;
        *self = Self::read();
        Ok(())
    }

    /// Removes one of the user's own, and reads the folders again.
    ///
    /// # Errors
    /// In words for a user.
    pub(super) fn delete(&mut self, row: usize) -> Result<(), String> {
        let entry = self.entries.get(row);
        if let Some(file) = entry.and_then(|entry| entry.own_file.as_ref()) {
            std::fs::remove_file(file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        *self = Self::read();
        Ok(())
    }
}

/// The user's own files, by name.
fn own_files() -> Vec<PathBuf> {
    let folder = resources::user_sounds_folder();
    folder.map_or_else(Vec::new, |folder| models::own_sound_files(&folder))
}

fn favourites() -> BTreeSet<String> {
    let file = resources::user_sounds_folder().map(|folder| folder.join(FAVOURITES_FILE));
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.iter()
        .flat_map(|text| text.lines())
        .map(str::to_owned)
        .collect()
}

/// Under another name first: an interrupted write leaves the old file.
fn write_file(name: &str, text: &str) -> Result<(), String> {
    let folder = resources::user_sounds_folder()
        .ok_or("the home folder is unknown, so nothing can be kept; set the variable HOME")?;
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(said)?;
    let part = folder.join(format!(".{name}.part"));
    std::fs::write(&part, text).map_err(said)?;
    std::fs::rename(&part, folder.join(name)).map_err(said)
}
