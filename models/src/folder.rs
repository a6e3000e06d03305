//! What a folder of models and sounds holds, by file names alone, and where the user's own lies: nothing is opened. Any thread.

use std::path::{Path, PathBuf};

use crate::sound_recipe::OWN_SOUND_EXTENSION;

/// The model files of a folder, by name. Empty when the folder is missing.
pub fn model_files(folder: &Path) -> Vec<PathBuf> {
    files_with_extension(folder, "onnx")
}

/// The sound files of a folder, by name. Empty when the folder is missing.
pub fn sound_files(folder: &Path) -> Vec<PathBuf> {
    files_with_extension(folder, "toml")
}

/// The user's own sounds in a folder, by name. Empty when the folder is missing.
pub fn own_sound_files(folder: &Path) -> Vec<PathBuf> {
    files_with_extension(folder, OWN_SOUND_EXTENSION)
}

/// What the file of a user's own sound of this name is called: letters and digits, the rest as dashes, for a name is no path.
pub fn own_sound_file_name(name: &str) -> String {
    let plain = |letter: char| match letter {
        _ if letter.is_alphanumeric() => letter.to_ascii_lowercase(),
        _ => '-',
    };
    let stem: String = name.trim().chars().map(plain).collect();
    let stem = if stem.is_empty() { "sound" } else { &stem };
    format!("{stem}.{OWN_SOUND_EXTENSION}")
}

/// The folder of the user's own sounds; it may not exist.
pub fn user_sounds_folder() -> Option<PathBuf> {
    Some(user_folder()?.join("sounds"))
}

/// The folder of everything that is the user's own: `understory` below `%APPDATA%`, else below `$XDG_DATA_HOME`, which
/// counts when it is a whole path, as its specification says, else below `~/.local/share`.
pub fn user_folder() -> Option<PathBuf> {
    let folder = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let data = if cfg!(windows) {
        folder("APPDATA")
    } else {
        let named = folder("XDG_DATA_HOME").filter(|path| path.is_absolute());
        named.or_else(|| Some(folder("HOME")?.join(".local/share")))
    };
    Some(data?.join("understory"))
}

/// The sound model to play when none is named: the newest `sound*.onnx`: the longest name, of those the last
/// (`sound-v10` after `sound-v2` after `sound-v1`).
pub fn newest_sound_model(folder: &Path) -> Option<PathBuf> {
    newest(folder, "sound")
}

/// The same for picture models: the newest `backdrop*.onnx`.
pub fn newest_picture_model(folder: &Path) -> Option<PathBuf> {
    newest(folder, "backdrop")
}

fn newest(folder: &Path, start: &str) -> Option<PathBuf> {
    let is_asked_for = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(start))
    };
    model_files(folder)
        .into_iter()
        .filter(is_asked_for)
        .max_by_key(|path| (path.as_os_str().len(), path.clone()))
}

fn files_with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_dots_and_slashes_stays_in_its_folder() {
        assert_eq!(
            own_sound_file_name("../Glass Choir/2"),
            "---glass-choir-2.json"
        );
        assert_eq!(own_sound_file_name("  "), "sound.json");
    }
}
