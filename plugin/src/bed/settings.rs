//! What a bed is set to beside its parameters: hits, the energy curve, sounds of parts. Host main thread, editor and worker;
//! the audio thread never comes here.

use engine::score::compose::MAX_HITS;
use serde::{Deserialize, Serialize};

use crate::instrument::sound::Sound;

/// Number of parts.
pub const NUM_PARTS: usize = 5;
/// Most points of the energy curve.
pub const MOST_ENERGY_POINTS: usize = 256;

/// Everything but parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Moments that the music must mark.
    pub hits: Vec<HitMark>,
    /// Shares of the length and energies, both 0..1, ascending by share; empty: the form chooses.
    pub energy_curve: Vec<[f64; 2]>,
    /// A part's own sound; `None`: what fits mood and seed.
    pub sounds: [Option<Sound>; NUM_PARTS],
    /// What fitted when it was chosen first: another library of sounds does not change an old project.
    pub cast: Option<Cast>,
    /// The length to the sample, where the parameter's milliseconds are too coarse; it counts while it rounds to them.
    pub exact_length_s: Option<f64>,
    /// Frames a second of the video, as in `25` or `29.97df`.
    pub frame_rate: String,
    /// Whether randomising leaves the seed alone.
    pub seed_is_locked: bool,
    /// Size of the editor in percent.
    pub scale_percent: u16,
}

/// A hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HitMark {
    /// Seconds from the bed's start.
    pub time_s: f64,
    /// What happens, may be empty.
    pub name: String,
}

/// The sounds that were chosen for a mood and a seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    /// Valence and energy, thousandths.
    pub mood: [i32; 2],
    /// The seed.
    pub seed: u32,
    /// By number of the part.
    pub sounds: [Sound; NUM_PARTS],
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hits: Vec::new(),
            energy_curve: Vec::new(),
            sounds: Default::default(),
            cast: None,
            exact_length_s: None,
            frame_rate: "25".to_owned(),
            seed_is_locked: false,
            scale_percent: 100,
        }
    }
}

impl Settings {
    /// Whether every number is one and within reach.
    pub fn is_sane(&self) -> bool {
        let cast = self.cast.iter().flat_map(|cast| &cast.sounds);
        let mut sounds = self.sounds.iter().flatten().chain(cast);
        let in_reach = |point: &[f64; 2]| point.iter().all(|value| (0.0..=1.0).contains(value));
        sounds.all(Sound::is_finite)
            && self.hits.len() <= MAX_HITS
            && self.hits.iter().all(|hit| hit.time_s.is_finite())
            && self.energy_curve.len() <= MOST_ENERGY_POINTS
            && self.energy_curve.iter().all(in_reach)
            && self.exact_length_s.is_none_or(f64::is_finite)
    }
}
