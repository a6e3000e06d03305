//! The contact sheets of a batch, drawn from its finished files: pictures small, sounds as their waves.

use std::path::{Path, PathBuf};

use backdrop::decode::{Decoded, decode};
use engine::wav::read;

use super::report::Entry;
use crate::failure::Failure;
use crate::flags::Common;
use crate::output_file::OutputFile;
use crate::picture::contact_sheet::{CELL_HEIGHT, CELL_WIDTH, Cell, png_bytes};
use crate::progress;

/// Items on one sheet; more go on further sheets.
const ITEMS_OF_SHEET: usize = 500;
/// Cells side by side.
const COLUMNS: usize = 20;

/// Draws and writes the sheets.
///
/// # Errors
/// Exit code 4 when the disk is full or fails.
pub fn write(folder: &Path, entries: &[Entry], common: &Common) -> Result<Vec<PathBuf>, Failure> {
    let bar = progress::counted(common, "drawing contact sheets", entries.len());
    let mut paths = Vec::new();
    for (index, entries) in entries.chunks(ITEMS_OF_SHEET).enumerate() {
        let cells: Vec<(String, Cell)> = entries
            .iter()
            .map(|entry| {
                bar.inc(1);
                (entry.id.clone(), cell(folder, entry))
            })
            .collect();
        let columns = COLUMNS.min((cells.len() as f64).sqrt().ceil() as usize);
        let name = match index {
            0 => "contact-sheet.png".to_owned(),
            _ => format!("contact-sheet-{}.png", index + 1),
        };
        let bytes = png_bytes(&cells, columns).map_err(Failure::other)?;
        paths.push(OutputFile::write_whole(&folder.join(name), true, &bytes)?);
    }
    bar.finish_and_clear();
    Ok(paths)
}

fn cell(folder: &Path, entry: &Entry) -> Cell {
    let Some(made) = entry.files.first() else {
        return Cell::Failed;
    };
    let path = folder.join(&made.file);
    let Ok(bytes) = std::fs::read(&path) else {
        return Cell::Failed;
    };
    if entry.kind == "backdrop" {
        // What is not read here (AVIF, video) is named instead.
        return decode(&bytes).map_or(Cell::Word(ending(&path)), |picture| small(&picture));
    }
    wave(&bytes)
}

fn ending(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    ["avif", "gif", "mov", "mp4"]
        .into_iter()
        .find(|known| ending == *known)
        .unwrap_or("picture")
}

/// The mean of the pixels under each small one.
fn small(picture: &Decoded) -> Cell {
    let (from_x, from_y) = (picture.width as f64, picture.height as f64);
    let scale = (CELL_WIDTH as f64 / from_x).min(CELL_HEIGHT as f64 / from_y);
    let width = ((from_x * scale).round() as usize).clamp(1, CELL_WIDTH);
    let height = ((from_y * scale).round() as usize).clamp(1, CELL_HEIGHT);
    let span = |index: usize, count: usize, whole: usize| {
        let start = index * whole / count;
        start..((index + 1) * whole / count).max(start + 1).min(whole)
    };
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sums = [0_u32; 3];
            let mut count = 0;
            for from_y in span(y, height, picture.height) {
                for from_x in span(x, width, picture.width) {
                    let color = picture.srgb8(from_x, from_y);
                    sums.iter_mut()
                        .zip(color)
                        .for_each(|(sum, value)| *sum += u32::from(value));
                    count += 1;
                }
            }
            pixels.push(sums.map(|sum| (sum / count.max(1)) as u8));
        }
    }
    Cell::Picture { width, pixels }
}

fn wave(bytes: &[u8]) -> Cell {
    let Ok(recording) = read::read(bytes) else {
        return Cell::Word("silent");
    };
    let samples = recording.mono();
    let column = |x: usize| {
        let start = x * samples.len() / CELL_WIDTH;
        let end = ((x + 1) * samples.len() / CELL_WIDTH).max(start + 1);
        let part = &samples[start.min(samples.len())..end.min(samples.len())];
        part.iter()
            .fold((0.0_f32, 0.0_f32), |(low, high), &sample| {
                (low.min(sample), high.max(sample))
            })
    };
    let columns: Vec<(f32, f32)> = (0..CELL_WIDTH).map(column).collect();
    // Each to its own peak: a bed at -23 LUFS would be a line.
    let peak = columns
        .iter()
        .fold(1e-6_f32, |peak, (low, high)| peak.max(-low).max(*high));
    Cell::Wave(
        columns
            .into_iter()
            .map(|(low, high)| (low / peak, high / peak))
            .collect(),
    )
}
