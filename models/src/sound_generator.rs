//! The network that makes notes: request in, three maps out, both checked. Worker threads only.
//!
//! It decodes nothing: what the maps mean is in the manifest's grid, what they sound like is `engine`'s matter.

use std::path::Path;

use crate::error::{Error, Result};
use crate::graph_check::check_graph;
use crate::latent::{DEFAULT_TRUNCATION, SoundPoint};
use crate::manifest::{Grid, Manifest};
use crate::model_file::ModelFile;
use crate::session::{Input, Session};

const OUTPUTS: [&str; 3] = ["level_db", "deviation_cents", "noise_db"];
/// Of the manifest's reference notes (CONTRACT.md, 5).
const REFERENCE_VELOCITY: f32 = 0.7;

/// What to ask for one note. Lengths are the manifest's; see [`crate::SoundPoint::request`].
#[derive(Clone, Debug, PartialEq)]
pub struct SoundRequest {
    /// `[latent_length]`, standard normal.
    pub latent: Vec<f32>,
    /// MIDI key within the manifest's `key_range`; may be fractional.
    pub key: f32,
    /// 0..1.
    pub velocity: f32,
    /// `[attributes]`, whitened, standard units.
    pub attributes: Vec<f32>,
    /// `[style_length]`, zeros when unused.
    pub style_offset: Vec<f32>,
}

/// One note as the network paints it. Every number is finite; none is clipped to the grid's ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundGrid {
    /// `[rows, columns]`, row-major: level of each harmonic, dB re the note's loudest cell.
    pub level_db: Vec<f32>,
    /// `[rows, columns]`, row-major: deviation from the harmonic frequency, cents.
    pub deviation_cents: Vec<f32>,
    /// `[bands, columns]`, row-major: mean square of what is not harmonic, dB on the same scale.
    pub noise_db: Vec<f32>,
}

/// A loaded sound model.
#[derive(Debug)]
pub struct SoundGenerator {
    session: Session,
    manifest: Manifest,
    fingerprint: String,
    path: std::path::PathBuf,
}

impl SoundGenerator {
    /// Reads a model file, checks manifest and graph against each other and makes it ready to run. Loads the ONNX Runtime
    /// library when this is the process's first model.
    ///
    /// # Errors
    /// Everything that [`ModelFile::load`] refuses, a library that is missing or not the pinned one, and a graph that
    /// does not fit its manifest.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_file(ModelFile::load(path)?)
    }

    /// The same from a file that was read before.
    ///
    /// # Errors
    /// As [`SoundGenerator::load`].
    pub fn from_file(file: ModelFile) -> Result<Self> {
        let path = file.path().to_path_buf();
        let prepare = || {
            let session = Session::load(file.bytes())?;
            check_graph(file.manifest(), &session.inputs(), &session.outputs())?;
            Ok(session)
        };
        let session = prepare().map_err(|error: Error| match error.fault() {
            crate::Fault::ModelFile => error.in_file(&path),
            _ => error,
        })?;
        Ok(Self {
            session,
            fingerprint: file.fingerprint(),
            manifest: file.into_manifest(),
            path,
        })
    }

    /// The model's facts.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the model file in hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Makes notes, one grid per request, in order.
    ///
    /// One run of the network per note: batches were measured to be no faster on a CPU, and so a note has the same bits
    /// whatever it is asked together with.
    ///
    /// # Errors
    /// As [`SoundGenerator::run_one`]; the first that fails ends the call.
    pub fn run(&mut self, requests: &[SoundRequest]) -> Result<Vec<SoundGrid>> {
        requests
            .iter()
            .map(|request| self.run_one(request))
            .collect()
    }

    /// Makes one note.
    ///
    /// # Errors
    /// [`Error::WrongLength`] and [`Error::OutOfRange`] for the request; for the model, outputs of a wrong shape or with
    /// NaN or infinity in them.
    pub fn run_one(&mut self, request: &SoundRequest) -> Result<SoundGrid> {
        check_request(&self.manifest, request)?;
        self.run_checked(request)
            .map_err(|error| error.in_file(&self.path))
    }

    /// Makes the manifest's reference notes and gives the largest difference of a spot, in the output's unit. Above the
    /// manifest's `tolerance.output_abs`, this machine or runtime does not play the model that was exported.
    ///
    /// # Errors
    /// As [`SoundGenerator::run_one`].
    pub fn reference_difference(&mut self) -> Result<f32> {
        let reference = self.manifest.reference.clone();
        let sound = SoundPoint::from_seed(reference.seed, DEFAULT_TRUNCATION, &self.manifest)?;
        let mut largest = 0.0f32;
        for key in reference.keys {
            let note = self.run_one(&sound.request(f32::from(key), REFERENCE_VELOCITY))?;
            for spot in reference.spots.iter().filter(|spot| spot.key == key) {
                let cells = match spot.output.as_str() {
                    "level_db" => &note.level_db,
                    "deviation_cents" => &note.deviation_cents,
                    _ => &note.noise_db,
                };
                largest = largest.max((cells[spot.index] - spot.value).abs());
            }
        }
        Ok(largest)
    }

    fn run_checked(&mut self, request: &SoundRequest) -> Result<SoundGrid> {
        let (key, velocity) = ([request.key], [request.velocity]);
        let inputs = [
            list_input("latent", &request.latent),
            Input {
                name: "key",
                sizes: vec![1],
                values: &key,
            },
            Input {
                name: "velocity",
                sizes: vec![1],
                values: &velocity,
            },
            list_input("attributes", &request.attributes),
            list_input("style_offset", &request.style_offset),
        ];
        let outputs = self.session.run(&inputs, OUTPUTS)?;
        for ((sizes, values), name) in outputs.iter().zip(OUTPUTS) {
            check_output(&self.manifest.grid, name, sizes, values, request.key)?;
        }
        let [(_, level_db), (_, deviation_cents), (_, noise_db)] = outputs;
        Ok(SoundGrid {
            level_db,
            deviation_cents,
            noise_db,
        })
    }
}

