//! The picture that belongs to a bed: of its seed, in the colours and styles of its mood, as `bed --backdrop` of the command
//! line paints it. A thread of its own.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use backdrop::encode::{self, Format, Settings};
use backdrop::mood::Character;
use backdrop::paint::Painter;
use backdrop::provenance::Provenance;
use backdrop::{Request, Size, Studio};
use serde_json::json;

use super::super::order::ScoreOrder;
use crate::resources;

/// What a video is as a rule.
const SIZE: (u32, u32) = (1920, 1080);
/// A mood says nothing of it.
const MIDDLING_BRIGHTNESS: f64 = 0.5;

/// Paints the picture of a bed into a PNG file.
///
/// # Errors
/// In words for a user.
pub(super) fn paint(score: &ScoreOrder, path: &Path) -> Result<(), String> {
    resources::announce_runtime_library();
    let model = resources::models_folder()
        .and_then(|folder| models::newest_picture_model(&folder))
        .ok_or("The picture model that belongs to the plugin is missing: install Understory.vst3 as a whole")?;
    paint_by(&model, score, path).map_err(|error| error.to_string())
}

fn paint_by(model: &Path, score: &ScoreOrder, path: &Path) -> backdrop::Result<()> {
    let mut studio = Studio::load(model)?;
    let (width, height) = SIZE;
    let mut request = Request::new(Size::new(width, height)?, score.seed);
    let mood = score.mood();
    let character = Character {
        valence: mood.valence,
        energy: mood.energy,
        brightness: MIDDLING_BRIGHTNESS,
    };
    request.palette = Some(character.palette(score.seed));
    request.styles = character.styles(&studio.manifest().styles);
    let scene = studio.scene(&request)?;
    let settings = Settings::of(Format::Png);
    let provenance = Provenance {
        recipe: json!({
            "command": "backdrop", "model": studio.model_recipe(), "request": scene.request.recipe(),
            "file": settings.recipe(),
        }),
    };
    let failed = |error: std::io::Error| backdrop::Error::Encoder {
        format: settings.format.name(),
        reason: error.to_string(),
    };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let mut painter = Painter::new(&scene.field, &scene.look, request.size, settings.depth());
    encode::write(&mut painter, &settings, &provenance, &mut file)?;
    file.flush().map_err(failed)
}
