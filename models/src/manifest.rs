//! A sound model's facts, as written into the ONNX file by the Python side (CONTRACT.md, sections 1, 2 and 4). Any thread.
//!
//! Parsed and checked once, here; afterwards every field can be trusted. It does not look at the graph (`graph_check`).

pub(crate) mod checks;
mod grid_checks;
pub(crate) mod representation;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
pub use representation::{MelIf, Representation, Wave};

/// The metadata entry of the ONNX file that holds the manifest.
pub const MANIFEST_KEY: &str = "understory_manifest";
/// The newest manifest schema that this crate reads.
pub const SCHEMA_VERSION: u64 = 1;

/// Everything a reader must know about a sound model. Made by [`Manifest::parse`] only, so that it is always valid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Manifest {
    /// Rules that the manifest follows; 1 to [`SCHEMA_VERSION`].
    pub schema_version: u64,
    /// For instance `sound-v1`.
    pub name: String,
    /// For instance `1.0.0`.
    pub version: String,
    /// Always `sound` here.
    pub kind: String,
    /// Licence of the model file.
    pub licence: String,
    /// Who is to be named.
    pub attribution: String,
    /// Where the training data came from.
    pub sources: Vec<Source>,
    /// How the network was made; unknown of models that were imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// Count of trained numbers.
    pub parameters: u64,
    /// What the network paints.
    #[serde(flatten)]
    pub representation: Representation,
    /// What rows, bands and columns of a note mean; of networks that paint something else, those of its analysis.
    pub grid: Grid,
    /// Length of the `latent` input.
    pub latent_length: usize,
    /// Length of the `style_offset` input; 0 without one.
    #[serde(default)]
    pub style_length: usize,
    /// Lowest and highest MIDI key of the training data, inclusive.
    pub key_range: [u8; 2],
    /// What the network takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// Names of the numbers in the `attributes` input, in order; none without that input.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// Named controls.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// Named mixes of controls; older models have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moods: Vec<Mood>,
    /// What another machine or runtime may differ by.
    pub tolerance: Tolerance,
    /// Outputs to compare with.
    pub reference: Reference,
}

/// One source of training data.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Source {
    /// Name of the corpus.
    pub name: String,
    /// Its licence.
    pub licence: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
}

/// How the network was made.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Training {
    /// SHA-256 of the training configuration, hex.
    pub config_sha256: String,
    /// Commit of the training code.
    pub commit: String,
    /// Notes seen in training.
    pub samples_seen: u64,
    /// Seed of the run.
    pub seed: u64,
}

/// An input or output of the network; all are float32.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Port {
    /// Name in the graph.
    pub name: String,
    /// Sizes; the first is the batch.
    pub shape: Vec<Axis>,
}

/// One size of a port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Axis {
    /// A fixed size.
    Fixed(usize),
    /// A free size, by name; `n` is the batch.
    Free(String),
}

/// What the numbers of a note mean (CONTRACT.md, section 2).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Grid {
    /// Sample rate of the analysis, Hz.
    pub sample_rate_hz: f64,
    /// First harmonic of each row, ascending.
    pub row_first_harmonic: Vec<u32>,
    /// Last harmonic of each row, inclusive; the same as the first in single rows.
    pub row_last_harmonic: Vec<u32>,
    /// Centre of each column after note-on, s, ascending, not uniform.
    pub column_times_s: Vec<f64>,
    /// Length of the whole note, s.
    pub duration_s: f64,
    /// When its key was released, s.
    pub release_start_s: f64,
    /// Start of the part that a held note walks to and fro in, s.
    pub sustain_start_s: f64,
    /// End of that part, s.
    pub sustain_end_s: f64,
    /// Floor and ceiling of `level_db`, dB re the loudest cell.
    pub level_range_db: [f64; 2],
    /// Clip range of `deviation_cents`, cents.
    pub deviation_range_cents: [f64; 2],
    /// Floor and ceiling of `noise_db`, dB re the loudest cell (mean square of the band).
    pub noise_range_db: [f64; 2],
    /// Edges of the noise bands, Hz, ascending; one more than bands.
    pub noise_band_edges_hz: Vec<f64>,
    /// Nothing above is stored or played, Hz.
    pub max_frequency_hz: f64,
    /// Frequency of key 69, Hz.
    pub tuning_hz: f64,
}

