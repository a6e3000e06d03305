//! Pictures by the picture model that belongs to the plugin: whole ones into files, and a small one behind a window's map.

mod easel;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use backdrop::encode::{self, Format, Settings};
use backdrop::paint::Painter;
use backdrop::provenance::Provenance;
use backdrop::{Error, Request, Size, Studio};
use serde_json::json;

use crate::resources;

pub(crate) use easel::Easel;

/// What a video is as a rule.
const VIDEO_SIZE: (u32, u32) = (1920, 1080);

/// Paints a picture into a PNG file; `request` is told the size and the styles that the model knows. Takes a second: on a
/// thread of its own.
///
/// # Errors
/// In words for a user.
pub(crate) fn write(
    request: impl FnOnce(Size, &[String]) -> Request,
    path: &Path,
) -> Result<(), String> {
    let mut studio = studio()?;
    paint_into(&mut studio, request, path).map_err(|error| error.to_string())
}

/// The model, loaded.
fn studio() -> Result<Studio, String> {
    resources::announce_runtime_library();
    let model = resources::models_folder()
        .and_then(|folder| models::newest_picture_model(&folder))
        .ok_or("The picture model that belongs to the plugin is missing: install Understory.vst3 as a whole")?;
    Studio::load(model).map_err(|error| error.to_string())
}

fn paint_into(
    studio: &mut Studio,
    request: impl FnOnce(Size, &[String]) -> Request,
    path: &Path,
) -> backdrop::Result<()> {
    let (width, height) = VIDEO_SIZE;
    let request = request(Size::new(width, height)?, &studio.manifest().styles);
    let scene = studio.scene(&request)?;
    let settings = Settings::of(Format::Png);
    let provenance = Provenance {
        recipe: json!({
            "command": "backdrop", "model": studio.model_recipe(), "request": scene.request.recipe(),
            "file": settings.recipe(),
        }),
    };
    let failed = |error: std::io::Error| Error::Encoder {
        format: settings.format.name(),
        reason: error.to_string(),
    };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let mut painter = Painter::new(&scene.field, &scene.look, request.size, settings.depth());
    encode::write(&mut painter, &settings, &provenance, &mut file)?;
    file.flush().map_err(failed)
}
