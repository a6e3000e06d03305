//! Any ONNX file as a plain function of named arrays, ours or not, for people who want the numbers themselves. Commands only.
//!
//! It decodes nothing and knows no sounds; with a sound model's manifest it fills in what was left out and runs note by note.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::graph_check::GraphPort;
use crate::manifest::{Manifest, Representation};
use crate::model_file::{OnnxBytes, sha256_hex};
use crate::painting::{Output, Painting};
use crate::session::Session;
use crate::sound_generator::{REFERENCE_VELOCITY, refuse_zero_latent};
use crate::tensor::{Element, Numbers, Tensor};

/// An input or output of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct RawPort {
    /// Name in the graph.
    pub name: String,
    /// Type of its numbers in words, `f32` and the like.
    pub element: String,
    /// Sizes; none where the network takes any.
    pub sizes: Vec<Option<usize>>,
}

/// A network that is ready to run.
#[derive(Debug)]
pub struct RawNetwork {
    session: Session,
    manifest: Option<Manifest>,
    fingerprint: String,
    path: PathBuf,
}

impl RawNetwork {
    /// Reads an ONNX file with or without a manifest and makes it ready to run.
    ///
    /// # Errors
    /// A file that is missing, cut or foreign, a sound manifest that is wrong, or a graph that the runtime refuses.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = OnnxBytes::read(path)?;
        let in_file = |error: Error| error.about_file(path);
        let manifest = file
            .sound_manifest()
            .map(Manifest::parse)
            .transpose()
            .map_err(in_file)?;
        Ok(Self {
            session: Session::load(&file.bytes).map_err(in_file)?,
            manifest,
            fingerprint: sha256_hex(&file.bytes),
            path: path.to_path_buf(),
        })
    }

    /// The facts of a sound model; none of other files.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// SHA-256 of the file in hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What it takes.
    pub fn inputs(&self) -> Vec<RawPort> {
        self.session.inputs().into_iter().map(RawPort::of).collect()
    }

    /// What it gives.
    pub fn outputs(&self) -> Vec<RawPort> {
        self.session
            .outputs()
            .into_iter()
            .map(RawPort::of)
            .collect()
    }

    /// Runs the network and gives every output. A sound model runs one note at a time, as when it is played (`progress`
    /// hears how many are done), and may be given `latent` and `key` alone: velocity is then 0.7, attributes
    /// and style offset are zeros. Any other network runs once.
    ///
    /// # Errors
    /// [`Error::Array`] for an array that is missing, unknown, of another shape or holds numbers the network cannot take;
    /// [`Error::LatentZero`]; for the file, what the runtime says.
    pub fn run(&mut self, given: Vec<Tensor>, progress: &dyn Fn(usize)) -> Result<Vec<Tensor>> {
        let ports = self.inputs();
        refuse_unknown(&given, &ports)?;
        let given = match &self.manifest {
            Some(manifest) => with_defaults(given, manifest),
            None => given,
        };
        let inputs = ports
            .iter()
            .map(|port| fitted(port, &given, &ports))
            .collect::<Result<Vec<_>>>()?;
        let outcome = match &self.manifest {
            Some(manifest) => {
                let manifest = manifest.clone();
                self.run_notes(&inputs, &manifest, progress)
            }
            None => self.session.run_raw(inputs),
        };
        outcome.map_err(|error| error.about_file(&self.path))
    }

    /// The notes that a run's outputs hold, for whoever decodes them. `keys` are those that were run.
    ///
    /// # Errors
    /// [`Error::NoManifest`] for a file that does not say what its numbers mean, else as a note that is played: outputs of
    /// another shape than the manifest's, NaN and infinity.
    pub fn paintings(&self, outputs: &[Tensor], keys: &[f32]) -> Result<Vec<Painting>> {
        let manifest = self.manifest.as_ref().ok_or_else(|| Error::NoManifest {
            path: self.path.clone(),
        })?;
        let painting = |(note, &key): (usize, &f32)| {
            let found = manifest
                .wanted_outputs()
                .iter()
                .map(|(name, _)| output_of_note(outputs, name, note))
                .collect::<Result<Vec<_>>>()?;
            Painting::of(manifest, found, key)
        };
        keys.iter()
            .enumerate()
            .map(painting)
            .collect::<Result<_>>()
            .map_err(|error| error.in_file(&self.path))
    }

    fn run_notes(
        &mut self,
        inputs: &[Tensor],
        manifest: &Manifest,
        progress: &dyn Fn(usize),
    ) -> Result<Vec<Tensor>> {
        let num_notes = num_notes(inputs)?;
        let mut all: Vec<Tensor> = Vec::new();
        for note in 0..num_notes {
            let row: Vec<Tensor> = inputs.iter().map(|input| row(input, note)).collect();
            if manifest.representation == Representation::PitchAligned {
                check_latent(&row)?;
            }
            let outputs = self.session.run_raw(row)?;
            if all.is_empty() {
                all = outputs;
            } else {
                for (whole, more) in all.iter_mut().zip(outputs) {
                    append(whole, more)?;
                }
            }
            progress(note + 1);
        }
        Ok(all)
    }
}

impl RawPort {
    fn of(port: GraphPort) -> Self {
        Self {
            name: port.name,
            element: port.element,
            sizes: port
                .sizes
                .iter()
                .map(|&size| usize::try_from(size).ok())
                .collect(),
        }
    }

    /// For instance `latent [n, 96]`.
    pub fn in_words(&self) -> String {
        format!("{} {}", self.name, self.shape_in_words())
    }

    fn shape_in_words(&self) -> String {
        let sizes = self
            .sizes
            .iter()
            .map(|size| size.map_or_else(|| "n".to_owned(), |size| size.to_string()));
        format!("[{}]", sizes.collect::<Vec<_>>().join(", "))
    }
}

