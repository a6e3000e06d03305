//! A recording of one note made ready: one channel, its start found, tuned to its key, and what is known of it. Worker
//! threads and commands; reads no file.

use crate::analysis::{Analysis, analyse};
use crate::descriptors::{cents_from_key, pitch};
use crate::error::{Error, Result};
use crate::note::NoteLayout;
use crate::resample::resample;
use crate::wav::read::Recording;

use super::two_notes::two_notes;

/// Shortest sound that is taken, s: three looks of the pitch estimate.
const SHORTEST_S: f64 = 0.3;
/// What is below this, dB re the loudest stretch, before anything was louder, is not yet the note.
const START_DB: f64 = -50.0;
/// Stretches whose level is looked at, s.
const STRETCH_S: f64 = 0.005;
/// Kept before the first loud stretch, s: the foot of a soft attack.
const LEAD_S: f64 = 0.010;
/// Share of the sounding frames that must have one pitch.
const LEAST_AGREEMENT: f64 = 0.6;
/// Farthest from its key that a recording is taken to be that key out of tune, cents; farther is not corrected.
const FARTHEST_CENTS: f64 = 60.0;
/// A recording that ends, or has a release, this far below its loudest stretch has died away: silence follows, and is known.
const DIED_AWAY_DB: f64 = -50.0;
/// After the time of release a note that was let go is at least this far below what it was, dB.
const LET_GO_DB: f64 = -30.0;
/// Stretch at the end and before the release that tells those, s.
const END_S: f64 = 0.05;
/// Share of the sample rate below which a recording holds all that sounded: converters' filters begin above.
const FULL_BAND: f64 = 0.45;

/// How much of the model's note a recording tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// From its start to this time, s.
    pub until_s: f64,
    /// Below this frequency, Hz.
    pub below_hz: f64,
}

/// A recorded note.
#[derive(Clone, Debug)]
pub struct RecordedNote {
    /// Mono, at the model's rate and as long as its notes, the start at 0, in tune with the key; silence where nothing is known.
    pub samples: Vec<f32>,
    /// Its key.
    pub key: u8,
    /// How far it was from the key, cents; taken out of the samples.
    pub cents: f64,
    /// What is known of it.
    pub known: Known,
    /// Its maps.
    pub analysis: Analysis,
}

impl RecordedNote {
    /// Makes a recording ready. `key` says which key it is; without it the pitch is estimated. `rate_hz` is the model's.
    ///
    /// # Errors
    /// [`Error::Score`] (the file's fault) for a recording that is silent, too short, holds numbers that are none, has no
    /// one pitch or holds two notes; [`Error::Request`] for a rate or key that is impossible.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn new(
        recording: &Recording,
        key: Option<u8>,
        layout: &NoteLayout,
        rate_hz: f64,
    ) -> Result<Self> {
        layout.check()?;
        let from_hz = f64::from(recording.sample_rate_hz);
        let heard = one_note(recording, layout)?;
        let (key, cents) = match key {
            Some(key) => (
                key,
                cents_off(&heard, recording.sample_rate_hz, key, layout),
            ),
            None => estimated_key(&heard, recording.sample_rate_hz, layout)?,
        };
        // Played that much slower: pitch is the player's, and partials then lie where they are looked for.
        let tuned_hz = from_hz * (-cents / 1200.0).exp2();
        let mut samples = if tuned_hz == rate_hz {
            heard
        } else {
            resample(&heard, tuned_hz, rate_hz)
        };
        let num_frames = (layout.duration_s * rate_hz).round() as usize;
        let until_s = known_until_s(&samples, rate_hz, layout);
        samples.resize(num_frames, 0.0);
        let analysis = analyse(&samples, rate_hz, key, layout)?;
        let known = Known {
            until_s,
            below_hz: layout.max_frequency_hz.min(FULL_BAND * tuned_hz),
        };
        Ok(Self {
            samples,
            key,
            cents,
            known,
            analysis,
        })
    }

    /// Refuses a recording in which two notes sound together, told by the harmonics that a single note would have and this
    /// has not. Notes an octave apart are one to it.
    ///
    /// # Errors
    /// [`Error::Score`] with the interval.
    pub fn check_one_note(&self, layout: &NoteLayout) -> Result<()> {
        match two_notes(&self.analysis.maps, layout, &self.known) {
            None => Ok(()),
            Some((lower, upper)) => Err(Error::score(
                format!("two notes sound together (their pitches are as {lower} to {upper})"),
                "record one note",
            )),
        }
    }
}

