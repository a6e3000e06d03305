//! House rules within source files: what may be named where, how a file opens, how long it is, what is never left behind.

use std::path::Path;

use super::Finding;
use super::packages::{OWNERS, is_of_family};
use crate::failure::Failure;

/// Folders that hold our sources: the packages, and the harnesses for fuzzers.
const FOLDERS: [&str; 7] = [
    "plugin", "engine", "backdrop", "models", "xtask", "tests", "fuzz",
];
/// Folders inside them that hold none.
const SKIPPED: [&str; 4] = ["target", "__pycache__", "shipped", "node_modules"];
/// Beyond this a file is more than one idea. The style aims at 300.
const LONGEST_FILE: usize = 400;
/// Macros that stand for work not done. Without their `!(`, or this list would break its own rule.
const UNFINISHED_MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
/// Words that put work off, for the same reason in halves.
const UNFINISHED_WORDS: [(&str, &str); 2] = [("TO", "DO"), ("FIX", "ME")];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "common_utils", "misc"];

/// A file of ours.
pub struct Source {
    /// Path below the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Reads every Rust and Python file of the packages, and lists other files that rules look at by name.
pub fn read_all(root: &Path) -> Result<Vec<Source>, Failure> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        read_folder(root, &root.join(folder), &mut files)?;
    }
    Ok(files)
}

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<Source>) -> Result<(), Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !SKIPPED.contains(&name.as_str()) && !name.starts_with('.') {
            read_folder(root, &path, files)?;
        } else if name.ends_with(".rs") || name.ends_with(".py") || name == "clippy.toml" {
            let text =
                std::fs::read_to_string(&path).map_err(|error| Failure::at_path(&path, &error))?;
            let below = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            files.push(Source { path: below, text });
        }
    }
    Ok(())
}

/// What is wrong in one file.
pub fn broken_rules(file: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |line: usize, message: String| {
        let place = if line == 0 {
            file.path.clone()
        } else {
            format!("{}:{line}", file.path)
        };
        findings.push(Finding { place, message });
    };
    check_name(file, &mut report);
    check_opening(file, &mut report);
    check_length(file, &mut report);
    for (index, line) in file.text.lines().enumerate() {
        check_unfinished(file, line, &mut |message| report(index + 1, message));
        check_owners(file, line, &mut |message| report(index + 1, message));
    }
    findings
}

fn check_name(file: &Source, report: &mut impl FnMut(usize, String)) {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if name == "mod.rs" {
        report(0, "is a mod.rs; name it after its folder, beside it".into());
    }
    if name == "clippy.toml" {
        report(
            0,
            "is a second clippy.toml, which empties the lists of the first; put the setting there"
                .into(),
        );
    }
    let stem = name.split('.').next().unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        report(
            0,
            format!("`{stem}` names nothing; call the file what it is about"),
        );
    }
}

fn check_opening(file: &Source, report: &mut impl FnMut(usize, String)) {
    let first = file
        .text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!/"));
    match first {
        Some(line) if file.path.ends_with(".rs") && !line.starts_with("//!") => {
            report(
                1,
                "does not open with `//!`: what it is, which thread, what it does not do".into(),
            );
        }
        Some(line) if file.path.ends_with(".py") && !line.starts_with("\"\"\"") => {
            report(
                1,
                "does not open with a docstring: what it is and what it does not do".into(),
            );
        }
        _ => {}
    }
}

fn check_length(file: &Source, report: &mut impl FnMut(usize, String)) {
    let length = file.text.lines().count();
    if length > LONGEST_FILE {
        report(
            length,
            format!("has {length} lines, more than {LONGEST_FILE}; split it by idea"),
        );
    }
}

fn check_unfinished(file: &Source, line: &str, report: &mut impl FnMut(String)) {
    for (first, second) in UNFINISHED_WORDS {
        let word = format!("{first}{second}");
        if words(line).any(|found| found == word) {
            report(format!("holds a {word}; do it or leave it out"));
        }
    }
    let is_rust = file.path.ends_with(".rs");
    for name in UNFINISHED_MACROS.iter().filter(|_| is_rust) {
        if line.contains(&format!("{name}!(")) {
            report(format!("holds {name}!; finish it"));
        }
    }
}

