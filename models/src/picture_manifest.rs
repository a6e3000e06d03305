//! A picture model's facts, as written into the ONNX file by the Python side (PICTURE_CONTRACT.md, section 1). Any thread.
//!
//! Parsed and checked once, here; afterwards every field can be trusted. It does not look at the graphs.

mod checks;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::manifest::{Effect, Port, Source, Training, refuse_newer_schema};
use crate::picture_frame::PictureGeometry;
use crate::picture_point::NUM_PALETTE_COLORS;

/// Everything a reader must know about a picture model. Made by [`PictureManifest::parse`] only, so that it is always valid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct PictureManifest {
    /// Rules that the manifest follows.
    pub schema_version: u64,
    /// For instance `backdrop-v1`.
    pub name: String,
    /// For instance `1.0.0`.
    pub version: String,
    /// Always `picture` here.
    pub kind: String,
    /// True while some styles are not recognisable; the model's card says which.
    pub experimental: bool,
    /// Licence of the model file.
    pub licence: String,
    /// Who is to be named.
    pub attribution: String,
    /// Where the training data came from.
    pub sources: Vec<Source>,
    /// How the network was made.
    pub training: Training,
    /// Count of trained numbers of both graphs.
    pub parameters: u64,
    /// Length of the `latent` input.
    pub latent_length: usize,
    /// Length of the `style_offset` input.
    pub style_length: usize,
    /// Names of the styles, in the order of the `style` input.
    pub styles: Vec<String>,
    /// Lengths of grids and halos.
    pub geometry: PictureGeometry,
    /// Largest lightness (OKLab) that the network adds to a mix of the palette.
    pub residual_bound: f32,
    /// The graph that is run once per picture.
    pub trunk: PictureGraph,
    /// The graph that is run once per tile.
    pub head: PictureGraph,
    /// Named controls.
    pub controls: Vec<PictureControl>,
    /// What another machine or runtime may differ by.
    pub tolerance: PictureTolerance,
    /// Cells to compare with.
    pub reference: PictureReference,
}

/// Inputs and outputs of one of the two graphs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureGraph {
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
}

/// A named control with its measured effect; it moves `style_offset`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureControl {
    /// For instance `softness`.
    pub name: String,
    /// What is added per unit.
    pub vector: Vec<f32>,
    /// Lowest value.
    pub min: f32,
    /// Highest value.
    pub max: f32,
    /// What was measured.
    pub effect: Effect,
}

/// What another machine or runtime may differ by.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureTolerance {
    /// Largest difference of a cell.
    pub cells_abs: f64,
    /// Largest difference of a colour, OKLab.
    pub colour_oklab: f64,
}

/// A picture to compare with (PICTURE_CONTRACT.md, section 6).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureReference {
    /// Its seed.
    pub seed: u32,
    /// Weights of the styles.
    pub style: Vec<f32>,
    /// OKLab, dark to light.
    pub palette: [[f32; 3]; NUM_PALETTE_COLORS],
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What some cells must be.
    pub spots: Vec<PictureSpot>,
}

/// One cell, as the exporting machine computed it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct PictureSpot {
    /// Place in `[6, rows, columns]` of the whole grid's cells, row-major.
    pub index: usize,
    /// Logit or residual.
    pub value: f32,
}

impl PictureManifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::SchemaNewer`] for a newer schema, otherwise [`Error::ManifestField`] with the path of the first field
    /// that is missing, of the wrong type or impossible.
    pub fn parse(json: &str) -> Result<Self> {
        refuse_newer_schema(json)?;
        let deserializer = &mut serde_json::Deserializer::from_str(json);
        let manifest: Self = serde_path_to_error::deserialize(deserializer)
            .map_err(|error| Error::field(error.path().to_string(), error.inner().to_string()))?;
        checks::check(&manifest)?;
        Ok(manifest)
    }

    /// The control of that name.
    ///
    /// # Errors
    /// [`Error::UnknownControl`], naming those that exist.
    pub fn control(&self, name: &str) -> Result<&PictureControl> {
        let names = || self.controls.iter().map(|control| control.name.as_str());
        self.controls
            .iter()
            .find(|control| control.name == name)
            .ok_or_else(|| Error::UnknownControl {
                name: name.to_owned(),
                known: names().collect::<Vec<_>>().join(", "),
            })
    }
}
