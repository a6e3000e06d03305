//! Colours: sRGB as users write them, OKLab as pictures are mixed in (B. Ottosson, "A perceptual color space for image
//! processing", 2020, matrices of 2021-01-25). Any thread; holds no state.

mod space;

pub use space::ColorSpace;
pub(crate) use space::{LMS_FROM_LAB, multiply, single_precision};

use crate::error::{Error, Result};

/// Linear sRGB -> cone responses (Ottosson's M1).
const LMS_FROM_LINEAR: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
/// Cube roots of the cone responses -> OKLab (Ottosson's M2).
pub(crate) const LAB_FROM_LMS: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
/// Luminance of linear sRGB (IEC 61966-2-1), as WCAG 2 defines relative luminance.
const LUMINANCE: [f64; 3] = [0.2126, 0.7152, 0.0722];
/// WCAG 2: added to both luminances of a contrast ratio, the light that a screen reflects.
const FLARE: f64 = 0.05;

/// A colour as the user writes it: eight bits each of red, green and blue, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Srgb8(pub [u8; 3]);

impl Srgb8 {
    /// Reads `#rrggbb`, `rrggbb`, `#rgb` or `rgb`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn from_hex(text: &str) -> Result<Self> {
        let digits = text.trim().trim_start_matches('#');
        let wrong = || Error::request("colour", text.trim(), "write it as #rrggbb, as in #1b3a5c");
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let wide: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return Err(wrong()),
        };
        let part =
            |start: usize| u8::from_str_radix(&wide[start..start + 2], 16).map_err(|_| wrong());
        Ok(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Light of each primary, 0..1.
    pub fn linear(self) -> [f64; 3] {
        self.0
            .map(|value| linear_from_coded(f64::from(value) / 255.0))
    }

    /// WCAG 2 relative luminance, 0..1.
    pub fn luminance(self) -> f64 {
        luminance(self.linear())
    }
}

/// A colour in OKLab.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oklab {
    /// Lightness, 0 black, 1 white.
    pub lightness: f64,
    /// Green to red.
    pub a: f64,
    /// Blue to yellow.
    pub b: f64,
}

impl Oklab {
    /// From linear sRGB.
    pub fn from_linear(linear: [f64; 3]) -> Self {
        let cones = multiply(&LMS_FROM_LINEAR, linear).map(f64::cbrt);
        let [lightness, a, b] = multiply(&LAB_FROM_LMS, cones);
        Self { lightness, a, b }
    }

    /// From lightness, chroma and hue in degrees.
    pub fn from_lch(lightness: f64, chroma: f64, hue_degrees: f64) -> Self {
        let (sine, cosine) = hue_degrees.to_radians().sin_cos();
        Self {
            lightness,
            a: chroma * cosine,
            b: chroma * sine,
        }
    }

    /// Linear sRGB; outside 0..1 when no screen can show it.
    pub fn linear(self) -> [f64; 3] {
        let cones = multiply(&LMS_FROM_LAB, [self.lightness, self.a, self.b]);
        ColorSpace::Srgb.linear_from_cones(cones.map(|cone| cone * cone * cone))
    }

    /// The nearest colour of the same lightness and hue that sRGB can show, in eight bits.
    pub fn to_srgb8(self) -> Srgb8 {
        const STEPS: usize = 24;
        let is_shown =
            |linear: [f64; 3]| linear.iter().all(|value| (-1e-4..=1.0001).contains(value));
        let (mut low, mut high) = (0.0, 1.0);
        let scaled = |chroma: f64| Self {
            lightness: self.lightness.clamp(0.0, 1.0),
            a: self.a * chroma,
            b: self.b * chroma,
        };
        if is_shown(scaled(1.0).linear()) {
            low = 1.0;
        } else {
            for _ in 0..STEPS {
                let middle = 0.5 * (low + high);
                if is_shown(scaled(middle).linear()) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
        }
        Srgb8(
            scaled(low)
                .linear()
                .map(|value| (coded_from_linear(value.clamp(0.0, 1.0)) * 255.0).round() as u8),
        )
    }

    /// Euclidean distance, the colour difference that OKLab was made for.
    pub fn distance(self, other: Self) -> f64 {
        let differences = [
            self.lightness - other.lightness,
            self.a - other.a,
            self.b - other.b,
        ];
        differences
            .iter()
            .map(|part| part * part)
            .sum::<f64>()
            .sqrt()
    }

    /// The point between, 0 here, 1 at `other`.
    pub fn toward(self, other: Self, position: f64) -> Self {
        let mix = |from: f64, to: f64| from + (to - from) * position;
        Self {
            lightness: mix(self.lightness, other.lightness),
            a: mix(self.a, other.a),
            b: mix(self.b, other.b),
        }
    }

    /// Distance from grey.
    pub fn chroma(self) -> f64 {
        self.a.hypot(self.b)
    }
}

impl From<Srgb8> for Oklab {
    fn from(color: Srgb8) -> Self {
        Self::from_linear(color.linear())
    }
}

/// The sRGB curve (IEC 61966-2-1), 0..1 to light 0..1.
pub fn linear_from_coded(coded: f64) -> f64 {
    if coded <= 0.040_45 {
        coded / 12.92
    } else {
        ((coded + 0.055) / 1.055).powf(2.4)
    }
}

/// Its inverse.
pub fn coded_from_linear(linear: f64) -> f64 {
    if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}

/// WCAG 2 relative luminance of linear sRGB.
pub fn luminance(linear: [f64; 3]) -> f64 {
    linear
        .iter()
        .zip(LUMINANCE)
        .map(|(value, weight)| value * weight)
        .sum()
}

/// WCAG 2 contrast ratio of two luminances, 1 to 21.
pub fn contrast_ratio(one: f64, other: f64) -> f64 {
    (one.max(other) + FLARE) / (one.min(other) + FLARE)
}
