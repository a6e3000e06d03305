//! `models pack-default`: bakes some notes of the default sound into a small file beside its model, so that a plugin's
//! first key sounds before the network is loaded.

use std::path::{Path, PathBuf};

use engine::Wish;
use engine::note_pack::NotePack;
use engine::worker::bake;
use serde_json::json;

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::places;
use crate::progress;
use crate::sound_choice::SoundChoice;

/// The sound that a new instance of the plugin plays.
const DEFAULT_SOUND: &str = "clearing";
/// Every third key: the farthest repitch is a semitone.
const KEY_STEP: usize = 3;
/// The layer of a usual stroke; the others are played by it until they are baked.
const LAYER: u8 = 1;
/// Extension of the file, which has the model's name otherwise.
const EXTENSION: &str = "notes";

/// Bakes and writes the file.
///
/// # Errors
/// A model or sound that cannot be used, a disk that refuses.
pub fn run(model: Option<&Path>, common: &Common) -> Result<Outcome, Failure> {
    let model_path = match model {
        Some(path) => path.to_path_buf(),
        None => places::shipped_sound_model()?,
    };
    let path: PathBuf = common
        .out
        .clone()
        .unwrap_or_else(|| model_path.with_extension(EXTENSION));
    let file = OutputFile::create(&path, common.force)?;
    let mut generator = places::load_sound_generator(Some(&model_path))?;
    let sound = SoundChoice::from_text(DEFAULT_SOUND)?;
    let point = sound.point(generator.manifest())?;
    let [lowest, highest] = generator.manifest().key_range;
    let wishes: Vec<Wish> = (lowest..=highest)
        .step_by(KEY_STEP)
        .map(|key| Wish {
            slot: 0,
            layer: LAYER,
            key,
        })
        .collect();
    let bar = progress::counted(common, "baking notes", wishes.len());
    let generators = std::slice::from_mut(&mut generator);
    let notes = bake::bake(generators, &[point], &wishes, &|done| {
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let pack = NotePack {
        label: format!("{} {DEFAULT_SOUND}", generator.fingerprint()),
        notes,
    };
    let bytes = pack.to_bytes()?;
    let path = file.write_and_commit(&bytes)?;
    let words = format!(
        "{}: {} notes of {DEFAULT_SOUND}, {} bytes",
        path.display(),
        pack.notes.len(),
        bytes.len()
    );
    let json = json!({
        "path": path.display().to_string(), "notes": pack.notes.len(), "bytes": bytes.len(), "label": pack.label,
    });
    Ok(Outcome::done(words, json))
}
