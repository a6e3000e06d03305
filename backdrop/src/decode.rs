//! Files back to samples: to compare two pictures pixel for pixel, and to show a picture small. Any thread.
//!
//! AVIF is not read: the crates that do bring a C library. Memory is bounded before decoding.

use std::io::Cursor;

use exr::prelude::{ReadChannels, ReadLayers, read as read_exr};
use image::{DynamicImage, ImageReader, Limits};

use crate::error::{Error, Result};
use crate::palette::{MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE};

/// Decoders may use this much: eight bytes for each pixel of the largest picture.
const MAX_DECODER_BYTES: u64 = 8 * MAX_PICTURE_PIXELS;
/// The first bytes of an OpenEXR file.
const EXR_START: [u8; 4] = [0x76, 0x2f, 0x31, 0x01];
/// Red, green, blue, alpha.
pub const CHANNELS: usize = 4;

/// A decoded picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Largest value of a sample: 255, 65535, or 1 for light itself.
    pub full_scale: f32,
    /// Row by row, [`CHANNELS`] to the pixel, alpha straight; files without alpha are opaque.
    pub samples: Vec<f32>,
}

/// Decodes PNG (of an animation the first frame), JPEG, WebP, TIFF or OpenEXR, told apart by their first bytes.
///
/// # Errors
/// [`Error::Encoder`] for anything else, damaged or too large.
pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    if bytes.starts_with(&EXR_START) {
        return open_exr(bytes);
    }
    let failed = |reason: &dyn std::fmt::Display| Error::encoder("picture", reason.to_string());
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| failed(&error))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PICTURE_SIDE);
    limits.max_image_height = Some(MAX_PICTURE_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| failed(&error))?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let is_deep = matches!(
        picture,
        DynamicImage::ImageRgb16(_)
            | DynamicImage::ImageRgba16(_)
            | DynamicImage::ImageLuma16(_)
            | DynamicImage::ImageLumaA16(_)
    );
    Ok(Decoded {
        width,
        height,
        full_scale: if is_deep { 65_535.0 } else { 255.0 },
        samples: if is_deep {
            let words = picture.into_rgba16().into_raw();
            words.into_iter().map(f32::from).collect()
        } else {
            let bytes = picture.into_rgba8().into_raw();
            bytes.into_iter().map(f32::from).collect()
        },
    })
}

fn open_exr(bytes: &[u8]) -> Result<Decoded> {
    let image = read_exr()
        .no_deep_data()
        .largest_resolution_level()
        .rgba_channels(
            |size, _| Decoded {
                width: size.width(),
                height: size.height(),
                full_scale: 1.0,
                samples: vec![0.0; size.area() * CHANNELS],
            },
            |picture: &mut Decoded, place, (red, green, blue, alpha): (f32, f32, f32, f32)| {
                let start = (place.y() * picture.width + place.x()) * CHANNELS;
                picture.samples[start..start + CHANNELS]
                    .copy_from_slice(&[red, green, blue, alpha]);
            },
        )
        .first_valid_layer()
        .all_attributes()
        .non_parallel()
        .from_buffered(Cursor::new(bytes))
        .map_err(|error| Error::encoder("OpenEXR", error))?;
    Ok(image.layer_data.channel_data.pixels)
}

impl Decoded {
    /// Red, green and blue of a place, 0..=255 on the sRGB curve; light itself is put on the curve.
    pub fn srgb8(&self, x: usize, y: usize) -> [u8; 3] {
        let start = (y * self.width + x) * CHANNELS;
        [0, 1, 2].map(|channel| {
            let share = f64::from(self.samples[start + channel] / self.full_scale);
            let coded = if self.full_scale > 1.0 {
                share
            } else {
                crate::color::coded_from_linear(share)
            };
            (255.0 * coded).round().clamp(0.0, 255.0) as u8
        })
    }
}
