//! Rows to a file: PNG, JPEG, WebP, AVIF, TIFF, OpenEXR, each with its colour profile and where the picture came from.
//! Worker threads and commands.
//!
//! PNG, JPEG, TIFF and EXR are written as the rows come; WebP and AVIF need the whole picture in memory.

#[cfg(feature = "avif")]
mod avif;
mod exr_half;
pub mod frames;
mod jpeg;
mod png_rows;
mod tiff_rows;
mod webp_whole;

use std::io::{Cursor, Seek, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::color::ColorSpace;
use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::{Depth, Picture, Rows};
use crate::size::Size;

/// Longest side of a WebP picture, by its bitstream.
const WEBP_LONGEST_SIDE: u32 = 16_383;
/// Lowest quality that a search for a size goes down to; below, pictures show blocks.
const LOWEST_QUALITY: u8 = 40;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 8 or 16 bit, lossless.
    Png,
    /// 8 bit, no chroma subsampling.
    Jpeg,
    /// 8 bit, lossy.
    WebP,
    /// 8 bit, lossy, small and slow.
    Avif,
    /// 16 bit, lossless.
    Tiff,
    /// Half floats, linear light.
    Exr,
}

/// What a file should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Kind of file.
    pub format: Format,
    /// 8 or 16, where the format leaves a choice.
    pub bits: u8,
    /// Of lossy formats, 1 to 100.
    pub quality: u8,
    /// Lossy formats: lowers the quality until the file is no longer than this.
    pub max_bytes: Option<u64>,
}

impl Format {
    /// All of them, by the usual ending of their files.
    pub const ENDINGS: [(&str, Format); 9] = [
        ("png", Self::Png),
        ("jpg", Self::Jpeg),
        ("jpeg", Self::Jpeg),
        ("webp", Self::WebP),
        ("avif", Self::Avif),
        ("tif", Self::Tiff),
        ("tiff", Self::Tiff),
        ("exr", Self::Exr),
        ("apng", Self::Png),
    ];

    /// By the ending of a file's name.
    ///
    /// # Errors
    /// For an ending that is none of ours.
    pub fn from_path(path: &Path) -> Result<Self> {
        let ending = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        Self::ENDINGS
            .iter()
            .find(|(known, _)| *known == ending)
            .map(|(_, format)| *format)
            .ok_or_else(|| {
                let known = Self::ENDINGS.map(|(ending, _)| ending).join(", ");
                Error::request(
                    "file name",
                    path.display().to_string(),
                    format!("end it with one of: {known}"),
                )
            })
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Avif => "AVIF",
            Self::Tiff => "TIFF",
            Self::Exr => "OpenEXR",
        }
    }

    /// True when quality means something.
    pub fn is_lossy(self) -> bool {
        matches!(self, Self::Jpeg | Self::WebP | Self::Avif)
    }
}

impl Settings {
    /// The usual ones: 8 bit PNG, 16 bit TIFF, quality 92.
    pub fn of(format: Format) -> Self {
        Self {
            format,
            bits: if format == Format::Tiff { 16 } else { 8 },
            quality: 92,
            max_bytes: None,
        }
    }

    /// What a file must remember of them.
    pub fn recipe(&self) -> Value {
        json!({
            "format": self.format.name(), "bits": self.bits, "quality": self.quality, "max_bytes": self.max_bytes,
        })
    }

    /// The settings that a recipe remembers; `None` when it is no such recipe.
    pub fn from_recipe(recipe: &Value) -> Option<Self> {
        let small = |field: &str| u8::try_from(recipe[field].as_u64()?).ok();
        let name = recipe["format"].as_str()?;
        let (_, format) = Format::ENDINGS
            .iter()
            .find(|(_, format)| format.name() == name)?;
        Some(Self {
            format: *format,
            bits: small("bits")?,
            quality: small("quality")?,
            max_bytes: recipe["max_bytes"].as_u64(),
        })
    }

    /// The samples that this file is made of.
    pub fn depth(&self) -> Depth {
        match (self.format, self.bits) {
            (Format::Exr, _) => Depth::Linear,
            (_, 16) => Depth::Sixteen,
            _ => Depth::Eight,
        }
    }

