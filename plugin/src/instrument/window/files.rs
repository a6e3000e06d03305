//! Looking for a file from the window: which folder is open, what it holds, for what. Editor thread; reads folders and nothing
//! else.

use std::path::{Path, PathBuf};

use crate::editor::model::{FileList, FileRow};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Model,
    Scale,
    Mapping,
}

impl Wanted {
    fn title(self) -> &'static str {
        match self {
            Self::Model => "Choose a model",
            Self::Scale => "Choose a Scala scale",
            Self::Mapping => "Choose a Scala keyboard mapping",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Model => "onnx",
            Self::Scale => "scl",
            Self::Mapping => "kbm",
        }
    }
}

/// An open folder.
#[derive(Debug)]
pub(super) struct Browsing {
    pub(super) wanted: Wanted,
    folder: PathBuf,
    /// Path of each row.
    paths: Vec<PathBuf>,
    /// What the editor shows.
    pub(super) list: FileList,
}

impl Browsing {
    /// Opens a folder, or the nearest above it that can be read.
    pub(super) fn open(wanted: Wanted, folder: &Path) -> Self {
        let readable = folder.ancestors().find(|folder| folder.is_dir());
        let folder = readable.unwrap_or(Path::new("/")).to_path_buf();
        let found = rows(&folder, wanted.extension());
        let words = match &found {
            Err(error) => format!("This folder cannot be read: {error}"),
            Ok(rows) if rows.is_empty() => {
                format!("No folders and no .{} files here", wanted.extension())
            }
            Ok(_) => String::new(),
        };
        let (paths, rows) = found.unwrap_or_default().into_iter().unzip();
        let list = FileList {
            title: wanted.title().to_owned(),
            folder: folder.display().to_string(),
            rows,
            words,
        };
        Self {
            wanted,
            folder,
            paths,
            list,
        }
    }

    /// The folder above.
    pub(super) fn leave(&self) -> Self {
        Self::open(self.wanted, self.folder.parent().unwrap_or(&self.folder))
    }

    /// Path of a row.
    pub(super) fn path(&self, row: usize) -> Option<&Path> {
        self.paths.get(row).map(PathBuf::as_path)
    }
}

/// Folders, then files of this extension, each by name; what is hidden is left out.
fn rows(folder: &Path, extension: &str) -> std::io::Result<Vec<(PathBuf, FileRow)>> {
    let paths = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path());
    let mut rows: Vec<_> = paths
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let is_folder = path.is_dir();
            let fits = |found: &std::ffi::OsStr| found.eq_ignore_ascii_case(extension);
            let is_wanted = is_folder || path.extension().is_some_and(fits);
            let is_shown = is_wanted && !name.starts_with('.');
            is_shown.then_some((path, FileRow { name, is_folder }))
        })
        .collect();
    rows.sort_by_key(|(_, row)| (!row.is_folder, row.name.to_lowercase()));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_shows_its_folders_and_the_files_that_are_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.onnx", "a.ONNX", "c.scl", ".hidden.onnx"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::fs::create_dir(at("z")).unwrap();
        let browsing = Browsing::open(Wanted::Model, folder.path());
        let names: Vec<_> = browsing
            .list
            .rows
            .iter()
            .map(|row| row.name.as_str())
            .collect();
        assert_eq!(names, ["z", "a.ONNX", "b.onnx"]);
        assert_eq!(browsing.path(2), Some(at("b.onnx").as_path()));
        let inside = Browsing::open(Wanted::Model, &at("z"));
        assert!(inside.list.rows.is_empty() && !inside.list.words.is_empty());
        assert_eq!(inside.leave().list.rows, browsing.list.rows);
    }

    #[test]
    fn a_folder_that_is_gone_opens_as_the_nearest_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone/deeper");
        let browsing = Browsing::open(Wanted::Scale, &gone);
        assert_eq!(browsing.list.folder, folder.path().display().to_string());
    }
}
