//! `THIRD_PARTY_LICENSES.txt` of the bundles: who wrote what is inside, under which licence, and the texts that their
//! authors ask to be kept. Texts that differ in nothing but line breaks stand once.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use spdx::{Expression, ParseMode};

use super::{ALLOWED, Package};
use crate::failure::Failure;

/// How names of files with licences begin, in small letters.
const NAMES: [&str; 5] = ["licen", "copying", "notice", "unlicense", "copyright"];
/// Folders of a package that may hold some too.
const FOLDERS: [&str; 4] = ["", "fonts", "licenses", "license"];
const RULE: &str =
    "\n--------------------------------------------------------------------------------\n";

/// The notices of ONNX Runtime, as its makers ship them.
pub struct Runtime {
    /// Its licence.
    pub licence: PathBuf,
    /// Those of what is inside it.
    pub notices: PathBuf,
}

/// Everything in one text: the runtime, the font of the windows, what the models were made of, every package.
///
/// # Errors
/// Exit code 4 when a file that is to be kept cannot be read.
pub fn write_notices(
    root: &Path,
    runtime: &Runtime,
    packages: &[Package],
) -> Result<String, Failure> {
    let mut text = String::from(
        "Understory is MIT OR Apache-2.0, at your choice. Inside it is the work of others, with thanks; what they ask to be kept stands here.\n",
    );
    let parts = [
        (
            "ONNX Runtime, by Microsoft and contributors",
            &runtime.licence,
        ),
        (
            "The font Inter, by The Inter Project Authors",
            &root.join("plugin/assets/fonts/LICENSE-Inter.txt"),
        ),
        (
            "What the models were made from",
            &root.join("models/shipped/THIRD_PARTY.md"),
        ),
    ];
    for (title, path) in parts {
        let _ = write!(text, "{RULE}{title}\n\n{}\n", read(path)?.trim());
    }
    let _ = write!(text, "{RULE}Packages of Rust\n\n");
    for package in packages {
        let authors = package.authors.join(", ");
        let _ = writeln!(
            text,
            "{} {}: {} {} {authors}",
            package.name, package.version, package.licence, package.repository
        );
    }
    text += &texts(packages)?;
    let _ = write!(
        text,
        "{RULE}What is inside ONNX Runtime\n\n{}\n",
        read(&runtime.notices)?.trim()
    );
    Ok(text)
}

/// Every text once, with those that it belongs to.
fn texts(packages: &[Package]) -> Result<String, Failure> {
    let mut owners: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for package in packages {
        let mut found = own_texts(package)?;
        if found.is_empty() {
            found = usual_texts(package);
        }
        for text in found {
            let same: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let entry = owners.entry(same).or_insert_with(|| (text, Vec::new()));
            entry
                .1
                .push(format!("{} {}", package.name, package.version));
        }
    }
    let mut sorted: Vec<_> = owners.into_values().collect();
    sorted.sort_by(|(_, a), (_, b)| b.len().cmp(&a.len()).then(a.cmp(b)));
    let mut whole = String::new();
    for (text, mut names) in sorted {
        names.dedup();
        let _ = write!(whole, "{RULE}{}\n\n{}\n", names.join(", "), text.trim_end());
    }
    Ok(whole)
}

/// The files that a package ships.
fn own_texts(package: &Package) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        let entries = std::fs::read_dir(package.folder.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        paths.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| is_licence(path, folder)),
        );
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn is_licence(path: &Path, folder: &str) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let is_named = NAMES.iter().any(|start| name.starts_with(start));
    // Beside fonts every text is one.
    let is_beside_font = folder == "fonts" && name.ends_with(".txt");
    path.is_file() && !name.ends_with(".rs") && (is_named || is_beside_font)
}

/// What a package without any such file means: the usual texts of the licences that it names and that are allowed.
fn usual_texts(package: &Package) -> Vec<String> {
    let Ok(expression) = Expression::parse_mode(&package.licence, ParseMode::LAX) else {
        return Vec::new();
    };
    let allowed = expression
        .requirements()
        .filter(|wanted| ALLOWED.contains(&wanted.req.to_string().as_str()));
    allowed
        .filter_map(|wanted| wanted.req.license.id())
        .map(|id| {
            format!(
                "{} (the package ships no text of its own)\n\n{}",
                id.full_name,
                id.text()
            )
        })
        .collect()
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::at_path(path, &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_named_and_texts_that_are_alike_stand_once() {
        let folder = tempfile::tempdir().unwrap();
        let package = |name: &str, licence: &str, text: Option<&str>| {
            let inside = folder.path().join(name);
            std::fs::create_dir_all(&inside).unwrap();
            if let Some(text) = text {
                std::fs::write(inside.join("LICENSE-MIT"), text).unwrap();
            }
            Package {
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                licence: licence.to_owned(),
                repository: String::new(),
                authors: Vec::new(),
                folder: inside,
            }
        };
        let packages = [
            package("one", "MIT", Some("Permission is\nhereby granted")),
            package("two", "MIT", Some("Permission is hereby\r\ngranted")),
            package("three", "ISC OR GPL-3.0-only", None),
        ];
        let text = texts(&packages).unwrap();
        assert_eq!(text.matches("hereby").count(), 2, "{text}");
        assert!(text.contains("one 1.0.0, two 1.0.0"));
        assert!(text.contains("three 1.0.0") && text.contains("ISC License"));
        assert!(!text.contains("GNU"), "a licence that was not chosen");
    }
}
