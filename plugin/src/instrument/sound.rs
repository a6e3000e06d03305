//! One sound of the instrument: its recipe and, once a model has placed it, its very point in the latent space. Any thread.
//!
//! The point is what is saved: a later model of the same name cannot move a sound that was found once.

pub use models::Place;
use models::SoundRecipe;
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

impl Sound {
    /// The sound of a recipe; not placed yet, unless the recipe holds its place.
    pub fn of_recipe(recipe: &SoundRecipe) -> Self {
        Self {
            name: recipe.name.clone(),
            seed: recipe.seed,
            truncation: recipe.truncation,
            controls: recipe.controls.clone(),
            tags: recipe.tags.clone(),
            place: recipe.place.clone(),
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
            place: None,
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
