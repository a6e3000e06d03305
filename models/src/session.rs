//! One network in ONNX Runtime: one thread, no spinning, float lists in and out. Worker threads only.
//!
//! The only file besides `library` that sees types of `ort`; none leaves the crate.

use ort::environment::Environment;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use crate::error::{Error, Result};
use crate::graph_check::GraphPort;
use crate::library;

/// A named input of one run: sizes and row-major values.
pub(crate) struct Input<'a> {
    pub(crate) name: &'static str,
    pub(crate) sizes: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// A network that is ready to run.
#[derive(Debug)]
pub(crate) struct Session {
    session: ort::session::Session,
}

impl Session {
    /// Makes a session of the bytes of an ONNX file.
    ///
    /// One intra-op thread and no spinning: the pool of workers gives parallelism by whole notes, and a host's audio
    /// threads must not compete with threads that burn a core while they wait.
    pub(crate) fn load(model_bytes: &[u8]) -> Result<Self> {
        let environment = library::environment()?;
        let mut builder = prepare(environment).map_err(|reason| Error::Runtime { reason })?;
        let session =
            builder
                .commit_from_memory(model_bytes)
                .map_err(|error| Error::GraphRefused {
                    reason: error.to_string(),
                })?;
        Ok(Self { session })
    }

    pub(crate) fn inputs(&self) -> Vec<GraphPort> {
        self.session.inputs().iter().map(graph_port).collect()
    }

    pub(crate) fn outputs(&self) -> Vec<GraphPort> {
        self.session.outputs().iter().map(graph_port).collect()
    }

    /// Runs the network once; gives the named outputs, each with its sizes and row-major values.
    pub(crate) fn run<const N: usize>(
        &mut self,
        inputs: &[Input<'_>],
        outputs: [&'static str; N],
    ) -> Result<[(Vec<i64>, Vec<f32>); N]> {
        let refused = |error: ort::Error| Error::GraphRefused {
            reason: error.to_string(),
        };
        let mut values = Vec::with_capacity(inputs.len());
        for input in inputs {
            let tensor =
                TensorRef::from_array_view((input.sizes.clone(), input.values)).map_err(refused)?;
            values.push((input.name, tensor));
        }
        let results = self.session.run(values).map_err(refused)?;
        let mut extracted = std::array::from_fn(|_| (Vec::new(), Vec::new()));
        for (slot, name) in extracted.iter_mut().zip(outputs) {
            let value = results.get(name).ok_or_else(|| Error::GraphMismatch {
                what: "output",
                name: name.to_owned(),
                reason: "did not come out of the run".into(),
            })?;
            let (shape, numbers) = value.try_extract_tensor::<f32>().map_err(refused)?;
            *slot = (shape.to_vec(), numbers.to_vec());
        }
        Ok(extracted)
    }
}

/// `All`, not `Level3`: that value is newer than the API version we ask the library for.
fn prepare(environment: &Environment) -> std::result::Result<SessionBuilder, String> {
    let said = |error: ort::Error<SessionBuilder>| error.to_string();
    let builder = ort::session::Session::builder(environment).map_err(|error| error.to_string())?;
    let builder = builder.with_intra_threads(1).map_err(said)?;
    let builder = builder.with_inter_threads(1).map_err(said)?;
    let builder = builder.with_parallel_execution(false).map_err(said)?;
    let builder = builder.with_intra_op_spinning(false).map_err(said)?;
    builder
        .with_optimization_level(GraphOptimizationLevel::All)
        .map_err(said)
}

fn graph_port(outlet: &Outlet) -> GraphPort {
    let (element, sizes) = match outlet.dtype() {
        ValueType::Tensor {
            ty: TensorElementType::Float32,
            shape,
            ..
        } => ("f32".to_owned(), shape.to_vec()),
        ValueType::Tensor { ty, shape, .. } => (ty.to_string(), shape.to_vec()),
        other => (other.to_string(), Vec::new()),
    };
    GraphPort {
        name: outlet.name().to_owned(),
        element,
        sizes,
    }
}
