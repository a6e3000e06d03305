//! Whether a network's inputs and outputs are those that its manifest promises. Worker threads; runs nothing.

use crate::error::{Error, Result};
use crate::manifest::{Axis, Manifest, Port};

/// An input or output as the runtime sees it.
pub(crate) struct GraphPort {
    pub(crate) name: String,
    /// Element type in words, `f32` when it is what the contract wants.
    pub(crate) element: String,
    /// Sizes, -1 when free.
    pub(crate) sizes: Vec<i64>,
}

/// Refuses the first input or output that differs: missing, unknown, of another type, rank or fixed size.
pub(crate) fn check_graph(
    manifest: &Manifest,
    inputs: &[GraphPort],
    outputs: &[GraphPort],
) -> Result<()> {
    check_ports("input", &manifest.inputs, inputs)?;
    check_ports("output", &manifest.outputs, outputs)
}

/// A shape for messages, for instance `[n, 64, 128]`.
pub(crate) fn in_words(shape: &[Axis]) -> String {
    let sizes = shape.iter().map(|axis| match axis {
        Axis::Fixed(size) => size.to_string(),
        Axis::Free(name) => name.clone(),
    });
    format!("[{}]", sizes.collect::<Vec<_>>().join(", "))
}

/// The same for one list of ports.
pub(crate) fn check_ports(
    what: &'static str,
    promised: &[Port],
    found: &[GraphPort],
) -> Result<()> {
    for port in promised {
        let differs = |reason: String| Error::GraphMismatch {
            what,
            name: port.name.clone(),
            reason,
        };
        let graph_port = found
            .iter()
            .find(|candidate| candidate.name == port.name)
            .ok_or_else(|| differs(format!("is missing, the network has {}", names(found))))?;
        if graph_port.element != "f32" {
            return Err(differs(format!(
                "has element type {}, must be f32",
                graph_port.element
            )));
        }
        if !fits(&port.shape, &graph_port.sizes) {
            return Err(differs(format!(
                "has shape {}, manifest says {}",
                sizes_in_words(&graph_port.sizes),
                in_words(&port.shape)
            )));
        }
    }
    match found
        .iter()
        .find(|candidate| !promised.iter().any(|port| port.name == candidate.name))
    {
        Some(stranger) if what == "input" => Err(Error::GraphMismatch {
            what,
            name: stranger.name.clone(),
            reason: "is not in the manifest, nobody would feed it".into(),
        }),
        _ => Ok(()),
    }
}

/// A free size of the graph fits anything (the output itself is measured at each run); a fixed one must be the promised
/// one, and a fixed batch must be 1, the size we run.
fn fits(promised: &[Axis], sizes: &[i64]) -> bool {
    promised.len() == sizes.len()
        && promised.iter().zip(sizes).all(|(axis, &size)| match axis {
            Axis::Fixed(wanted) => size < 0 || usize::try_from(size) == Ok(*wanted),
            Axis::Free(_) => size < 0 || size == 1,
        })
}

fn sizes_in_words(sizes: &[i64]) -> String {
    let words = sizes.iter().map(|&size| {
        if size < 0 {
            "free".to_owned()
        } else {
            size.to_string()
        }
    });
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}

fn names(ports: &[GraphPort]) -> String {
    ports
        .iter()
        .map(|port| port.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
