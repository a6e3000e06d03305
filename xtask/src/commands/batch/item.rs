//! The items of a manifest, each checked, and all of them against each other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::json;

use super::columns::{self, ID, KIND, Line, OUT};
use super::fault::Fault;
use super::manifest::{Row, Rows};
use super::work::{ItemArguments, Work};
use crate::checksum;
use crate::failure::Failure;
use crate::flags::Common;
use crate::progress;
use crate::workshop::Workshop;

/// Faults of one row that are looked for.
const MAX_FAULTS_OF_ROW: usize = 8;

/// One piece of work.
pub struct Item {
    /// Its place among the items, from 0.
    pub index: usize,
    /// Line of the manifest.
    pub line: usize,
    /// What it is called in the report.
    pub id: String,
    /// The command.
    pub kind: String,
    /// What to do.
    pub work: Work,
    /// The common flags, with the path to write.
    pub common: Common,
    /// Files to write, relative to the folder; its own first.
    pub outputs: Vec<PathBuf>,
    /// SHA-256 of everything the result depends on: arguments, contents of files, model, version of the program.
    pub digest: String,
}

/// A read manifest.
pub struct Plan {
    /// The items without fault.
    pub items: Vec<Item>,
    /// All faults.
    pub faults: Vec<Fault>,
}

/// What checking the rows needs.
struct Checker<'a> {
    manifest_folder: &'a Path,
    folder: &'a Path,
    common: &'a Common,
    workshop: &'a mut Workshop,
    checksums: HashMap<PathBuf, String>,
}

