//! The five colours of a picture: from brand colours in any number, from a file, from a user's picture or from a seed.
//! Any thread; files are read by `read` and `picture` below.

mod picture;
mod read;
mod seeded;

pub use picture::{MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE};

use std::path::Path;

use crate::color::{Oklab, Srgb8};
use crate::error::{Error, Result};

/// Colours that the network mixes.
pub const NUM_COLORS: usize = 5;
/// More colours than this are a photograph, not a palette.
pub const MAX_GIVEN: usize = 256;
/// A single colour becomes five lightnesses of it, this far apart.
const SINGLE_STEP: f64 = 0.11;
/// Lightness that the five of a single colour stay within.
const SINGLE_RANGE: (f64, f64) = (0.06, 0.97);

/// Five colours, dark to light.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    oklab: [Oklab; NUM_COLORS],
    given: Vec<Srgb8>,
}

impl Palette {
    /// Five colours from those given. Five stay as they are. One becomes five lightnesses of itself, two to four are
    /// joined by steps between neighbours in lightness; of more than five, the five that lie farthest apart are kept.
    ///
    /// # Errors
    /// For none, or more than [`MAX_GIVEN`].
    pub fn new(given: &[Srgb8]) -> Result<Self> {
        let refuse = |reason: String| {
            Err(Error::request(
                "palette",
                format!("{} colours", given.len()),
                reason,
            ))
        };
        if given.is_empty() {
            return refuse("give at least one colour, as in #1b3a5c".into());
        }
        if given.len() > MAX_GIVEN {
            return refuse(format!("give at most {MAX_GIVEN}; five are used"));
        }
        let mut distinct = given.to_vec();
        distinct.sort_by(|one, other| dark_first(*one, *other));
        distinct.dedup();
        let mut colors = match distinct.len() {
            1 => shades_of(distinct[0]),
            2..NUM_COLORS => joined(&distinct),
            _ => farthest_apart(&distinct),
        };
        colors.sort_by(|one, other| dark_first(*one, *other));
        Ok(Self {
            oklab: colors.map(Oklab::from),
            given: given.to_vec(),
        })
    }

    /// These five colours as they are, dark to light.
    pub fn exactly(mut colors: [Srgb8; NUM_COLORS]) -> Self {
        colors.sort_by(|one, other| dark_first(*one, *other));
        Self {
            oklab: colors.map(Oklab::from),
            given: colors.to_vec(),
        }
    }

    /// Five colours between the eight-bit ones, `[L, a, b]` each; they are sorted from dark to light.
    pub fn from_oklab(mut colors: [[f64; 3]; NUM_COLORS]) -> Self {
        colors.sort_by(|one, other| one[0].total_cmp(&other[0]));
        let oklab = colors.map(|[lightness, a, b]| Oklab { lightness, a, b });
        Self {
            oklab,
            given: oklab.map(Oklab::to_srgb8).to_vec(),
        }
    }

