//! A contact sheet: the same request under many seeds.

use std::time::Instant;

use backdrop::Studio;
use backdrop::encode;
use backdrop::paint::Painter;
use backdrop::provenance::Provenance;
use backdrop::rows::{Depth, Picture};
use backdrop::sheet::{SheetShape, arrange};
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
    let mut pictures = Vec::new();
    let seeds: Vec<u32> = (0..shape.num_cells())
        .map(|offset| common.seed.wrapping_add(offset))
        .collect();
    let mut request = order.request.clone();
    request.size = shape.cell_size(order.request.size);
    for seed in &seeds {
        request.seed = *seed;
        let scene = studio.scene(&request)?;
        pictures.push(Picture::collect(&mut Painter::new(
            &scene.field,
            &scene.look,
            request.size,
            Depth::Eight,
        )));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut sheet = arrange(shape, &pictures)?;
    let size = sheet.layout().size;
    let mut provenance = Provenance {
        recipe: recipe(studio, &request),
    };
    provenance.recipe["sheet"] =
        json!({ "columns": shape.columns, "rows": shape.rows, "first_seed": common.seed });
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
