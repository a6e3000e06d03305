//! Where a sound lies: a point of one model's latent space, and which model that is. Any thread; runs no network.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::latent::SoundPoint;
use crate::manifest::Manifest;

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

    /// The point for the network of this manifest. `name` is the sound's, for messages.
    ///
    /// # Errors
    /// [`Error::OtherModel`] when the place is one of another model, where it would be another sound.
    pub(crate) fn point_in(&self, manifest: &Manifest, name: &str) -> Result<SoundPoint> {
        let fits = self.latent.len() == manifest.latent_length
            && self.attributes.len() == manifest.attributes.len()
            && self.style_offset.len() == manifest.style_length;
        if self.model == manifest.name && fits {
            return Ok(self.point());
        }
        Err(Error::OtherModel {
            sound: name.to_owned(),
            wanted: self.model.clone(),
            found: manifest.name.clone(),
        })
    }
}
