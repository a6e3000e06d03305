//! The report of a batch: one line of JSON per item, appended when the item's file stands, and put in order at the end.
//!
//! A line that a kill tore apart is no line. One process at a time writes a report: the file is locked while it works.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::item::Item;
use crate::checksum;
use crate::failure::Failure;
use crate::output_file::OutputFile;

/// Every report of a folder begins and ends so.
const START: &str = "report";
const ENDING: &str = ".jsonl";

/// A file of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeFile {
    /// Relative to the folder of the batch.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Of its content.
    pub sha256: String,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Of the manifest.
    pub line: usize,
    /// Of the item.
    pub id: String,
    /// The command.
    pub kind: String,
    /// `done` or `failed`.
    pub status: String,
    /// As [`Item::digest`].
    pub digest: String,
    /// Its own file first.
    pub files: Vec<MadeFile>,
    /// Loudness, contrast, fingerprint and the like.
    pub figures: Map<String, Value>,
    /// Time it took.
    pub ms: f64,
    /// Why it failed; else empty.
    pub error: String,
    /// 0, or what the command would have ended with.
    pub exit_code: u8,
}

impl Entry {
    /// True when nothing came of it.
    pub fn failed(&self) -> bool {
        self.exit_code != 0
    }

    /// The line of the report as an object.
    pub fn json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What earlier runs reported.
pub struct Earlier {
    /// By id.
    entries: HashMap<String, Entry>,
}

/// Reads every report of the folder, those of shards too.
///
/// # Errors
/// Exit code 2 when there is one and the run is neither to go on nor to begin anew.
pub fn read_all(folder: &Path, resume: bool, force: bool) -> Result<Earlier, Failure> {
    let mut entries = HashMap::new();
    let reports = reports_of(folder);
    if let (Some(first), false, false) = (reports.first(), resume, force) {
        return Err(Failure::request(format!(
            "{}: an earlier run was here; add --resume to go on with it, --force to begin anew",
            first.display()
        )));
    }
    for path in reports.iter().filter(|_| resume) {
        let text = std::fs::read(path).map_err(|error| Failure::at_path(path, &error))?;
        for line in text.split(|&byte| byte == b'\n') {
            if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
                entries.insert(entry.id.clone(), entry);
            }
        }
    }
    Ok(Earlier { entries })
}

fn reports_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_report = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(START) && name.ends_with(ENDING)
    };
    let mut reports: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(is_report)
        .collect();
    reports.sort();
    reports
}

impl Earlier {
    /// True when the item was made from the same arguments, inputs and model, and all its files are as they were.
    pub fn is_whole(&self, item: &Item, folder: &Path) -> bool {
        self.entries.get(&item.id).is_some_and(|entry| {
            entry.digest == item.digest
                && !entry.failed()
                && entry.files.iter().all(|made| made.is_unchanged(folder))
        })
    }

    /// The line of an item that is whole.
    pub fn entry(&self, item: &Item) -> Entry {
        let mut entry = self.entries[&item.id].clone();
        entry.line = item.line;
        entry
    }
}

impl MadeFile {
    /// A file of the folder as it is now.
    ///
    /// # Errors
    /// Exit code 4 when it cannot be read.
    pub fn of(folder: &Path, path: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::at_path(path, &error);
        Ok(MadeFile {
            file: path.strip_prefix(folder).unwrap_or(path).to_path_buf(),
            bytes: std::fs::metadata(path).map_err(failed)?.len(),
            sha256: checksum::of_file(path).map_err(failed)?,
        })
    }

    fn is_unchanged(&self, folder: &Path) -> bool {
        let path = folder.join(&self.file);
        std::fs::metadata(&path).is_ok_and(|found| found.len() == self.bytes)
            && checksum::of_file(&path).is_ok_and(|found| found == self.sha256)
    }
}

/// The report that is being written.
pub struct Report {
    path: PathBuf,
    file: File,
}

impl Report {
    /// Opens the report of the folder, or that of a shard, and locks it.
    ///
    /// # Errors
    /// Exit code 2 when another process writes it, 4 when it cannot be written.
    pub fn open(folder: &Path, shard: Option<String>) -> Result<Self, Failure> {
        let name = match shard {
            Some(shard) => format!("{START}-{shard}{ENDING}"),
            None => format!("{START}{ENDING}"),
        };
        let path = folder.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| Failure::at_path(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Report { path, file }),
            Err(TryLockError::WouldBlock) => Err(Failure::request(format!(
                "{}: another run is writing it; wait for that one, or name another folder",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::at_path(&path, &error)),
        }
    }

    /// Begins the report with what stays. It is written beside and copied in one go only if it differs from what is there,
    /// so that a kill at this moment loses no line that counts.
    ///
    /// # Errors
    /// Exit code 4 when the disk is full or fails.
    pub fn keep(&mut self, entries: impl Iterator<Item = Entry>) -> Result<(), Failure> {
        let mut kept = Vec::new();
        for entry in entries {
            kept.extend(line_of(&entry)?);
        }
        let mut there = Vec::new();
        self.attempt(|file| file.seek(SeekFrom::Start(0)))?;
        self.attempt(|file| file.read_to_end(&mut there))?;
        // What was appended stays where it is: only the torn end is cut off. Lines of items that are made again are
        // followed by newer ones, which count.
        let whole = there.iter().rposition(|&byte| byte == b'\n');
        let length = whole.map_or(0, |last| last + 1) as u64;
        let is_new = kept.is_empty();
        self.attempt(|file| file.set_len(if is_new { 0 } else { length }))?;
        self.attempt(|file| file.seek(SeekFrom::End(0)))?;
        if length == 0 && !is_new {
            self.attempt(|file| file.write_all(&kept))?;
        }
        self.attempt(|file| file.sync_data())
    }

    /// Appends a line and has it on the disk.
    ///
    /// # Errors
    /// Exit code 4 when the disk is full or fails.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Failure> {
        let line = line_of(entry)?;
        self.attempt(|file| file.write_all(&line))?;
        self.attempt(|file| file.sync_data())
    }

    /// Puts the whole report in the order of the manifest, in one go.
    ///
    /// # Errors
    /// As [`Report::append`].
    pub fn finish(self, entries: &[Entry]) -> Result<PathBuf, Failure> {
        let mut text = Vec::new();
        for entry in entries {
            text.extend(line_of(entry)?);
        }
        OutputFile::write_whole(&self.path, true, &text)
    }

    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut File) -> std::io::Result<T>,
    ) -> Result<T, Failure> {
        work(&mut self.file).map_err(|error| Failure::at_path(&self.path, &error))
    }
}

fn line_of(entry: &Entry) -> Result<Vec<u8>, Failure> {
    let mut line = serde_json::to_vec(entry).map_err(Failure::other)?;
    line.push(b'\n');
    Ok(line)
}