/// A foreign crate is named where it may be: its name as a path (`ort` before `::`). Comments may speak of it.
fn check_owners(file: &Source, line: &str, report: &mut impl FnMut(String)) {
    let package = file.path.split('/').next().unwrap_or_default();
    let is_comment = line.trim_start().starts_with("//");
    if !file.path.ends_with(".rs") || is_comment {
        return;
    }
    for (start, _) in line.match_indices("::") {
        let Some(name) = words(&line[..start])
            .last()
            .filter(|word| line[..start].ends_with(word))
        else {
            continue;
        };
        let owner = OWNERS.iter().find(|(family, _)| is_of_family(name, family));
        if let Some((family, owners)) = owner
            && !owners.contains(&package)
            && !is_inner_path(&line[..start - name.len()])
        {
            report(format!(
                "names `{family}`; only {} may",
                owners.join(" and ")
            ));
        }
    }
}

/// `engine::image::` and `.image::` speak of something of ours, not of the crate; `::image::` at the start does.
fn is_inner_path(before: &str) -> bool {
    before
        .strip_suffix("::")
        .is_some_and(|outer| outer.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let file = Source {
            path: path.into(),
            text: text.into(),
        };
        broken_rules(&file)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    /// Rings exactly once, with this word in the message.
    fn assert_rings(path: &str, text: &str, word: &str) {
        let found = messages(path, text);
        assert!(
            found.len() == 1 && found[0].contains(word),
            "{path}: {found:?}"
        );
    }

    #[test]
    fn a_clean_file_does_not_ring() {
        for path in [
            "engine/src/lib.rs",
            "models/src/session.rs",
            "xtask/src/main.rs",
        ] {
            assert!(
                messages(path, "//! A thing.\n\nfn sort() { a::sort::by(b); }\n").is_empty(),
                "{path}"
            );
        }
        assert!(
            messages(
                "models/training/sound/grid.py",
                "\"\"\"A thing.\"\"\"\nx = 1\n"
            )
            .is_empty()
        );
        assert!(messages("models/training/sound/__init__.py", "").is_empty());
    }

    #[test]
    fn naming_onnx_runtime_outside_models_rings() {
        for line in [
            "use {}::session::Session;",
            "fn f(s: {}::Session) {}",
            "let s = ::{}::init();",
            "{}_sys::OrtApi",
        ] {
            let text = format!("//! A thing.\n{}\n", line.replace("{}", "ort"));
            assert_rings("engine/src/note.rs", &text, "models");
            assert!(messages("models/src/session.rs", &text).is_empty());
        }
    }

    #[test]
    fn naming_the_plugin_framework_outside_plugin_rings() {
        let text = format!("//! A thing.\nuse {}::prelude::*;\n", "nice_plug");
        assert_rings("engine/src/note.rs", &text, "plugin");
        assert!(messages("plugin/src/lib.rs", &text).is_empty());
    }

    #[test]
    fn picture_formats_belong_to_backdrop_and_png_to_xtask_too() {
        let (image, png) = (
            format!("//! A.\nuse {}::Rgb;\n", "image"),
            format!("//! A.\nuse {}::Encoder;\n", "png"),
        );
        assert_rings("xtask/src/picture.rs", &image, "backdrop");
        assert_rings("engine/src/note.rs", &png, "backdrop");
        assert!(messages("xtask/src/picture.rs", &png).is_empty());
        assert!(messages("backdrop/src/encode.rs", &image).is_empty());
    }

    #[test]
    fn a_file_without_its_opening_sentence_rings() {
        assert_rings("engine/src/note.rs", "use std::fmt;\n", "//!");
        assert_rings("models/training/sound/grid.py", "import os\n", "docstring");
    }

    #[test]
    fn mod_rs_second_clippy_toml_and_empty_names_ring() {
        assert_rings("engine/src/note/mod.rs", "//! A thing.\n", "mod.rs");
        assert_rings("engine/clippy.toml", "", "clippy.toml");
        assert_rings("engine/src/utils.rs", "//! A thing.\n", "utils");
    }

    #[test]
    fn unfinished_work_rings() {
        for name in UNFINISHED_MACROS {
            assert_rings(
                "engine/src/note.rs",
                &format!("//! A thing.\nfn f() {{ {name}!() }}\n"),
                name,
            );
        }
        for (first, second) in UNFINISHED_WORDS {
            let comment = format!("//! A thing.\n// {first}{second}: later\n");
            assert_rings("engine/src/note.rs", &comment, second);
        }
    }

    #[test]
    fn a_file_of_401_lines_rings_and_one_of_400_does_not() {
        let lines = |count: usize| format!("//! A thing.\n{}", "\n".repeat(count - 1));
        assert_rings("engine/src/note.rs", &lines(401), "401");
        assert!(messages("engine/src/note.rs", &lines(400)).is_empty());
    }
}