/// The loudest channel from the note's start on, no longer than a model's note needs.
fn one_note(recording: &Recording, layout: &NoteLayout) -> Result<Vec<f32>> {
    if recording.num_not_finite > 0 {
        return Err(Error::score(
            format!(
                "{} samples of the recording are no numbers",
                recording.num_not_finite
            ),
            "export it again",
        ));
    }
    let rate_hz = f64::from(recording.sample_rate_hz);
    let channels = recording.channels.iter();
    // Not the mean: the channels of an ensemble are different players, and some of them cancel.
    let loudest = channels.max_by(|one, other| power(one).total_cmp(&power(other)));
    let samples = loudest.map_or(&[][..], Vec::as_slice);
    let stretch = ((STRETCH_S * rate_hz) as usize).max(1);
    let powers: Vec<f64> = samples.chunks(stretch).map(power).collect();
    let most = powers.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return Err(Error::score(
            "the recording is silent",
            "choose one that sounds",
        ));
    }
    let is_loud = |power: &f64| *power > most * 10f64.powf(START_DB / 10.0);
    let first = powers.iter().position(is_loud).unwrap_or(0) * stretch;
    let start = first.saturating_sub((LEAD_S * rate_hz) as usize);
    // As much more as being out of tune can take away.
    let wanted = (1.05 * layout.duration_s * rate_hz) as usize;
    let heard = &samples[start..samples.len().min(start + wanted)];
    if (heard.len() as f64) < SHORTEST_S * rate_hz {
        return Err(Error::score(
            format!(
                "the recording sounds for {:.3} s, at least {SHORTEST_S} s are needed",
                heard.len() as f64 / rate_hz
            ),
            "hold the note, best for 3 s or longer",
        ));
    }
    Ok(heard.to_vec())
}

fn estimated_key(samples: &[f32], rate_hz: u32, layout: &NoteLayout) -> Result<(u8, f64)> {
    let found = pitch(samples, rate_hz);
    let agreement = found.map_or(0.0, |found| found.agreement);
    let Some(found) = found.filter(|_| agreement >= LEAST_AGREEMENT) else {
        return Err(Error::score(
            format!(
                "the recording has no one pitch (the likeliest is heard in {:.0} % of it): it is noise, or more than one note",
                100.0 * agreement
            ),
            "record one note, or say which key it is with --key",
        ));
    };
    let nearest = 69.0 + 12.0 * (found.frequency_hz / layout.tuning_hz).log2();
    let key = nearest.round().clamp(0.0, 127.0);
    let cents = cents_from_key(found.frequency_hz, key, layout.tuning_hz);
    Ok((key as u8, cents))
}

/// How far from the key that the user names; octaves do not count, and what is far off is left as it is.
fn cents_off(samples: &[f32], rate_hz: u32, key: u8, layout: &NoteLayout) -> f64 {
    let found = pitch(samples, rate_hz).filter(|found| found.agreement >= LEAST_AGREEMENT);
    found.map_or(0.0, |found| {
        let cents = cents_from_key(found.frequency_hz, f64::from(key), layout.tuning_hz);
        let folded = cents - 1200.0 * (cents / 1200.0).round();
        if folded.abs() <= FARTHEST_CENTS {
            folded
        } else {
            0.0
        }
    })
}

/// How long the recording tells what the note does, s.
fn known_until_s(samples: &[f32], rate_hz: f64, layout: &NoteLayout) -> f64 {
    let length_s = samples.len() as f64 / rate_hz;
    let around = |end_s: f64| {
        let end = ((end_s * rate_hz) as usize).min(samples.len());
        let start = end.saturating_sub((END_S * rate_hz) as usize);
        power(&samples[start..end])
    };
    if length_s >= layout.duration_s {
        let let_go = around(layout.release_start_s) * 10f64.powf(LET_GO_DB / 10.0);
        return if around(layout.duration_s) > let_go {
            layout.release_start_s
        } else {
            layout.duration_s
        };
    }
    let stretch = ((END_S * rate_hz) as usize).max(1);
    let loudest = samples.chunks(stretch).map(power).fold(0.0, f64::max);
    if around(length_s) < loudest * 10f64.powf(DIED_AWAY_DB / 10.0) {
        layout.duration_s
    } else {
        length_s
    }
}

/// Mean square.
fn power(samples: impl AsRef<[f32]>) -> f64 {
    let samples = samples.as_ref();
    let sum: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
    sum / samples.len().max(1) as f64
}
