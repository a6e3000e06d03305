//! Python: finding one, and making the environment of the lock file. Both from what the system and PyPI have.

use std::path::{Path, PathBuf};

use models::cache_folder;
use sha2::{Digest, Sha256};

use super::system_packages;
use crate::failure::Failure;
use crate::output_file::create_folder;
use crate::places::workspace_root;
use crate::tool::Tool;

/// What the training code is written for.
const OLDEST_PYTHON: (u32, u32) = (3, 11);
/// Names under which a Python may be there.
const PYTHON_NAMES: [&str; 5] = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python",
];
/// Written last: an environment without it was interrupted.
const COMPLETE_MARK: &str = "complete";
/// How many digits of the lock file's hash name the environment.
const HASH_DIGITS: usize = 12;

/// An environment of its own for each of the project's Python parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Training and its tests (5 GB on disk).
    Training,
    /// Hosts that load the plugin, readers of pictures (0.5 GB).
    Hosts,
}

impl Environment {
    /// The file with every package and its hashes, below the root.
    fn lock(self) -> &'static str {
        match self {
            Self::Training => "models/training/requirements.lock",
            Self::Hosts => "tests/hosts/requirements.lock",
        }
    }

    /// What brings it.
    fn remedy(self) -> &'static str {
        match self {
            Self::Training => "cargo xtask setup --python",
            Self::Hosts => "cargo xtask test",
        }
    }
}

/// `python -m pip` of some Python: the system's own when it has one, else one in an environment made for it.
pub fn pip() -> Result<Tool, Failure> {
    let python = system_python()?;
    if Tool::new(&python)
        .args(["-m", "pip", "--version"])
        .answer()
        .is_some()
    {
        return Ok(Tool::new(python).args(["-m", "pip"]));
    }
    let folder = cache_folder()?.join("python-pip");
    let python = make_environment(&python, &folder)?;
    Ok(Tool::new(python).args(["-m", "pip"]))
}

/// True when the environment of this source tree's lock file is complete.
pub fn is_ready(environment: Environment) -> Result<bool, Failure> {
    Ok(folder_of(environment)?.join(COMPLETE_MARK).is_file())
}

/// The interpreter of that environment.
///
/// # Errors
/// Exit code 4 when it is not there.
pub fn environment_python(environment: Environment) -> Result<PathBuf, Failure> {
    if is_ready(environment)? {
        Ok(interpreter_in(&folder_of(environment)?))
    } else {
        Err(Failure::system(format!(
            "the Python environment is missing; run `{}`",
            environment.remedy()
        )))
    }
}

/// Makes the environment. What an interrupted run left is thrown away first: nobody knows how far it came.
pub fn bring(environment: Environment) -> Result<(), Failure> {
    let folder = folder_of(environment)?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| Failure::at_path(&folder, &error))?;
    }
    let python = make_environment(&system_python()?, &folder)?;
    let installed = Tool::new(python)
        .args([
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--only-binary=:all:",
            "--requirement",
        ])
        .arg(lock_file(environment)?)
        .run()?;
    if !installed {
        return Err(Failure::system(format!(
            "pip could not install the Python environment (its words are above); check network and disk, then run `{}` again",
            environment.remedy()
        )));
    }
    let mark = folder.join(COMPLETE_MARK);
    std::fs::write(&mark, "").map_err(|error| Failure::at_path(&mark, &error))
}

fn make_environment(python: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    if Tool::new(python)
        .args(["-c", "import ensurepip, venv"])
        .answer()
        .is_none()
    {
        system_packages::bring(&["python3-venv"])?;
    }
    if let Some(parent) = folder.parent() {
        create_folder(parent)?;
    }
    let made = Tool::new(python).args(["-m", "venv"]).arg(folder).run()?;
    if made {
        Ok(interpreter_in(folder))
    } else {
        Err(Failure::system(format!(
            "{}: Python could not make an environment here (its words are above)",
            folder.display()
        )))
    }
}

fn interpreter_in(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

/// A Python that is new enough; brought from the system's packages when there is none.
fn system_python() -> Result<PathBuf, Failure> {
    if let Some(python) = find_python() {
        return Ok(python);
    }
    system_packages::bring(&["python3", "python3-venv"])?;
    let (major, minor) = OLDEST_PYTHON;
    find_python().ok_or_else(|| {
        Failure::system(format!(
            "no Python {major}.{minor} or newer; install one and run again"
        ))
    })
}

fn find_python() -> Option<PathBuf> {
    PYTHON_NAMES.iter().map(PathBuf::from).find(|python| {
        let asked = Tool::new(python)
            .args(["-c", "import sys; print(*sys.version_info[:2])"])
            .answer();
        asked
            .and_then(|answer| parse_version(&answer))
            .is_some_and(|version| version >= OLDEST_PYTHON)
    })
}

fn parse_version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn lock_file(environment: Environment) -> Result<PathBuf, Failure> {
    Ok(workspace_root()?.join(environment.lock()))
}

/// Named by the lock file's hash: another lock is another environment, and an old one stays for old checkouts.
fn folder_of(environment: Environment) -> Result<PathBuf, Failure> {
    let path = lock_file(environment)?;
    let lock = std::fs::read(&path).map_err(|error| Failure::at_path(&path, &error))?;
    let hash: String = Sha256::digest(&lock)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .take(HASH_DIGITS / 2)
        .collect();
    Ok(cache_folder()?.join(format!("python-{hash}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_python_prints_and_nothing_else() {
        assert_eq!(parse_version("3 11\n"), Some((3, 11)));
        for answer in ["", "3", "three eleven", "Python 3.11"] {
            assert_eq!(parse_version(answer), None, "{answer:?}");
        }
    }

    #[test]
    fn python_3_9_is_older_than_3_11() {
        assert!((3, 9) < OLDEST_PYTHON && OLDEST_PYTHON <= (3, 11) && OLDEST_PYTHON < (4, 0));
    }
}
