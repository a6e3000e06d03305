//! One sound of the instrument: its recipe and, once a model has placed it, its very point in the latent space. Any thread.
//!
//! The point is what is saved: a later model of the same name cannot move a sound that was found once.

use models::{SoundPoint, SoundRecipe};
use serde::{Deserialize, Serialize};

/// A sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sound {
    /// What people call it.
    pub name: String,
    /// Seed of latent and attributes.
    pub seed: u32,
    /// Largest latent number of the seed's draw.
    pub truncation: f64,
    /// Controls that belong to the sound itself, each moved in turn.
    pub controls: Vec<(String, f32)>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Where it lies, if a model was there to say.
    pub place: Option<Place>,
}

/// A point of a model's latent space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Name of the model.
    pub model: String,
    /// SHA-256 of its file, hex.
    pub fingerprint: String,
    /// Standard normal.
    pub latent: Vec<f32>,
    /// Whitened, standard units.
    pub attributes: Vec<f32>,
    /// Added to the style vector.
    pub style_offset: Vec<f32>,
}

impl Sound {
    /// The sound of a recipe, not placed yet.
    pub fn of_recipe(recipe: &SoundRecipe) -> Self {
        Self {
            name: recipe.name.clone(),
            seed: recipe.seed,
            truncation: recipe.truncation,
            controls: recipe.controls.clone(),
            tags: recipe.tags.clone(),
            place: None,
        }
    }

    /// The recipe, without its place.
    pub fn recipe(&self) -> SoundRecipe {
        SoundRecipe {
            name: self.name.clone(),
            seed: self.seed,
            truncation: self.truncation,
            controls: self.controls.clone(),
            tags: self.tags.clone(),
        }
    }

    /// Whether every number is one.
    pub fn is_finite(&self) -> bool {
        let place = self.place.iter().flat_map(|place| {
            let lists = [&place.latent, &place.attributes, &place.style_offset];
            lists.into_iter().flatten()
        });
        let controls = self.controls.iter().map(|(_, value)| value);
        self.truncation.is_finite() && place.chain(controls).all(|value| value.is_finite())
    }
}

impl Place {
    /// The point for the network.
    pub fn point(&self) -> SoundPoint {
        SoundPoint {
            latent: self.latent.clone(),
            attributes: self.attributes.clone(),
            style_offset: self.style_offset.clone(),
        }
    }

    /// A point and the model that it is of.
    pub fn of(point: &SoundPoint, model: &str, fingerprint: &str) -> Self {
        Self {
            model: model.to_owned(),
            fingerprint: fingerprint.to_owned(),
            latent: point.latent.clone(),
            attributes: point.attributes.clone(),
            style_offset: point.style_offset.clone(),
        }
    }
}
