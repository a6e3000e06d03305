//! What a sound network paints: the three maps of the contract, GANSynth's picture, or plain samples. Any thread.
//!
//! The one place that knows which inputs and outputs belong to which kind; what the numbers sound like is `engine`'s matter.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Manifest;
use super::checks::require;
use crate::error::{Error, Result};

/// Most numbers of one output of one note that are believed: beyond it a damaged manifest would make us reserve gigabytes.
const MOST_CELLS: usize = 1 << 24;
/// Sample rates that can be analysed, Hz.
const SAMPLE_RATES_HZ: std::ops::RangeInclusive<f64> = 8_000.0..=384_000.0;

/// What a network paints (CONTRACT.md, sections 1, 6 and 7).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "representation", rename_all = "snake_case")]
pub enum Representation {
    /// Level, deviation and noise of each harmonic: sections 2 to 5.
    PitchAligned,
    /// GANSynth's picture of mel power and instantaneous frequency: section 6.
    MelIf {
        /// How it is decoded.
        mel_if: MelIf,
    },
    /// The samples of a note: section 7.
    Wave {
        /// How many, and how fast.
        wave: Wave,
    },
}

/// How GANSynth's picture becomes samples (CONTRACT.md, section 6).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct MelIf {
    /// Of the decoded samples, Hz.
    pub sample_rate_hz: f64,
    /// Frames of one inverse transform.
    pub fft_length: usize,
    /// Frames between two of them.
    pub hop_length: usize,
    /// Columns of the picture.
    pub num_frames: usize,
    /// Mel bands of the picture, and bins of the transform without the lowest.
    pub num_bins: usize,
    /// Samples of a note.
    pub num_samples: usize,
    /// Samples dropped in front of it.
    pub leading_samples: usize,
}

/// The samples that a network makes by itself (CONTRACT.md, section 7).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Wave {
    /// Hz.
    pub sample_rate_hz: f64,
    /// Samples of a note.
    pub num_samples: usize,
}

/// Name and sizes (without the batch) of an input or output.
pub(crate) type Sizes = (&'static str, Vec<usize>);

impl Representation {
    /// As the manifest writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PitchAligned => "pitch_aligned",
            Self::MelIf { .. } => "mel_if",
            Self::Wave { .. } => "wave",
        }
    }

    /// All names, for messages.
    pub(super) const NAMES: [&'static str; 3] = ["pitch_aligned", "mel_if", "wave"];

    /// Refuses facts that are impossible or would fill the memory.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::PitchAligned => Ok(()),
            Self::MelIf { mel_if } => mel_if.check(),
            Self::Wave { wave } => wave.check(),
        }
    }
}

impl Manifest {
    /// The inputs that a network of this kind takes.
    pub(crate) fn wanted_inputs(&self) -> Vec<Sizes> {
        let mut inputs = vec![("latent", vec![self.latent_length]), ("key", vec![])];
        if self.representation == Representation::PitchAligned {
            inputs.push(("velocity", vec![]));
            inputs.push(("attributes", vec![self.attributes.len()]));
            inputs.push(("style_offset", vec![self.style_length]));
        }
        inputs
    }

    /// The outputs that a network of this kind has.
    pub(crate) fn wanted_outputs(&self) -> Vec<Sizes> {
        let grid = &self.grid;
        let columns = grid.num_columns();
        match &self.representation {
            Representation::PitchAligned => vec![
                ("level_db", vec![grid.num_rows(), columns]),
                ("deviation_cents", vec![grid.num_rows(), columns]),
                ("noise_db", vec![grid.num_bands(), columns]),
            ],
            Representation::MelIf { mel_if } => {
                vec![("mel", vec![mel_if.num_frames, mel_if.num_bins, 2])]
            }
            Representation::Wave { wave } => vec![("wave", vec![wave.num_samples])],
        }
    }
}

impl MelIf {
    fn check(&self) -> Result<()> {
        check_sample_rate(self.sample_rate_hz, "mel_if.sample_rate_hz")?;
        require(
            self.fft_length.is_power_of_two() && (64..=65_536).contains(&self.fft_length),
            "mel_if.fft_length",
            || {
                format!(
                    "is {}, must be a power of two from 64 to 65536",
                    self.fft_length
                )
            },
        )?;
        require(
            self.num_bins == self.fft_length / 2,
            "mel_if.num_bins",
            || {
                format!(
                    "is {}, must be half of fft_length = {}",
                    self.num_bins, self.fft_length
                )
            },
        )?;
        require(
            (1..=self.fft_length).contains(&self.hop_length),
            "mel_if.hop_length",
            || {
                format!(
                    "is {}, must be 1 to fft_length = {}",
                    self.hop_length, self.fft_length
                )
            },
        )?;
        let most_frames = MOST_CELLS / (2 * self.num_bins);
        require(
            (1..=most_frames).contains(&self.num_frames),
            "mel_if.num_frames",
            || format!("is {}, must be 1 to {most_frames}", self.num_frames),
        )?;
        let decoded = (self.num_frames - 1) * self.hop_length + self.fft_length;
        let left = decoded.saturating_sub(self.leading_samples);
        require(
            (1..=left).contains(&self.num_samples),
            "mel_if.num_samples",
            || {
                format!(
                    "is {}, must be 1 to the {left} that are left of {decoded} after leading_samples",
                    self.num_samples
                )
            },
        )
    }
}

impl Wave {
    fn check(&self) -> Result<()> {
        check_sample_rate(self.sample_rate_hz, "wave.sample_rate_hz")?;
        require(
            (1..=MOST_CELLS).contains(&self.num_samples),
            "wave.num_samples",
            || format!("is {}, must be 1 to {MOST_CELLS}", self.num_samples),
        )
    }
}

fn check_sample_rate(found_hz: f64, field: &str) -> Result<()> {
    require(SAMPLE_RATES_HZ.contains(&found_hz), field, || {
        format!("is {found_hz}, must be 8000 to 384000")
    })
}

/// What every network of our own says and those of other people do not.
const OWN_FIELDS: [&str; 4] = ["training", "style_length", "attributes", "controls"];

/// Looks at the kind before the fields: an unknown one may have any, and ours must have all.
pub(super) fn check_kind(json: &str) -> Result<()> {
    let field = "representation";
    let fields: BTreeMap<String, IgnoredAny> =
        serde_json::from_str(json).map_err(|error| Error::field(field, error.to_string()))?;
    #[derive(Deserialize)]
    struct Kind {
        representation: String,
    }
    let Kind { representation } =
        serde_json::from_str(json).map_err(|error| Error::field(field, error.to_string()))?;
    let known = Representation::NAMES.contains(&representation.as_str());
    require(known, field, || {
        let names = Representation::NAMES.join(", ");
        format!("is `{representation}`, this version plays {names}")
    })?;
    let is_own = representation == Representation::PitchAligned.name();
    for name in OWN_FIELDS.iter().filter(|_| is_own) {
        require(fields.contains_key(*name), name, || "is missing".into())?;
    }
    Ok(())
}
