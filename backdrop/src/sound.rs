//! The picture of a sound: of its seed, in colours and styles that follow from what it is like. Pure functions; any thread.
//!
//! Colours are made in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), in which equal
//! steps look equal: the five of every sound have the same lightnesses, so that all read alike on a dark ground.

use crate::color::{Oklab, Srgb8};
use crate::mood::Character;
use crate::palette::{NUM_COLORS, Palette};
use crate::request::Request;
use crate::size::Size;

/// Lightness of the five colours, the same for every sound.
const LIGHTNESSES: [f64; NUM_COLORS] = [0.24, 0.40, 0.58, 0.76, 0.92];
/// Share of the full chroma that each of the five carries: the ends of the scale stay quiet.
const CHROMA_SHARES: [f64; NUM_COLORS] = [0.45, 0.85, 1.0, 0.95, 0.40];
/// Hue of the darkest sounds (ember) and of the brightest (ice); those between pass through green.
const DARK_HUE_DEG: f64 = 35.0;
const BRIGHT_HUE_DEG: f64 = 265.0;
/// How far the seed may turn the hue to either side.
const SEED_TURN_DEG: f64 = 80.0;
/// How far a fast attack turns it towards violet, and a slow one back.
const ATTACK_TURN_DEG: f64 = 50.0;

/// What is known of a sound, in standard deviations of the corpus (the units of a model's attributes).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoundFigures {
    /// Dark to bright.
    pub brightness: f32,
    /// Fast to slow.
    pub attack: f32,
    /// Pure to breathy.
    pub noisiness: f32,
    /// Plucked to sustained.
    pub decay: f32,
    /// The sound's seed: two sounds of the same figures still differ.
    pub seed: u32,
}

impl SoundFigures {
    /// Of a sound whose attributes a model knows by these names. A figure that it has no attribute for is 0.
    pub fn of(seed: u32, names: &[String], attributes: &[f32]) -> Self {
        let figure = |name: &str| {
            let mut named = names.iter().zip(attributes);
            named
                .find(|(known, _)| *known == name)
                .map_or(0.0, |(_, value)| *value)
        };
        Self {
            brightness: figure("brightness"),
            attack: figure("attack"),
            noisiness: figure("noisiness"),
            decay: figure("decay"),
            seed,
        }
    }

    /// The five colours, dark to light. Brightness chooses the hue between ember and ice, and seed and attack turn it; a fast
    /// attack sets light and dark in different hues, a slow one lets them flow; noise takes colour away, a long decay gives
    /// it back.
    pub fn colors(&self) -> [Srgb8; NUM_COLORS] {
        let [brightness, attack, noisiness, decay] =
            [self.brightness, self.attack, self.noisiness, self.decay].map(f64::from);
        let hue_deg = DARK_HUE_DEG
            + (BRIGHT_HUE_DEG - DARK_HUE_DEG) * share(1.4 * brightness)
            + SEED_TURN_DEG * signed_fraction(self.seed)
            - ATTACK_TURN_DEG * attack.tanh();
        let chroma = 0.125 - 0.055 * share(noisiness) + 0.03 * share(decay);
        let turn_deg = 24.0 + 76.0 * share(-1.5 * attack);
        std::array::from_fn(|index| {
            let along = index as f64 / (NUM_COLORS - 1) as f64;
            let hue_deg = hue_deg + turn_deg * (along - 0.5);
            Oklab::from_lch(LIGHTNESSES[index], chroma * CHROMA_SHARES[index], hue_deg).to_srgb8()
        })
    }

    /// What the sound is like as a mood: bright ones are glad, fast and breathy ones wild.
    pub fn character(&self) -> Character {
        let brightness = share(1.4 * f64::from(self.brightness));
        Character {
            valence: 2.0 * brightness - 1.0,
            energy: share(f64::from(self.noisiness) - 1.5 * f64::from(self.attack)),
            brightness,
        }
    }

    /// The picture, on a model that paints these styles.
    pub fn request(&self, size: Size, known_styles: &[String]) -> Request {
        let mut request = Request::new(size, self.seed);
        request.palette = Some(Palette::exactly(self.colors()));
        request.styles = self.character().styles(known_styles);
        request
    }
}

/// 0..1, a half at 0.
fn share(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

/// -1..1 from a seed; neighbouring seeds land far apart (multiplication by the golden ratio).
fn signed_fraction(seed: u32) -> f64 {
    let spread = seed.wrapping_mul(0x9E37_79B9) >> 8;
    f64::from(spread) / f64::from(1_u32 << 23) - 1.0
}
