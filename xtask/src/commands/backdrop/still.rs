//! One picture: decided, painted into the file as it is encoded, measured.

use std::path::{Path, PathBuf};
use std::time::Instant;

use backdrop::encode::{self, Settings};
use backdrop::guide::guide;
use backdrop::paint::{Measured, Painter};
use backdrop::provenance::Provenance;
use backdrop::text::READABLE;
use backdrop::{Request, Scene, Studio};
use serde_json::{Value, json};

use super::Arguments;
use super::arguments::Order;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::performance::rounded;

/// A picture on disk, with its figures.
pub struct PaintedFile {
    /// The file.
    pub path: PathBuf,
    /// As it was painted.
    pub scene: Scene,
    /// Of its pixels.
    pub measured: Measured,
    /// Deciding: the network, the search for a seed.
    pub network_ms: f64,
    /// Encoding and writing.
    pub encode_ms: f64,
    /// Of lossy formats.
    pub quality: Option<u8>,
}

pub(super) fn run(
    studio: &mut Studio,
    order: &Order,
    arguments: &Arguments,
    common: &Common,
) -> Result<Outcome, Failure> {
    let settings = arguments.settings(&order.path)?;
    let guide_file = order
        .guide
        .as_ref()
        .map(|path| OutputFile::create(path, common.force))
        .transpose()?;
    let painted = paint_file(studio, &order.request, &settings, &order.path, common.force)?;
    if let (Some(file), Some(path)) = (guide_file, &order.guide) {
        write_guide(file, path, &painted.scene.request)?;
    }
    let json = painted.json(studio, order.guide.as_deref());
    Ok(Outcome::done(painted.words(), json))
}

/// Paints a request into a file.
///
/// # Errors
/// Whatever the request, the model, the encoder or the disk refuse.
pub fn paint_file(
    studio: &mut Studio,
    request: &Request,
    settings: &Settings,
    path: &Path,
    force: bool,
) -> Result<PaintedFile, Failure> {
    settings.check(
        request.size,
        request.transparent.is_some(),
        request.color_space,
    )?;
    let mut file = OutputFile::create(path, force)?;
    let start = Instant::now();
    let scene = studio.scene(request)?;
    let network_ms = milliseconds(&start);
    let mut provenance = Provenance {
        recipe: recipe(studio, &scene.request),
    };
    provenance.recipe["file"] = settings.recipe();
    let start = Instant::now();
    let mut painter = Painter::new(&scene.field, &scene.look, request.size, settings.depth());
    let quality = encode::write(&mut painter, settings, &provenance, &mut file)?;
    let measured = painter.measured();
    let encode_ms = milliseconds(&start) - 1e3 * measured.paint_time.as_secs_f64();
    drop(painter);
    let path = file.commit()?;
    Ok(PaintedFile {
        path,
        scene,
        measured,
        network_ms,
        encode_ms,
        quality,
    })
}

/// What makes the picture again.
pub(super) fn recipe(studio: &Studio, request: &Request) -> Value {
    json!({ "command": "backdrop", "model": studio.model_recipe(), "request": request.recipe() })
}

fn write_guide(mut file: OutputFile, path: &Path, request: &Request) -> Result<(), Failure> {
    let area = request.text.map(|text| text.area);
    let sides = area.map(|area| [area.left, area.top, area.width, area.height]);
    let mut picture = guide(request.size, area).ok_or_else(|| {
        Failure::other(format!("{}: the guide could not be drawn", path.display()))
    })?;
    let provenance = Provenance {
        recipe: json!({ "command": "backdrop", "guide": { "size": request.size.to_string(), "box": sides } }),
    };
    let settings = Settings::of(encode::Format::Png);
    encode::write(&mut picture, &settings, &provenance, &mut file)?;
    file.commit()?;
    Ok(())
}

pub(super) fn milliseconds(start: &Instant) -> f64 {
    1e3 * start.elapsed().as_secs_f64()
}

impl PaintedFile {
    /// Network and painting, without the encoder.
    pub fn render_ms(&self) -> f64 {
        self.network_ms + 1e3 * self.measured.paint_time.as_secs_f64()
    }

    /// One or two lines for a person.
    pub fn words(&self) -> String {
        let request = &self.scene.request;
        let mut words = format!(
            "{}: {}, seed {}, painted in {:.0} ms and encoded in {:.0} ms, palette error {:.4}, fingerprint {}",
            self.path.display(),
            request.size,
            request.seed,
            self.render_ms(),
            self.encode_ms,
            self.measured.palette_error,
            self.measured.fingerprint
        );
        if let (Some(contrast), Some(found)) = (self.measured.contrast, self.scene.legibility) {
            let how = match (&self.scene.look.scrim, self.scene.num_tried_seeds) {
                (Some(scrim), _) => format!("with a scrim of {:.0} %", 100.0 * scrim.strength),
                (None, 1) => "as it is".to_owned(),
                (None, tried) => format!("by the {tried}. seed tried"),
            };
            let verdict = if contrast.worst >= READABLE {
                "readable"
            } else {
                "not readable everywhere"
            };
            words.push_str(&format!(
                "\ntext {}: contrast {:.2}:1 in the worst 5 % of its box, {how}, busyness {:.1}: {verdict}",
                found.ink.hex(),
                contrast.worst,
                found.busyness
            ));
        }
        words
    }

    /// One object for a script.
    pub fn json(&self, studio: &Studio, guide: Option<&Path>) -> Value {
        let request = &self.scene.request;
        let found = self.scene.legibility;
        let hex = |colors: &[backdrop::color::Srgb8]| {
            colors.iter().map(|color| color.hex()).collect::<Vec<_>>()
        };
        let palette = &self.scene.look.palette;
        json!({
            "file": self.path, "width": request.size.width(), "height": request.size.height(), "seed": request.seed,
            "fingerprint": self.measured.fingerprint,
            "contrast": self.measured.contrast.map(|contrast| rounded(contrast.worst, 3)),
            "contrast_median": self.measured.contrast.map(|contrast| rounded(contrast.median, 3)),
            "text_color": found.map(|found| found.ink.hex()), "busyness": found.map(|found| rounded(found.busyness, 3)),
            "scrim": self.scene.look.scrim.as_ref().map(|scrim| rounded(f64::from(scrim.strength), 4)),
            "seeds_tried": self.scene.num_tried_seeds,
            "palette_error": rounded(self.measured.palette_error, 6), "palette": hex(&palette.colors()),
            "palette_omission": rounded(palette.largest_omission(), 4),
            "coverage": self.measured.coverage.map(|share| rounded(share, 4)),
            "render_ms": rounded(self.render_ms(), 2), "network_ms": rounded(self.network_ms, 2),
            "paint_ms": rounded(1e3 * self.measured.paint_time.as_secs_f64(), 2), "encode_ms": rounded(self.encode_ms, 2),
            "quality": self.quality, "bytes": std::fs::metadata(&self.path).ok().map(|file| file.len()),
            "guide": guide, "model": studio.model_recipe(), "experimental": studio.manifest().experimental,
        })
    }
}
