//! Where somebody speaks, by level and by energy in the band of speech. Any thread: the detector allocates nothing.
//!
//! A detector for ducking, not for words: it takes any sound with most of its energy between 250 Hz and 4 kHz that rises
//! well above the noise floor.

use super::filter::{Bell, BellShape};
use crate::score::compose::SpeechRange;

/// Length of a look, seconds.
const LOOK_S: f64 = 0.01;
/// Speech rises this far above the floor, and ends this far above it, dB.
const RISE_DB: f64 = 11.0;
const FALL_DB: f64 = 6.0;
/// Shorter than this many looks is a click.
const RISE_LOOKS: usize = 3;
/// Nothing below this is speech, dB re full scale.
const LEAST_DB: f64 = -55.0;
/// The floor follows quieter sounds at once and louder ones this fast, dB a second.
const FLOOR_RISE_DB_S: f64 = 1.2;
/// The floor is never sought below this, dB.
const LOWEST_FLOOR_DB: f64 = -80.0;
/// Speech goes on through gaps as long as this, seconds: words have pauses.
const HOLD_S: f64 = 0.3;
/// Shorter sounds are clicks, seconds.
const SHORTEST_S: f64 = 0.06;
/// Share of the energy that lies in the band of speech.
const BAND_SHARE: f64 = 0.3;
/// The band: one pole below, one above.
const BAND_HZ: (f64, f64) = (250.0, 4_000.0);
/// The floor of a whole file is this share of its looks from below.
const FLOOR_SHARE: f64 = 0.1;

/// Says for each look whether somebody speaks.
#[derive(Clone, Debug)]
pub struct SpeechDetector {
    look_frames: usize,
    frames: usize,
    floor_db: f64,
    low: f64,
    rumble: f64,
    coefficients: (f64, f64),
    band_energy: f64,
    energy: f64,
    is_speech: bool,
    loud_looks: usize,
    quiet_looks: usize,
}

impl SpeechDetector {
    /// A detector; `floor_db` is the noise floor to begin with, -80 when nothing is known.
    pub fn new(sample_rate_hz: f64, floor_db: f64) -> Self {
        let pole = |cutoff_hz: f64| {
            1.0 - (-std::f64::consts::TAU * (cutoff_hz / sample_rate_hz).min(0.45)).exp()
        };
        SpeechDetector {
            look_frames: ((LOOK_S * sample_rate_hz) as usize).max(1),
            frames: 0,
            floor_db: floor_db.max(LOWEST_FLOOR_DB),
            low: 0.0,
            rumble: 0.0,
            coefficients: (pole(BAND_HZ.0), pole(BAND_HZ.1)),
            band_energy: 0.0,
            energy: 0.0,
            is_speech: false,
            loud_looks: 0,
            quiet_looks: 0,
        }
    }

    /// Whether somebody speaks now.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_speech(&self) -> bool {
        self.is_speech
    }

    /// Hears one frame, both channels as one; true when a look has ended with it.
    ///
    /// # Real-time
    /// Safe.
    pub fn hear(&mut self, sample: f32) -> bool {
        let sample = if sample.is_finite() {
            f64::from(sample)
        } else {
            0.0
        };
        self.low += self.coefficients.1 * (sample - self.low) + 1e-20;
        self.rumble += self.coefficients.0 * (self.low - self.rumble);
        let band = self.low - self.rumble;
        self.band_energy += band * band;
        self.energy += sample * sample;
        self.frames += 1;
        if self.frames < self.look_frames {
            return false;
        }
        self.look();
        true
    }

    /// Level of the look in the band, dB.
    fn look(&mut self) {
        let level_db = level_db(self.band_energy, self.frames);
        let in_band = self.band_energy >= BAND_SHARE * self.energy;
        let threshold_db = if self.is_speech { FALL_DB } else { RISE_DB };
        let is_loud = level_db > (self.floor_db + threshold_db).max(LEAST_DB) && in_band;
        if is_loud {
            self.loud_looks += 1;
            self.is_speech |= self.loud_looks >= RISE_LOOKS;
            self.quiet_looks = 0;
        } else {
            self.loud_looks = 0;
            self.quiet_looks += 1;
            if self.quiet_looks as f64 * LOOK_S > HOLD_S {
                self.is_speech = false;
            }
        }
        let risen_db = self.floor_db + FLOOR_RISE_DB_S * LOOK_S;
        self.floor_db = level_db.min(risen_db).max(LOWEST_FLOOR_DB);
        self.frames = 0;
        self.band_energy = 0.0;
        self.energy = 0.0;
    }
}

fn level_db(energy: f64, frames: usize) -> f64 {
    10.0 * (energy / frames.max(1) as f64).max(1e-16).log10()
}

/// The stretches of speech in a whole recording, holds taken off.
pub fn find_speech(samples: &[f32], sample_rate_hz: u32) -> Vec<SpeechRange> {
    let rate_hz = f64::from(sample_rate_hz);
    let mut detector = SpeechDetector::new(rate_hz, floor_db(samples, rate_hz));
    let mut ranges: Vec<SpeechRange> = Vec::new();
    let mut start_s = None;
    for (frame, &sample) in samples.iter().enumerate() {
        if !detector.hear(sample) {
            continue;
        }
        let now_s = (frame + 1) as f64 / rate_hz;
        match (start_s, detector.is_speech()) {
            (None, true) => start_s = Some((now_s - RISE_LOOKS as f64 * LOOK_S).max(0.0)),
            (Some(start), false) => {
                push(&mut ranges, start, now_s - HOLD_S);
                start_s = None;
            }
            _ => {}
        }
    }
    if let Some(start) = start_s {
        push(&mut ranges, start, samples.len() as f64 / rate_hz);
    }
    ranges
}

fn push(ranges: &mut Vec<SpeechRange>, start_s: f64, end_s: f64) {
    if end_s - start_s >= SHORTEST_S {
        ranges.push(SpeechRange { start_s, end_s });
    }
}

/// The level that a tenth of the looks stay below.
fn floor_db(samples: &[f32], rate_hz: f64) -> f64 {
    let look = ((LOOK_S * rate_hz) as usize).max(1);
    let mut levels: Vec<f64> = samples
        .chunks(look)
        .map(|look| {
            let energy = look.iter().map(|&sample| f64::from(sample).powi(2)).sum();
            level_db(energy, look.len())
        })
        .collect();
    levels.sort_by(f64::total_cmp);
    let place = (FLOOR_SHARE * levels.len() as f64) as usize;
    let loudest = levels.last().copied().unwrap_or(LOWEST_FLOOR_DB);
    // A recording without pauses has no floor to be found: then its loudest look says enough.
    levels
        .get(place)
        .map_or(LOWEST_FLOOR_DB, |&floor| floor.min(loudest - 2.5 * RISE_DB))
}

/// Level of a stereo stretch in the band of words, 1 to 4 kHz, dB: for reports of how far a voice stands above a bed.
pub fn word_band_db(left: &[f32], right: &[f32], sample_rate_hz: u32) -> f64 {
    const CENTRE_HZ: f64 = 2_000.0;
    /// Two octaves between the points of half the power.
    const Q: f64 = 0.67;
    let shape = BellShape::band(CENTRE_HZ, Q, f64::from(sample_rate_hz));
    let mut energy = 0.0;
    for channel in [left, right] {
        // Twice, so that a loud bass stays out.
        let mut bells = [Bell::default(); 2];
        for &sample in channel {
            let band = bells[0].process_band(&shape, f64::from(sample));
            energy += bells[1].process_band(&shape, band).powi(2);
        }
    }
    level_db(energy, left.len())
}
