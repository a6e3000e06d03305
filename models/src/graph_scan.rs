//! What a network's bytes hold, looked through before any runtime sees them. Any thread; runs nothing, reserves nothing.
//!
//! It finds what a model of ours never has and what a foreign one must not do to its host: numbers that lie in other files,
//! graphs nested without end, operators that nobody here has, loops that may never end. Field numbers are those of `onnx.proto3`.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::protobuf::{Field, Reader};

/// Deeper graphs than this are damage: each level is a branch or loop inside another.
const DEEPEST_GRAPH: usize = 32;
/// Most nodes that are believed; the largest networks people play have thousands.
const MOST_NODES: usize = 1_000_000;
/// Operator sets that ONNX Runtime brings along.
const KNOWN_DOMAINS: [&str; 7] = [
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview.training",
    "com.microsoft",
    "com.microsoft.nchwc",
];
/// Operators that repeat a graph as often as its numbers say.
const LOOPS: [&str; 2] = ["Loop", "Scan"];

mod model {
    pub(super) const GRAPH: u64 = 7;
    pub(super) const TRAINING: u64 = 20;
    pub(super) const FUNCTION: u64 = 25;
}

mod function {
    pub(super) const NAME: u64 = 1;
    pub(super) const NODE: u64 = 7;
    pub(super) const DOMAIN: u64 = 10;
}

mod graph {
    pub(super) const NODE: u64 = 1;
    pub(super) const INITIALIZER: u64 = 5;
    pub(super) const SPARSE_INITIALIZER: u64 = 15;
}

mod node {
    pub(super) const OPERATOR: u64 = 4;
    pub(super) const ATTRIBUTE: u64 = 5;
    pub(super) const DOMAIN: u64 = 7;
}

mod attribute {
    pub(super) const TENSOR: u64 = 5;
    pub(super) const GRAPH: u64 = 6;
    pub(super) const TENSORS: u64 = 10;
    pub(super) const GRAPHS: u64 = 11;
    pub(super) const SPARSE_TENSOR: u64 = 22;
    pub(super) const SPARSE_TENSORS: u64 = 23;
}

mod tensor {
    pub(super) const NAME: u64 = 8;
    pub(super) const EXTERNAL_DATA: u64 = 13;
    pub(super) const DATA_LOCATION: u64 = 14;
    /// `DataLocation.EXTERNAL`.
    pub(super) const EXTERNAL: u64 = 1;
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphFacts {
    /// Operators of the network, those inside branches, loops and functions included.
    pub num_nodes: usize,
    /// Loops among them.
    pub num_loops: usize,
    /// Names of operators that neither ONNX Runtime nor the file itself defines, with their domain.
    pub foreign_operators: BTreeSet<String>,
}

impl GraphFacts {
    /// Looks through the bytes of an ONNX file.
    ///
    /// # Errors
    /// [`Error::ExternalData`] for numbers in other files, [`Error::GraphRefused`] for graphs nested too deep, too many nodes
    /// or a broken encoding.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self> {
        let mut scan = Scan::default();
        scan.model(bytes)?;
        let mut facts = scan.facts;
        facts
            .foreign_operators
            .retain(|operator| !scan.functions.contains(operator));
        Ok(facts)
    }
}

#[derive(Default)]
struct Scan {
    facts: GraphFacts,
    /// Operators that the file defines itself.
    functions: BTreeSet<String>,
}

impl Scan {
    fn model(&mut self, bytes: &[u8]) -> Result<()> {
        each_field(bytes, |field| match field.number {
            model::GRAPH => self.graph(field.content, 0),
            model::FUNCTION => self.function(field.content),
            model::TRAINING => each_field(field.content, |field| self.graph(field.content, 0)),
            _ => Ok(()),
        })
    }

    fn function(&mut self, bytes: &[u8]) -> Result<()> {
        let (mut name, mut domain) = (String::new(), String::new());
        each_field(bytes, |field| {
            match field.number {
                function::NAME => name = text(field.content),
                function::DOMAIN => domain = text(field.content),
                function::NODE => self.node(field.content, 0)?,
                _ => {}
            }
            Ok(())
        })?;
        self.functions.insert(full_name(&domain, &name));
        Ok(())
    }

