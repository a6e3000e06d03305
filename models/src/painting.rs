//! What a sound network painted for one note, by kind, checked for shape and for numbers that are none. Worker threads.

use crate::error::{Error, Result};
use crate::manifest::{Manifest, Representation};

/// One note as a network of the contract's own kind paints it. Every number is finite; none is clipped to the grid's ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundGrid {
    /// `[rows, columns]`, row-major: level of each harmonic, dB re the note's loudest cell.
    pub level_db: Vec<f32>,
    /// `[rows, columns]`, row-major: deviation from the harmonic frequency, cents.
    pub deviation_cents: Vec<f32>,
    /// `[bands, columns]`, row-major: mean square of what is not harmonic, dB on the same scale.
    pub noise_db: Vec<f32>,
}

/// One note as any network paints it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Painting {
    /// Of `pitch_aligned` models.
    Maps(SoundGrid),
    /// Of `mel_if` models: `[frames, bins, 2]`, row-major; log mel power and instantaneous frequency.
    MelIf(Vec<f32>),
    /// Of `wave` models: samples.
    Wave(Vec<f32>),
}

/// Sizes and row-major values as the runtime gave them.
pub(crate) type Output = (Vec<i64>, Vec<f32>);

impl Painting {
    /// Checks a run's outputs, one note of the batch, in the order of [`Manifest::wanted_outputs`].
    pub(crate) fn of(manifest: &Manifest, outputs: Vec<Output>, key: f32) -> Result<Self> {
        for ((sizes, values), (name, wanted)) in outputs.iter().zip(manifest.wanted_outputs()) {
            check_output(name, &wanted, sizes, values, key)?;
        }
        let mut values = outputs.into_iter().map(|(_, values)| values);
        let mut next = || values.next().unwrap_or_default();
        Ok(match manifest.representation {
            Representation::PitchAligned => Self::Maps(SoundGrid {
                level_db: next(),
                deviation_cents: next(),
                noise_db: next(),
            }),
            Representation::MelIf { .. } => Self::MelIf(next()),
            Representation::Wave { .. } => Self::Wave(next()),
        })
    }

    /// The numbers of an output, by its name.
    pub(crate) fn cells(&self, output: &str) -> &[f32] {
        match (self, output) {
            (Self::Maps(maps), "level_db") => &maps.level_db,
            (Self::Maps(maps), "deviation_cents") => &maps.deviation_cents,
            (Self::Maps(maps), "noise_db") => &maps.noise_db,
            (Self::MelIf(cells), "mel") | (Self::Wave(cells), "wave") => cells,
            _ => &[],
        }
    }
}

fn check_output(
    name: &'static str,
    wanted: &[usize],
    sizes: &[i64],
    values: &[f32],
    key: f32,
) -> Result<()> {
    let wanted: Vec<usize> = std::iter::once(1).chain(wanted.iter().copied()).collect();
    let found = sizes.iter().map(|&size| usize::try_from(size));
    if !found.eq(wanted.iter().map(|&size| Ok(size))) {
        let reason = format!("came out with shape {sizes:?}, manifest says {wanted:?}");
        return Err(Error::GraphMismatch {
            what: "output",
            name: name.to_owned(),
            reason,
        });
    }
    let broken = values
        .iter()
        .enumerate()
        .find(|(_, value)| !value.is_finite());
    match broken {
        Some((index, &value)) => Err(Error::OutputNotFinite {
            name,
            value,
            index,
            key,
        }),
        None => Ok(()),
    }
}
