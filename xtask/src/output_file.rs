//! A file on its way: written under a hidden temporary name in the same folder, renamed when whole.
//!
//! An interrupted or failed run leaves nothing under the asked-for name.

use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// How the name of a file on its way ends.
pub const UNFINISHED: &str = ".part";
/// Like any new file: readable by all, less what the user's umask takes away (a temporary file alone would be private).
#[cfg(unix)]
const FILE_MODE: u32 = 0o666;

/// A file that appears under its name only by [`OutputFile::commit`]. Give it to any writer as `Write + Seek`.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    force: bool,
    writer: BufWriter<NamedTempFile>,
}

impl OutputFile {
    /// Starts a file. Call it before the work, so that a wrong path is told at once.
    ///
    /// # Errors
    /// Exit code 2 when the file exists and `force` is off or the name is that of a folder or device, 4 when the folder is
    /// missing or cannot be written.
    pub fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        if path.is_dir() {
            return Err(Failure::request(format!(
                "{}: is a folder, name a file",
                path.display()
            )));
        }
        if path.exists() && !path.is_file() {
            return Err(Failure::request(format!(
                "{}: is no ordinary file and would be replaced by one; choose another name",
                path.display()
            )));
        }
        if path.exists() && !force {
            return Err(already_there(path));
        }
        let name = path
            .file_name()
            .ok_or_else(|| Failure::request(format!("{}: name a file to write", path.display())))?;
        let mut builder = tempfile::Builder::new();
        let prefix = format!(".{}.", name.to_string_lossy());
        builder.prefix(&prefix).suffix(UNFINISHED);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(FILE_MODE));
        let file = builder
            .tempfile_in(folder_of(path))
            .map_err(|error| Failure::at_path(path, &error))?;
        Ok(Self {
            path: path.to_path_buf(),
            force,
            writer: BufWriter::new(file),
        })
    }

    /// Makes the file safe on disk and gives it its name.
    ///
    /// # Errors
    /// Exit code 4 when the disk is full or fails, 2 when a file of that name appeared meanwhile.
    pub fn commit(self) -> Result<PathBuf, Failure> {
        let Self {
            path,
            force,
            writer,
        } = self;
        let file = writer
            .into_inner()
            .map_err(|error| Failure::at_path(&path, error.error()))?;
        file.as_file()
            .sync_all()
            .map_err(|error| Failure::at_path(&path, &error))?;
        let renamed = if force {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        match renamed {
            Ok(_) => Ok(path),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(already_there(&path))
            }
            Err(error) => Err(Failure::at_path(&path, &error.error)),
        }
    }

    /// Writes a whole file from memory.
    ///
    /// # Errors
    /// As [`OutputFile::create`] and [`OutputFile::commit`].
    pub fn write_whole(path: &Path, force: bool, bytes: &[u8]) -> Result<PathBuf, Failure> {
        Self::create(path, force)?.write_and_commit(bytes)
    }

    /// Writes the whole content and gives the file its name.
    ///
    /// # Errors
    /// As [`OutputFile::commit`].
    pub fn write_and_commit(mut self, bytes: &[u8]) -> Result<PathBuf, Failure> {
        self.write_all(bytes)
            .map_err(|error| Failure::at_path(&self.path, &error))?;
        self.commit()
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for OutputFile {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        self.writer.seek(position)
    }
}

/// Makes a folder for output, and those above it.
///
/// # Errors
/// Exit code 4 with the path.
pub fn create_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::at_path(path, &error))
}

fn already_there(path: &Path) -> Failure {
    Failure::request(format!(
        "{}: already there; choose another name or add --force",
        path.display()
    ))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_committed_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OutputFile::create(&folder.path().join("note.wav"), false).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_existing_file_stays_as_it_is_without_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.wav");
        std::fs::write(&path, "old").unwrap();
        assert_eq!(
            OutputFile::write_whole(&path, false, b"new")
                .unwrap_err()
                .exit_code(),
            2
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        OutputFile::write_whole(&path, true, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_file_that_appears_during_the_work_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.wav");
        let file = OutputFile::create(&path, false).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert_eq!(file.commit().unwrap_err().exit_code(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced_by_a_file_even_with_force() {
        let failure = OutputFile::create(Path::new("/dev/null"), true).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.in_words().contains("/dev/null"));
    }

    #[test]
    fn a_missing_folder_is_the_systems_fault_and_named() {
        let failure = OutputFile::create(Path::new("/nowhere/at/all/note.wav"), false).unwrap_err();
        assert_eq!(failure.exit_code(), 4);
        assert!(failure.in_words().contains("/nowhere/at/all/note.wav"));
    }
}
