//! `batch`: notes, renders, beds and backdrops of one manifest, checked as a whole before anything is made, in parallel, and
//! taken up again where it was killed.
//!
//! A file stands under its name only when it is whole, and in the report only after that: whatever moment the run is ended
//! at, `--resume` knows by checksum what is done.

mod columns;
mod contact_sheet;
mod fault;
mod figures;
mod item;
mod manifest;
mod page;
mod report;
mod table;
mod work;
mod workers;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::bed_production;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file;
use crate::workshop::Workshop;
use fault::Fault;
use item::{Item, Plan};
use report::{Entry, Report};

/// Most faults and failures that are told one by one.
const MAX_TOLD: usize = 40;

/// What to make.
#[derive(Args, Debug)]
pub struct Arguments {
    /// CSV with a header, or JSON Lines. Columns: kind (note, render, bed, backdrop), id, out, and the flags of those
    /// commands without their dashes.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// Items made at the same time; as many as the machine has cores when nothing is said.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Go on where an earlier run was ended: what is whole stays.
    #[arg(long)]
    resume: bool,
    /// Make only every N-th item, from the K-th on, as in 2/4; a last run with --resume joins the reports.
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
}

/// One of several runs that share a manifest.
#[derive(Clone, Copy, Debug)]
struct Shard {
    number: usize,
    count: usize,
}

/// Checks the manifest, makes what is missing, writes the report.
///
/// # Errors
/// Exit code 2 with every fault of the manifest, 3 when it cannot be read, 4 when the folder cannot be written. Items that
/// fail are part of the answer.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    let shard = arguments.shard.as_deref().map(shard).transpose()?;
    let folder = folder(arguments, common);
    let rows = manifest::read(&arguments.manifest)?;
    let plan = Plan::of(&rows, &arguments.manifest, &folder, common, workshop);
    let earlier = report::read_all(&folder, arguments.resume, common.force)?;
    let (items, mut faults) = (plan.items, plan.faults);
    let is_ours = |item: &&Item| shard.is_none_or(|shard| shard.holds(item.index));
    let (kept, missing): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .filter(|item| is_ours(&item))
        .partition(|item| earlier.is_whole(item, &folder));
    if !common.force {
        for item in &missing {
            faults.extend(item.occupied(&folder, arguments.resume));
        }
    }
    refuse(faults)?;
    output_file::create_folder(&folder)?;
    let mut report = Report::open(&folder, shard.map(|shard| shard.words()))?;
    report.keep(kept.iter().map(|item| earlier.entry(item)))?;
    for item in &missing {
        item.remove_leftovers(&folder);
    }
    let jobs = jobs(arguments.jobs, missing.len());
    let num_skipped = kept.len();
    let made = workers::make(&missing, &folder, common, jobs, &mut report)?;
    let mut entries: Vec<Entry> = kept
        .iter()
        .map(|item| earlier.entry(item))
        .chain(made)
        .collect();
    entries.sort_by_key(|entry| entry.line);
    let report_path = report.finish(&entries)?;
    let looks = match shard {
        None => Looks::write(&folder, &arguments.manifest, &entries, common)?,
        Some(_) => Looks::default(),
    };
    Ok(outcome(&entries, num_skipped, &report_path, &looks))
}

/// What is written of a whole batch for people to look at.
#[derive(Default)]
struct Looks {
    sheets: Vec<PathBuf>,
    page: Option<PathBuf>,
    table: Option<PathBuf>,
}

impl Looks {
    fn write(
        folder: &Path,
        manifest: &Path,
        entries: &[Entry],
        common: &Common,
    ) -> Result<Self, Failure> {
        let sheets = contact_sheet::write(folder, entries, common)?;
        let table = table::write(folder, entries)?;
        let title = manifest.file_stem().unwrap_or_default().to_string_lossy();
        let page = page::write(folder, &title, entries, &sheets)?;
        Ok(Self {
            sheets,
            page: Some(page),
            table: Some(table),
        })
    }
}

/// Where everything goes when nothing is said: a folder named like the manifest, beside it.
fn folder(arguments: &Arguments, common: &Common) -> PathBuf {
    let beside = || {
        let folder = arguments.manifest.with_extension("");
        if folder == arguments.manifest {
            folder.with_extension("made")
        } else {
            folder
        }
    };
    common.out.clone().unwrap_or_else(beside)
}

fn jobs(wanted: Option<usize>, num_items: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    wanted.unwrap_or(cores).clamp(1, num_items.max(1))
}

fn shard(text: &str) -> Result<Shard, Failure> {
    let numbers = text
        .split_once('/')
        .and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
    match numbers {
        Some((number, count)) if (1..=count).contains(&number) => Ok(Shard { number, count }),
        _ => Err(Failure::request(format!(
            "--shard {text}: write it as K/N with K from 1 to N, as in 2/4"
        ))),
    }
}

impl Shard {
    fn holds(self, index: usize) -> bool {
        index % self.count == self.number - 1
    }

    fn words(self) -> String {
        format!("{}-of-{}", self.number, self.count)
    }
}

/// Every fault of the manifest at once.
fn refuse(mut faults: Vec<Fault>) -> Result<(), Failure> {
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by_key(|fault| fault.line);
    let num_faults = faults.len();
    let mut lines: Vec<String> = faults
        .iter()
        .take(MAX_TOLD)
        .map(|fault| fault.to_string())
        .collect();
    if num_faults > MAX_TOLD {
        lines.push(format!("and {} more", num_faults - MAX_TOLD));
    }
    let plural = if num_faults == 1 { "" } else { "s" };
    Err(Failure::request(format!(
        "the manifest has {num_faults} fault{plural}, nothing was made:\n  {}",
        lines.join("\n  ")
    )))
}

fn outcome(entries: &[Entry], num_skipped: usize, report: &Path, looks: &Looks) -> Outcome {
    let failed: Vec<&Entry> = entries.iter().filter(|entry| entry.failed()).collect();
    let num_done = entries.len() - failed.len() - num_skipped;
    let mut words: Vec<String> = failed
        .iter()
        .take(MAX_TOLD)
        .map(|entry| format!("failed: line {}, {}: {}", entry.line, entry.id, entry.error))
        .collect();
    words.push(format!(
        "{num_done} made, {num_skipped} there already, {} failed; report: {}",
        failed.len(),
        report.display()
    ));
    let to_look_at = looks.page.iter().chain(&looks.sheets);
    words.extend(to_look_at.map(|path| format!("to look at: {}", path.display())));
    let json: Value = json!({
        "done": num_done, "skipped": num_skipped, "failed": failed.len(), "report": report, "contact_sheets": looks.sheets,
        "page": looks.page, "table": looks.table,
        "failures": failed.iter().map(|entry| entry.json()).collect::<Vec<_>>(),
    });
    let exit_code = failed.first().map_or(0, |entry| entry.exit_code);
    Outcome::done(words.join("\n"), json).with_exit_code(exit_code)
}

/// Threads that one item may use when so many are made at once.
fn threads_each(jobs: usize) -> usize {
    (bed_production::num_threads() / jobs).max(1)
}
