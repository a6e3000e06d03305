//! A picture's file made again from the recipe inside it: stills, sheets, guides, frames and animations. It writes nothing.

use std::io::Cursor;

use backdrop::encode::frames::write_apng;
use backdrop::encode::{self, Format, Settings};
use backdrop::guide::guide;
use backdrop::moving::{Loop, Movement};
use backdrop::paint::{Look, Painter};
use backdrop::provenance::Provenance;
use backdrop::rows::{Depth, Picture, Rows};
use backdrop::sheet::SheetShape;
use backdrop::size::Area;
use backdrop::{Field, Request, Scene, Size, Studio};
use serde_json::Value;

use super::{moving, sheet};
use crate::failure::Failure;
use crate::recorded::Recorded;

/// The bytes of the file that this recipe stands in.
///
/// # Errors
/// Exit code 3 for a recipe that lacks something, else whatever the model refuses.
pub fn file_of(studio: &mut Studio, recipe: &Value) -> Result<Vec<u8>, Failure> {
    let whole = Recorded(recipe);
    if let Ok(guide) = whole.part("guide") {
        return guide_of(guide, recipe);
    }
    let mut request = Request::from_recipe(&recipe["request"])?;
    if let Ok(shape) = whole.part("sheet") {
        if shape.flag("own_palettes")? {
            // The recorded palette is that of the first picture alone.
            request.palette = None;
        }
        let shape = SheetShape::from_text(&format!(
            "{}x{}",
            shape.whole::<u32>("columns")?,
            shape.whole::<u32>("rows")?
        ))?;
        let mut sheet = sheet::paint(studio, &request, shape, &|| {})?;
        return encoded(&mut sheet, &settings(whole)?, recipe);
    }
    let scene = studio.scene(&request)?;
    let Ok(moves) = whole.part("loop") else {
        return still(&scene.field, &scene.look, request.size, recipe);
    };
    let plan = plan_of(moves)?;
    if recipe["loop"]["frame"].is_null() {
        return animation(studio, &scene, plan, recipe);
    }
    let frame = moves.whole("frame")?;
    let field = field_of(studio, &scene, plan, frame)?;
    let look = moving::look_of(&scene, plan, frame);
    still(&field, &look, request.size, recipe)
}

fn still(field: &Field, look: &Look, size: Size, recipe: &Value) -> Result<Vec<u8>, Failure> {
    let settings = settings(Recorded(recipe))?;
    let mut painter = Painter::new(field, look, size, settings.depth());
    encoded(&mut painter, &settings, recipe)
}

fn encoded(rows: &mut dyn Rows, settings: &Settings, recipe: &Value) -> Result<Vec<u8>, Failure> {
    let mut file = Cursor::new(Vec::new());
    encode::write(rows, settings, &provenance(recipe), &mut file)?;
    Ok(file.into_inner())
}

fn animation(
    studio: &mut Studio,
    scene: &Scene,
    plan: Loop,
    recipe: &Value,
) -> Result<Vec<u8>, Failure> {
    let mut frames = Vec::with_capacity(plan.num_frames as usize);
    for frame in 0..plan.num_frames {
        let field = field_of(studio, scene, plan, frame)?;
        let look = moving::look_of(scene, plan, frame);
        let mut painter = Painter::new(&field, &look, scene.request.size, Depth::Eight);
        frames.push(Picture::collect(&mut painter));
    }
    let rate_hz = u16::try_from(plan.rate_hz).unwrap_or(u16::MAX);
    let mut file = Vec::new();
    write_apng(&frames, rate_hz, &provenance(recipe), &mut file)?;
    Ok(file)
}

fn field_of(studio: &mut Studio, scene: &Scene, plan: Loop, frame: u32) -> Result<Field, Failure> {
    match plan.movement {
        Movement::Drift => Ok(studio.field(&scene.request, plan.motion(frame))?),
        Movement::Zoom | Movement::Parallax => Ok(scene.field.clone()),
    }
}

fn guide_of(recipe: Recorded<'_>, whole: &Value) -> Result<Vec<u8>, Failure> {
    let size = Size::from_text(recipe.text("size")?)?;
    let sides: Option<[f64; 4]> = recipe.value("box")?;
    let area = sides.map(|[left, top, width, height]| Area {
        left,
        top,
        width,
        height,
    });
    let mut picture =
        guide(size, area).ok_or_else(|| Failure::other("the guide could not be drawn"))?;
    encoded(&mut picture, &Settings::of(Format::Png), whole)
}

fn plan_of(recipe: Recorded<'_>) -> Result<Loop, Failure> {
    let rate_hz: u32 = recipe.whole("fps")?;
    let length_s = f64::from(recipe.whole::<u32>("frames")?) / f64::from(rate_hz.max(1));
    let movement = Movement::from_name(recipe.text("movement")?)?;
    Ok(Loop::new(
        length_s,
        rate_hz,
        movement,
        recipe.number("motion")?,
    )?)
}

fn settings(recipe: Recorded<'_>) -> Result<Settings, Failure> {
    let file = recipe.part("file")?;
    Settings::from_recipe(file.0).ok_or_else(|| {
        Failure::input_file(format!(
            "the recipe's file settings `{}` are none of this program's",
            file.0
        ))
    })
}

fn provenance(recipe: &Value) -> Provenance {
    Provenance {
        recipe: recipe.clone(),
    }
}