fn refuse_unknown(given: &[Tensor], ports: &[RawPort]) -> Result<()> {
    for (index, tensor) in given.iter().enumerate() {
        let refuse = |reason: String| Error::Array {
            name: tensor.name.clone(),
            reason,
        };
        if !ports.iter().any(|port| port.name == tensor.name) {
            let known = in_words(ports);
            return Err(refuse(format!(
                "is no input of the network; it takes {known}"
            )));
        }
        if given[..index].iter().any(|other| other.name == tensor.name) {
            return Err(refuse("is there twice; give it once".into()));
        }
    }
    Ok(())
}

/// What a sound model takes beside latent and key may be left out.
fn with_defaults(mut given: Vec<Tensor>, manifest: &Manifest) -> Vec<Tensor> {
    let num_notes = given
        .iter()
        .find(|tensor| tensor.name == "key")
        .and_then(|key| key.shape.first().copied())
        .unwrap_or(1);
    for (name, sizes) in manifest.wanted_inputs() {
        let value = match name {
            "velocity" => REFERENCE_VELOCITY,
            "attributes" | "style_offset" => 0.0,
            _ => continue,
        };
        if given.iter().any(|tensor| tensor.name == name) {
            continue;
        }
        let count = num_notes * sizes.iter().product::<usize>();
        given.push(Tensor {
            name: name.to_owned(),
            shape: std::iter::once(num_notes).chain(sizes).collect(),
            numbers: Numbers::F32(vec![value; count]),
        });
    }
    given
}

/// The array of an input, in the input's own type.
fn fitted(port: &RawPort, given: &[Tensor], ports: &[RawPort]) -> Result<Tensor> {
    let refuse = |reason: String| Error::Array {
        name: port.name.clone(),
        reason,
    };
    let tensor = given
        .iter()
        .find(|tensor| tensor.name == port.name)
        .ok_or_else(|| refuse(format!("is missing; the network takes {}", in_words(ports))))?;
    let fits = tensor.shape.len() == port.sizes.len()
        && tensor
            .shape
            .iter()
            .zip(&port.sizes)
            .all(|(found, wanted)| wanted.is_none_or(|wanted| wanted == *found));
    if !fits {
        return Err(refuse(format!(
            "has shape {:?}, the network wants {}",
            tensor.shape,
            port.shape_in_words()
        )));
    }
    if tensor.numbers.is_empty() {
        return Err(refuse(format!(
            "has shape {:?} and so no numbers; give at least one note",
            tensor.shape
        )));
    }
    let element = Element::of_name(&port.element).ok_or_else(|| {
        refuse(format!(
            "would have to be of type {}, which cannot be given here",
            port.element
        ))
    })?;
    tensor.clone().converted(element)
}

fn in_words(ports: &[RawPort]) -> String {
    let words: Vec<_> = ports.iter().map(RawPort::in_words).collect();
    words.join(", ")
}

/// Sizes and values of one note of an output.
fn output_of_note(outputs: &[Tensor], name: &'static str, note: usize) -> Result<Output> {
    let refuse = |reason: &str| Error::GraphMismatch {
        what: "output",
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let output = outputs
        .iter()
        .find(|output| output.name == name)
        .ok_or_else(|| refuse("did not come out of the run"))?;
    if output.shape.first().is_none_or(|&notes| note >= notes) {
        return Err(refuse("came out with fewer notes than were run"));
    }
    let row = row(output, note);
    match row.numbers {
        Numbers::F32(values) => {
            let sizes = row.shape.iter().map(|&size| size as i64).collect();
            Ok((sizes, values))
        }
        _ => Err(refuse("is not of type f32")),
    }
}

/// The batch that all inputs share.
fn num_notes(inputs: &[Tensor]) -> Result<usize> {
    let size = |tensor: &Tensor| tensor.shape.first().copied().unwrap_or(0);
    let wanted = inputs.first().map_or(0, size);
    match inputs.iter().find(|tensor| size(tensor) != wanted) {
        Some(odd) => Err(Error::Array {
            name: odd.name.clone(),
            reason: format!(
                "has {} notes, `{}` has {wanted}; give as many of each",
                size(odd),
                inputs[0].name
            ),
        }),
        None => Ok(wanted),
    }
}

/// One note of a batch.
fn row(tensor: &Tensor, note: usize) -> Tensor {
    let length = tensor.shape[1..].iter().product::<usize>();
    let mut shape = tensor.shape.clone();
    shape[0] = 1;
    Tensor {
        name: tensor.name.clone(),
        shape,
        numbers: tensor.numbers.slice(note * length..(note + 1) * length),
    }
}

/// Another note behind those of an output; all must be of one shape.
fn append(whole: &mut Tensor, more: Tensor) -> Result<()> {
    let (Some(found), Some(next)) = (whole.shape.first().copied(), more.shape.first()) else {
        return Err(no_batch(whole));
    };
    if whole.shape[1..] != more.shape[1..] {
        return Err(no_batch(whole));
    }
    whole.shape[0] = found + next;
    whole.numbers.append(more.numbers);
    Ok(())
}

fn no_batch(output: &Tensor) -> Error {
    Error::GraphMismatch {
        what: "output",
        name: output.name.clone(),
        reason: format!(
            "has shape {:?}, which is another for another note",
            output.shape
        ),
    }
}

fn check_latent(row: &[Tensor]) -> Result<()> {
    match row.iter().find(|tensor| tensor.name == "latent") {
        Some(Tensor {
            numbers: Numbers::F32(latent),
            ..
        }) => refuse_zero_latent(latent),
        _ => Ok(()),
    }
}