    /// Reads what a user writes: a list of hex colours, or the path of a palette file (JSON, GPL, ASE) or of a picture.
    ///
    /// # Errors
    /// For a bad colour, a missing or broken file.
    pub fn from_text(text: &str) -> Result<Self> {
        let looks_like_colors = text
            .split([',', ' ', ';'])
            .filter(|part| !part.is_empty())
            .all(|part| {
                part.trim_start_matches('#')
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit())
            });
        let path = Path::new(text);
        if !text.starts_with('#') && (path.exists() || !looks_like_colors) {
            if path.extension().is_none() && !path.exists() {
                return Err(Error::request(
                    "palette",
                    text,
                    "write colours as #1b3a5c,#f2c14e or name a file (JSON, GPL, ASE, PNG, JPEG, WebP, TIFF)",
                ));
            }
            return Self::from_file(path);
        }
        let colors = text
            .split([',', ' ', ';'])
            .filter(|part| !part.is_empty())
            .map(Srgb8::from_hex)
            .collect::<Result<Vec<_>>>()?;
        Self::new(&colors)
    }

    /// From a palette file or a picture, told apart by its first bytes.
    ///
    /// # Errors
    /// For a file that is missing, broken, too large or of no known kind.
    pub fn from_file(path: &Path) -> Result<Self> {
        read::palette(path)
    }

    /// A palette that fits together, the same for the same seed.
    pub fn from_seed(seed: u32) -> Self {
        seeded::palette(seed)
    }

    /// The five colours, dark to light.
    pub fn colors(&self) -> [Srgb8; NUM_COLORS] {
        self.oklab.map(Oklab::to_srgb8)
    }

    /// The same in OKLab.
    pub fn oklab(&self) -> [Oklab; NUM_COLORS] {
        self.oklab
    }

    /// The colours it was made from, as they were given.
    pub fn given(&self) -> &[Srgb8] {
        &self.given
    }

    /// Largest OKLab distance of a given colour to the nearest of the five: 0 unless more than five were given.
    pub fn largest_omission(&self) -> f64 {
        let five = self.oklab();
        let distance = |color: &Srgb8| {
            let color = Oklab::from(*color);
            five.iter()
                .map(|one| one.distance(color))
                .fold(f64::INFINITY, f64::min)
        };
        self.given.iter().map(distance).fold(0.0, f64::max)
    }

    /// Which of the five a given colour (1 = first given) became, for transparency.
    ///
    /// # Errors
    /// When there is no colour of that number.
    pub fn entry_of_given(&self, number: usize) -> Result<usize> {
        let color = number
            .checked_sub(1)
            .and_then(|index| self.given.get(index))
            .ok_or_else(|| {
                Error::request(
                    "transparent colour",
                    number.to_string(),
                    format!("the palette has colours 1 to {}", self.given.len()),
                )
            })?;
        let wanted = Oklab::from(*color);
        let five = self.oklab();
        let distance = |entry: &usize| five[*entry].distance(wanted);
        let nearest =
            (0..NUM_COLORS).min_by(|one, other| distance(one).total_cmp(&distance(other)));
        Ok(nearest.unwrap_or_default())
    }
}

fn dark_first(one: Srgb8, other: Srgb8) -> std::cmp::Ordering {
    let lightness = |color: Srgb8| Oklab::from(color).lightness;
    lightness(one)
        .total_cmp(&lightness(other))
        .then(one.cmp(&other))
}

/// Five lightnesses of one colour, itself among them where its lightness leaves room on both sides.
fn shades_of(color: Srgb8) -> [Srgb8; NUM_COLORS] {
    let center = Oklab::from(color);
    let (low, high) = SINGLE_RANGE;
    let reach = SINGLE_STEP * (NUM_COLORS - 1) as f64;
    let first = (center.lightness - 0.5 * reach).clamp(low, high - reach);
    // The step that lies nearest to the colour becomes the colour: a brand colour is in its own palette.
    let own = (((center.lightness - first) / SINGLE_STEP).round() as usize).min(NUM_COLORS - 1);
    std::array::from_fn(|index| {
        if index == own {
            return color;
        }
        let lightness = first + SINGLE_STEP * index as f64;
        Oklab {
            lightness,
            ..center
        }
        .to_srgb8()
    })
}

/// Five colours along the line through two to four, each of which stays.
fn joined(sorted: &[Srgb8]) -> [Srgb8; NUM_COLORS] {
    let mut colors = sorted.to_vec();
    while colors.len() < NUM_COLORS {
        let gap =
            |index: &usize| Oklab::from(colors[*index]).distance(Oklab::from(colors[*index + 1]));
        let widest = (0..colors.len() - 1)
            .max_by(|one, other| gap(one).total_cmp(&gap(other)))
            .unwrap_or_default();
        let middle = Oklab::from(colors[widest]).toward(Oklab::from(colors[widest + 1]), 0.5);
        colors.insert(widest + 1, middle.to_srgb8());
    }
    std::array::from_fn(|index| colors[index])
}

/// The darkest, then always the colour farthest from those chosen (Gonzalez 1985).
fn farthest_apart(sorted: &[Srgb8]) -> [Srgb8; NUM_COLORS] {
    let mut chosen = [sorted[0]; NUM_COLORS];
    for count in 1..NUM_COLORS {
        let distance = |color: &Srgb8| {
            let color = Oklab::from(*color);
            chosen[..count]
                .iter()
                .map(|one| Oklab::from(*one).distance(color))
                .fold(f64::INFINITY, f64::min)
        };
        let farthest = sorted
            .iter()
            .max_by(|one, other| distance(one).total_cmp(&distance(other)));
        chosen[count] = farthest.copied().unwrap_or(sorted[0]);
    }
    chosen
}
