//! A WAV file as samples: whole numbers of 8 to 32 bits or floating point, any number of channels. Any thread but the audio
//! thread.

use std::io::Read;

use hound::{SampleFormat, WavReader};

use crate::error::{Error, Result};

/// Most samples that are read: four hours of stereo at 48 kHz.
const MAX_SAMPLES: u64 = 1_400_000_000;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// `[channel][frame]`, full scale 1.
    pub channels: Vec<Vec<f32>>,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Samples that were no numbers (NaN or infinite); they are silence in `channels`.
    pub num_not_finite: usize,
}

impl Recording {
    /// All channels as one, their mean.
    pub fn mono(&self) -> Vec<f32> {
        let frames = self.channels.first().map_or(0, Vec::len);
        let share = 1.0 / self.channels.len().max(1) as f32;
        (0..frames)
            .map(|frame| {
                share
                    * self
                        .channels
                        .iter()
                        .map(|channel| channel[frame])
                        .sum::<f32>()
            })
            .collect()
    }
}

/// Reads a whole file. Numbers that are not finite become silence.
///
/// # Errors
/// `Error::Score` when it is no WAV file, or one without sound.
pub fn read(reader: impl Read) -> Result<Recording> {
    let broken = |error: hound::Error| {
        Error::score(
            format!("this is no WAV file that can be read ({error})"),
            "save it as PCM WAV",
        )
    };
    let mut wav = WavReader::new(reader).map_err(broken)?;
    let spec = wav.spec();
    if u64::from(wav.len()) > MAX_SAMPLES {
        return Err(Error::score(
            format!(
                "the WAV file holds {} samples, more than {MAX_SAMPLES}",
                wav.len()
            ),
            "cut it into parts",
        ));
    }
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => wav
            .samples::<f32>()
            .collect::<hound::Result<_>>()
            .map_err(broken)?,
        SampleFormat::Int => {
            let scale = 1.0 / (1_u64 << (spec.bits_per_sample.max(1) - 1)) as f32;
            wav.samples::<i32>()
                .map(|sample| sample.map(|sample| scale * sample as f32))
                .collect::<hound::Result<_>>()
                .map_err(broken)?
        }
    };
    let num_channels = usize::from(spec.channels.max(1));
    if samples.len() < num_channels || spec.sample_rate == 0 {
        return Err(Error::score(
            "the WAV file holds no sound",
            "record it again",
        ));
    }
    let channel = |index: usize| -> Vec<f32> {
        samples
            .chunks_exact(num_channels)
            .map(|frame| {
                if frame[index].is_finite() {
                    frame[index]
                } else {
                    0.0
                }
            })
            .collect()
    };
    Ok(Recording {
        channels: (0..num_channels).map(channel).collect(),
        sample_rate_hz: spec.sample_rate,
        num_not_finite: samples.iter().filter(|sample| !sample.is_finite()).count(),
    })
}
