//! `--learn` and `--tables`: chord and rhythm tables counted from a folder of MIDI files, kept as TOML.

use std::path::{Path, PathBuf};

use engine::score::compose::Tables;
use engine::score::learn::Counts;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::progress;

/// Where the tables go when nothing is said.
const DEFAULT_FILE: &str = "tables.toml";
/// Deepest folder that is looked into: MAESTRO and Groove have two.
const MAX_DEPTH: usize = 12;
/// Larger files are no songs.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Counts every MIDI file of a folder and writes the tables. Files that cannot be read are left out and named.
///
/// # Errors
/// Exit code 3 when the folder holds no MIDI file that can be counted.
pub fn learn(folder: &Path, common: &Common) -> Result<Outcome, Failure> {
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let file = OutputFile::create(&path, common.force)?;
    let mut files = Vec::new();
    find(folder, 0, &mut files)?;
    files.sort();
    let bar = progress::counted(common, "counting chords", files.len());
    let mut counts = Counts::default();
    let mut left_out = Vec::new();
    for midi in &files {
        match std::fs::read(midi) {
            Ok(bytes) => {
                if let Err(error) = counts.add(&bytes) {
                    left_out.push(format!("{}: {error}", midi.display()));
                }
            }
            Err(error) => left_out.push(format!("{}: {error}", midi.display())),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if counts.num_files == 0 {
        return Err(Failure::input_file(format!(
            "{}: no MIDI file with notes among {} found; name a folder of .mid files",
            folder.display(),
            files.len()
        )));
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let tables = counts.tables(&name);
    let text = toml::to_string(&tables).map_err(Failure::other)?;
    let path = file.write_and_commit(text.as_bytes())?;
    let words = format!(
        "{}: {} chord changes and {} notes of {} files counted, {} files left out; use it with --tables",
        path.display(),
        counts.num_changes,
        counts.num_notes,
        counts.num_files,
        left_out.len()
    );
    let json = json!({
        "file": path, "num_files": counts.num_files, "num_changes": counts.num_changes,
        "num_notes": counts.num_notes, "left_out": left_out,
    });
    Ok(Outcome::done(words, json))
}

/// Reads tables written by [`learn`].
///
/// # Errors
/// Exit code 3 for a file that holds none.
pub fn load(path: &Path) -> Result<Tables, Failure> {
    let broken =
        |error: &dyn std::fmt::Display| Failure::input_file(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| broken(&error))?;
    toml::from_str(&text).map_err(|error| broken(&error))
}

fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable =
        |error: &std::io::Error| Failure::input_file(format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| unreadable(&error))?;
        let is_midi = path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("mid") || extension.eq_ignore_ascii_case("midi")
        });
        if kind.is_dir() && depth < MAX_DEPTH {
            find(&path, depth + 1, files)?;
        } else if is_midi
            && entry
                .metadata()
                .is_ok_and(|data| data.len() <= MAX_FILE_BYTES)
        {
            files.push(path);
        }
    }
    Ok(())
}
