//! The door to a model: what a worker asks of it, and what a sound is that has not met its model yet. Worker threads.
//!
//! The engine opens no files: whoever knows where a model lies gives a closure that loads it.

use std::fmt;
use std::sync::Arc;

use models::{Manifest, SoundGenerator, SoundPoint};

use super::bake;
use crate::error::Result;
use crate::note::Note;

/// Something that makes notes: a model, or what stands in for one.
pub trait NoteGenerator: Send {
    /// Lowest and highest key that are baked without being asked for.
    fn key_range(&self) -> [u8; 2];

    /// The model's facts, where it has any.
    fn manifest(&self) -> Option<&Manifest> {
        None
    }

    /// The point of a request, its controls moved. `timbre` holds values of the controls in the model's order.
    ///
    /// # Errors
    /// What the model refuses: an unknown control, a point of another model.
    fn point(&self, request: &SoundRequest, timbre: &[f32]) -> Result<SoundPoint>;

    /// One note. `layer` counts the velocity layers.
    ///
    /// # Errors
    /// What the model cannot make, NaN included.
    fn note(&mut self, point: &SoundPoint, layer: usize, key: u8) -> Result<Note>;
}

/// Where a model comes from.
#[derive(Clone)]
pub struct ModelSource {
    id: Arc<str>,
    load: Arc<Loader>,
}

type Loader = dyn Fn() -> Result<Box<dyn NoteGenerator>> + Send + Sync;

impl ModelSource {
    /// `id` tells models apart: sources of one id share a session, so a file that was replaced needs another id (its
    /// fingerprint is a good one). `load` runs on a worker, once, and again after a failure.
    pub fn new(
        id: &str,
        load: impl Fn() -> Result<Box<dyn NoteGenerator>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            load: Arc::new(load),
        }
    }

    /// The same for a model file.
    pub fn of_model(
        id: &str,
        load: impl Fn() -> models::Result<SoundGenerator> + Send + Sync + 'static,
    ) -> Self {
        Self::new(id, move || Ok(Box::new(load()?)))
    }

    /// What tells it apart.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn load(&self) -> Result<Box<dyn NoteGenerator>> {
        (self.load)()
    }
}

impl fmt::Debug for ModelSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ModelSource")
            .field(&self.id)
            .finish()
    }
}

/// Where a sound starts, before its controls are moved.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundBase {
    /// A point that a project saved.
    Point(SoundPoint),
    /// A seed; needs the model to become a point.
    Seed {
        /// Any number.
        seed: u32,
        /// Largest latent number, 0.1..=10.
        truncation: f64,
    },
}

/// A sound to bake.
#[derive(Clone, Debug)]
pub struct SoundRequest {
    /// The model.
    pub model: ModelSource,
    /// Where it starts.
    pub base: SoundBase,
    /// Named controls and how far each is moved, in standard deviations of the data.
    pub controls: Vec<(String, f32)>,
}

impl NoteGenerator for SoundGenerator {
    fn key_range(&self) -> [u8; 2] {
        SoundGenerator::manifest(self).key_range
    }

    fn manifest(&self) -> Option<&Manifest> {
        Some(SoundGenerator::manifest(self))
    }

    fn point(&self, request: &SoundRequest, timbre: &[f32]) -> Result<SoundPoint> {
        let manifest = SoundGenerator::manifest(self);
        let mut point = match &request.base {
            SoundBase::Point(point) => point.clone(),
            SoundBase::Seed { seed, truncation } => {
                SoundPoint::from_seed(*seed, *truncation, manifest)?
            }
        };
        for (name, value) in &request.controls {
            point.add_control(name, *value, manifest)?;
        }
        // A host's slider may reach farther than this model's control.
        for (control, value) in manifest.controls.iter().zip(timbre) {
            let value = value.clamp(control.min, control.max);
            point.add_control(&control.name, value, manifest)?;
        }
        Ok(point)
    }

    fn note(&mut self, point: &SoundPoint, layer: usize, key: u8) -> Result<Note> {
        bake::note(self, point, layer, key)
    }
}
