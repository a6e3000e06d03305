//! A contact sheet: the same request under many seeds.

use std::time::Instant;

use backdrop::encode;
use backdrop::paint::Painter;
use backdrop::provenance::Provenance;
use backdrop::rows::{Depth, Picture};
use backdrop::sheet::{SheetShape, arrange};
use backdrop::{Request, Studio};
use serde_json::json;

use super::Arguments;
use super::arguments::Order;
use super::still::{milliseconds, recipe};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::performance::rounded;
use crate::progress;

pub(super) fn run(
    studio: &mut Studio,
    order: &Order,
    shape: SheetShape,
    arguments: &Arguments,
    common: &Common,
) -> Result<Outcome, Failure> {
    let settings = arguments.settings(&order.path)?;
    let mut file = OutputFile::create(&order.path, common.force)?;
    let start = Instant::now();
    let bar = progress::counted(common, "painting", shape.num_cells() as usize);
    let mut request = order.request.clone();
    request.size = shape.cell_size(order.request.size);
    let seeds: Vec<u32> = seeds(shape, common.seed).collect();
    let mut sheet = paint(studio, &request, shape, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let size = sheet.layout().size;
    let mut provenance = Provenance {
        recipe: recipe(studio, &request),
    };
    provenance.recipe["sheet"] = json!({
        "columns": shape.columns, "rows": shape.rows, "own_palettes": request.palette.is_none(),
    });
    provenance.recipe["file"] = settings.recipe();
    encode::write(&mut sheet, &settings, &provenance, &mut file)?;
    let path = file.commit()?;
    let words = format!(
        "{}: {} pictures, seeds {} to {}, in {:.1} s",
        path.display(),
        seeds.len(),
        seeds[0],
        seeds[seeds.len() - 1],
        1e-3 * milliseconds(&start)
    );
    let json = json!({
        "file": path, "width": size.width(), "height": size.height(), "seeds": seeds,
        "columns": shape.columns, "rows": shape.rows, "render_ms": rounded(milliseconds(&start), 1),
        "model": studio.model_recipe(),
    });
    Ok(Outcome::done(words, json))
}

/// The sheet of a request whose size is that of one picture and whose seed is the first one's.
///
/// # Errors
/// Whatever the model refuses.
pub(super) fn paint(
    studio: &mut Studio,
    request: &Request,
    shape: SheetShape,
    painted: &dyn Fn(),
) -> Result<Picture, Failure> {
    let mut request = request.clone();
    let mut pictures = Vec::new();
    for seed in seeds(shape, request.seed) {
        request.seed = seed;
        let scene = studio.scene(&request)?;
        pictures.push(Picture::collect(&mut Painter::new(
            &scene.field,
            &scene.look,
            request.size,
            Depth::Eight,
        )));
        painted();
    }
    Ok(arrange(shape, &pictures)?)
}

fn seeds(shape: SheetShape, first: u32) -> impl Iterator<Item = u32> {
    (0..shape.num_cells()).map(move |offset| first.wrapping_add(offset))
}
