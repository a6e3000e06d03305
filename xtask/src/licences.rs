//! The licences of everything that others wrote: which may be used, and the notices that go with the bundles. Reads what
//! cargo knows of the packages, and their licence files where cargo keeps them.

mod notices;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::failure::Failure;
use crate::tool::{Tool, cargo};
pub use notices::{Runtime, write_notices};

/// Licences under which code may be used here: none asks more than to keep its notice.
const ALLOWED: [&str; 17] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "IJG",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "OFL-1.1",
    "Ubuntu-font-1.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A package of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// As on crates.io.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its author says, in the words of SPDX or nearly so.
    pub licence: String,
    /// Where its source is published; may be empty.
    pub repository: String,
    /// Who wrote it, as far as it says.
    pub authors: Vec<String>,
    /// Where cargo keeps its source.
    pub folder: PathBuf,
}

/// Every foreign package that any of ours is built or tested with, on any system.
///
/// # Errors
/// Exit code 1 when cargo gives no answer.
pub fn all_packages(root: &Path) -> Result<Vec<Package>, Failure> {
    let metadata = metadata(root, &["--all-features"])?;
    let mut packages: Vec<Package> = packages_of(&metadata).filter_map(foreign).collect();
    packages.sort();
    Ok(packages)
}

/// The foreign packages that end in one of ours, built for this machine with these flags for cargo: what it needs to run, and
/// what that needs.
///
/// # Errors
/// As [`all_packages`].
pub fn packages_inside(root: &Path, ours: &str, flags: &[&str]) -> Result<Vec<Package>, Failure> {
    let platform = machine()?;
    let metadata = metadata(root, &[&["--filter-platform", &platform], flags].concat())?;
    let needed = reachable(&metadata, ours);
    let mut packages: Vec<Package> = packages_of(&metadata)
        .filter(|package| needed.contains(&text(package, "id")))
        .filter_map(foreign)
        .collect();
    packages.sort();
    Ok(packages)
}

/// Why a package may not be used, if so.
pub fn fault(package: &Package) -> Option<String> {
    let wanted =
        "use another package, or argue for the licence and add it to xtask/src/licences.rs";
    if package.licence.is_empty() {
        return Some(format!("names no licence; {wanted}"));
    }
    let expression = match Expression::parse_mode(&package.licence, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some(format!(
                "its licence `{}` cannot be read: {}",
                package.licence, error.reason
            ));
        }
    };
    let is_allowed = |licence: &str| ALLOWED.contains(&licence);
    let holds = expression.evaluate(|licence| is_allowed(&licence.to_string()));
    (!holds).then(|| format!("its licence `{}` is not allowed; {wanted}", package.licence))
}

fn metadata(root: &Path, arguments: &[&str]) -> Result<Value, Failure> {
    let answer = cargo()
        .current_dir(root)
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .answer();
    let metadata = answer.and_then(|text| serde_json::from_str(&text).ok());
    metadata.ok_or_else(|| Failure::other("`cargo metadata` gave no answer; run it to see why"))
}

/// The triple of this machine.
fn machine() -> Result<String, Failure> {
    let answer = Tool::new("rustc").arg("-vV").answer().unwrap_or_default();
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Failure::system("`rustc -vV` does not say which machine this is"))
}

fn packages_of(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn text(package: &Value, field: &str) -> String {
    package[field].as_str().unwrap_or_default().to_owned()
}

/// `None` for those of the workspace, which come from no registry.
fn foreign(package: &Value) -> Option<Package> {
    package["source"].as_str()?;
    let authors = package["authors"].as_array().into_iter().flatten();
    Some(Package {
        name: text(package, "name"),
        version: text(package, "version"),
        licence: text(package, "license"),
        repository: text(package, "repository"),
        authors: authors
            .filter_map(|author| author.as_str().map(str::to_owned))
            .collect(),
        folder: Path::new(&text(package, "manifest_path"))
            .parent()?
            .to_path_buf(),
    })
}

/// Ids of a package and all that it is linked with; not what only its tests or build scripts need.
fn reachable(metadata: &Value, name: &str) -> HashSet<String> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten();
    let nodes: HashMap<&str, &Value> = nodes
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let start = packages_of(metadata).find(|package| package["name"] == name);
    let mut waiting: Vec<String> = start
        .map(|package| text(package, "id"))
        .into_iter()
        .collect();
    let mut found = HashSet::new();
    while let Some(id) = waiting.pop() {
        let dependencies = nodes
            .get(id.as_str())
            .and_then(|node| node["deps"].as_array());
        if found.insert(id) {
            let linked = dependencies
                .into_iter()
                .flatten()
                .filter(|dependency| is_linked(dependency));
            waiting.extend(linked.map(|dependency| text(dependency, "pkg")));
        }
    }
    found
}

fn is_linked(dependency: &Value) -> bool {
    let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
    kinds.any(|kind| kind["kind"].is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(licence: &str) -> Package {
        let value = json!({
            "name": "some", "version": "1.0.0", "source": "registry", "license": licence,
            "manifest_path": "/nowhere/some/Cargo.toml", "authors": ["A. Author"],
        });
        foreign(&value).unwrap()
    }

    #[test]
    fn a_licence_that_asks_for_more_than_its_notice_rings() {
        for licence in [
            "GPL-3.0-only",
            "MIT AND GPL-2.0-or-later",
            "MPL-2.0",
            "SSPL-1.0",
            "",
            "whatever you like",
            "Apache-2.0 WITH Classpath-exception-2.0",
        ] {
            assert!(fault(&package(licence)).is_some(), "{licence}");
        }
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(fault(&package(licence)), None, "{licence}");
        }
    }

    #[test]
    fn what_only_tests_and_build_scripts_need_is_not_inside() {
        let on =
            |id: &str, kind: Option<&str>| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [{ "name": "ours", "id": "o" }],
            "resolve": { "nodes": [
                { "id": "o", "deps": [on("a", None), on("t", Some("dev")), on("b", Some("build"))] },
                { "id": "a", "deps": [on("c", None), on("o", None)] },
                { "id": "t", "deps": [on("d", None)] },
            ] },
        });
        let mut found: Vec<String> = reachable(&metadata, "ours").into_iter().collect();
        found.sort();
        assert_eq!(found, ["a", "c", "o"]);
    }
}