impl Grid {
    /// Count of harmonic rows.
    pub fn num_rows(&self) -> usize {
        self.row_first_harmonic.len()
    }

    /// Count of noise bands.
    pub fn num_bands(&self) -> usize {
        self.noise_band_edges_hz.len().saturating_sub(1)
    }

    /// Count of columns.
    pub fn num_columns(&self) -> usize {
        self.column_times_s.len()
    }
}

/// A named control with its measured effect.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Control {
    /// For instance `brightness`.
    pub name: String,
    /// Which input it moves.
    pub kind: ControlKind,
    /// What is added to that input per unit.
    pub vector: Vec<f32>,
    /// Lowest value, in standard deviations of the data.
    pub min: f32,
    /// Highest value, in standard deviations of the data.
    pub max: f32,
    /// What was measured.
    pub effect: Effect,
}

/// A named mix of controls.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Mood {
    /// For instance `warm`.
    pub name: String,
    /// How far each control is moved, in standard deviations of the data.
    pub controls: BTreeMap<String, f32>,
}

/// Which input a control moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlKind {
    /// The `attributes` input.
    Attribute,
    /// The `style_offset` input.
    Style,
}

/// The measured effect of a control.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Effect {
    /// What was measured on the sound.
    pub descriptor: String,
    /// Unit of the descriptor.
    pub unit: String,
    /// Change of the descriptor per unit of the control.
    pub per_unit: f64,
    /// Rank correlation of control and descriptor, -1..1.
    pub spearman: f64,
}

/// What another machine or runtime may differ by.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Tolerance {
    /// Largest difference of an output, in its own unit.
    pub output_abs: f64,
    /// Level of the difference of decoded audio, dB re the note.
    pub audio_db: f64,
}

/// Outputs to compare with; the sound is that of CONTRACT.md section 5.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Reference {
    /// Seed of the sound.
    pub seed: u32,
    /// The MIDI keys that were run.
    pub keys: Vec<u8>,
    /// What some cells of the outputs must be.
    pub spots: Vec<Spot>,
}

/// One cell of an output, as the exporting machine computed it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Spot {
    /// Name of the output.
    pub output: String,
    /// One of the reference's keys.
    pub key: u8,
    /// Place in `[rows or bands, columns]`, row-major.
    pub index: usize,
    /// In the output's unit.
    pub value: f32,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::SchemaNewer`] for a newer schema, otherwise [`Error::ManifestField`] with the path of the first field
    /// that is missing, of the wrong type or impossible.
    pub fn parse(json: &str) -> Result<Self> {
        refuse_newer_schema(json)?;
        representation::check_kind(json)?;
        let deserializer = &mut serde_json::Deserializer::from_str(json);
        let manifest: Self = serde_path_to_error::deserialize(deserializer)
            .map_err(|error| Error::field(field_of(error.path()), error.inner().to_string()))?;
        checks::check(&manifest)?;
        Ok(manifest)
    }

    /// The mood of that name, if there is one.
    pub fn mood(&self, name: &str) -> Option<&Mood> {
        self.moods.iter().find(|mood| mood.name == name)
    }

    /// The control of that name.
    ///
    /// # Errors
    /// [`Error::UnknownControl`], naming those that exist.
    pub fn control(&self, name: &str) -> Result<&Control> {
        self.controls
            .iter()
            .find(|control| control.name == name)
            .ok_or_else(|| Error::UnknownControl {
                name: name.to_owned(),
                known: self
                    .controls
                    .iter()
                    .map(|control| control.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

/// Only what belongs to the kind is read without its path.
fn field_of(path: &serde_path_to_error::Path) -> String {
    match path.to_string().as_str() {
        "." => "representation".to_owned(),
        path => path.to_owned(),
    }
}

/// The version is read first and alone: a newer manifest may have any shape.
pub(crate) fn refuse_newer_schema(json: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
    }
    let version: Version = serde_json::from_str(json)
        .map_err(|error| Error::field("schema_version", error.to_string()))?;
    match version.schema_version {
        0 => Err(Error::field("schema_version", "is 0, must be 1 or more")),
        found if found > SCHEMA_VERSION => Err(Error::SchemaNewer {
            found,
            known: SCHEMA_VERSION,
        }),
        _ => Ok(()),
    }
}
