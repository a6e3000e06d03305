//! The demo's pictures: a thumbnail with room for a title, and a 4K still, of the same seed as the music.

use std::path::{Path, PathBuf};

use backdrop::encode::{Format, Settings};
use backdrop::size::Area;
use backdrop::{Request, Size, Studio, TextRequest};
use serde_json::Value;

use crate::commands::backdrop::paint_file;
use crate::failure::Failure;
use crate::places;

/// Where the thumbnail's title would stand.
const TITLE: Area = Area {
    left: 0.06,
    top: 0.55,
    width: 0.55,
    height: 0.35,
};
const THUMBNAIL_BYTES: u64 = 2_000_000;

/// What was painted.
pub struct Backdrops {
    pub files: Vec<PathBuf>,
    pub words: Vec<String>,
    pub json: Vec<Value>,
}

/// Paints both into a folder; nothing where no picture model is shipped.
///
/// # Errors
/// Whatever model or disk refuse.
pub fn paint(folder: &Path, seed: u32) -> Result<Option<Backdrops>, Failure> {
    let Ok(model) = places::shipped_picture_model() else {
        return Ok(None);
    };
    let mut studio = Studio::load(model)?;
    let mut thumbnail = Request::new(Size::from_text("thumbnail")?, seed);
    thumbnail.text = Some(TextRequest {
        area: TITLE,
        ink: None,
        search: false,
        scrim: true,
    });
    let still = Request::new(Size::from_text("4k")?, seed);
    let jpeg = Settings {
        max_bytes: Some(THUMBNAIL_BYTES),
        ..Settings::of(Format::Jpeg)
    };
    let orders = [
        (thumbnail, jpeg, "understory-thumbnail.jpg"),
        (
            still,
            Settings::of(Format::Png),
            "understory-backdrop-4k.png",
        ),
    ];
    let mut painted = Backdrops {
        files: Vec::new(),
        words: Vec::new(),
        json: Vec::new(),
    };
    for (request, settings, name) in orders {
        let file = paint_file(&mut studio, &request, &settings, &folder.join(name), true)?;
        painted.words.push(file.words());
        painted.json.push(file.json(&studio, None));
        painted.files.push(file.path);
    }
    Ok(Some(painted))
}
