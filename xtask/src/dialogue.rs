//! Files of an edit (markers, subtitles, recorded dialogue), read and checked. Hits, speech and, from a WAV file, the voice itself.

use std::path::Path;

use engine::cues::markers::{self, Cues};
use engine::cues::timecode::FrameRate;
use engine::loudness;
use engine::mix::speech::find_speech;
use engine::offline::Rendering;
use engine::resample::resample;
use engine::score::compose::SpeechRange;
use engine::wav::read::{self, Recording};

use crate::failure::Failure;

/// A recorded voice at the bed's rate.
pub struct Voice {
    /// Both channels; of a mono file twice the same.
    pub channels: [Vec<f32>; 2],
    /// Integrated loudness; `None` for silence.
    pub lufs: Option<f64>,
}

impl Voice {
    /// Bed and voice as they will be heard; lowered as a whole when together they would pass full scale.
    pub fn over(&self, bed: &Rendering) -> Rendering {
        let mut both = bed.clone();
        let channels = [&mut both.left, &mut both.right].into_iter();
        for (sum, voice) in channels.zip(&self.channels) {
            for (sum, sample) in sum.iter_mut().zip(voice) {
                *sum += sample;
            }
        }
        let peak = both
            .left
            .iter()
            .chain(&both.right)
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak > 1.0 {
            both.apply_gain(-20.0 * f64::from(peak).log10());
        }
        both
    }
}

/// What a dialogue file says.
pub struct Dialogue {
    /// Where somebody speaks.
    pub speech: Vec<SpeechRange>,
    /// The voice, when the file is a recording.
    pub voice: Option<Voice>,
}

/// Reads a marker file.
///
/// # Errors
/// Exit code 3 with line and value.
pub fn markers(path: &Path, rate: FrameRate) -> Result<Cues, Failure> {
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::input_file(format!("{}: {error}", path.display()));
    let length = std::fs::metadata(path)
        .map_err(|error| unreadable(&error))?
        .len();
    // Told before the bytes are in memory.
    if length > markers::MAX_BYTES as u64 {
        return Err(unreadable(&format!(
            "{length} bytes are too many for markers; the most is {}",
            markers::MAX_BYTES
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    markers::read(&name, &bytes, rate).map_err(|error| unreadable(&error))
}

/// Reads a recording or subtitles.
///
/// # Errors
/// Exit code 3 for a file that is neither.
pub fn dialogue(path: &Path, frame_rate: FrameRate, rate_hz: u32) -> Result<Dialogue, Failure> {
    let is_wave = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("wav"));
    if !is_wave {
        let speech = markers(path, frame_rate)?.speech;
        return Ok(Dialogue {
            speech,
            voice: None,
        });
    }
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::input_file(format!("{}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let recording =
        read::read(std::io::BufReader::new(file)).map_err(|error| unreadable(&error))?;
    from_recording(&recording, rate_hz)
}

/// The speech in a recording, and the recording at another rate.
///
/// # Errors
/// Exit code 2 for a rate that cannot be measured.
pub fn from_recording(recording: &Recording, rate_hz: u32) -> Result<Dialogue, Failure> {
    let speech = find_speech(&recording.mono(), recording.sample_rate_hz);
    let channel = |index: usize| {
        let source = &recording.channels[index.min(recording.channels.len() - 1)];
        resample(source, recording.sample_rate_hz, rate_hz)
    };
    let channels = [channel(0), channel(1)];
    let lufs = loudness::integrated(&channels[0], &channels[1], rate_hz)?;
    Ok(Dialogue {
        speech,
        voice: Some(Voice { channels, lufs }),
    })
}
