//! Palette files: JSON, GIMP's GPL, Adobe's ASE. Told apart by their first bytes; anything else is tried as a picture.

use std::path::Path;

use serde_json::Value;

use super::{Palette, picture};
use crate::color::{Srgb8, coded_from_linear};
use crate::error::{Error, Result, quoted};

/// Largest palette file that is believed.
const MAX_PALETTE_BYTES: u64 = 1 << 20;
const ASE_START: &[u8] = b"ASEF";
const GPL_START: &str = "GIMP Palette";
/// ASE block type of a colour.
const ASE_COLOR: u16 = 1;

/// Five colours from any file that holds some.
pub(super) fn palette(path: &Path) -> Result<Palette> {
    let unreadable = |reason| Error::Unreadable {
        path: path.to_path_buf(),
        reason,
    };
    let length = std::fs::metadata(path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::request(
                "palette",
                path.display().to_string(),
                "there is no such file, and it is no list of colours such as #1b3a5c,#f2c14e",
            ),
            _ => unreadable(error),
        })?
        .len();
    let broken = |reason: String| Error::InputFile {
        path: path.to_path_buf(),
        reason,
    };
    if length == 0 {
        return Err(broken("the file is empty".into()));
    }
    if picture::is_picture(path)? {
        return picture::palette(path);
    }
    if length > MAX_PALETTE_BYTES {
        return Err(broken(format!(
            "{length} bytes are too many for a palette and it is no PNG, JPEG, WebP or TIFF picture"
        )));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let colors = colors_of(&bytes).map_err(broken)?;
    if colors.is_empty() {
        return Err(broken("there is no colour in this palette".into()));
    }
    Palette::new(&colors)
}

fn colors_of(bytes: &[u8]) -> std::result::Result<Vec<Srgb8>, String> {
    if bytes.starts_with(ASE_START) {
        return ase(bytes)
            .ok_or_else(|| "the ASE palette is cut off or damaged; export it again".into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| {
        "neither a palette (JSON, GPL, ASE) nor a picture (PNG, JPEG, WebP, TIFF)".to_owned()
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with(GPL_START) {
        return gpl(text);
    }
    if text.trim_start().starts_with(['[', '{', '"']) {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("no valid JSON: {error}"))?;
        let mut colors = Vec::new();
        json(&value, &mut colors)?;
        return Ok(colors);
    }
    Err("neither a palette (JSON, GPL, ASE) nor a picture (PNG, JPEG, WebP, TIFF)".into())
}

/// Every string that is a hex colour, in order, wherever it stands; names and other strings are left out.
fn json(value: &Value, colors: &mut Vec<Srgb8>) -> std::result::Result<(), String> {
    match value {
        Value::String(text) if text.starts_with('#') => {
            colors.push(Srgb8::from_hex(text).map_err(|error| error.to_string())?);
        }
        Value::Array(parts) => {
            for part in parts {
                match part {
                    Value::String(text) if !text.starts_with('#') => {
                        colors.push(Srgb8::from_hex(text).map_err(|error| error.to_string())?);
                    }
                    _ => json(part, colors)?,
                }
            }
        }
        Value::Object(fields) => {
            for field in fields.values() {
                json(field, colors)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Lines of three numbers 0..255, then an optional name; headers and comments are left out.
fn gpl(text: &str) -> std::result::Result<Vec<Srgb8>, String> {
    let mut colors = Vec::new();
    for (index, line) in text.lines().enumerate().skip(1) {
        let line = line.trim();
        if !line.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
            continue;
        }
        let parts: Vec<Option<u8>> = line
            .split_whitespace()
            .take(3)
            .map(|part| part.parse().ok())
            .collect();
        match parts[..] {
            [Some(red), Some(green), Some(blue)] => colors.push(Srgb8([red, green, blue])),
            _ => {
                return Err(format!(
                    "line {}: `{}` does not begin with three numbers 0 to 255",
                    index + 1,
                    quoted(line)
                ));
            }
        }
    }
    Ok(colors)
}

/// Adobe Swatch Exchange: big-endian blocks of type, length, name (UTF-16), colour model and 32-bit floats.
fn ase(bytes: &[u8]) -> Option<Vec<Srgb8>> {
    let mut reader = Reader {
        bytes: bytes.get(ASE_START.len() + 4..)?,
    };
    let num_blocks = u32::from_be_bytes(reader.take()?);
    let mut colors = Vec::new();
    for _ in 0..num_blocks {
        let kind = u16::from_be_bytes(reader.take()?);
        let length = u32::from_be_bytes(reader.take()?) as usize;
        let mut block = Reader {
            bytes: reader.split(length)?,
        };
        if kind == ASE_COLOR {
            let name_length = usize::from(u16::from_be_bytes(block.take()?));
            block.split(2 * name_length)?;
            colors.push(ase_color(&mut block)?);
        }
    }
    Some(colors)
}

fn ase_color(block: &mut Reader<'_>) -> Option<Srgb8> {
    let model: [u8; 4] = block.take()?;
    let mut number =
        || Some(f64::from(f32::from_be_bytes(block.take()?))).filter(|value| value.is_finite());
    let coded = match &model {
        b"RGB " => [number()?, number()?, number()?],
        b"Gray" => [number()?; 3],
        b"CMYK" => {
            let ink = [number()?, number()?, number()?];
            let black = number()?;
            ink.map(|share| (1.0 - share) * (1.0 - black))
        }
        b"LAB " => cie_lab([100.0 * number()?, number()?, number()?]),
        _ => return None,
    };
    Some(Srgb8(
        coded.map(|value| (255.0 * value.clamp(0.0, 1.0)).round() as u8),
    ))
}

/// CIE L*a*b* under D50 to coded sRGB (CSS Color 4: Bradford-adapted matrix of D50 XYZ to linear sRGB).
fn cie_lab([lightness, a, b]: [f64; 3]) -> [f64; 3] {
    const WHITE: [f64; 3] = [0.964_296, 1.0, 0.825_105];
    const LINEAR_FROM_XYZ: [[f64; 3]; 3] = [
        [3.134_135_9, -1.617_386_3, -0.490_662_1],
        [-0.978_795_5, 1.916_254_4, 0.033_442_7],
        [0.071_953_9, -0.228_976_8, 1.405_386_0],
    ];
    let middle = (lightness + 16.0) / 116.0;
    let roots = [middle + a / 500.0, middle, middle - b / 200.0];
    let share = |root: f64| {
        if root > 6.0 / 29.0 {
            root.powi(3)
        } else {
            3.0 * (6.0_f64 / 29.0).powi(2) * (root - 4.0 / 29.0)
        }
    };
    let xyz = [0, 1, 2].map(|index| WHITE[index] * share(roots[index]));
    crate::color::multiply(&LINEAR_FROM_XYZ, xyz)
        .map(|value| coded_from_linear(value.clamp(0.0, 1.0)))
}

/// Bytes taken from the front; none when they run out.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.split(N)?.try_into().ok()
    }

    fn split(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(front)
    }
}
