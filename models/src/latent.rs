//! A sound as a point: latent, attributes, style offset (CONTRACT.md, sections 4 and 5). Any thread; runs no network.

use crate::error::{Error, Result};
use crate::manifest::{ControlKind, Manifest};
use crate::seeded::{normal, stream};
use crate::sound_generator::SoundRequest;

/// Truncation of files and references: latents beyond two standard deviations are drawn again.
pub const DEFAULT_TRUNCATION: f64 = 2.0;
/// Attributes of a seeded sound stay within plus and minus this many standard deviations.
pub const ATTRIBUTE_LIMIT: f64 = 1.5;
/// Seeded attributes are drawn this much narrower than the data, so that most seeds sound at home.
const ATTRIBUTE_SPREAD: f64 = 0.7;
/// Below, redraws would take thousands of tries per number; above, nothing is ever redrawn.
const TRUNCATION_RANGE: (f64, f64) = (0.1, 10.0);
/// Below this sine of the angle, two latents lie on one line and the spherical formula divides by zero.
const SMALLEST_SINE: f64 = 1e-6;

/// One sound of a model: what all its notes share.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundPoint {
    /// `[latent_length]`, standard normal.
    pub latent: Vec<f32>,
    /// `[attributes]`, whitened, standard units.
    pub attributes: Vec<f32>,
    /// `[style_length]`, zeros unless a style control moved it.
    pub style_offset: Vec<f32>,
}

impl SoundPoint {
    /// The sound of a seed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a truncation outside 0.1 to 10.
    pub fn from_seed(seed: u32, truncation: f64, manifest: &Manifest) -> Result<Self> {
        Ok(Self {
            latent: seeded_latent(seed, truncation, manifest.latent_length)?,
            attributes: indices(manifest.attributes.len())
                .map(|i| seeded_attribute(seed, i) as f32)
                .collect(),
            style_offset: vec![0.0; manifest.style_length],
        })
    }

    /// Moves a named control to a value (0 is neutral, 1 is one standard deviation of the data).
    ///
    /// # Errors
    /// [`Error::UnknownControl`], or [`Error::OutOfRange`] with the control's own range.
    pub fn add_control(&mut self, name: &str, value: f32, manifest: &Manifest) -> Result<()> {
        let control = manifest.control(name)?;
        if !(control.min..=control.max).contains(&value) {
            return Err(Error::OutOfRange {
                name: format!("control `{name}`"),
                value: value.into(),
                low: control.min.into(),
                high: control.max.into(),
            });
        }
        let (input, input_name) = match control.kind {
            ControlKind::Attribute => (&mut self.attributes, "attributes"),
            ControlKind::Style => (&mut self.style_offset, "style_offset"),
        };
        if input.len() != control.vector.len() {
            return Err(Error::WrongLength {
                name: input_name,
                found: input.len(),
                wanted: control.vector.len(),
            });
        }
        for (number, direction) in input.iter_mut().zip(&control.vector) {
            *number += value * direction;
        }
        Ok(())
    }

    /// Moves a named control, or every control of a named mood by its share.
    ///
    /// # Errors
    /// As [`SoundPoint::add_control`].
    pub fn add_named(&mut self, name: &str, value: f32, manifest: &Manifest) -> Result<()> {
        let Some(mood) = manifest.mood(name) else {
            return self.add_control(name, value, manifest);
        };
        mood.controls
            .iter()
            .try_for_each(|(control, share)| self.add_control(control, value * share, manifest))
    }

    /// The point between two sounds: the latent on the sphere, the rest on a line. `position` 0 is here, 1 is `other`.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the sounds are of different models, [`Error::OutOfRange`] for a position outside 0..1.
    pub fn toward(&self, other: &Self, position: f32) -> Result<Self> {
        Ok(Self {
            latent: slerp(&self.latent, &other.latent, position)?,
            attributes: line(&self.attributes, &other.attributes, position, "attributes")?,
            style_offset: line(
                &self.style_offset,
                &other.style_offset,
                position,
                "style_offset",
            )?,
        })
    }

    /// What to ask the network for one note. `key` in MIDI numbers (may be fractional), `velocity` 0..1.
    pub fn request(&self, key: f32, velocity: f32) -> SoundRequest {
        SoundRequest {
            latent: self.latent.clone(),
            key,
            velocity,
            attributes: self.attributes.clone(),
            style_offset: self.style_offset.clone(),
        }
    }
}