fn list_input<'a>(name: &'static str, values: &'a [f32]) -> Input<'a> {
    Input {
        name,
        sizes: vec![1, values.len()],
        values,
    }
}

fn check_request(manifest: &Manifest, request: &SoundRequest) -> Result<()> {
    let lists = [
        ("latent", &request.latent, manifest.latent_length),
        ("attributes", &request.attributes, manifest.attributes.len()),
        ("style_offset", &request.style_offset, manifest.style_length),
    ];
    for (name, values, wanted) in lists {
        if values.len() != wanted {
            return Err(Error::WrongLength {
                name,
                found: values.len(),
                wanted,
            });
        }
        for &value in values {
            check_number(name, value, (f32::MIN, f32::MAX))?;
        }
    }
    let [low, high] = manifest.key_range.map(f32::from);
    check_number("key", request.key, (low, high))?;
    check_number("velocity", request.velocity, (0.0, 1.0))
}

/// NaN is outside every range.
fn check_number(name: &str, value: f32, (low, high): (f32, f32)) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::OutOfRange {
        name: name.to_owned(),
        value: value.into(),
        low: low.into(),
        high: high.into(),
    })
}

fn check_output(
    grid: &Grid,
    name: &'static str,
    sizes: &[i64],
    values: &[f32],
    key: f32,
) -> Result<()> {
    let rows = if name == "noise_db" {
        grid.num_bands()
    } else {
        grid.num_rows()
    };
    let wanted = [1, rows, grid.num_columns()];
    if !sizes
        .iter()
        .map(|&size| usize::try_from(size))
        .eq(wanted.map(Ok))
    {
        let reason = format!("came out with shape {sizes:?}, manifest says {wanted:?}");
        return Err(Error::GraphMismatch {
            what: "output",
            name: name.to_owned(),
            reason,
        });
    }
    match values
        .iter()
        .enumerate()
        .find(|(_, value)| !value.is_finite())
    {
        Some((index, &value)) => Err(Error::OutputNotFinite {
            name,
            value,
            index,
            key,
        }),
        None => Ok(()),
    }
}
