//! `models inspect`: what a model's manifest says, in words and as JSON. Starts no network.

use models::{AnyModelFile, Manifest, ModelFile, PictureFile};
use serde_json::json;

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::places::find_model;

/// Describes one model.
pub fn run(model: &str) -> Result<Outcome, Failure> {
    match AnyModelFile::load(find_model(model)?)? {
        AnyModelFile::Sound(file) => Ok(sound(&file)),
        AnyModelFile::Picture(file) => Ok(picture(&file)),
    }
}

fn sound(file: &ModelFile) -> Outcome {
    let manifest = file.manifest();
    let json = json!({
        "path": file.path().display().to_string(), "bytes": file.num_bytes(), "fingerprint": file.fingerprint(),
        "manifest": manifest,
    });
    Outcome::done(in_words(file, manifest), json)
}

fn picture(file: &PictureFile) -> Outcome {
    let manifest = file.manifest();
    let geometry = &manifest.geometry;
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
            "  trained       {} pictures seen, seed {}, commit {}",
            training.samples_seen, training.seed, training.commit
        ),
        format!("  styles        {}", manifest.styles.join(", ")),
        format!(
            "  picture       {} cells along the short side, lightness at most {} off the palette",
            geometry.short_units * geometry.cells_per_unit,
            manifest.residual_bound
        ),
        format!(
            "  latent        {} numbers, style {}",
            manifest.latent_length, manifest.style_length
        ),
    ];
    if manifest.experimental {
        lines.push(
            "  experimental  some styles are not recognisable yet; see the model's card".to_owned(),
        );
    }
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
    let json = json!({
        "path": file.path().display().to_string(), "bytes": file.num_bytes(), "fingerprint": file.fingerprint(),
        "manifest": manifest,
    });
    Outcome::done(lines.join("\n"), json)
}

fn in_words(file: &ModelFile, manifest: &Manifest) -> String {
    let grid = &manifest.grid;
    let trained = manifest.training.as_ref().map_or_else(
        || "elsewhere".to_owned(),
        |training| {
            format!(
                "{} notes seen, seed {}, commit {}",
                training.samples_seen, training.seed, training.commit
            )
        },
    );
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
        format!("  trained       {trained}"),
        format!("  paints        {}", manifest.representation.name()),
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
