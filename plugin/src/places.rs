//! Where the windows write and look for files: a folder of the user's music. Editor thread.

use std::fs;
use std::path::{Path, PathBuf};

/// Names the folder of written files and wins over the usual place.
const EXPORTS_VARIABLE: &str = "UNDERSTORY_EXPORTS";

/// The folder of written files; it may not exist.
///
/// # Errors
/// In words for a user, when the home folder is unknown.
pub(crate) fn exports_folder() -> Result<PathBuf, String> {
    let of = |variable| std::env::var_os(variable).filter(|folder| !folder.is_empty());
    if let Some(folder) = of(EXPORTS_VARIABLE) {
        return Ok(PathBuf::from(folder));
    }
    let home = of(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
        .ok_or("The home folder is unknown: set UNDERSTORY_EXPORTS to a folder")?;
    Ok(Path::new(&home).join("Music").join("Understory"))
}

/// The folder that is looked into for markers.
pub(crate) fn markers_folder() -> Result<PathBuf, String> {
    Ok(exports_folder()?.join("markers"))
}

/// The newest file of a folder.
pub(crate) fn newest_file(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter_map(|entry| {
        let facts = entry.metadata().ok().filter(|facts| facts.is_file())?;
        Some((facts.modified().ok()?, entry.path()))
    });
    files.max().map(|(_, path)| path)
}

/// A name in a folder that is not taken yet: `stem`, else `stem 2`, `stem 3`.
pub(crate) fn free_name(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    let named = |number: u32| {
        let number = if number < 2 {
            String::new()
        } else {
            format!(" {number}")
        };
        let dot = if extension.is_empty() { "" } else { "." };
        folder.join(format!("{stem}{number}{dot}{extension}"))
    };
    (1..)
        .map(named)
        .find(|path| !path.exists())
        .unwrap_or_else(|| named(1))
}

/// Writes under another name and renames what is whole.
///
/// # Errors
/// In words for a user, with the path.
pub(crate) fn save(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    let part = path.with_extension("part");
    let done =
        write(&part).and_then(|()| fs::rename(&part, path).map_err(|error| error.to_string()));
    done.map_err(|error| {
        // What is not whole is of no use; if it cannot be removed the message says where it lies.
        let _removed = fs::remove_file(&part);
        format!("{}: {error}", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let first = free_name(folder.path(), "calm", "wav");
        assert_eq!(first, folder.path().join("calm.wav"));
        std::fs::write(&first, []).unwrap();
        let second = free_name(folder.path(), "calm", "wav");
        assert_eq!(second, folder.path().join("calm 2.wav"));
        assert_eq!(newest_file(folder.path()), Some(first));
    }
}
