//! What running a picture model over seeds and shapes shows, said in words. In the examiner's process only.

use std::time::Instant;

use models::{DEFAULT_TRUNCATION, PictureGenerator, PicturePoint};
use serde_json::json;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;

/// Seeds that are tried, each in the next shape and style.
const NUM_PICTURES: u32 = 12;
/// Shapes that differ in what they ask of the grid.
const SHAPES: [(u32, u32); 4] = [(1920, 1080), (1080, 1920), (1080, 1080), (2560, 420)];
/// Slower than this, a picture of 1080p misses the quarter of a second that is promised for it.
const SLOW_MS: f64 = 150.0;
/// Logits whose largest distance is below this give the same colour everywhere.
const FLAT: f32 = 0.1;

/// What the runs showed.
#[derive(Default)]
struct Findings {
    run_ms: Vec<f64>,
    flat_pictures: usize,
    residuals_outside: usize,
    failure: Option<String>,
}

/// Examines a model whose file is in order.
pub fn run(mut generator: PictureGenerator, common: &Common) -> Result<Outcome, Failure> {
    let path = generator.path().display().to_string();
    let mut findings = run_pictures(&mut generator, common.seed)?;
    findings.run_ms.sort_by(f64::total_cmp);
    let tolerance = generator.manifest().tolerance.cells_abs;
    let difference = match findings.failure {
        None => Some(generator.reference_difference()?),
        Some(_) => None,
    };
    let mut problems: Vec<String> = findings.failure.iter().cloned().collect();
    if let Some(difference) = difference.filter(|difference| f64::from(*difference) > tolerance) {
        problems.push(format!(
            "the reference picture differs by {difference} from what was exported, more than the {tolerance} it tolerates"
        ));
    }
    if findings.flat_pictures > 0 {
        problems.push(format!(
            "{} pictures are one colour everywhere",
            findings.flat_pictures
        ));
    }
    if findings.residuals_outside > 0 {
        problems.push(format!(
            "{} cells lie beyond the manifest's residual bound",
            findings.residuals_outside
        ));
    }
    let (median_ms, worst_ms) = (
        findings.run_ms.get(findings.run_ms.len() / 2).copied(),
        findings.run_ms.last().copied(),
    );
    if let Some(worst_ms) = worst_ms.filter(|worst_ms| *worst_ms > SLOW_MS) {
        problems.push(format!(
            "a picture took {worst_ms:.0} ms; above {SLOW_MS} ms 1080p is not painted in time"
        ));
    }
    if generator.manifest().experimental {
        problems.push(
            "the model calls itself experimental; its card says which styles are weak".to_owned(),
        );
    }
    let usable = findings.failure.is_none();
    let verdict = match (usable, problems.is_empty()) {
        (false, _) => "this model cannot be painted with",
        (true, false) => "this model can be painted with, with the problems above",
        (true, true) => "this model is sound",
    };
    let manifest = generator.manifest();
    let mut lines = vec![format!(
        "{} {}: opens, manifest and networks agree",
        manifest.name, manifest.version
    )];
    if let (Some(median_ms), Some(worst_ms)) = (median_ms, worst_ms) {
        lines.push(format!(
            "{} pictures run: median {median_ms:.1} ms, worst {worst_ms:.1} ms each on one core of this machine",
            findings.run_ms.len()
        ));
    }
    lines.extend(problems.iter().map(|problem| format!("problem: {problem}")));
    lines.push(verdict.to_owned());
    let json = json!({
        "path": path, "fingerprint": generator.fingerprint(), "usable": usable, "pictures": findings.run_ms.len(),
        "run_ms_median": median_ms, "run_ms_worst": worst_ms, "reference_difference": difference, "problems": problems, "explanation": lines,
    });
    Ok(Outcome::done(lines.join("\n"), json).with_exit_code(if usable { 0 } else { 3 }))
}

fn run_pictures(generator: &mut PictureGenerator, first_seed: u32) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    let manifest = generator.manifest().clone();
    for index in 0..=NUM_PICTURES {
        let seed = first_seed.wrapping_add(index);
        let (width, height) = SHAPES[index as usize % SHAPES.len()];
        let frame = manifest.geometry.frame(width, height);
        let point = PicturePoint::from_seed(
            seed,
            DEFAULT_TRUNCATION,
            manifest.reference.palette,
            &manifest,
        )?;
        let start = Instant::now();
        match generator.run(&point, &frame) {
            // The first run is warm-up.
            Ok(cells) if index > 0 => {
                findings.run_ms.push(1e3 * start.elapsed().as_secs_f64());
                let (logits, residual) = cells.values.split_at(5 * cells.rows * cells.columns);
                let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let smallest = logits.iter().copied().fold(f32::INFINITY, f32::min);
                findings.flat_pictures += usize::from(largest - smallest < FLAT);
                let is_outside = |value: &&f32| value.abs() > 1.01 * manifest.residual_bound;
                findings.residuals_outside += residual.iter().filter(is_outside).count();
            }
            Ok(_) => {}
            Err(error) if super::is_the_models(&error) => {
                findings.failure = Some(format!("seed {seed}: {error}"));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(findings)
}
