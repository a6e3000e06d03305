//! `report.csv`: one row per item, for spreadsheets.

use std::path::{Path, PathBuf};

use super::figures::{COLUMNS, cell};
use super::report::Entry;
use crate::failure::Failure;
use crate::output_file::OutputFile;

/// Writes the table.
///
/// # Errors
/// Exit code 4 when the disk is full or fails.
pub fn write(folder: &Path, entries: &[Entry]) -> Result<PathBuf, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(Failure::other)?;
    for entry in entries {
        let row = COLUMNS.map(|column| cell(entry, column));
        writer.write_record(row).map_err(Failure::other)?;
    }
    let bytes = writer.into_inner().map_err(Failure::other)?;
    OutputFile::write_whole(&folder.join("report.csv"), true, &bytes)
}
