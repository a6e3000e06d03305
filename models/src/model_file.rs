//! A model file as bytes: read once, told apart from what is not a model, its metadata found. Any thread but the audio thread.
//!
//! It walks the outermost fields of the ONNX protobuf and no deeper, so that a model can be listed and described without
//! starting ONNX Runtime, and so that a cut file is told apart from a foreign one (the runtime says "protobuf parsing failed" to both).

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::manifest::{MANIFEST_KEY, Manifest};
use crate::picture_file::{HEAD_KEY, PictureFile};

/// Field numbers of `ModelProto` and `StringStringEntryProto` (onnx.proto3).
const IR_VERSION: u64 = 1;
const GRAPH: u64 = 7;
const METADATA: u64 = 14;
const ENTRY_KEY: u64 = 1;
const ENTRY_VALUE: u64 = 2;

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
        #[derive(serde::Deserialize)]
        struct Kind {
            kind: String,
        }
        let file = OnnxFile::read(path.as_ref())?;
        match serde_json::from_str::<Kind>(&file.manifest) {
            Ok(Kind { kind }) if kind == "picture" => {
                Ok(Self::Picture(Box::new(PictureFile::from_onnx(file)?)))
            }
            _ => Ok(Self::Sound(Box::new(ModelFile::from_onnx(file)?))),
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
        let bytes = read(path)?;
        let (manifest, head) = metadata(path, &bytes)?;
        Ok(Self {
            path: path.to_path_buf(),
            bytes,
            manifest,
            head,
        })
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
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

/// The manifest, and the head where there is one.
fn metadata(path: &Path, bytes: &[u8]) -> Result<(String, Option<String>)> {
    let foreign = |reason: &str| Error::NotOnnx {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    };
    let mut reader = Reader { bytes, position: 0 };
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
    match json {
        Some(json) => Ok((json, head)),
        None => Err(Error::NoManifest {
            path: path.to_path_buf(),
        }),
    }
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
    let mut reader = Reader {
        bytes: entry,
        position: 0,
    };
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

/// One protobuf field: its number, and its bytes when it has a length (empty otherwise).
struct Field<'a> {
    number: u64,
    content: &'a [u8],
}

enum Broken {
    /// The bytes end inside a field.
    Cut { missing: u64 },
    /// A field that protobuf does not have.
    Foreign,
}

/// Reads fields one after another (protobuf encoding guide: varint, 64-bit, length-delimited, 32-bit).
struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn next_field(&mut self) -> std::result::Result<Option<Field<'a>>, Broken> {
        if self.position == self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        let content = match tag & 7 {
            0 => {
                self.varint()?;
                &[]
            }
            1 => self.take(8)?,
            2 => {
                let length = self.varint()?;
                self.take(length)?
            }
            5 => self.take(4)?,
            _ => return Err(Broken::Foreign),
        };
        if number == 0 {
            Err(Broken::Foreign)
        } else {
            Ok(Some(Field { number, content }))
        }
    }

    fn varint(&mut self) -> std::result::Result<u64, Broken> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Broken::Foreign)
    }

    fn take(&mut self, length: u64) -> std::result::Result<&'a [u8], Broken> {
        let left = (self.bytes.len() - self.position) as u64;
        if length > left {
            return Err(Broken::Cut {
                missing: length - left,
            });
        }
        let start = self.position;
        self.position += length as usize;
        Ok(&self.bytes[start..self.position])
    }
}
