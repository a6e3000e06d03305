//! Where requests become fields: the loaded model and everything that is decided before painting. Worker threads only.

use std::path::Path;

use models::{DEFAULT_TRUNCATION, Motion, PictureGenerator, PictureManifest, PicturePoint};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::field::Field;
use crate::paint::Look;
use crate::request::{Request, TextRequest};
use crate::text::{Legibility, NUM_TRIED_SEEDS, READABLE, TextBox, judge, needed_scrim};

/// A search is content with a little more than is asked for: the small copy and the picture differ by rounding.
const SEARCH_GOAL: f64 = READABLE * 1.04;

/// A loaded picture model.
pub struct Studio {
    generator: PictureGenerator,
}

/// Everything a painter needs for one picture.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What the network painted.
    pub field: Field,
    /// What is made of it.
    pub look: Look,
    /// The request as it was followed: a search may have changed the seed.
    pub request: Request,
    /// Of the text box on the picture as it is painted, when there is one.
    pub legibility: Option<Legibility>,
    /// How many seeds were looked at for the text.
    pub num_tried_seeds: u32,
}

impl Studio {
    /// Loads a picture model.
    ///
    /// # Errors
    /// Whatever is wrong with the file or the runtime library.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self {
            generator: PictureGenerator::load(path)?,
        })
    }

    /// The model's facts.
    pub fn manifest(&self) -> &PictureManifest {
        self.generator.manifest()
    }

    /// Name, fingerprint and licence of the model, for a file's recipe.
    pub fn model_recipe(&self) -> Value {
        let manifest = self.manifest();
        json!({
            "name": manifest.name, "version": manifest.version, "licence": manifest.licence,
            "attribution": manifest.attribution, "fingerprint": self.generator.fingerprint(),
        })
    }

    /// Refuses what this model cannot paint; runs nothing.
    ///
    /// # Errors
    /// Unknown styles or controls, numbers out of range.
    pub fn check(&self, request: &Request) -> Result<()> {
        request.check()?;
        self.point(request).map(drop)
    }

    /// Runs the network for one moment of a request.
    ///
    /// # Errors
    /// Unknown styles or controls, numbers out of range, a broken model.
    pub fn field(&mut self, request: &Request, motion: Motion) -> Result<Field> {
        request.check()?;
        let mut point = self.point(request)?;
        point.motion = motion;
        let geometry = self.manifest().geometry.clone();
        let frame = geometry.frame(request.size.width(), request.size.height());
        let cells = self.generator.run(&point, &frame)?;
        Field::new(cells, geometry)
            .ok_or_else(|| Error::encoder("picture", "the network gave no whole planes"))
    }

    /// What is made of a field, before any text is thought of.
    pub fn look(&self, request: &Request) -> Result<Look> {
        request.check()?;
        let palette = request.palette();
        let transparent_entry = request
            .transparent
            .map(|number| palette.entry_of_given(number))
            .transpose()?;
        Ok(Look {
            strict: request.strict,
            residual_bound: self.manifest().residual_bound,
            color_space: request.color_space,
            blend: request.blend,
            grain: request.grain,
            stars: request.stars,
            seed: request.seed,
            transparent_entry,
            view: request.view,
            ..Look::new(palette)
        })
    }

    /// Decides everything about a still: for a text, which seed, which letters, which scrim.
    ///
    /// # Errors
    /// As [`Studio::field`].
    pub fn scene(&mut self, request: &Request) -> Result<Scene> {
        let mut scene = self.plain_scene(request)?;
        let Some(text) = request.text else {
            return Ok(scene);
        };
        if text.search {
            scene = self.search(request, text)?;
        } else {
            scene.legibility = Some(judge(
                &scene.field,
                &scene.look,
                request.size,
                text.area,
                text.ink,
            ));
        }
        add_scrim(&mut scene, text);
        Ok(scene)
    }

    fn plain_scene(&mut self, request: &Request) -> Result<Scene> {
        Ok(Scene {
            field: self.field(request, Motion::default())?,
            look: self.look(request)?,
            request: request.clone(),
            legibility: None,
            num_tried_seeds: 1,
        })
    }

    /// The first seed, from the one asked for, on which the text reads; else the one on which it reads best. Styles and
    /// palette stay those of the request.
    fn search(&mut self, request: &Request, text: TextRequest) -> Result<Scene> {
        let mut settled = request.clone();
        settled.palette = Some(request.palette());
        let mut best: Option<Scene> = None;
        for offset in 0..NUM_TRIED_SEEDS {
            settled.seed = request.seed.wrapping_add(offset);
            let mut scene = self.plain_scene(&settled)?;
            let found = judge(&scene.field, &scene.look, request.size, text.area, text.ink);
            scene.legibility = Some(found);
            scene.num_tried_seeds = offset + 1;
            if found.contrast.worst >= SEARCH_GOAL {
                return Ok(scene);
            }
            let is_better = best
                .as_ref()
                .and_then(|scene| scene.legibility)
                .is_none_or(|before| found.contrast.worst > before.contrast.worst);
            if is_better {
                best = Some(scene);
            }
        }
        best.map_or_else(
            || self.plain_scene(request),
            |mut scene| {
                scene.num_tried_seeds = NUM_TRIED_SEEDS;
                Ok(scene)
            },
        )
    }

    fn point(&self, request: &Request) -> Result<PicturePoint> {
        let manifest = self.manifest();
        let palette = request
            .palette()
            .oklab()
            .map(|color| [color.lightness as f32, color.a as f32, color.b as f32]);
        let mut point =
            PicturePoint::from_seed(request.seed, DEFAULT_TRUNCATION, palette, manifest)?;
        if !request.styles.is_empty() {
            point.set_styles(&request.styles, manifest)?;
        }
        for (name, value) in &request.controls {
            point.add_control(name, *value, manifest)?;
        }
        if !request.latent_sum.is_empty() {
            point.latent = self.summed_latent(request, palette)?;
        }
        Ok(point)
    }

    /// A sum of latents, brought back to the length of a single one: the network knows no others.
    fn summed_latent(&self, request: &Request, palette: [[f32; 3]; 5]) -> Result<Vec<f32>> {
        let mut sum = vec![0.0; self.manifest().latent_length];
        for (factor, seed) in &request.latent_sum {
            let point =
                PicturePoint::from_seed(*seed, DEFAULT_TRUNCATION, palette, self.manifest())?;
            for (number, part) in sum.iter_mut().zip(point.latent) {
                *number += factor * part;
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
        let wanted = (sum.len() as f32).sqrt();
        if length < f32::MIN_POSITIVE {
            return Err(Error::request(
                "latent",
                "sum",
                "it cancels out to nothing; leave one seed more",
            ));
        }
        sum.iter_mut().for_each(|value| *value *= wanted / length);
        Ok(sum)
    }
}

/// Puts letters and, where they need it, a scrim into a scene that was judged.
fn add_scrim(scene: &mut Scene, text: TextRequest) {
    let Some(found) = scene.legibility else {
        return;
    };
    scene.look.text = Some(TextBox {
        area: text.area,
        color: found.ink,
    });
    scene.request.text = Some(TextRequest {
        ink: Some(found.ink),
        ..text
    });
    if text.scrim && found.contrast.worst < SEARCH_GOAL {
        scene.look.scrim = needed_scrim(text.area, found.ink, found.luminance);
        scene.legibility = Some(judge(
            &scene.field,
            &scene.look,
            scene.request.size,
            text.area,
            Some(found.ink),
        ));
    }
}
