//! The five colours of a sound, from what the sound is like. A pure function of the sound's figures; knows no widget.
//!
//! Colours are made in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), in which equal
//! steps look equal, so that every palette has the same five lightnesses and reads the same on the dark ground.

/// What is known of a sound, in standard deviations of the corpus (the units of its controls).
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

/// Five colours, sRGB, from dark to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette(pub [[u8; 3]; 5]);

/// A colour in OKLab's polar form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oklch {
    /// Black 0 to white 1.
    pub lightness: f32,
    /// Grey 0 to about 0.3.
    pub chroma: f32,
    /// Degrees: red 29, yellow 110, green 142, blue 264.
    pub hue_deg: f32,
}

/// Lightness of the five colours, the same for every sound.
const LIGHTNESSES: [f32; 5] = [0.24, 0.40, 0.58, 0.76, 0.92];
/// Share of the full chroma that each of the five carries: the ends of the scale stay quiet.
const CHROMA_SHARES: [f32; 5] = [0.45, 0.85, 1.0, 0.95, 0.40];
/// Hue of the darkest sounds (ember) and of the brightest (ice); those between pass through green.
const DARK_HUE_DEG: f32 = 35.0;
const BRIGHT_HUE_DEG: f32 = 265.0;
/// How far the seed may turn the hue to either side.
const SEED_TURN_DEG: f32 = 80.0;
/// How far a fast attack turns it towards violet, and a slow one back.
const ATTACK_TURN_DEG: f32 = 50.0;

impl Palette {
    /// The palette of a sound. Brightness chooses the hue between ember and ice and seed and attack turn it; a fast attack sets
    /// light and dark in different hues, a slow one lets them flow; noise takes colour away, a long decay gives it back.
    pub fn of(figures: &SoundFigures) -> Self {
        let hue_deg = DARK_HUE_DEG
            + (BRIGHT_HUE_DEG - DARK_HUE_DEG) * unit(1.4 * figures.brightness)
            + SEED_TURN_DEG * signed_fraction(figures.seed)
            - ATTACK_TURN_DEG * figures.attack.tanh();
        let chroma = 0.125 - 0.055 * unit(figures.noisiness) + 0.03 * unit(figures.decay);
        let turn_deg = 24.0 + 76.0 * unit(-1.5 * figures.attack);
        let mut colors = [[0; 3]; 5];
        for (index, color) in colors.iter_mut().enumerate() {
            let along = index as f32 / 4.0;
            *color = Oklch {
                lightness: LIGHTNESSES[index],
                chroma: chroma * CHROMA_SHARES[index],
                hue_deg: hue_deg + turn_deg * (along - 0.5),
            }
            .to_srgb();
        }
        Self(colors)
    }

    /// The middle colour: dots on the map.
    pub fn body(&self) -> [u8; 3] {
        self.0[2]
    }

    /// The fourth colour: what is active.
    pub fn accent(&self) -> [u8; 3] {
        self.0[3]
    }

    /// The colour between the five at `position` 0..=1, mixed in linear light.
    pub fn at(&self, position: f32) -> [f32; 3] {
        let place = position.clamp(0.0, 1.0) * 4.0;
        let index = (place as usize).min(3);
        let share = place - index as f32;
        let (low, high) = (linear(self.0[index]), linear(self.0[index + 1]));
        std::array::from_fn(|channel| low[channel] + share * (high[channel] - low[channel]))
    }
}

impl Default for Palette {
    /// The palette of a sound of which nothing is known.
    fn default() -> Self {
        Self::of(&SoundFigures::default())
    }
}

impl Oklch {
    /// The nearest colour that a screen can show: chroma is taken away until it fits, hue and lightness stay.
    pub fn to_srgb(self) -> [u8; 3] {
        let fits = |chroma: f32| {
            let channels = Self { chroma, ..self }.to_linear();
            channels
                .iter()
                .all(|channel| (-1e-4..=1.0001).contains(channel))
        };
        let (mut low, mut high) = (0.0, self.chroma);
        if fits(high) {
            low = high;
        }
        for _ in 0..16 {
            let middle = 0.5 * (low + high);
            if fits(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        encode(
            Self {
                chroma: low,
                ..self
            }
            .to_linear(),
        )
    }

    /// Linear sRGB, possibly outside 0..=1 (Ottosson 2020, the published inverse matrices).
    fn to_linear(self) -> [f32; 3] {
        let (sine, cosine) = self.hue_deg.to_radians().sin_cos();
        let (a, b) = (self.chroma * cosine, self.chroma * sine);
        let l = (self.lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (self.lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (self.lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ]
    }
}

/// Linear light of an sRGB colour (IEC 61966-2-1).
pub fn linear(color: [u8; 3]) -> [f32; 3] {
    color.map(|channel| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

/// The sRGB colour of linear light, clipped to what a screen can show.
pub fn encode(light: [f32; 3]) -> [u8; 3] {
    light.map(|channel| {
        let value = channel.clamp(0.0, 1.0);
        let coded = if value <= 0.003_130_8 {
            12.92 * value
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        (255.0 * coded).round() as u8
    })
}

/// Relative luminance of linear light (WCAG 2.2).
pub fn luminance(light: [f32; 3]) -> f32 {
    0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
}

/// Contrast of two colours, 1..=21 (WCAG 2.2).
pub fn contrast(first: [u8; 3], second: [u8; 3]) -> f32 {
    let (first, second) = (luminance(linear(first)), luminance(linear(second)));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

/// 0..1, a half at 0.
fn unit(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// -1..1 from a seed; neighbouring seeds land far apart (multiplication by the golden ratio).
fn signed_fraction(seed: u32) -> f32 {
    let spread = seed.wrapping_mul(0x9E37_79B9) >> 8;
    spread as f32 / (1 << 23) as f32 - 1.0
}