/// Spherical interpolation (Shoemake 1985; for latents White 2016, arXiv 1609.04468): a straight line between two normal latents passes through
/// lengths that the network never saw. Latents of one direction are joined straight. Between opposite ones every half circle is as
/// short; the one is taken that leaves by the first latent's numbers swapped in pairs, `(x, y)` for `(-y, x)`: a fixed choice, so that a
/// path can be made again, and one that never passes zero, where a network has no answer.
///
/// # Errors
/// [`Error::WrongLength`] for different lengths, [`Error::OutOfRange`] for a position outside 0..1.
pub fn slerp(from: &[f32], to: &[f32], position: f32) -> Result<Vec<f32>> {
    let lengths = norm(from) * norm(to);
    let dot: f64 = from
        .iter()
        .zip(to)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum();
    let angle = if lengths > 0.0 {
        (dot / lengths).clamp(-1.0, 1.0).acos()
    } else {
        0.0
    };
    let sine = angle.sin();
    if sine < SMALLEST_SINE && angle > 1.0 && from.len() == to.len() && from.len() > 1 {
        return half_circle(from, to, position);
    }
    if sine < SMALLEST_SINE {
        return line(from, to, position, "latent");
    }
    let position = f64::from(position);
    let (weight_from, weight_to) = (
        ((1.0 - position) * angle).sin() / sine,
        (position * angle).sin() / sine,
    );
    weighted(from, to, (weight_from, weight_to), position, "latent")
}

/// From a latent to its opposite, its length going over in a straight line.
fn half_circle(from: &[f32], to: &[f32], position: f32) -> Result<Vec<f32>> {
    let (sine, cosine) = (std::f64::consts::PI * f64::from(position)).sin_cos();
    let growth = norm(to) / norm(from);
    let length = 1.0 + f64::from(position) * (growth - 1.0);
    weighted(
        from,
        &perpendicular(from),
        (length * cosine, length * sine),
        f64::from(position),
        "latent",
    )
}

/// A latent of the same length at a right angle: numbers swapped in pairs. A last number without a partner becomes 0, and the
/// rest is brought to the length.
fn perpendicular(latent: &[f32]) -> Vec<f32> {
    let mut turned: Vec<f64> = latent
        .chunks(2)
        .flat_map(|pair| match *pair {
            [x, y] => vec![-f64::from(y), f64::from(x)],
            _ => vec![0.0],
        })
        .collect();
    if latent.len() % 2 == 1 {
        // A latent along the last axis alone: any other axis is at a right angle to it.
        if turned.iter().all(|number| *number == 0.0) {
            turned[0] = 1.0;
        }
        let found = turned
            .iter()
            .map(|number| number * number)
            .sum::<f64>()
            .sqrt();
        let wanted = norm(latent);
        turned
            .iter_mut()
            .for_each(|number| *number *= wanted / found);
    }
    turned.into_iter().map(|number| number as f32).collect()
}

fn line(from: &[f32], to: &[f32], position: f32, name: &'static str) -> Result<Vec<f32>> {
    let position = f64::from(position);
    weighted(from, to, (1.0 - position, position), position, name)
}

fn weighted(
    from: &[f32],
    to: &[f32],
    weights: (f64, f64),
    position: f64,
    name: &'static str,
) -> Result<Vec<f32>> {
    if from.len() != to.len() {
        return Err(Error::WrongLength {
            name,
            found: to.len(),
            wanted: from.len(),
        });
    }
    if !(0.0..=1.0).contains(&position) {
        return Err(Error::OutOfRange {
            name: "position".into(),
            value: position,
            low: 0.0,
            high: 1.0,
        });
    }
    Ok(from
        .iter()
        .zip(to)
        .map(|(a, b)| (weights.0 * f64::from(*a) + weights.1 * f64::from(*b)) as f32)
        .collect())
}

fn norm(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|value| f64::from(*value).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// The latent of a seed: CONTRACT.md section 5, and section 6 of PICTURE_CONTRACT.md.
pub(crate) fn seeded_latent(seed: u32, truncation: f64, length: usize) -> Result<Vec<f32>> {
    let (low, high) = TRUNCATION_RANGE;
    if !(low..=high).contains(&truncation) {
        return Err(Error::OutOfRange {
            name: "truncation".into(),
            value: truncation,
            low,
            high,
        });
    }
    Ok(indices(length)
        .map(|i| truncated_normal(seed, i, truncation) as f32)
        .collect())
}

fn truncated_normal(seed: u32, index: u32, truncation: f64) -> f64 {
    let mut redraw = stream::LATENT;
    loop {
        let number = normal(seed, redraw, index);
        if number.abs() <= truncation {
            return number;
        }
        redraw = redraw.wrapping_add(1);
    }
}

fn seeded_attribute(seed: u32, index: u32) -> f64 {
    (ATTRIBUTE_SPREAD * normal(seed, stream::ATTRIBUTES, index))
        .clamp(-ATTRIBUTE_LIMIT, ATTRIBUTE_LIMIT)
}

/// Indices of a list as the hash takes them; manifest lengths are far below 2^32.
fn indices(length: usize) -> impl Iterator<Item = u32> {
    (0_u32..).take(length)
}
