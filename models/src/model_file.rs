//! A model file as bytes: read once, told apart from what is not a model, its metadata found. Any thread but the audio thread.
//!
//! It walks the outermost fields of the ONNX protobuf and no deeper, so that a model can be listed and described without
//! starting ONNX Runtime, and so that a cut file is told apart from a foreign one (the runtime says "protobuf parsing failed" to both).

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::graph_scan::GraphFacts;
use crate::manifest::{MANIFEST_KEY, Manifest};
use crate::picture_file::{HEAD_KEY, PictureFile};
use crate::protobuf::{Broken, Reader};

/// Field numbers of `ModelProto` and `StringStringEntryProto` (onnx.proto3).
const IR_VERSION: u64 = 1;
const GRAPH: u64 = 7;
const METADATA: u64 = 14;
const ENTRY_KEY: u64 = 1;
const ENTRY_VALUE: u64 = 2;
/// A protobuf message cannot be longer.
const MOST_BYTES: u64 = 1 << 31;

/// A sound model's bytes and manifest.
#[derive(Debug)]
pub struct ModelFile {
    path: PathBuf,
    bytes: Vec<u8>,
    manifest: Manifest,
}

impl ModelFile {
    /// Reads a model file and checks everything that can be checked without running it.
    ///
    /// # Errors
    /// Missing, empty, cut, foreign, without manifest, or with a manifest that [`Manifest::parse`] refuses.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_onnx(OnnxFile::read(path.as_ref())?)
    }

    fn from_onnx(file: OnnxFile) -> Result<Self> {
        let manifest =
            Manifest::parse(&file.manifest).map_err(|error| error.in_file(&file.path))?;
        Ok(Self {
            path: file.path,
            bytes: file.bytes,
            manifest,
        })
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its facts.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the file in hex: what a project stores to know the model again.
    pub fn fingerprint(&self) -> String {
        sha256_hex(&self.bytes)
    }

    /// Size of the file.
    pub fn num_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// What its network consists of, found without running it.
    ///
    /// # Errors
    /// Numbers in other files, graphs nested without end, a broken encoding.
    pub fn graph_facts(&self) -> Result<GraphFacts> {
        GraphFacts::of(&self.bytes).map_err(|error| error.in_file(&self.path))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn into_manifest(self) -> Manifest {
        self.manifest
    }
}

/// A model file of either kind, told apart by the `kind` of its manifest.
#[derive(Debug)]
pub enum AnyModelFile {
    /// It makes notes.
    Sound(Box<ModelFile>),
    /// It makes pictures.
    Picture(Box<PictureFile>),
}

impl AnyModelFile {
    /// Reads a model file of either kind.
    ///
    /// # Errors
    /// As [`ModelFile::load`] and [`PictureFile::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let file = OnnxFile::read(path.as_ref())?;
        if is_picture_manifest(&file.manifest) {
            Ok(Self::Picture(Box::new(PictureFile::from_onnx(file)?)))
        } else {
            Ok(Self::Sound(Box::new(ModelFile::from_onnx(file)?)))
        }
    }
}

/// The bytes of an ONNX file and the metadata that speaks of it.
pub(crate) struct OnnxFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// JSON.
    pub(crate) manifest: String,
    /// Another ONNX file in base64, in picture models.
    pub(crate) head: Option<String>,
}

impl OnnxFile {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let OnnxBytes {
            bytes,
            manifest,
            head,
        } = OnnxBytes::read(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            bytes,
            manifest: manifest.ok_or_else(|| Error::NoManifest {
                path: path.to_path_buf(),
            })?,
            head,
        })
    }
}

/// Any ONNX file: its bytes, and what its metadata says of it if anything.
pub(crate) struct OnnxBytes {
    pub(crate) bytes: Vec<u8>,
    manifest: Option<String>,
    head: Option<String>,
}

impl OnnxBytes {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = read(path)?;
        let (manifest, head) = metadata(path, &bytes)?;
        Ok(Self {
            bytes,
            manifest,
            head,
        })
    }

    /// The manifest where it is a sound model's.
    pub(crate) fn sound_manifest(&self) -> Option<&str> {
        self.manifest
            .as_deref()
            .filter(|json| !is_picture_manifest(json))
    }
}

fn is_picture_manifest(json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    serde_json::from_str(json).is_ok_and(|Kind { kind }| kind == "picture")
}

/// SHA-256 in hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if let Ok(facts) = std::fs::metadata(path)
        && !facts.is_dir()
    {
        let foreign = |reason: String| Error::NotOnnx {
            path: path.to_path_buf(),
            reason,
        };
        if !facts.is_file() {
            return Err(foreign("it is no ordinary file".into()));
        }
        if facts.len() > MOST_BYTES {
            let gigabytes = facts.len() >> 30;
            return Err(foreign(format!(
                "{gigabytes} GiB, and no ONNX file can have more than 2"
            )));
        }
    }
    let bytes = std::fs::read(path).map_err(|reason| match reason.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory => Error::ModelMissing {
            path: path.to_path_buf(),
        },
        _ => Error::Unreadable {
            path: path.to_path_buf(),
            reason,
        },
    })?;
    if bytes.is_empty() {
        Err(Error::ModelEmpty {
            path: path.to_path_buf(),
        })
    } else {
        Ok(bytes)
    }
}

/// The manifest and the head, where there are any.
fn metadata(path: &Path, bytes: &[u8]) -> Result<(Option<String>, Option<String>)> {
    let foreign = |reason: &str| Error::NotOnnx {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    };
    let mut reader = Reader::new(bytes);
    let mut has_graph = false;
    let (mut json, mut head) = (None, None);
    for index in 0.. {
        let field = match reader.next_field() {
            Ok(Some(field)) => field,
            Ok(None) => break,
            // The first fields are small numbers and names: a file that fails there never was a model.
            Err(Broken::Cut { missing }) if index > 0 => {
                return Err(Error::ModelTruncated {
                    path: path.to_path_buf(),
                    length: bytes.len(),
                    missing,
                });
            }
            Err(_) => return Err(foreign(appearance(bytes))),
        };
        if index == 0 && field.number != IR_VERSION {
            return Err(foreign(appearance(bytes)));
        }
        has_graph |= field.number == GRAPH;
        if field.number == METADATA {
            json = json.or_else(|| entry_value(field.content, MANIFEST_KEY));
            head = head.or_else(|| entry_value(field.content, HEAD_KEY));
        }
    }
    if !has_graph {
        return Err(foreign("it holds no network"));
    }
    Ok((json, head))
}

fn appearance(bytes: &[u8]) -> &'static str {
    const LOOKED_AT: usize = 512;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let is_text = head
        .iter()
        .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace());
    if is_text {
        "it is a text file"
    } else {
        "its first bytes are not those of an ONNX file"
    }
}

/// The value of a metadata entry when it has this key.
fn entry_value(entry: &[u8], key: &str) -> Option<String> {
    let mut reader = Reader::new(entry);
    let (mut is_asked_for, mut value) = (false, None);
    while let Ok(Some(field)) = reader.next_field() {
        match field.number {
            ENTRY_KEY => is_asked_for = field.content == key.as_bytes(),
            ENTRY_VALUE => value = String::from_utf8(field.content.to_vec()).ok(),
            _ => {}
        }
    }
    value.filter(|_| is_asked_for)
}
