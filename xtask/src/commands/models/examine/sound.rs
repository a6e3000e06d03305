//! What running a sound model over many sounds and keys shows, said in words. In the examiner's process only.

use std::time::{Duration, Instant};

use models::{
    DEFAULT_TRUNCATION, GraphFacts, Grid, Manifest, Painting, SoundGenerator, SoundGrid, SoundPoint,
};
use serde_json::json;

use super::listening::{self, Heard};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;

/// So many sounds are tried, each on one key; together they walk the whole key range.
const NUM_SOUNDS: u32 = 50;
/// A slow model is run on fewer, but on so many at least.
const FEWEST_SOUNDS: u32 = 5;
/// Running sounds may take this part of the time limit; the rest is for loading and listening.
const SHARE_OF_TIME: u32 = 4;
/// Keys that are listened to.
const NUM_HEARD: u32 = 7;
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
    /// One sound on keys across the range.
    heard: Vec<Heard>,
    /// From the request to a note that can be played, for the lowest key.
    bake_ms: Option<f64>,
    /// Largest difference from the manifest's reference, and what it tolerates.
    reference: Option<(f32, f64)>,
    failure: Option<String>,
}

impl Findings {
    /// Of sorted times.
    fn median_ms(&self) -> Option<f64> {
        self.run_ms.get(self.run_ms.len() / 2).copied()
    }

    fn worst_ms(&self) -> Option<f64> {
        self.run_ms.iter().copied().reduce(f64::max)
    }
}

/// Examines a model that opens.
///
/// # Errors
/// A failure that is not the model's.
pub fn run(
    mut generator: SoundGenerator,
    facts: &GraphFacts,
    time_limit_s: u32,
    common: &Common,
) -> Result<Outcome, Failure> {
    let until = Instant::now() + Duration::from_secs(u64::from(time_limit_s)) / SHARE_OF_TIME;
    let mut findings = run_sounds(&mut generator, common.seed, until)?;
    findings.run_ms.sort_by(f64::total_cmp);
    if findings.failure.is_none() {
        let tolerance = generator.manifest().tolerance.output_abs;
        findings.reference = Some((generator.reference_difference()?, tolerance));
    }
    let problems = problems(&findings);
    let remarks = remarks(&findings, generator.manifest(), facts);
    let usable = findings.failure.is_none();
    let manifest = generator.manifest();
    let mut lines = vec![format!(
        "{} {}: opens, manifest and network agree",
        manifest.name, manifest.version
    )];
    if let (Some(median_ms), Some(worst_ms)) = (findings.median_ms(), findings.worst_ms()) {
        lines.push(format!(
            "{} notes run: median {median_ms:.2} ms, worst {worst_ms:.2} ms each on one core of this machine",
            findings.run_ms.len()
        ));
    }
    lines.extend(remarks.iter().cloned());
    lines.extend(problems.iter().map(|problem| format!("problem: {problem}")));
    lines.push(verdict(usable, &problems).to_owned());
    let json = json!({
        "path": generator.path().display().to_string(), "fingerprint": generator.fingerprint(), "usable": usable,
        "representation": manifest.representation.name(), "licence": manifest.licence, "nodes": facts.num_nodes,
        "notes": findings.run_ms.len(), "run_ms_median": findings.median_ms(), "run_ms_worst": findings.worst_ms(),
        "bake_ms": findings.bake_ms, "heard": findings.heard.iter().map(Heard::json).collect::<Vec<_>>(),
        "cells_outside_range": findings.cells_outside, "cells": findings.cells, "silent_notes": findings.silent_notes,
        "reference_difference": findings.reference.map(|(difference, _)| difference),
        "remarks": remarks, "problems": problems, "explanation": lines,
    });
    Ok(Outcome::done(lines.join("\n"), json).with_exit_code(if usable { 0 } else { 3 }))
}

/// What is no fault, and worth knowing before it is played.
fn remarks(findings: &Findings, manifest: &Manifest, facts: &GraphFacts) -> Vec<String> {
    let mut remarks = listening::remarks(&findings.heard);
    if let Some(bake_ms) = findings.bake_ms {
        remarks.push(format!(
            "the lowest key is ready {bake_ms:.0} ms after it is asked for, everything included"
        ));
    }
    if facts.num_loops > 0 {
        remarks.push(format!(
            "the network holds {} loops: how long a note takes may depend on the sound",
            facts.num_loops
        ));
    }
    let licence = &manifest.licence;
    remarks.push(if licence.starts_with("not stated") {
        format!("licence: {licence}; ask who made them before you publish what they play")
    } else {
        format!("licence: {licence} ({})", manifest.attribution)
    });
    remarks
}

fn verdict(usable: bool, problems: &[String]) -> &'static str {
    match (usable, problems.is_empty()) {
        (false, _) => "this model cannot be played",
        (true, false) => "this model can be played, with the problems above",
        (true, true) => "this model is sound",
    }
}

/// Runs sounds until all are done, time is over or one fails; the first run is warm-up and not timed.
fn run_sounds(
    generator: &mut SoundGenerator,
    first_seed: u32,
    until: Instant,
) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    let [low, high] = generator.manifest().key_range.map(f32::from);
    for index in 0..=NUM_SOUNDS {
        if index > FEWEST_SOUNDS && Instant::now() > until {
            break;
        }
        let seed = first_seed.wrapping_add(index);
        let key = (low + (high - low) * index as f32 / NUM_SOUNDS as f32).round();
        let sound = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest())?;
        let started = Instant::now();
        match generator.paint(&sound.request(key, 0.7)) {
            Ok(painting) if index > 0 => {
                let run_ms = started.elapsed().as_secs_f64() * 1e3;
                findings.run_ms.push(run_ms);
                if let Painting::Maps(maps) = &painting {
                    examine(maps, &generator.manifest().grid, &mut findings);
                }
            }
            Ok(_) => {}
            Err(error) if super::is_the_models(&error) => {
                findings.failure = Some(format!("seed {seed}: {error}"));
                return Ok(findings);
            }
            Err(error) => return Err(error.into()),
        }
    }
    listen(generator, first_seed, &mut findings)?;
    Ok(findings)
}

/// Listens to one sound on keys across the range, and bakes the lowest as a worker would.
fn listen(
    generator: &mut SoundGenerator,
    seed: u32,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let manifest = generator.manifest().clone();
    let sound = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, &manifest)?;
    let [low, high] = manifest.key_range;
    for index in 0..NUM_HEARD {
        let key = low + ((u32::from(high - low) * index) / (NUM_HEARD - 1)) as u8;
        let painting = generator.paint(&sound.request(f32::from(key), 0.7))?;
        findings
            .heard
            .push(Heard::new(&painting, &manifest, key, seed)?);
    }
    // The lowest key has the most partials and takes longest.
    let started = Instant::now();
    engine::worker::bake::note(generator, &sound, 0, low)?;
    findings.bake_ms = Some(started.elapsed().as_secs_f64() * 1e3);
    Ok(())
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
    findings.silent_notes += usize::from(is_silent(note));
}

fn is_silent(note: &SoundGrid) -> bool {
    note.level_db.iter().all(|level_db| *level_db < SILENT_DB)
}

fn problems(findings: &Findings) -> Vec<String> {
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
    if let Some(worst_ms) = findings.worst_ms().filter(|&worst_ms| worst_ms > SLOW_MS) {
        problems.push(format!(
            "a note took {worst_ms:.1} ms; above {SLOW_MS} ms keys are not ready in time, and the nearest ready one sounds instead"
        ));
    }
    problems
}
