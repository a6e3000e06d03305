//! `models inspect`: what a model's manifest says, in words and as JSON. Starts no network.

use models::{Manifest, ModelFile};
use serde_json::json;

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::places::find_model;

/// Describes one model.
pub fn run(model: &str) -> Result<Outcome, Failure> {
    let file = ModelFile::load(find_model(model)?)?;
    let manifest = file.manifest();
    let json = json!({
        "path": file.path().display().to_string(), "bytes": file.num_bytes(), "fingerprint": file.fingerprint(),
        "manifest": manifest,
    });
    Ok(Outcome::done(in_words(&file, manifest), json))
}

fn in_words(file: &ModelFile, manifest: &Manifest) -> String {
    let grid = &manifest.grid;
    let training = &manifest.training;
    let mut lines = vec![
        format!(
            "{} {}: {}",
            manifest.name,
            manifest.version,
            file.path().display()
        ),
        format!("  fingerprint   {}", file.fingerprint()),
        format!(
            "  licence       {} ({})",
            manifest.licence, manifest.attribution
        ),
        format!(
            "  network       {} parameters, {} bytes",
            manifest.parameters,
            file.num_bytes()
        ),
        format!(
            "  trained       {} notes seen, seed {}, commit {}",
            training.samples_seen, training.seed, training.commit
        ),
        format!(
            "  keys          {} to {} (MIDI)",
            manifest.key_range[0], manifest.key_range[1]
        ),
        format!(
            "  note          {} rows and {} noise bands x {} columns, {:.2} s, released at {:.2} s",
            grid.num_rows(),
            grid.num_bands(),
            grid.num_columns(),
            grid.duration_s,
            grid.release_start_s
        ),
        format!(
            "  latent        {} numbers, style {}",
            manifest.latent_length, manifest.style_length
        ),
        format!("  attributes    {}", manifest.attributes.join(", ")),
    ];
    for control in &manifest.controls {
        let effect = &control.effect;
        lines.push(format!(
            "  control       {} ({} to {}): {:+.3} {} of {} per unit, rank correlation {:.2}",
            control.name,
            control.min,
            control.max,
            effect.per_unit,
            effect.unit,
            effect.descriptor,
            effect.spearman
        ));
    }
    for source in &manifest.sources {
        lines.push(format!(
            "  trained on    {} ({})",
            source.name, source.licence
        ));
    }
    lines.join("\n")
}
