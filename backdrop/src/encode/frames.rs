//! Moving previews of a loop: animated PNG and GIF, and the ffmpeg command that makes video of its frames.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::provenance::Provenance;
use crate::rows::Picture;

use super::png_rows;

/// Frames per second are given to PNG as one over this.
const PNG_DELAY_NUMERATOR: u16 = 1;
/// GIF counts hundredths of a second; below two of them, players slow it down to ten.
const SHORTEST_GIF_DELAY: f64 = 2.0;
/// Of 1 (best) to 30: NeuQuant's step over the pixels.
const GIF_SPEED: i32 = 10;

/// Writes an animated PNG that repeats for ever.
///
/// # Errors
/// When there is no frame, or the encoder or the disk refuse.
pub fn write_apng(
    frames: &[Picture],
    rate_hz: u16,
    provenance: &Provenance,
    target: &mut dyn Write,
) -> Result<()> {
    let first = frames
        .first()
        .ok_or_else(|| Error::encoder("APNG", "there is no frame"))?;
    let info = png_rows::info(&first.layout())?;
    let encode = || -> std::result::Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::with_info(target, info)?;
        encoder.set_animated(frames.len() as u32, 0)?;
        encoder.set_frame_delay(PNG_DELAY_NUMERATOR, rate_hz)?;
        png_rows::add_texts(&mut encoder, provenance)?;
        let mut writer = encoder.write_header()?;
        for frame in frames {
            writer.write_image_data(frame.bytes())?;
        }
        writer.finish()
    };
    encode().map_err(|error| Error::encoder("APNG", error))
}

/// Writes a GIF that repeats for ever; each frame has its own 256 colours.
///
/// # Errors
/// When there is no frame, a side is beyond GIF's 65535, or the encoder or the disk refuse.
pub fn write_gif(frames: &[Picture], rate_hz: u16, target: &mut dyn Write) -> Result<()> {
    let first = frames
        .first()
        .ok_or_else(|| Error::encoder("GIF", "there is no frame"))?;
    let size = first.layout().size;
    let (width, height) = (size.width() as u16, size.height() as u16);
    let delay = (100.0 / f64::from(rate_hz.max(1)))
        .max(SHORTEST_GIF_DELAY)
        .round() as u16;
    let encode = || -> std::result::Result<(), gif::EncodingError> {
        let mut encoder = gif::Encoder::new(target, width, height, &[])?;
        encoder.set_repeat(gif::Repeat::Infinite)?;
        for frame in frames {
            let mut pixels = if frame.layout().channels == 4 {
                gif::Frame::from_rgba_speed(width, height, &mut frame.bytes().to_vec(), GIF_SPEED)
            } else {
                gif::Frame::from_rgb_speed(width, height, frame.bytes(), GIF_SPEED)
            };
            pixels.delay = delay;
            encoder.write_frame(&pixels)?;
        }
        Ok(())
    };
    encode().map_err(|error| Error::encoder("GIF", error))
}

/// A video codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Video {
    /// ProRes 422 HQ in QuickTime, for editing.
    ProRes,
    /// H.264 in MP4, for showing.
    H264,
}

impl Video {
    /// By the ending of a file: `mov` or `mp4`.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_lowercase().as_str() {
            "mov" => Some(Self::ProRes),
            "mp4" => Some(Self::H264),
            _ => None,
        }
    }

    /// Arguments of ffmpeg, from numbered frames `input` (such as `frames/%05d.png`) to `output`. The tags say bt709, and
    /// the conversion is told so too: ffmpeg alone would convert by bt601 and tag nothing.
    pub fn ffmpeg_arguments(self, rate_hz: u32, input: &str, output: &str) -> Vec<String> {
        let rate = rate_hz.to_string();
        let pixel_format = match self {
            Self::ProRes => "yuv422p10le",
            Self::H264 => "yuv420p",
        };
        let filter = format!("scale=out_color_matrix=bt709:out_range=tv,format={pixel_format}");
        let mut arguments: Vec<&str> = vec![
            "-y",
            "-loglevel",
            "error",
            "-framerate",
            &rate,
            "-i",
            input,
            "-vf",
            &filter,
        ];
        arguments.extend(match self {
            Self::ProRes => ["-c:v", "prores_ks", "-profile:v", "3", "-vendor", "apl0"],
            Self::H264 => ["-c:v", "libx264", "-crf", "14", "-preset", "medium"],
        });
        arguments.extend([
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
        ]);
        if self == Self::H264 {
            arguments.extend(["-movflags", "+faststart"]);
        }
        arguments.push(output);
        arguments.into_iter().map(str::to_owned).collect()
    }
}
