//! The network that makes notes: request in, painting out, both checked. Worker threads only.
//!
//! It decodes nothing: what the numbers mean is in the manifest, what they sound like is `engine`'s matter.

use std::path::Path;

use crate::error::{Error, Result};
use crate::graph_check::check_graph;
use crate::latent::{DEFAULT_TRUNCATION, SoundPoint};
use crate::manifest::{Manifest, Representation};
use crate::model_file::ModelFile;
use crate::painting::{Painting, SoundGrid};
use crate::session::{Input, Session};

/// Of the manifest's reference notes (CONTRACT.md, 5).
pub(crate) const REFERENCE_VELOCITY: f32 = 0.7;
/// A latent with a smaller root mean square has no direction that single precision could keep. Drawn ones are near 1.
const SMALLEST_LATENT_RMS: f64 = 1e-6;

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
        let session = prepare().map_err(|error: Error| error.about_file(&path))?;
        Ok(Self {
            session,
            fingerprint: file.fingerprint(),
            manifest: file.into_manifest(),
            path,
        })
    }

    /// As [`SoundGenerator::load`], and refuses a file that is not the one with this SHA-256 in hex: whoever examined it
    /// examined these bytes.
    ///
    /// # Errors
    /// As [`SoundGenerator::load`], and [`Error::ModelChanged`].
    pub fn load_only(path: impl AsRef<Path>, fingerprint: &str) -> Result<Self> {
        let file = ModelFile::load(path)?;
        if file.fingerprint() != fingerprint {
            let path = file.path().to_path_buf();
            return Err(Error::ModelChanged { path });
        }
        Self::from_file(file)
    }

    /// The model's facts.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the model file in hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
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

    /// Makes one note of a model of the contract's own kind.
    ///
    /// # Errors
    /// As [`SoundGenerator::paint`], and [`Error::NotPitchAligned`] for another kind.
    pub fn run_one(&mut self, request: &SoundRequest) -> Result<SoundGrid> {
        match self.paint(request)? {
            Painting::Maps(maps) => Ok(maps),
            _ => Err(Error::NotPitchAligned {
                found: self.manifest.representation.name(),
            }
            .in_file(&self.path)),
        }
    }

    /// Makes one note of a model of any kind.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::OutOfRange`] and [`Error::LatentZero`] for the request; for the model, outputs of a
    /// wrong shape or with NaN or infinity in them.
    pub fn paint(&mut self, request: &SoundRequest) -> Result<Painting> {
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
            let note = self.paint(&sound.request(f32::from(key), REFERENCE_VELOCITY))?;
            for spot in reference.spots.iter().filter(|spot| spot.key == key) {
                let found = note.cells(&spot.output).get(spot.index);
                let difference = found.map_or(f32::NAN, |cell| (cell - spot.value).abs());
                largest = largest.max(difference);
            }
        }
        Ok(largest)
    }

    fn run_checked(&mut self, request: &SoundRequest) -> Result<Painting> {
        let (key, velocity) = ([request.key], [request.velocity]);
        let mut inputs = vec![
            list_input("latent", &request.latent),
            number_input("key", &key),
        ];
        if self.manifest.representation == Representation::PitchAligned {
            inputs.push(number_input("velocity", &velocity));
            inputs.push(list_input("attributes", &request.attributes));
            inputs.push(list_input("style_offset", &request.style_offset));
        }
        let names: Vec<&str> = self
            .manifest
            .wanted_outputs()
            .iter()
            .map(|(name, _)| *name)
            .collect();
        let outputs = self.session.run_listed(&inputs, &names)?;
        Painting::of(&self.manifest, outputs, request.key)
    }
}

fn number_input<'a>(name: &'static str, value: &'a [f32; 1]) -> Input<'a> {
    Input {
        name,
        sizes: vec![1],
        values: value,
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
    if manifest.representation == Representation::PitchAligned {
        refuse_zero_latent(&request.latent)?;
    }
    let [low, high] = manifest.key_range.map(f32::from);
    check_number("key", request.key, (low, high))?;
    check_number("velocity", request.velocity, (0.0, 1.0))
}

/// Our networks bring the latent to length 1 first: one without a length comes out as NaN, and is no sound.
pub(crate) fn refuse_zero_latent(latent: &[f32]) -> Result<()> {
    let squares: f64 = latent.iter().map(|number| f64::from(*number).powi(2)).sum();
    if squares < SMALLEST_LATENT_RMS.powi(2) * latent.len() as f64 {
        return Err(Error::LatentZero);
    }
    Ok(())
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