    /// Refuses what the format cannot hold, before anything is painted.
    ///
    /// # Errors
    /// Bits, alpha, size or colour space that the format lacks, a quality outside 1..100.
    pub fn check(&self, size: Size, has_alpha: bool, color_space: ColorSpace) -> Result<()> {
        let name = self.format.name();
        let refuse = |what: &'static str, value: String, reason: String| {
            Err(Error::request(what, value, reason))
        };
        let bits_are_known = match self.format {
            Format::Png => matches!(self.bits, 8 | 16),
            Format::Tiff => self.bits == 16,
            Format::Exr => true,
            _ => self.bits == 8,
        };
        if !bits_are_known {
            return refuse(
                "bits",
                self.bits.to_string(),
                format!("{name} is written with others; PNG has 8 and 16, TIFF 16, the rest 8"),
            );
        }
        if !(1..=100).contains(&self.quality) {
            return refuse(
                "quality",
                self.quality.to_string(),
                "choose 1 to 100".into(),
            );
        }
        if has_alpha && self.format == Format::Jpeg {
            return refuse(
                "transparent colour",
                name.into(),
                "JPEG has no transparency; write PNG, WebP, TIFF or EXR".into(),
            );
        }
        if self.format == Format::WebP && size.width().max(size.height()) > WEBP_LONGEST_SIDE {
            return refuse(
                "size",
                size.to_string(),
                format!(
                    "WebP holds at most {WEBP_LONGEST_SIDE} pixels to a side; write PNG, TIFF or EXR"
                ),
            );
        }
        if self.format == Format::Avif && color_space != ColorSpace::Srgb {
            return refuse(
                "colour space",
                color_space.name().into(),
                "AVIF is written as sRGB only; write PNG, JPEG, WebP or TIFF".into(),
            );
        }
        if self.format == Format::Avif && cfg!(not(feature = "avif")) {
            return refuse(
                "file name",
                "avif".into(),
                "this program was built without AVIF; write WebP or JPEG".into(),
            );
        }
        Ok(())
    }
}

/// Writes a whole picture; gives the quality that was used, for lossy formats.
///
/// # Errors
/// What the encoder or the disk refuse; a size that no quality reaches.
pub fn write<W: Write + Seek>(
    rows: &mut dyn Rows,
    settings: &Settings,
    provenance: &Provenance,
    target: &mut W,
) -> Result<Option<u8>> {
    let layout = rows.layout();
    settings.check(layout.size, layout.channels == 4, layout.color_space)?;
    match settings.max_bytes {
        Some(max_bytes) if settings.format.is_lossy() => {
            let mut picture = Picture::collect(rows);
            write_within(&mut picture, settings, provenance, max_bytes, target)
        }
        _ => {
            write_once(rows, settings, settings.quality, provenance, target)?;
            Ok(settings.format.is_lossy().then_some(settings.quality))
        }
    }
}

fn write_once<W: Write + Seek>(
    rows: &mut dyn Rows,
    settings: &Settings,
    quality: u8,
    provenance: &Provenance,
    target: &mut W,
) -> Result<()> {
    match settings.format {
        Format::Png => png_rows::write(rows, provenance, target),
        Format::Jpeg => jpeg::write(rows, quality, provenance, target),
        Format::WebP => webp_whole::write(rows, quality, provenance, target),
        #[cfg(feature = "avif")]
        Format::Avif => avif::write(rows, quality, provenance, target),
        #[cfg(not(feature = "avif"))]
        Format::Avif => Err(Error::encoder("AVIF", "this program was built without it")),
        Format::Tiff => tiff_rows::write(rows, provenance, target),
        Format::Exr => exr_half::write(rows, provenance, target),
    }
}

/// The best quality, from the asked one down, at which the file is short enough.
fn write_within<W: Write + Seek>(
    picture: &mut Picture,
    settings: &Settings,
    provenance: &Provenance,
    max_bytes: u64,
    target: &mut W,
) -> Result<Option<u8>> {
    let mut attempt = |quality: u8| -> Result<Option<Vec<u8>>> {
        picture.rewind();
        let mut file = Cursor::new(Vec::new());
        write_once(picture, settings, quality, provenance, &mut file)?;
        let bytes = file.into_inner();
        Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
    };
    let mut best = attempt(settings.quality)?.map(|bytes| (settings.quality, bytes));
    let (mut low, mut high) = (LOWEST_QUALITY.min(settings.quality), settings.quality);
    // Larger quality, larger file: the largest that fits is found by halving.
    while best.is_none() && low < high {
        let quality = low + (high - low) / 2;
        match attempt(quality)? {
            Some(bytes) if high - low <= 1 => best = Some((quality, bytes)),
            Some(_) => low = quality,
            None if high - low <= 1 => break,
            None => high = quality,
        }
    }
    let Some((quality, bytes)) = best else {
        let reason = format!(
            "no quality of {LOWEST_QUALITY} or more makes the file that short; choose a smaller size or less grain"
        );
        return Err(Error::request(
            "largest file",
            format!("{max_bytes} bytes"),
            reason,
        ));
    };
    target
        .write_all(&bytes)
        .map_err(|error| Error::encoder(settings.format.name(), error))?;
    Ok(Some(quality))
}
