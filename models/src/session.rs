//! One network in ONNX Runtime: one thread, no spinning, float lists in and out. Worker threads only.
//!
//! The only file besides `library` that sees types of `ort`; none leaves the crate.

use ort::environment::Environment;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{DynValue, Outlet, TensorElementType, TensorRef, ValueType};

use crate::error::{Error, Result};
use crate::graph_check::GraphPort;
use crate::graph_scan::GraphFacts;
use crate::library;
use crate::painting::Output;
use crate::tensor::{Element, Numbers, Tensor};

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
        GraphFacts::of(model_bytes)?;
        let environment = library::environment()?;
        let mut builder = prepare(environment).map_err(|reason| Error::Runtime { reason })?;
        let session = builder.commit_from_memory(model_bytes).map_err(refused)?;
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
    ) -> Result<[Output; N]> {
        let found = self.run_listed(inputs, &outputs)?;
        found
            .try_into()
            .map_err(|found: Vec<Output>| Error::GraphRefused {
                reason: format!("{} of {N} outputs came out of a run", found.len()),
            })
    }

    /// The same for a list that only the model knows.
    pub(crate) fn run_listed(
        &mut self,
        inputs: &[Input<'_>],
        outputs: &[&str],
    ) -> Result<Vec<Output>> {
        let mut values = Vec::with_capacity(inputs.len());
        for input in inputs {
            let tensor =
                TensorRef::from_array_view((input.sizes.clone(), input.values)).map_err(refused)?;
            values.push((input.name, tensor));
        }
        let results = self.session.run(values).map_err(refused)?;
        let extract = |name: &&str| {
            let value = results.get(*name).ok_or_else(|| absent(name))?;
            let (shape, numbers) = value.try_extract_tensor::<f32>().map_err(refused)?;
            Ok((shape.to_vec(), numbers.to_vec()))
        };
        outputs.iter().map(extract).collect()
    }

    /// Runs the network once on arrays of any type it takes; gives every output that is an array of numbers.
    pub(crate) fn run_raw(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        let mut values = Vec::with_capacity(inputs.len());
        for input in inputs {
            values.push((input.name, owned_value(input.shape, input.numbers)?));
        }
        let results = self.session.run(values).map_err(refused)?;
        results
            .iter()
            .map(|(name, value)| extracted(name, &value))
            .collect()
    }
}

fn refused(error: ort::Error) -> Error {
    /// The runtime has no code for it: the name of the exception, or the words of its arena.
    const NO_MEMORY: [&str; 2] = ["std::bad_alloc", "Failed to allocate memory"];
    let said = error.to_string();
    if NO_MEMORY.iter().any(|words| said.contains(words)) {
        return Error::OutOfMemory;
    }
    Error::GraphRefused {
        reason: in_one_line(&said),
    }
}

/// The runtime's words without the places in its own source that they come with, and at most a sentence or two of them.
fn in_one_line(said: &str) -> String {
    const SOURCE: &str = "/onnxruntime_src/";
    const LONGEST: usize = 400;
    let mut words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(start) = words.find(SOURCE) {
        // File and line, then a signature in C++ that ends with its arguments.
        let length = words[start..]
            .find(") ")
            .map_or(SOURCE.len(), |end| end + 2);
        words.replace_range(start..start + length, "");
    }
    words.chars().take(LONGEST).collect()
}

fn absent(name: &str) -> Error {
    Error::GraphMismatch {
        what: "output",
        name: name.to_owned(),
        reason: "did not come out of the run".into(),
    }
}

fn owned_value(shape: Vec<usize>, numbers: Numbers) -> Result<DynValue> {
    use ort::value::Tensor as OrtTensor;
    Ok(match numbers {
        Numbers::F32(list) => OrtTensor::from_array((shape, list))
            .map_err(refused)?
            .into_dyn(),
        Numbers::F64(list) => OrtTensor::from_array((shape, list))
            .map_err(refused)?
            .into_dyn(),
        Numbers::I32(list) => OrtTensor::from_array((shape, list))
            .map_err(refused)?
            .into_dyn(),
        Numbers::I64(list) => OrtTensor::from_array((shape, list))
            .map_err(refused)?
            .into_dyn(),
        Numbers::Bool(list) => OrtTensor::from_array((shape, list))
            .map_err(refused)?
            .into_dyn(),
    })
}

fn extracted(name: &str, value: &DynValue) -> Result<Tensor> {
    let element = match value.dtype() {
        ValueType::Tensor { ty, .. } => element(*ty),
        _ => None,
    };
    let (shape, numbers) = match element {
        Some(Element::F32) => {
            let (shape, list) = value.try_extract_tensor::<f32>().map_err(refused)?;
            (shape.to_vec(), Numbers::F32(list.to_vec()))
        }
        Some(Element::F64) => {
            let (shape, list) = value.try_extract_tensor::<f64>().map_err(refused)?;
            (shape.to_vec(), Numbers::F64(list.to_vec()))
        }
        Some(Element::I32) => {
            let (shape, list) = value.try_extract_tensor::<i32>().map_err(refused)?;
            (shape.to_vec(), Numbers::I32(list.to_vec()))
        }
        Some(Element::I64) => {
            let (shape, list) = value.try_extract_tensor::<i64>().map_err(refused)?;
            (shape.to_vec(), Numbers::I64(list.to_vec()))
        }
        Some(Element::Bool) => {
            let (shape, list) = value.try_extract_tensor::<bool>().map_err(refused)?;
            (shape.to_vec(), Numbers::Bool(list.to_vec()))
        }
        None => {
            return Err(Error::GraphMismatch {
                what: "output",
                name: name.to_owned(),
                reason: format!(
                    "is {}, only arrays of numbers can be written",
                    value.dtype()
                ),
            });
        }
    };
    Ok(Tensor {
        name: name.to_owned(),
        shape: shape
            .iter()
            .map(|&size| usize::try_from(size).unwrap_or(0))
            .collect(),
        numbers,
    })
}

fn element(runtime: TensorElementType) -> Option<Element> {
    match runtime {
        TensorElementType::Float32 => Some(Element::F32),
        TensorElementType::Float64 => Some(Element::F64),
        TensorElementType::Int32 => Some(Element::I32),
        TensorElementType::Int64 => Some(Element::I64),
        TensorElementType::Bool => Some(Element::Bool),
        _ => None,
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
        ValueType::Tensor { ty, shape, .. } => (
            element(*ty).map_or_else(|| ty.to_string(), |element| element.name().to_owned()),
            shape.to_vec(),
        ),
        other => (other.to_string(), Vec::new()),
    };
    GraphPort {
        name: outlet.name().to_owned(),
        element,
        sizes,
    }
}
