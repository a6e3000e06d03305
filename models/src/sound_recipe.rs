//! A sound as people write it down: a name, a seed, control values; and the small text files that hold one. Any thread.
//!
//! What a recipe sounds like depends on the model: [`SoundRecipe::point`] asks its manifest. It runs no network. Shipped sounds are
//! TOML and fit any model; the user's own are JSON, and may hold the very point where they were found.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::latent::{DEFAULT_TRUNCATION, SoundPoint};
use crate::manifest::Manifest;
use crate::place::Place;

/// How files of the user's own sounds end.
pub const OWN_SOUND_EXTENSION: &str = "json";

/// A sound by its recipe: the same recipe and model give the same sound. Serialized, it is a file of the user's own sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundRecipe {
    /// What people call it.
    pub name: String,
    /// Seed of latent and attributes.
    pub seed: u32,
    /// Largest latent number.
    pub truncation: f64,
    /// Control values by name, each moved in turn.
    pub controls: Vec<(String, f32)>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Where it lies, controls moved, when it was found as a point of one model: then that counts.
    pub place: Option<Place>,
}

/// A text file of the sounds folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoundFile {
    name: String,
    seed: u32,
    truncation: Option<f64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    controls: BTreeMap<String, f32>,
}

impl SoundRecipe {
    /// The sound of a seed.
    pub fn from_seed(seed: u32) -> Self {
        Self {
            name: format!("seed:{seed}"),
            seed,
            truncation: DEFAULT_TRUNCATION,
            controls: Vec::new(),
            tags: Vec::new(),
            place: None,
        }
    }

    /// Reads a sound file, TOML or (by its ending) one of the user's own. Controls are moved in the order of their names.
    ///
    /// # Errors
    /// [`Error::SoundFile`] when it cannot be read, lacks a field or has one too many.
    pub fn load(path: &Path) -> Result<Self> {
        let broken = |reason: String| Error::SoundFile {
            path: path.to_path_buf(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
        if path
            .extension()
            .is_some_and(|ending| ending == OWN_SOUND_EXTENSION)
        {
            return serde_json::from_str(&text).map_err(|error| broken(error.to_string()));
        }
        let file: SoundFile =
            toml::from_str(&text).map_err(|error| broken(in_one_line(&error, &text)))?;
        Ok(Self {
            name: file.name,
            seed: file.seed,
            truncation: file.truncation.unwrap_or(DEFAULT_TRUNCATION),
            controls: file.controls.into_iter().collect(),
            tags: file.tags,
            place: None,
        })
    }

    /// The sound's place in this model.
    ///
    /// # Errors
    /// A control that the model lacks, or a value outside its range; [`Error::OtherModel`] for a place in another model.
    pub fn point(&self, manifest: &Manifest) -> Result<SoundPoint> {
        if let Some(place) = &self.place {
            return place.point_in(manifest, &self.name);
        }
        let mut point = SoundPoint::from_seed(self.seed, self.truncation, manifest)?;
        for (name, value) in &self.controls {
            point.add_control(name, *value, manifest)?;
        }
        Ok(point)
    }
}

/// What is wrong and in which line; the parser's own words come with a drawing of it.
fn in_one_line(error: &toml::de::Error, text: &str) -> String {
    const LONGEST: usize = 300;
    let said = error.message().replace(char::is_control, " ");
    let said: String = said.chars().take(LONGEST).collect();
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("line {}: {said}", 1 + before.matches('\n').count()),
        None => said,
    }
}
