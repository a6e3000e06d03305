//! Threads that make items, each with its own models, loaded once. What they make does not depend on how many there are.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use indicatif::ProgressBar;
use serde_json::{Map, Value};

use super::item::Item;
use super::report::{Entry, MadeFile, Report};
use super::threads_each;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file;
use crate::performance::rounded;
use crate::progress;
use crate::workshop::Workshop;

/// How often an item is tried when the system is at fault: disks and memory recover, requests do not.
const MAX_TRIES: usize = 3;
/// Figures of a command that go into the report: those that are the same whenever the item is made.
const FIGURES: [&str; 19] = [
    "fingerprint",
    "seed",
    "lufs",
    "true_peak_db",
    "gain_db",
    "duration_s",
    "frames",
    "f0_hz",
    "cents",
    "key",
    "tempo_bpm",
    "hits",
    "width",
    "height",
    "contrast",
    "text_color",
    "palette_error",
    "quality",
    "warnings",
];

/// What the threads share.
struct Shared<'a> {
    items: &'a [Item],
    folder: &'a Path,
    next: AtomicUsize,
    bar: ProgressBar,
    made: Mutex<Made<'a>>,
}

struct Made<'a> {
    report: &'a mut Report,
    entries: Vec<Entry>,
    /// What keeps the run from going on: a report that cannot be written.
    failure: Option<Failure>,
}

/// Makes the items and reports each; gives what became of them.
///
/// # Errors
/// Exit code 4 when the report cannot be written. Items that fail are in their entries.
pub fn make(
    items: &[Item],
    folder: &Path,
    common: &Common,
    jobs: usize,
    report: &mut Report,
) -> Result<Vec<Entry>, Failure> {
    let shared = Shared {
        items,
        folder,
        next: AtomicUsize::new(0),
        bar: progress::counted(common, "making", items.len()),
        made: Mutex::new(Made {
            report,
            entries: Vec::with_capacity(items.len()),
            failure: None,
        }),
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| shared.work(threads_each(jobs)));
        }
    });
    shared.bar.finish_and_clear();
    let made = shared
        .made
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    match made.failure {
        Some(failure) => Err(failure),
        None => Ok(made.entries),
    }
}

impl Shared<'_> {
    fn work(&self, num_threads: usize) {
        let mut workshop = Workshop::with_threads(num_threads);
        while let Some(item) = self.items.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let answer = made(item, self.folder, &mut workshop);
            let entry = entry(item, answer, 1e3 * start.elapsed().as_secs_f64());
            let mut made = self
                .made
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Err(failure) = made.report.append(&entry) {
                made.failure = Some(failure);
                self.next.store(self.items.len(), Ordering::Relaxed);
                return;
            }
            made.entries.push(entry);
            self.bar.inc(1);
        }
    }
}

/// The files of an item and its figures.
type Answer = Result<(Vec<MadeFile>, Map<String, Value>), Failure>;

fn made(item: &Item, folder: &Path, workshop: &mut Workshop) -> Answer {
    for output in &item.outputs {
        if let Some(parent) = folder.join(output).parent() {
            output_file::create_folder(parent)?;
        }
    }
    let mut tries = 1;
    let outcome = loop {
        match item.work.run(&item.common, workshop) {
            Err(Failure::System(_)) if tries < MAX_TRIES => tries += 1,
            answer => break answer?,
        }
    };
    let json = outcome.json.clone().unwrap_or_default();
    let files = written(item, folder, &outcome)
        .iter()
        .map(|path| MadeFile::of(folder, path))
        .collect::<Result<Vec<_>, _>>()?;
    let figures = json
        .into_iter()
        .filter(|(name, value)| FIGURES.contains(&name.as_str()) && !value.is_null());
    Ok((files, figures.collect()))
}

/// Every file of an item, its own first; of a loop its frames.
fn written(item: &Item, folder: &Path, outcome: &Outcome) -> Vec<PathBuf> {
    let json = outcome.json.clone().unwrap_or_default();
    let mut paths: Vec<PathBuf> = ["file", "files", "stems", "guide"]
        .iter()
        .filter_map(|field| json.get(*field))
        .flat_map(|value| match value {
            Value::Array(list) => list.clone(),
            other => vec![other.clone()],
        })
        .filter_map(|value| value.as_str().map(PathBuf::from))
        .collect();
    paths.extend(item.outputs.iter().map(|path| folder.join(path)));
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            let mut inside: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            inside.sort();
            files.extend(inside);
        } else if path.is_file() && !files.contains(&path) {
            files.push(path);
        }
    }
    files
}

fn entry(item: &Item, answer: Answer, ms: f64) -> Entry {
    let (files, figures, error, exit_code) = match answer {
        Ok((files, figures)) => (files, figures, String::new(), 0),
        Err(failure) => (
            Vec::new(),
            Map::new(),
            failure.in_words(),
            failure.exit_code(),
        ),
    };
    Entry {
        line: item.line,
        id: item.id.clone(),
        kind: item.kind.clone(),
        status: if exit_code == 0 { "done" } else { "failed" }.to_owned(),
        digest: item.digest.clone(),
        files,
        figures,
        ms: rounded(ms, 1).as_f64().unwrap_or(ms),
        error,
        exit_code,
    }
}