    fn graph(&mut self, bytes: &[u8], depth: usize) -> Result<()> {
        if depth > DEEPEST_GRAPH {
            return Err(refused(format!(
                "graphs are nested more than {DEEPEST_GRAPH} deep"
            )));
        }
        each_field(bytes, |field| match field.number {
            graph::NODE => self.node(field.content, depth),
            graph::INITIALIZER => check_tensor(field.content),
            graph::SPARSE_INITIALIZER => check_sparse(field.content),
            _ => Ok(()),
        })
    }

    fn node(&mut self, bytes: &[u8], depth: usize) -> Result<()> {
        self.facts.num_nodes += 1;
        if self.facts.num_nodes > MOST_NODES {
            return Err(refused(format!("it has more than {MOST_NODES} nodes")));
        }
        let (mut operator, mut domain) = (String::new(), String::new());
        each_field(bytes, |field| {
            match field.number {
                node::OPERATOR => operator = text(field.content),
                node::DOMAIN => domain = text(field.content),
                node::ATTRIBUTE => self.attribute(field.content, depth)?,
                _ => {}
            }
            Ok(())
        })?;
        self.facts.num_loops += usize::from(LOOPS.contains(&operator.as_str()));
        if !KNOWN_DOMAINS.contains(&domain.as_str()) {
            let name = full_name(&domain, &operator);
            self.facts.foreign_operators.insert(name);
        }
        Ok(())
    }

    fn attribute(&mut self, bytes: &[u8], depth: usize) -> Result<()> {
        each_field(bytes, |field| match field.number {
            attribute::TENSOR | attribute::TENSORS => check_tensor(field.content),
            attribute::SPARSE_TENSOR | attribute::SPARSE_TENSORS => check_sparse(field.content),
            attribute::GRAPH | attribute::GRAPHS => self.graph(field.content, depth + 1),
            _ => Ok(()),
        })
    }
}

/// Both parts of a sparse tensor are tensors; nothing else in it is.
fn check_sparse(bytes: &[u8]) -> Result<()> {
    each_field(bytes, |field| match field.number {
        1 | 2 => check_tensor(field.content),
        _ => Ok(()),
    })
}

fn check_tensor(bytes: &[u8]) -> Result<()> {
    let (mut name, mut location, mut is_external) = (String::new(), String::new(), false);
    each_field(bytes, |field| {
        match field.number {
            tensor::NAME => name = text(field.content),
            tensor::DATA_LOCATION => is_external |= field.value == tensor::EXTERNAL,
            tensor::EXTERNAL_DATA => {
                is_external = true;
                if let Some(found) = entry_of(field.content, "location") {
                    location = found;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if is_external {
        Err(Error::ExternalData { name, location })
    } else {
        Ok(())
    }
}

fn entry_of(bytes: &[u8], key: &str) -> Option<String> {
    let (mut is_asked_for, mut value) = (false, None);
    each_field(bytes, |field| {
        match field.number {
            1 => is_asked_for = field.content == key.as_bytes(),
            2 => value = Some(text(field.content)),
            _ => {}
        }
        Ok(())
    })
    .ok()?;
    value.filter(|_| is_asked_for)
}

fn each_field(bytes: &[u8], mut visit: impl FnMut(&Field<'_>) -> Result<()>) -> Result<()> {
    let mut reader = Reader::new(bytes);
    loop {
        match reader.next_field() {
            Ok(Some(field)) => visit(&field)?,
            Ok(None) => return Ok(()),
            Err(_) => return Err(refused("its encoding is broken".into())),
        }
    }
}

/// Names are shown to people: what is no text is shown as such, and not at length.
fn text(bytes: &[u8]) -> String {
    const LONGEST: usize = 200;
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST)
        .collect()
}

fn full_name(domain: &str, operator: &str) -> String {
    if domain.is_empty() {
        operator.to_owned()
    } else {
        format!("{domain}.{operator}")
    }
}

fn refused(reason: String) -> Error {
    Error::GraphRefused { reason }
}