impl Plan {
    /// Checks every row; writes nothing.
    pub fn of(
        rows: &Rows,
        manifest: &Path,
        folder: &Path,
        common: &Common,
        workshop: &mut Workshop,
    ) -> Self {
        let mut checker = Checker {
            manifest_folder: manifest.parent().unwrap_or(Path::new("")),
            folder,
            common,
            workshop,
            checksums: HashMap::new(),
        };
        let bar = progress::counted(common, "checking", rows.rows.len());
        let (mut items, mut faults) = (Vec::new(), rows.faults.clone());
        for (index, row) in rows.rows.iter().enumerate() {
            match checker.item(index, row) {
                Ok(item) => items.push(item),
                Err(found) => faults.extend(found),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        faults.extend(collisions(&items));
        Plan { items, faults }
    }
}

/// Two items of one name, or that write one file.
fn collisions(items: &[Item]) -> Vec<Fault> {
    let mut ids = HashMap::new();
    let mut paths = HashMap::new();
    let mut faults = Vec::new();
    for item in items {
        if let Some(line) = ids.insert(&item.id, item.line) {
            let words = format!("`{}` is the item of line {line} too", item.id);
            faults.push(Fault::at(item.line, ID, words));
        }
        for path in &item.outputs {
            if let Some(line) = paths.insert(path, item.line) {
                let words = format!("{} is written by line {line} too", path.display());
                faults.push(Fault::at(item.line, OUT, words));
            }
        }
    }
    faults
}

impl Checker<'_> {
    fn item(&mut self, index: usize, row: &Row) -> Result<Item, Vec<Fault>> {
        let cell = |name: &str| {
            let found = row.cells.iter().find(|(column, _)| column == name);
            found.map(|(_, values)| values[0].clone())
        };
        let kind = cell(KIND).ok_or_else(|| {
            let words = "is missing: note, render, bed or backdrop";
            vec![Fault::at(row.line, KIND, words)]
        })?;
        let id = cell(ID).unwrap_or_else(|| format!("item-{:04}", index + 1));
        let is_loop = kind == "backdrop" && cell("loop").is_some();
        let ending = match kind.as_str() {
            "backdrop" if is_loop => "",
            "backdrop" => ".png",
            _ => ".wav",
        };
        let default_out = format!("{id}{ending}");
        let places = (self.manifest_folder, self.folder);
        let line = columns::line(row, &kind, &default_out, places)?;
        let parsed = match self.parse(&line) {
            Ok(parsed) => parsed,
            Err(failure) => return Err(self.faults_of(row, &kind, &default_out, failure)),
        };
        let digest = self
            .digest(&line, &parsed.work)
            .map_err(|failure| vec![Fault::of_line(row.line, failure.in_words())])?;
        let mut outputs = line.outputs;
        if cell("picture").is_some() {
            outputs.push(outputs[0].with_extension("png"));
        }
        Ok(Item {
            index,
            line: row.line,
            id,
            kind,
            work: parsed.work,
            // Bars of single items would cover the one that counts them.
            common: Common {
                json: true,
                force: true,
                ..parsed.common
            },
            outputs,
            digest,
        })
    }

    fn parse(&mut self, line: &Line) -> Result<ItemArguments, Failure> {
        let parsed = ItemArguments::try_parse_from(&line.arguments)
            .map_err(|error| Failure::request(first_line(&error)))?;
        parsed.work.check(&parsed.common, self.workshop)?;
        Ok(parsed)
    }

    /// Finds the cells at fault: the one whose flag the message names, else the first without which the message goes away.
    /// Then goes on without it, because a row may have more than one.
    fn faults_of(
        &mut self,
        row: &Row,
        kind: &str,
        default_out: &str,
        failure: Failure,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (mut row, mut failure) = (row.clone(), Some(failure));
        while let Some(found) = failure.take() {
            let words = found.in_words();
            let named = row
                .cells
                .iter()
                .position(|(column, _)| names_flag(&words, column));
            let at = named.or_else(|| self.cell_that_cures(&row, kind, default_out, &words));
            let Some(at) = at else {
                faults.push(Fault::of_line(row.line, words));
                break;
            };
            let (column, _) = row.cells.remove(at);
            faults.push(Fault::at(row.line, &column, words));
            if faults.len() < MAX_FAULTS_OF_ROW {
                failure = self.failure_of(&row, kind, default_out);
                // What is missing now was there and wrong.
                failure = failure.filter(|next| !names_flag(&next.in_words(), &column));
            }
        }
        faults
    }

    fn cell_that_cures(
        &mut self,
        row: &Row,
        kind: &str,
        default_out: &str,
        words: &str,
    ) -> Option<usize> {
        (0..row.cells.len()).find(|&index| {
            let mut without = row.clone();
            let (column, _) = without.cells.remove(index);
            column != KIND
                && self
                    .failure_of(&without, kind, default_out)
                    .is_none_or(|failure| {
                        let next = failure.in_words();
                        next != words && !names_flag(&next, &column)
                    })
        })
    }

    fn failure_of(&mut self, row: &Row, kind: &str, default_out: &str) -> Option<Failure> {
        let places = (self.manifest_folder, self.folder);
        let line = columns::line(row, kind, default_out, places).ok()?;
        self.parse(&line).err()
    }

    fn digest(&mut self, line: &Line, work: &Work) -> Result<String, Failure> {
        let model = self.checksum(&work.model()?)?;
        let inputs = line
            .inputs
            .iter()
            .map(|path| self.checksum(path))
            .collect::<Result<Vec<_>, _>>()?;
        let whole = json!({
            "arguments": line.written, "inputs": inputs, "model": model, "program": env!("CARGO_PKG_VERSION"),
            "seed": self.common.seed,
        });
        Ok(checksum::of_bytes(whole.to_string().as_bytes()))
    }

    fn checksum(&mut self, path: &Path) -> Result<String, Failure> {
        if let Some(known) = self.checksums.get(path) {
            return Ok(known.clone());
        }
        let found = checksum::of_file(path)
            .map_err(|error| Failure::input_file(format!("{}: {error}", path.display())))?;
        self.checksums.insert(path.to_path_buf(), found.clone());
        Ok(found)
    }
}

/// True when a message speaks of `--column`, whole.
fn names_flag(words: &str, column: &str) -> bool {
    let flag = format!("--{column}");
    words.match_indices(&flag).any(|(at, _)| {
        let next = words[at + flag.len()..].chars().next();
        !next.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
}

/// What clap says first, without its word for it; the rest is help.
fn first_line(error: &clap::Error) -> String {
    let words = error.to_string();
    let mut lines = words.lines();
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    if first.ends_with(':') {
        let second = lines.next().unwrap_or_default().trim();
        return format!("{first} {second}");
    }
    first.to_owned()
}

impl Item {
    /// A fault when a file stands where the item's is to go. On resuming, a file of this program may be replaced: it was
    /// finished but not yet reported.
    pub fn occupied(&self, folder: &Path, resume: bool) -> Option<Fault> {
        let path = folder.join(&self.outputs[0]);
        if !path.exists() {
            return None;
        }
        if !resume {
            let words = format!(
                "{}: already there; add --resume to go on with an earlier run, --force to begin anew",
                path.display()
            );
            return Some(Fault::at(self.line, OUT, words));
        }
        let is_foreign = path.is_file() && !is_made_here(&path);
        is_foreign.then(|| {
            let words = format!(
                "{}: was not made by this program; move it away, or add --force",
                path.display()
            );
            Fault::at(self.line, OUT, words)
        })
    }

    /// Takes away what a killed run left half written under the names of this item.
    pub fn remove_leftovers(&self, folder: &Path) {
        for path in self.outputs.iter().map(|path| folder.join(path)) {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                continue;
            };
            let start = format!(".{}", name.to_string_lossy());
            let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
            for entry in entries {
                let found = entry.file_name().to_string_lossy().into_owned();
                if found.starts_with(&start) && found.ends_with(crate::output_file::UNFINISHED) {
                    // What cannot be taken away harms nothing.
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
    }
}

fn is_made_here(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else {
        return false;
    };
    engine::wav::chunks::recipe(&bytes).is_some()
        || backdrop::provenance::recipe_of(&bytes).is_some()
}
