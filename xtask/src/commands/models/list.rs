//! `models list`: which models are here. Reads manifests, starts no network.

use std::path::Path;

use models::{AnyModelFile, ModelFile, PictureFile};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::places;

/// Lists shipped models, then the user's own. A damaged one is listed with what is wrong, it does not end the list.
pub fn run() -> Result<Outcome, Failure> {
    let mut entries = Vec::new();
    let mut lines = Vec::new();
    let shipped = places::shipped_models_dir()?;
    let folders = [
        ("shipped", Some(shipped)),
        ("own", places::user_models_dir()),
    ];
    for (origin, folder) in folders {
        for path in folder.iter().flat_map(|folder| models::model_files(folder)) {
            let (line, entry) = describe(&path, origin);
            lines.push(line);
            entries.push(entry);
        }
    }
    if lines.is_empty() {
        lines.push(
            "no models here; put .onnx files into ~/.local/share/understory/models".to_owned(),
        );
    }
    Ok(Outcome::done(
        lines.join("\n"),
        json!({ "models": entries }),
    ))
}

fn describe(path: &Path, origin: &str) -> (String, Value) {
    match AnyModelFile::load(path) {
        Ok(AnyModelFile::Sound(file)) => describe_sound(&file, origin),
        Ok(AnyModelFile::Picture(file)) => describe_picture(&file, origin),
        Err(error) => (
            format!("unusable, {origin}: {error}"),
            json!({ "path": path.display().to_string(), "origin": origin, "error": error.to_string() }),
        ),
    }
}

fn describe_sound(file: &ModelFile, origin: &str) -> (String, Value) {
    let shown = file.path().display().to_string();
    let manifest = file.manifest();
    let line = format!(
        "{} {} ({}), {} parameters, keys {} to {}, {origin}: {shown}",
        manifest.name,
        manifest.version,
        manifest.licence,
        manifest.parameters,
        manifest.key_range[0],
        manifest.key_range[1],
    );
    let entry = json!({
        "path": shown, "origin": origin, "kind": "sound", "name": manifest.name, "version": manifest.version,
        "licence": manifest.licence, "parameters": manifest.parameters, "fingerprint": file.fingerprint(),
    });
    (line, entry)
}

fn describe_picture(file: &PictureFile, origin: &str) -> (String, Value) {
    let shown = file.path().display().to_string();
    let manifest = file.manifest();
    let line = format!(
        "{} {} ({}), {} parameters, styles {}{}, {origin}: {shown}",
        manifest.name,
        manifest.version,
        manifest.licence,
        manifest.parameters,
        manifest.styles.join(", "),
        if manifest.experimental {
            ", experimental"
        } else {
            ""
        },
    );
    let entry = json!({
        "path": shown, "origin": origin, "kind": "picture", "name": manifest.name, "version": manifest.version,
        "licence": manifest.licence, "parameters": manifest.parameters, "fingerprint": file.fingerprint(),
        "styles": manifest.styles, "experimental": manifest.experimental,
    });
    (line, entry)
}
