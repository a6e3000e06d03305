//! The five colours of a user's picture: clusters of its pixels in OKLab. Reads PNG, JPEG, WebP and TIFF of any depth, in
//! sRGB where the file brings a profile. Memory is bounded before decoding.

use std::io::BufReader;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::{NUM_COLORS, Palette};
use crate::color::{Oklab, Srgb8};
use crate::error::{Error, Result};

/// Longest side of a picture that is read.
pub const MAX_PICTURE_SIDE: u32 = 20_000;
/// Most pixels of a picture that is read.
pub const MAX_PICTURE_PIXELS: u64 = 100_000_000;
/// Decoders may use this much: eight bytes for each pixel of the largest picture.
const MAX_DECODER_BYTES: u64 = 8 * MAX_PICTURE_PIXELS;
/// Pixels looked at, spread evenly.
const NUM_SAMPLES: usize = 16_384;
/// k-means settles within a few rounds on so few points.
const NUM_ROUNDS: usize = 24;
/// A pixel more transparent than this shows something else than its colour.
const LEAST_ALPHA: u8 = 128;

/// True when the first bytes are those of a picture format that is read here.
pub(super) fn is_picture(path: &Path) -> Result<bool> {
    Ok(open(path)?.format().is_some())
}

fn open(path: &Path) -> Result<ImageReader<BufReader<std::fs::File>>> {
    let unreadable = |reason| Error::Unreadable {
        path: path.to_path_buf(),
        reason,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(unreadable)
}

/// The five colours of a picture, dark to light.
pub(super) fn palette(path: &Path) -> Result<Palette> {
    let samples = samples(path).map_err(|reason| Error::InputFile {
        path: path.to_path_buf(),
        reason: format!("this picture cannot be read: {reason}"),
    })?;
    if samples.is_empty() {
        return Err(Error::InputFile {
            path: path.to_path_buf(),
            reason: "this picture is transparent everywhere, it has no colours".into(),
        });
    }
    Palette::new(&clusters(&samples))
}

fn samples(path: &Path) -> std::result::Result<Vec<Oklab>, String> {
    let mut reader = open(path).map_err(|error| error.to_string())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PICTURE_SIDE);
    limits.max_image_height = Some(MAX_PICTURE_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    let num_pixels = u64::from(width) * u64::from(height);
    if num_pixels > MAX_PICTURE_PIXELS {
        return Err(format!(
            "{width}x{height} are more than {MAX_PICTURE_PIXELS} pixels; make it smaller"
        ));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    Ok(spread(&picture, profile.as_deref()))
}

/// Every n-th pixel in sRGB.
fn spread(picture: &DynamicImage, profile: Option<&[u8]>) -> Vec<Oklab> {
    let num_pixels = picture.width() as usize * picture.height() as usize;
    // A step that shares no factor with common widths: it does not fall into one column.
    let step = (num_pixels / NUM_SAMPLES).max(1) | 1;
    let width = picture.width() as usize;
    let mut chosen: Vec<[u8; 3]> = Vec::new();
    for index in (0..num_pixels).step_by(step) {
        let pixel = image::GenericImageView::get_pixel(
            picture,
            (index % width) as u32,
            (index / width) as u32,
        );
        let [red, green, blue, alpha] = pixel.0;
        if alpha >= LEAST_ALPHA {
            chosen.push([red, green, blue]);
        }
    }
    let converted = profile
        .and_then(|profile| to_srgb(&chosen, profile))
        .unwrap_or(chosen);
    converted
        .into_iter()
        .map(|color| Oklab::from(Srgb8(color)))
        .collect()
}

/// None when the profile is not one of RGB or cannot be used; the colours are then taken as sRGB.
fn to_srgb(colors: &[[u8; 3]], profile: &[u8]) -> Option<Vec<[u8; 3]>> {
    let source = moxcms::ColorProfile::new_from_slice(profile).ok()?;
    let layout = moxcms::Layout::Rgb;
    let transform = source
        .create_transform_8bit(
            layout,
            &moxcms::ColorProfile::new_srgb(),
            layout,
            moxcms::TransformOptions::default(),
        )
        .ok()?;
    let bytes = colors.as_flattened();
    let mut converted = vec![0; bytes.len()];
    transform.transform(bytes, &mut converted).ok()?;
    Some(converted.as_chunks::<3>().0.to_vec())
}

/// k-means (Lloyd 1982), started at the points farthest apart, so that a small bright part is not lost in a large grey one.
fn clusters(samples: &[Oklab]) -> Vec<Srgb8> {
    let mut centers = vec![mean(samples.iter())];
    while centers.len() < NUM_COLORS {
        let distance = |sample: &&Oklab| nearest(&centers, **sample).1;
        let farthest = samples
            .iter()
            .max_by(|one, other| distance(one).total_cmp(&distance(other)));
        centers.push(farthest.copied().unwrap_or(centers[0]));
    }
    for _ in 0..NUM_ROUNDS {
        let mut members: Vec<Vec<&Oklab>> = vec![Vec::new(); NUM_COLORS];
        for sample in samples {
            members[nearest(&centers, *sample).0].push(sample);
        }
        for (center, members) in centers.iter_mut().zip(&members) {
            if !members.is_empty() {
                *center = mean(members.iter().copied());
            }
        }
    }
    centers.into_iter().map(Oklab::to_srgb8).collect()
}

fn nearest(centers: &[Oklab], sample: Oklab) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (index, center) in centers.iter().enumerate() {
        let distance = center.distance(sample);
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best
}

fn mean<'a>(samples: impl ExactSizeIterator<Item = &'a Oklab>) -> Oklab {
    let count = samples.len() as f64;
    let sum = samples.fold([0.0; 3], |sum, sample| {
        [
            sum[0] + sample.lightness,
            sum[1] + sample.a,
            sum[2] + sample.b,
        ]
    });
    let [lightness, a, b] = sum.map(|part| part / count);
    Oklab { lightness, a, b }
}
