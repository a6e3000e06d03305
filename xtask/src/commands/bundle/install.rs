//! Putting bundles where the user's hosts look. Replaced as a whole: a host never sees half a bundle.

use std::path::{Path, PathBuf};

use super::layout::Platform;
use crate::failure::Failure;
use crate::output_file::create_folder;

/// Copies the bundles into the folders of this user; gives where they are now.
pub fn install(bundles: &[PathBuf], platform: Platform) -> Result<Vec<PathBuf>, Failure> {
    let mut installed = Vec::new();
    for bundle in bundles {
        let folder = folder_for(bundle, platform)?;
        create_folder(&folder)?;
        let target = folder.join(bundle.file_name().unwrap_or_default());
        let scratch = tempfile::Builder::new()
            .prefix(".understory.")
            .tempdir_in(&folder)
            .map_err(|error| Failure::at_path(&folder, &error))?;
        let copied = scratch.path().join("copy");
        if bundle.is_symlink() {
            link_to_installed(bundle, &installed, &copied)?;
        } else {
            copy_all(bundle, &copied)?;
        }
        replace(&copied, &target)?;
        installed.push(target);
    }
    Ok(installed)
}

/// Gives the thing at `from` the name `to`, and throws away what had it.
pub fn replace(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::at_path(to, &error);
    let old = to.with_extension("old");
    remove(&old)?;
    if to.is_symlink() || to.exists() {
        std::fs::rename(to, &old).map_err(failed)?;
    }
    std::fs::rename(from, to).map_err(failed)?;
    remove(&old)
}

fn remove(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_symlink() || path.is_file() {
        std::fs::remove_file(path)
    } else if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        Ok(())
    };
    removed.map_err(|error| Failure::at_path(path, &error))
}

/// The CLAP link, made anew to point into the installed VST3 bundle.
fn link_to_installed(link: &Path, installed: &[PathBuf], copy: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::at_path(link, &error);
    let target = std::fs::read_link(link).map_err(failed)?;
    let mut parts = target.iter();
    let name = parts.next();
    let bundle = installed
        .iter()
        .find(|bundle| bundle.file_name() == name)
        .ok_or_else(|| Failure::other(format!("{}: points nowhere", link.display())))?;
    make_link(&bundle.join(parts.collect::<PathBuf>()), copy)
}

#[cfg(unix)]
fn make_link(target: &Path, path: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(target, path).map_err(|error| Failure::at_path(path, &error))
}

#[cfg(not(unix))]
fn make_link(target: &Path, path: &Path) -> Result<(), Failure> {
    std::fs::copy(target, path)
        .map(|_| ())
        .map_err(|error| Failure::at_path(path, &error))
}

fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_file() {
        return std::fs::copy(from, to)
            .map(|_| ())
            .map_err(|error| Failure::at_path(from, &error));
    }
    create_folder(to)?;
    let entries = std::fs::read_dir(from).map_err(|error| Failure::at_path(from, &error))?;
    for entry in entries.flatten() {
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Where hosts look, per format and system, without rights to install for all.
fn folder_for(bundle: &Path, platform: Platform) -> Result<PathBuf, Failure> {
    let is_vst3 = bundle
        .extension()
        .is_some_and(|extension| extension == "vst3");
    let (variable, below) = match (platform, is_vst3) {
        (Platform::Linux, true) => ("HOME", ".vst3"),
        (Platform::Linux, false) => ("HOME", ".clap"),
        (Platform::MacOs, true) => ("HOME", "Library/Audio/Plug-Ins/VST3"),
        (Platform::MacOs, false) => ("HOME", "Library/Audio/Plug-Ins/CLAP"),
        (Platform::Windows, true) => ("LOCALAPPDATA", "Programs/Common/VST3"),
        (Platform::Windows, false) => ("LOCALAPPDATA", "Programs/Common/CLAP"),
    };
    let home = std::env::var_os(variable).filter(|home| !home.is_empty());
    let home =
        home.ok_or_else(|| Failure::system(format!("the variable {variable} is not set")))?;
    Ok(Path::new(&home).join(below))
}
