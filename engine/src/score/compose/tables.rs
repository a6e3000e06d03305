//! What is likely: how chords follow each other, and where in a bar notes begin. Pure data, written by hand or counted
//! from MIDI files by [`crate::score::learn`].

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Sixteenths of a bar of four beats.
pub const NUM_STEPS: usize = 16;
/// Degrees of a scale.
const NUM_DEGREES: usize = 7;

/// Weights of going from one degree (row) to another (column).
pub type Transitions = [[f64; NUM_DEGREES]; NUM_DEGREES];

/// Weights of chords and rhythms. Only ratios within a row count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// Where the numbers come from.
    pub source: String,
    /// Chord to chord in modes with a major third.
    pub major: Transitions,
    /// Chord to chord in modes with a minor third.
    pub minor: Transitions,
    /// Weight of a melody note beginning on each sixteenth of a bar of four beats.
    pub onsets: [f64; NUM_STEPS],
}

/// After the chart of usual root motions in Kostka and Payne, "Tonal Harmony" (ch. 7), with the plagal and modal motions
/// that de Clercq and Temperley (2011) find as common in popular music.
const MAJOR: Transitions = [
    [0.0, 2.0, 1.0, 5.0, 3.5, 4.0, 0.6],
    [1.2, 0.0, 0.6, 1.2, 5.0, 1.0, 0.2],
    [0.3, 1.0, 0.0, 4.0, 0.4, 4.0, 0.2],
    [4.0, 1.5, 0.6, 0.0, 4.0, 1.4, 0.3],
    [4.0, 0.2, 0.4, 2.0, 0.0, 3.0, 0.2],
    [0.8, 2.4, 1.0, 4.5, 2.4, 0.0, 0.3],
    [3.0, 0.2, 1.5, 2.5, 0.8, 1.0, 0.0],
];

/// The same sources; in minor the sixth, seventh and third degrees carry what ii and V carry in major.
const MINOR: Transitions = [
    [0.0, 1.0, 2.0, 3.5, 2.0, 4.0, 3.5],
    [3.0, 0.0, 0.5, 1.0, 2.5, 0.6, 1.2],
    [1.0, 0.6, 0.0, 2.0, 0.6, 3.5, 3.0],
    [3.0, 0.8, 1.0, 0.0, 2.6, 1.4, 2.2],
    [4.0, 0.2, 0.6, 1.4, 0.0, 3.0, 0.8],
    [1.6, 0.6, 3.0, 2.2, 1.4, 0.0, 4.0],
    [4.0, 0.3, 3.0, 1.4, 0.8, 2.2, 0.0],
];

/// After the metrical profile of folk melodies in Temperley, "Music and Probability" (2007, ch. 3): the stronger the
/// beat, the likelier an onset.
const ONSETS: [f64; NUM_STEPS] = [
    10.0, 0.3, 2.2, 0.5, 6.0, 0.3, 2.6, 0.6, 7.5, 0.3, 2.4, 0.5, 5.5, 0.3, 2.8, 0.7,
];

impl Default for Tables {
    fn default() -> Self {
        Tables {
            source: "by hand, after Kostka and Payne, de Clercq and Temperley 2011, Temperley 2007"
                .to_owned(),
            major: MAJOR,
            minor: MINOR,
            onsets: ONSETS,
        }
    }
}

impl Tables {
    pub(super) fn check(&self) -> Result<()> {
        let rows = self.major.iter().chain(&self.minor).flatten();
        match rows
            .chain(&self.onsets)
            .find(|weight| !(weight.is_finite() && **weight >= 0.0))
        {
            None => Ok(()),
            Some(weight) => Err(Error::request(
                "a weight of the tables",
                weight,
                "weights are numbers from 0 up: count the tables again",
            )),
        }
    }
}
