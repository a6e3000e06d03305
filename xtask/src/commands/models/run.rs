//! `models run`: a network as a plain function of arrays, for experts. Arrays in, arrays out; `--decode` adds the sound.

use std::path::PathBuf;

use clap::Args;
use engine::decode::decode_painting;
use models::{Error, Manifest, Numbers, RawNetwork, Tensor};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::places::find_model;
use crate::{npz, progress};

/// Where the arrays go when nothing is said.
const DEFAULT_PATH: &str = "outputs.npz";
/// What `--decode` adds.
const WAVE: &str = "wave";

/// What to run on what.
#[derive(Args)]
pub struct RunArguments {
    /// An ONNX file, or the name of a model that `list` shows.
    model: String,
    /// An .npz file with an array for each input, by name. A sound model takes `latent [n, z]` and `key [n]`; what it takes
    /// beside them may be left out.
    #[arg(long, value_name = "FILE.npz")]
    inputs: PathBuf,
    /// Add `wave [n, samples]`: what each note sounds like, as the format itself says.
    #[arg(long)]
    decode: bool,
}

/// Runs the network and writes its outputs.
///
/// # Errors
/// Exit code 2 for a request that cannot be, 3 for arrays or a network that do not fit.
pub fn run(arguments: &RunArguments, common: &Common) -> Result<Outcome, Failure> {
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_PATH));
    let mut file = OutputFile::create(&path, common.force)?;
    let inputs = npz::read(&arguments.inputs)?;
    let keys = keys(&inputs);
    let mut network = RawNetwork::load(find_model(&arguments.model)?)?;
    let bar = progress::counted(common, "running", keys.len());
    let in_arrays = |error: Error| match error {
        Error::Array { .. } | Error::LatentZero => {
            Failure::input_file(format!("{}: {error}", arguments.inputs.display()))
        }
        other => other.into(),
    };
    let mut outputs = network
        .run(inputs, &|done| bar.set_position(done as u64))
        .map_err(in_arrays)?;
    bar.finish_and_clear();
    let mut sample_rate_hz = None;
    if arguments.decode {
        let (wave, rate_hz) = decoded(&network, &outputs, &keys, common.seed)?;
        sample_rate_hz = rate_hz;
        outputs.retain(|output| output.name != WAVE);
        outputs.push(wave);
    }
    npz::write(&mut file, &outputs).map_err(|error| Failure::at_path(&path, &error))?;
    file.commit()?;
    let shapes: serde_json::Map<String, Value> = outputs
        .iter()
        .map(|output| (output.name.clone(), json!(output.shape)))
        .collect();
    let words: Vec<_> = outputs
        .iter()
        .map(|output| format!("{} {:?}", output.name, output.shape))
        .collect();
    Ok(Outcome::done(
        format!("{}: {}", path.display(), words.join(", ")),
        json!({
            "file": path, "outputs": shapes, "sample_rate": sample_rate_hz, "fingerprint": network.fingerprint(),
            "manifest": network.manifest().is_some(),
        }),
    ))
}

/// Those of the `key` array; the network itself refuses what is no list of keys.
fn keys(inputs: &[Tensor]) -> Vec<f32> {
    let key = inputs.iter().find(|tensor| tensor.name == "key");
    key.map_or_else(Vec::new, |key| {
        let keys = key.numbers.to_f64();
        keys.into_iter().map(|key| key as f32).collect()
    })
}

/// The key whose pitch a note is decoded at.
fn nearest_key(key: f32, manifest: &Manifest) -> u8 {
    let [low, high] = manifest.key_range.map(f32::from);
    key.clamp(low, high).round() as u8
}

/// Samples of all notes `[n, samples]`, which are equally long, and their rate.
fn decoded(
    network: &RawNetwork,
    outputs: &[Tensor],
    keys: &[f32],
    seed: u32,
) -> Result<(Tensor, Option<f64>), Failure> {
    let manifest = network.manifest().ok_or_else(|| {
        Failure::request(
            "--decode needs a sound model, and this file does not say what its numbers mean; leave --decode out",
        )
    })?;
    let (mut samples, mut sample_rate_hz) = (Vec::new(), None);
    for (painting, &key) in network.paintings(outputs, keys)?.iter().zip(keys) {
        let key = nearest_key(key, manifest);
        let (note, rate_hz) = decode_painting(painting, manifest, key, seed)?;
        samples.extend(note);
        sample_rate_hz = Some(rate_hz);
    }
    let wave = Tensor {
        name: WAVE.to_owned(),
        shape: vec![keys.len(), samples.len() / keys.len().max(1)],
        numbers: Numbers::F32(samples),
    };
    Ok((wave, sample_rate_hz))
}
