//! From the character of a sound or a piece of music to colours and styles, so that both can share one seed. Pure
//! functions; any thread.
//!
//! Warm and light for glad, cold and dark for sad (Jonauskaite et al., "Universal patterns in color-emotion associations",
//! 2020); strong colours and contrast for energy (Valdez and Mehrabian, "Effects of color on emotions", 1994).

use models::seeded::unit;

use crate::color::Oklab;
use crate::palette::{NUM_COLORS, Palette};

/// Stream of the seed.
const STREAM: u32 = 98;
/// Hue of the saddest and of the gladdest, OKLab degrees: blue, by way of red, to yellow.
const HUE_RANGE: (f64, f64) = (262.0, 447.0);
/// A seed turns the hue by up to this to each side.
const HUE_SPREAD: f64 = 28.0;
/// Styles that a character mixes.
const NUM_MIXED: usize = 2;
/// How fast a style's weight falls with its distance in character.
const STYLE_WIDTH: f64 = 0.35;

/// What a sound or a piece is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Character {
    /// Sad -1 to glad 1.
    pub valence: f64,
    /// Calm 0 to wild 1.
    pub energy: f64,
    /// Dull 0 to bright 1.
    pub brightness: f64,
}

/// Where styles lie: name, valence, energy. Styles of other names are never chosen by a character, only by name.
const STYLES: [(&str, f64, f64); 14] = [
    ("mesh", 0.3, 0.3),
    ("bokeh", 0.6, 0.45),
    ("silk", 0.1, 0.35),
    ("mountains", -0.3, 0.1),
    ("fog", -0.5, 0.1),
    ("aurora", -0.1, 0.6),
    ("nebula", -0.6, 0.75),
    ("paper", 0.4, 0.1),
    ("watercolour", 0.5, 0.2),
    ("lowpoly", 0.2, 0.8),
    ("facets", 0.2, 0.8),
    ("leaks", 0.8, 0.75),
    ("clouds", 0.0, 0.15),
    ("sea", 0.15, 0.2),
];

impl Character {
    /// Every number within its range; NaN becomes the middle.
    fn clamped(self) -> Self {
        let within = |value: f64, low: f64, high: f64| {
            if value.is_nan() {
                0.5 * (low + high)
            } else {
                value.clamp(low, high)
            }
        };
        Self {
            valence: within(self.valence, -1.0, 1.0),
            energy: within(self.energy, 0.0, 1.0),
            brightness: within(self.brightness, 0.0, 1.0),
        }
    }

    /// The colours of this character under a seed.
    pub fn palette(self, seed: u32) -> Palette {
        let Self {
            valence,
            energy,
            brightness,
        } = self.clamped();
        let number = |index: u32| unit(seed, STREAM, index);
        let glad = 0.5 * (valence + 1.0);
        let hue =
            HUE_RANGE.0 + (HUE_RANGE.1 - HUE_RANGE.0) * glad + HUE_SPREAD * (2.0 * number(0) - 1.0);
        // Energy spreads hues, chroma and lightness apart.
        let drift = (25.0 + 75.0 * energy) * if number(1) < 0.5 { -1.0 } else { 1.0 };
        let chroma = 0.05 + 0.11 * energy + 0.03 * glad;
        let middle = 0.36 + 0.16 * brightness + 0.10 * glad;
        let half = 0.22 + 0.14 * energy;
        let colors: [_; NUM_COLORS] = std::array::from_fn(|index| {
            let position = index as f64 / (NUM_COLORS - 1) as f64;
            let lightness = (middle + half * (2.0 * position - 1.0)).clamp(0.08, 0.96);
            let room = 0.5 + 0.5 * (std::f64::consts::PI * position.clamp(0.15, 0.85)).sin();
            Oklab::from_lch(lightness, chroma * room, hue + drift * (position - 0.5)).to_srgb8()
        });
        Palette::exactly(colors)
    }

    /// The styles, of those that a model has, that suit this character; empty when it has none that are known here.
    pub fn styles(self, known: &[String]) -> Vec<(String, f32)> {
        let Self {
            valence, energy, ..
        } = self.clamped();
        let weight = |name: &str| {
            // `fog_mountains` is found as `fog` or `mountains`, whichever comes first.
            STYLES.iter().find(|(style, ..)| name.contains(style)).map(
                |(_, style_valence, style_energy)| {
                    let distance = (0.5 * (valence - style_valence)).hypot(energy - style_energy);
                    (-(distance / STYLE_WIDTH).powi(2)).exp()
                },
            )
        };
        let mut styles: Vec<(String, f32)> = known
            .iter()
            .filter_map(|name| Some((name.clone(), weight(name)? as f32)))
            .collect();
        styles.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        styles.truncate(NUM_MIXED);
        let sum: f32 = styles.iter().map(|(_, weight)| weight).sum();
        styles
            .iter_mut()
            .for_each(|(_, weight)| *weight /= sum.max(f32::MIN_POSITIVE));
        styles
    }
}
