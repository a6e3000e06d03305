//! Arithmetic with sounds: `strings - bright + choir`. Any thread; runs no network, reads no file.
//!
//! Latents add like arrows, and the sum is brought back to the length of the latents it was made of (the network was
//! never shown others); attributes and style offsets add as they are. Weights that add up to more than 1 are shared out,
//! so that `a + b` lies between the two, while `a - b + c` moves c by the whole way from b to a.

use crate::error::{Error, Result};
use crate::latent::SoundPoint;

/// Attributes of a sum stay within plus and minus this many standard deviations, the range of the controls.
pub const SUM_ATTRIBUTE_LIMIT: f32 = 2.0;
/// Sums shorter than this share of their longest term have no direction: the sounds cancel out.
const SMALLEST_SUM: f64 = 1e-3;

/// One sound of a sum, still by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Sign and factor.
    pub weight: f32,
    /// Name or seed, as it was written.
    pub sound: String,
}

/// Reads `a - b + 0.5*c`. Signs stand between spaces, so that a name may hold a hyphen.
///
/// # Errors
/// [`Error::SoundSum`] for a missing name, two signs in a row or a factor that is no number.
pub fn parse_sum(text: &str) -> Result<Vec<Term>> {
    let broken = |reason: &str| Error::SoundSum {
        text: text.to_owned(),
        reason: reason.to_owned(),
    };
    let mut terms = Vec::new();
    let mut sign = Some(1.0);
    for word in text.split_whitespace() {
        match (word, sign) {
            ("+" | "-", None) => sign = Some(if word == "+" { 1.0 } else { -1.0 }),
            ("-", Some(1.0)) if terms.is_empty() => sign = Some(-1.0),
            ("+" | "-", Some(_)) => return Err(broken("two signs without a sound between them")),
            (_, None) => return Err(broken("two sounds without a sign between them")),
            (_, Some(before)) => {
                let (factor, sound) = word.split_once('*').unwrap_or(("1", word));
                let factor: f32 = factor
                    .parse()
                    .ok()
                    .filter(|factor: &f32| factor.is_finite())
                    .ok_or_else(|| broken("a factor before * is not a number"))?;
                if sound.is_empty() {
                    return Err(broken("a sound's name is missing"));
                }
                terms.push(Term {
                    weight: before * factor,
                    sound: sound.to_owned(),
                });
                sign = None;
            }
        }
    }
    if terms.is_empty() || sign.is_some() {
        return Err(broken("a sound's name is missing"));
    }
    Ok(terms)
}

impl SoundPoint {
    /// The weighted sum of sounds of one model. A single sound of weight 1 comes back as it is.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the sounds are of different models, [`Error::SoundsCancel`] when nothing is left of
    /// the latents (`a - a`) or there is no sound at all.
    pub fn sum(terms: &[(f32, Self)]) -> Result<Self> {
        if let [(weight, sound)] = terms
            && (*weight - 1.0).abs() < f32::EPSILON
        {
            return Ok(sound.clone());
        }
        let share = terms.iter().map(|(weight, _)| weight).sum::<f32>().max(1.0);
        let latents = add(terms, share, "latent", |sound| &sound.latent)?;
        let longest = terms
            .iter()
            .map(|(_, sound)| length(&sound.latent))
            .fold(0.0, f64::max);
        let found = length(&latents);
        if longest <= 0.0 || found < SMALLEST_SUM * longest {
            return Err(Error::SoundsCancel);
        }
        let mut attributes = add(terms, share, "attributes", |sound| &sound.attributes)?;
        for attribute in &mut attributes {
            *attribute = attribute.clamp(-SUM_ATTRIBUTE_LIMIT, SUM_ATTRIBUTE_LIMIT);
        }
        Ok(Self {
            latent: latents
                .iter()
                .map(|number| (f64::from(*number) * longest / found) as f32)
                .collect(),
            attributes,
            style_offset: add(terms, share, "style_offset", |sound| &sound.style_offset)?,
        })
    }
}

fn add(
    terms: &[(f32, SoundPoint)],
    share: f32,
    name: &'static str,
    part: impl Fn(&SoundPoint) -> &Vec<f32>,
) -> Result<Vec<f32>> {
    let wanted = terms.first().map_or(0, |(_, sound)| part(sound).len());
    let mut sum = vec![0.0; wanted];
    for (weight, sound) in terms {
        let numbers = part(sound);
        if numbers.len() != wanted {
            return Err(Error::WrongLength {
                name,
                found: numbers.len(),
                wanted,
            });
        }
        for (total, number) in sum.iter_mut().zip(numbers) {
            *total += weight / share * number;
        }
    }
    Ok(sum)
}

fn length(numbers: &[f32]) -> f64 {
    numbers
        .iter()
        .map(|number| f64::from(*number).powi(2))
        .sum::<f64>()
        .sqrt()
}
