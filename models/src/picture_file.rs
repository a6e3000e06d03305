//! A picture model as bytes: trunk, head and manifest of one file (PICTURE_CONTRACT.md, section 1). Any thread; runs nothing.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};
use crate::model_file::{OnnxFile, sha256_hex};
use crate::picture_manifest::PictureManifest;

/// The metadata entry that holds the head.
pub(crate) const HEAD_KEY: &str = "understory_head";

/// A picture model's bytes and manifest.
#[derive(Debug)]
pub struct PictureFile {
    path: PathBuf,
    trunk: Vec<u8>,
    head: Vec<u8>,
    manifest: PictureManifest,
}

impl PictureFile {
    /// Reads a picture model and checks everything that can be checked without running it.
    ///
    /// # Errors
    /// Missing, empty, cut, foreign, without manifest or head, or with a manifest that [`PictureManifest::parse`] refuses.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::from_onnx(OnnxFile::read(path.as_ref())?)
    }

    pub(crate) fn from_onnx(file: OnnxFile) -> Result<Self> {
        let parse = || {
            let manifest = PictureManifest::parse(&file.manifest)?;
            let head = file.head.as_deref().ok_or_else(|| {
                Error::field(
                    HEAD_KEY,
                    "is missing beside the manifest; the file has a trunk but no head",
                )
            })?;
            let head = STANDARD
                .decode(head)
                .map_err(|error| Error::field(HEAD_KEY, format!("is no base64: {error}")))?;
            Ok((manifest, head))
        };
        let (manifest, head) = parse().map_err(|error: Error| error.in_file(&file.path))?;
        Ok(Self {
            path: file.path,
            trunk: file.bytes,
            head,
            manifest,
        })
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its facts.
    pub fn manifest(&self) -> &PictureManifest {
        &self.manifest
    }

    /// SHA-256 of the file in hex: what a picture stores to know the model again.
    pub fn fingerprint(&self) -> String {
        sha256_hex(&self.trunk)
    }

    /// Size of the file.
    pub fn num_bytes(&self) -> usize {
        self.trunk.len()
    }

    pub(crate) fn trunk(&self) -> &[u8] {
        &self.trunk
    }

    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(crate) fn into_manifest(self) -> PictureManifest {
        self.manifest
    }
}
