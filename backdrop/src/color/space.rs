//! The colour spaces a picture can be written in, both with the sRGB curve: their primaries and ICC profiles.

use super::LMS_FROM_LINEAR;
use crate::error::{Error, Result};

/// OKLab -> cube roots of the cone responses (inverse of Ottosson's M2).
pub(crate) const LMS_FROM_LAB: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
/// Cone responses -> linear sRGB (inverse of Ottosson's M1).
const LINEAR_FROM_LMS: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];
/// Linear sRGB -> linear Display P3 (both D65; CSS Color 4, section 10).
const P3_FROM_SRGB: [[f64; 3]; 3] = [
    [0.822_461_968_7, 0.177_538_031_3, 0.0],
    [0.033_194_198_9, 0.966_805_801_1, 0.0],
    [0.017_082_630_7, 0.072_397_440_7, 0.910_519_928_6],
];
/// Linear Display P3 -> linear sRGB, the inverse.
const SRGB_FROM_P3: [[f64; 3]; 3] = [
    [1.224_940_176_3, -0.224_940_176_3, 0.0],
    [-0.042_056_954_7, 1.042_056_954_7, 0.0],
    [-0.019_637_554_6, -0.078_636_045_6, 1.098_273_600_1],
];
/// Luminance of linear Display P3.
const P3_LUMINANCE: [f64; 3] = [0.228_974_6, 0.691_738_5, 0.079_286_9];
const SRGB_LUMINANCE: [f64; 3] = [0.2126, 0.7152, 0.0722];

/// Where an ICC profile says when it was made (ICC.1:2022, table 17), and what ours say: 2026-01-01, 00:00:00.
const CREATION_DATE: std::ops::Range<usize> = 24..36;
const PROFILE_DATE: [u8; 12] = [0x07, 0xea, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];
/// The profile's header: the white that its numbers are relative to (ICC.1:2022, 7.2.16), and what must stand there. The
/// encoder's own is a rounding away from it, and readers warn.
const ILLUMINANT: std::ops::Range<usize> = 68..80;
const D50: [u8; 12] = [0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d];

/// What the numbers of a picture mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorSpace {
    /// What every screen shows.
    #[default]
    Srgb,
    /// Wider primaries, for recent phones and displays.
    DisplayP3,
}

impl ColorSpace {
    /// By the name that recipes hold: `srgb` or `p3`.
    ///
    /// # Errors
    /// For any other name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "srgb" => Ok(Self::Srgb),
            "p3" | "display-p3" => Ok(Self::DisplayP3),
            _ => Err(Error::request("colour space", name, "choose srgb or p3")),
        }
    }

    /// The name that [`ColorSpace::from_name`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Srgb => "srgb",
            Self::DisplayP3 => "p3",
        }
    }

    /// Cone responses -> linear light of the primaries.
    pub(crate) fn matrix(self) -> [[f64; 3]; 3] {
        match self {
            Self::Srgb => LINEAR_FROM_LMS,
            Self::DisplayP3 => product(&P3_FROM_SRGB, &LINEAR_FROM_LMS),
        }
    }

    /// Linear light of the primaries -> cone responses.
    pub(crate) fn cones_from_linear(self) -> [[f64; 3]; 3] {
        match self {
            Self::Srgb => LMS_FROM_LINEAR,
            Self::DisplayP3 => product(&LMS_FROM_LINEAR, &SRGB_FROM_P3),
        }
    }

    /// Linear light of the primaries of cone responses.
    pub(crate) fn linear_from_cones(self, cones: [f64; 3]) -> [f64; 3] {
        multiply(&self.matrix(), cones)
    }

    /// How much each linear primary adds to the luminance.
    pub(crate) fn luminance(self) -> [f64; 3] {
        match self {
            Self::Srgb => SRGB_LUMINANCE,
            Self::DisplayP3 => P3_LUMINANCE,
        }
    }

    /// The ICC profile to embed.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn icc_profile(self) -> Result<Vec<u8>> {
        let (mut profile, name) = match self {
            Self::Srgb => (moxcms::ColorProfile::new_srgb(), "sRGB IEC 61966-2-1"),
            Self::DisplayP3 => (moxcms::ColorProfile::new_display_p3(), "Display P3"),
        };
        profile.description = Some(profile_text(name));
        profile.copyright = Some(profile_text("Public domain."));
        let mut bytes = profile
            .encode()
            .map_err(|error| Error::encoder("ICC", error))?;
        if let Some(illuminant) = bytes.get_mut(ILLUMINANT) {
            illuminant.copy_from_slice(&D50);
        }
        // The encoder writes the time of day there; the same request must give the same file.
        if let Some(date) = bytes.get_mut(CREATION_DATE) {
            date.copy_from_slice(&PROFILE_DATE);
        }
        Ok(bytes)
    }
}

/// A text of an even number of letters: the encoder does not fill up to the four bytes at which every part must begin.
fn profile_text(text: &str) -> moxcms::ProfileText {
    debug_assert!(text.is_ascii() && text.len().is_multiple_of(2), "{text}");
    moxcms::ProfileText::Localizable(vec![moxcms::LocalizableString::new(
        "en".to_owned(),
        "US".to_owned(),
        text.to_owned(),
    )])
}

/// Matrix times column.
pub(crate) fn multiply(matrix: &[[f64; 3]; 3], column: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| {
        row.iter()
            .zip(column)
            .map(|(left, right)| left * right)
            .sum()
    })
}

/// For arithmetic on whole rows.
pub(crate) fn single_precision(matrix: [[f64; 3]; 3]) -> [[f32; 3]; 3] {
    matrix.map(|row| row.map(|value| value as f32))
}

/// Matrix times matrix.
fn product(left: &[[f64; 3]; 3], right: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let columns = [0, 1, 2].map(|column| multiply(left, [0, 1, 2].map(|row| right[row][column])));
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| columns[column][row]))
}
