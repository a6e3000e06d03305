//! `models check`: the doctor. Opens a model, runs it over many sounds and keys, says in words whether it can be played.

use std::time::Instant;

use models::{AnyModelFile, DEFAULT_TRUNCATION, Grid, SoundGenerator, SoundGrid, SoundPoint};
use serde_json::json;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::places::find_model;

/// So many sounds are tried, each on one key; together they walk the whole key range.
const NUM_SOUNDS: u32 = 50;
/// A note that needs longer than this on one core cannot be baked while somebody plays.
const SLOW_MS: f64 = 40.0;
/// A cell further outside the grid's range than this is an error of the network, not of rounding.
const RANGE_SLACK: f32 = 0.01;
/// A whole note below this level is silence for a player.
const SILENT_DB: f32 = -40.0;

/// What the runs showed.
#[derive(Default)]
struct Findings {
    run_ms: Vec<f64>,
    cells: usize,
    cells_outside: usize,
    silent_notes: usize,
    /// Largest difference from the manifest's reference, and what it tolerates.
    reference: Option<(f32, f64)>,
    failure: Option<String>,
}

/// Examines one model. A file that cannot even be opened is an ordinary failure (exit code 3).
pub fn run(model: &str, common: &Common) -> Result<Outcome, Failure> {
    let path = find_model(model)?;
    let mut generator = match AnyModelFile::load(&path)? {
        AnyModelFile::Sound(file) => SoundGenerator::from_file(*file)?,
        AnyModelFile::Picture(file) => return super::check_picture::run(*file, common),
    };
    let mut findings = run_sounds(&mut generator, common.seed)?;
    findings.run_ms.sort_by(f64::total_cmp);
    if findings.failure.is_none() {
        let tolerance = generator.manifest().tolerance.output_abs;
        findings.reference = Some((generator.reference_difference()?, tolerance));
    }
    let median_ms = findings.run_ms.get(findings.run_ms.len() / 2).copied();
    let worst_ms = findings.run_ms.last().copied();
    let problems = problems(&findings, worst_ms);
    let usable = findings.failure.is_none();
    let manifest = generator.manifest();
    let mut lines = vec![format!(
        "{} {}: opens, manifest and network agree",
        manifest.name, manifest.version
    )];
    if let (Some(median_ms), Some(worst_ms)) = (median_ms, worst_ms) {
        lines.push(format!(
            "{} notes run: median {median_ms:.2} ms, worst {worst_ms:.2} ms each on one core of this machine",
            findings.run_ms.len()
        ));
    }
    lines.extend(problems.iter().map(|problem| format!("problem: {problem}")));
    lines.push(verdict(usable, &problems).to_owned());
    let json = json!({
        "path": path.display().to_string(), "fingerprint": generator.fingerprint(), "usable": usable,
        "notes": findings.run_ms.len(), "run_ms_median": median_ms, "run_ms_worst": worst_ms,
        "cells_outside_range": findings.cells_outside, "cells": findings.cells, "silent_notes": findings.silent_notes,
        "reference_difference": findings.reference.map(|(difference, _)| difference), "problems": problems,
    });
    Ok(Outcome::done(lines.join("\n"), json).with_exit_code(if usable { 0 } else { 3 }))
}

fn verdict(usable: bool, problems: &[String]) -> &'static str {
    match (usable, problems.is_empty()) {
        (false, _) => "this model cannot be played",
        (true, false) => "this model can be played, with the problems above",
        (true, true) => "this model is sound",
    }
}

/// Runs sounds until all are done or one fails; the first run is warm-up and not timed.
fn run_sounds(generator: &mut SoundGenerator, first_seed: u32) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    let [low, high] = generator.manifest().key_range.map(f32::from);
    for index in 0..=NUM_SOUNDS {
        let seed = first_seed.wrapping_add(index);
        let key = low + (high - low) * index as f32 / NUM_SOUNDS as f32;
        let sound = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest())?;
        let request = sound.request(key.round(), 0.7);
        let started = Instant::now();
        match generator.run_one(&request) {
            Ok(note) if index > 0 => {
                findings.run_ms.push(started.elapsed().as_secs_f64() * 1e3);
                examine(&note, &generator.manifest().grid, &mut findings);
            }
            Ok(_) => {}
            Err(error) if error.fault() == models::Fault::ModelFile => {
                findings.failure = Some(format!("seed {seed}: {error}"));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(findings)
}

fn examine(note: &SoundGrid, grid: &Grid, findings: &mut Findings) {
    let maps = [
        (&note.level_db, grid.level_range_db),
        (&note.deviation_cents, grid.deviation_range_cents),
        (&note.noise_db, grid.noise_range_db),
    ];
    for (map, [low, high]) in maps {
        let allowed = low as f32 - RANGE_SLACK..=high as f32 + RANGE_SLACK;
        findings.cells += map.len();
        findings.cells_outside += map.iter().filter(|value| !allowed.contains(value)).count();
    }
    let loudest_db = note
        .level_db
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    findings.silent_notes += usize::from(loudest_db < SILENT_DB);
}

fn problems(findings: &Findings, worst_ms: Option<f64>) -> Vec<String> {
    let mut problems: Vec<String> = findings.failure.iter().cloned().collect();
    if let Some((difference, tolerance)) = findings.reference
        && f64::from(difference) > tolerance
    {
        problems.push(format!(
            "the reference notes differ by {difference} from what was exported, more than the {tolerance} it tolerates"
        ));
    }
    if findings.cells_outside > 0 {
        let percent = 100.0 * findings.cells_outside as f64 / findings.cells as f64;
        problems.push(format!(
            "{percent:.2} % of the cells lie outside the ranges of the manifest"
        ));
    }
    if findings.silent_notes > 0 {
        problems.push(format!(
            "{} notes are silent (loudest cell below {SILENT_DB} dB)",
            findings.silent_notes
        ));
    }
    if let Some(worst_ms) = worst_ms.filter(|&worst_ms| worst_ms > SLOW_MS) {
        problems.push(format!(
            "a note took {worst_ms:.1} ms; above {SLOW_MS} ms keys are not ready in time"
        ));
    }
    problems
}
