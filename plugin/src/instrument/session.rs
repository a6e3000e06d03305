//! What an instance is set to beside its parameters: four corner sounds, locks, a path, whether to keep notes; with undo,
//! comparison and randomising over both. Host main thread and editor; the audio thread never comes here.
//!
//! It knows no host: it gives and takes [`Snapshot`]s, and whoever calls it moves the host's parameters.

mod history;
mod randomise;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::scale::Scale;
use super::shelf::ChosenModel;
use super::sound::Sound;

pub use history::{History, Side};
pub use randomise::{more_like, randomised};

/// Corners of the morph pad: A, B, C, D.
pub const NUM_CORNERS: usize = 4;
/// Most points of a recorded path; a longer one is thinned by the editor.
pub const MOST_PATH_POINTS: usize = 1024;

/// Everything but parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A to D; a corner without a sound plays A.
    pub corners: [Option<Sound>; NUM_CORNERS],
    /// Ids of parameters that randomising leaves alone.
    pub locked: BTreeSet<String>,
    /// Whether randomising leaves the seed alone.
    pub seed_is_locked: bool,
    /// Points of the morph pad, x and y in 0..1, evenly spaced in time.
    pub path: Vec<[f32; 2]>,
    /// Whether the project keeps the baked notes.
    pub keeps_notes: bool,
    /// Size of the editor in percent.
    pub scale_percent: u16,
    /// The model, when it is not the newest that came with the plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ChosenModel>,
    /// How keys are tuned, when it is not twelve equal steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            corners: Default::default(),
            locked: BTreeSet::new(),
            seed_is_locked: false,
            path: Vec::new(),
            keeps_notes: false,
            scale_percent: 100,
            model: None,
            scale: None,
        }
    }
}

impl Settings {
    /// The first corner's sound.
    pub fn sound(&self) -> Option<&Sound> {
        self.corners[0].as_ref()
    }

    /// Whether every number is one and within reach.
    pub fn is_sane(&self) -> bool {
        let in_reach = |point: &[f32; 2]| point.iter().all(|value| (0.0..=1.0).contains(value));
        self.corners.iter().flatten().all(Sound::is_finite)
            && self.scale.as_ref().is_none_or(Scale::is_readable)
            && self.path.len() <= MOST_PATH_POINTS
            && self.path.iter().all(in_reach)
    }
}

/// Everything that a gesture can change, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Parameters by id, normalised.
    pub parameters: BTreeMap<String, f32>,
    /// The rest.
    pub settings: Settings,
}
