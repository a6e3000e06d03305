//! What a folder of models and sounds holds, by file names alone: nothing is opened. Any thread.

use std::path::{Path, PathBuf};

/// The model files of a folder, by name. Empty when the folder is missing.
pub fn model_files(folder: &Path) -> Vec<PathBuf> {
    files_with_extension(folder, "onnx")
}

/// The sound files of a folder, by name. Empty when the folder is missing.
pub fn sound_files(folder: &Path) -> Vec<PathBuf> {
    files_with_extension(folder, "toml")
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
