//! From what a network painted to a note, whatever kind of network it is. Worker threads.
//!
//! The contract's own maps are taken as they are; samples, decoded or painted, are analysed at the pitch they were made for.

use models::{Manifest, Painting, Representation, SoundGrid};

use super::{Note, NoteLayout};
use crate::analysis::analyse;
use crate::error::{Error, Result};
use crate::mel_if;

impl Note {
    /// The note of a painting. `painted_key` is what the network was asked for, `key` what is to be played with it.
    ///
    /// # Errors
    /// As [`Note::baked`] and [`analyse`]; a painting of another kind than the manifest's.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn painted(
        painting: &Painting,
        manifest: &Manifest,
        painted_key: u8,
        key: u8,
    ) -> Result<Self> {
        if let Painting::Maps(maps) = painting {
            return Self::baked(maps, &manifest.grid, key);
        }
        let (samples, sample_rate_hz) = samples(painting, manifest)?;
        let layout = NoteLayout::from_grid(&manifest.grid)?;
        let maps = if samples.iter().all(|sample| *sample == 0.0) {
            silence(&layout)
        } else {
            analyse(&samples, sample_rate_hz, painted_key, &layout)?.maps
        };
        Self::baked_from_maps(&maps, layout, key)
    }
}

/// The samples that a painting stands for, and their rate in Hz. The contract's own maps have none: they are played.
///
/// # Errors
/// [`Error::Grid`] when the painting is not of the manifest's kind, or its picture not of the manifest's size.
///
/// # Real-time
/// Not safe: allocates.
pub fn samples(painting: &Painting, manifest: &Manifest) -> Result<(Vec<f32>, f64)> {
    match (painting, &manifest.representation) {
        (Painting::MelIf(picture), Representation::MelIf { mel_if }) => {
            let samples = mel_if::Decoder::new(mel_if)?.decode(picture)?;
            Ok((samples, mel_if.sample_rate_hz))
        }
        (Painting::Wave(samples), Representation::Wave { wave }) => {
            Ok((samples.clone(), wave.sample_rate_hz))
        }
        (_, representation) => Err(Error::Grid(format!(
            "no samples of the kind `{}` were painted",
            representation.name()
        ))),
    }
}

/// A network may answer with silence: that is a note too, and nothing to be analysed.
fn silence(layout: &NoteLayout) -> SoundGrid {
    let (rows, bands, columns) = (layout.num_rows(), layout.num_bands(), layout.num_columns());
    SoundGrid {
        level_db: vec![layout.level_floor_db; rows * columns],
        deviation_cents: vec![0.0; rows * columns],
        noise_db: vec![layout.noise_floor_db; bands * columns],
    }
}
