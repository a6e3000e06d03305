//! A bed under the voice that comes in: hears whether somebody speaks, ducks the bed, adds the two. Audio thread.
//!
//! The voice is not touched but for its level. Output does not depend on how blocks are cut.

use crate::error::Result;
use crate::mix::Layers;
use crate::mix::duck::{DuckInput, DuckSettings, Ducker};
use crate::mix::speech::SpeechDetector;

/// Most frames of one call.
pub const CHUNK_FRAMES: usize = 512;
/// Noise floor that the detector begins with, dB: nothing is known of the room.
const FIRST_FLOOR_DB: f64 = -80.0;

/// Factors per frame.
#[derive(Clone, Copy, Debug)]
pub struct ChunkGains<'a> {
    /// Of the voice.
    pub voice: &'a [f32],
    /// Of the ducked bed.
    pub bed: &'a [f32],
}

/// What was heard since the meters were read last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UnderVoiceLevels {
    /// Highest sample of the input.
    pub voice_peak: f32,
    /// Highest sample of the ducked bed.
    pub bed_peak: f32,
}

/// The bed's place under the voice.
pub struct UnderVoice {
    detector: SpeechDetector,
    ducker: Ducker,
    sample_rate_hz: f64,
    bed: [Box<[f32]>; 2],
    levels: UnderVoiceLevels,
}

impl UnderVoice {
    /// Nobody has spoken yet.
    ///
    /// # Errors
    /// `Error::Request` for duck settings outside their limits.
    #[allow(
        clippy::disallowed_methods,
        clippy::disallowed_macros,
        reason = "makes the scratch, before the first callback"
    )]
    pub fn new(settings: &DuckSettings, sample_rate_hz: f64) -> Result<Self> {
        let scratch = || vec![0.0; CHUNK_FRAMES].into_boxed_slice();
        Ok(Self {
            detector: SpeechDetector::new(sample_rate_hz, FIRST_FLOOR_DB),
            ducker: Ducker::new(settings, sample_rate_hz)?,
            sample_rate_hz,
            bed: [scratch(), scratch()],
            levels: UnderVoiceLevels::default(),
        })
    }

    /// Forgets what was heard; the duck opens.
    ///
    /// # Real-time
    /// Safe.
    pub fn reset(&mut self) {
        self.detector = SpeechDetector::new(self.sample_rate_hz, FIRST_FLOOR_DB);
        self.ducker.open();
    }

    /// How to duck from now on; settings outside their limits change nothing.
    ///
    /// # Real-time
    /// Safe.
    pub fn set_duck(&mut self, settings: &DuckSettings) {
        self.ducker.set(settings);
    }

    /// Whether somebody speaks.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_speech(&self) -> bool {
        self.detector.is_speech()
    }

    /// How far the bed is ducked, 0..1.
    ///
    /// # Real-time
    /// Safe.
    pub fn duck_amount(&self) -> f64 {
        self.ducker.amount()
    }

    /// Peaks since the last call.
    ///
    /// # Real-time
    /// Safe.
    pub fn take_levels(&mut self) -> UnderVoiceLevels {
        std::mem::take(&mut self.levels)
    }

    /// Replaces frames `from..to` of a voice of one or two channels by voice and bed, at most [`CHUNK_FRAMES`]. The layers'
    /// first frames and the gains belong to `from` on. What is no number counts as silence.
    ///
    /// # Real-time
    /// Safe.
    pub fn process(
        &mut self,
        voice: &mut [&mut [f32]],
        (from, to): (usize, usize),
        layers: &Layers,
        gains: &ChunkGains<'_>,
    ) {
        let frames = (to - from).min(CHUNK_FRAMES);
        for channel in voice.iter_mut() {
            for sample in &mut channel[from..from + frames] {
                if !sample.is_finite() {
                    *sample = 0.0;
                }
                self.levels.voice_peak = self.levels.voice_peak.max(sample.abs());
            }
        }
        self.duck(voice, from, frames, layers);
        let [left, right] = &self.bed;
        for (frame, (left, right)) in left.iter().zip(right.iter()).take(frames).enumerate() {
            let (voice_gain, bed_gain) = (gains.voice[frame], gains.bed[frame]);
            let bed = [left * bed_gain, right * bed_gain];
            self.levels.bed_peak = self.levels.bed_peak.max(bed[0].abs().max(bed[1].abs()));
            match &mut *voice {
                [only] => {
                    let place = &mut only[from + frame];
                    *place = *place * voice_gain + 0.5 * (bed[0] + bed[1]);
                }
                channels => {
                    for (channel, bed) in channels.iter_mut().zip(bed) {
                        let place = &mut channel[from + frame];
                        *place = *place * voice_gain + bed;
                    }
                }
            }
        }
    }

    /// Ducks up to each look of the detector with what it said before.
    fn duck(&mut self, voice: &[&mut [f32]], from: usize, frames: usize, layers: &Layers) {
        let mut start = 0;
        while start < frames {
            let is_speech = self.detector.is_speech();
            let mut end = start;
            let mut has_looked = false;
            while end < frames && !has_looked {
                has_looked = self.detector.hear(mid(voice, from + end));
                end += 1;
            }
            let input = DuckInput {
                ground: [&layers.ground[0][start..end], &layers.ground[1][start..end]],
                foreground: [
                    &layers.foreground[0][start..end],
                    &layers.foreground[1][start..end],
                ],
                hall: [&layers.hall[0][start..end], &layers.hall[1][start..end]],
            };
            let [left, right] = &mut self.bed;
            let out = [&mut left[start..end], &mut right[start..end]];
            self.ducker.process_into(&input, is_speech, out);
            start = end;
        }
    }
}

/// All channels as one.
fn mid(voice: &[&mut [f32]], frame: usize) -> f32 {
    match voice {
        [] => 0.0,
        [only] => only[frame],
        [left, right, ..] => 0.5 * (left[frame] + right[frame]),
    }
}
