//! The last step: a bed at exactly the loudness that was asked for, below the ceiling. Worker and command line.

use super::limiter;
use super::true_peak::TruePeakMeter;
use crate::error::{Error, Result};
use crate::loudness::{self, Loudness};

/// Loudness counts as met within this, LU: ten times finer than EBU Tech 3341 asks of meters.
const CLOSE_ENOUGH_LU: f64 = 0.01;
/// Most rounds of limiting and measuring.
const MAX_ROUNDS: usize = 12;
/// The limiter stays this far below the ceiling, dB: meters interpolate peaks differently.
const MARGIN_DB: f64 = 0.15;
/// Quietest and loudest target, LUFS.
const TARGETS_LUFS: (f64, f64) = (-60.0, -5.0);

/// How loud the result is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// Highest true peak, dBTP.
    pub true_peak_db: f64,
}

/// A named target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedTarget {
    /// What the user writes.
    pub name: &'static str,
    /// What it asks for.
    pub target: Target,
}

const fn target(name: &'static str, lufs: f64, true_peak_db: f64) -> NamedTarget {
    NamedTarget {
        name,
        target: Target { lufs, true_peak_db },
    }
}

/// Where sound goes, and what is asked for there. EBU R 128 allows -1 dBTP, ATSC A/85 -2 dBTP.
pub const TARGETS: [NamedTarget; 4] = [
    target("youtube", -14.0, -1.0),
    target("podcast", -16.0, -1.0),
    target("ebu", -23.0, -1.0),
    target("atsc", -24.0, -2.0),
];

impl Target {
    /// Refuses what no file can be.
    ///
    /// # Errors
    /// `Error::Request` for a loudness outside -60..-5 LUFS or a ceiling outside -20..0 dBTP.
    pub fn check(&self) -> Result<()> {
        if !(TARGETS_LUFS.0..=TARGETS_LUFS.1).contains(&self.lufs) {
            return Err(Error::request(
                "the loudness in LUFS",
                self.lufs,
                "choose -60 to -5",
            ));
        }
        if !(-20.0..=0.0).contains(&self.true_peak_db) {
            return Err(Error::request(
                "the true peak in dBTP",
                self.true_peak_db,
                "choose -20 to 0",
            ));
        }
        Ok(())
    }
}

/// What has to be done to every sample, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mastering {
    /// Gain of the whole, dB.
    pub gain_db: f64,
    /// Gain per frame where peaks had to be held down; nothing when none had.
    pub curve: Option<Vec<f32>>,
    /// Measured after both.
    pub loudness: Loudness,
}

impl Mastering {
    /// Changes samples, of the whole or of a stem, from `start_frame` on.
    pub fn apply(&self, left: &mut [f32], right: &mut [f32]) {
        let gain = factor(self.gain_db);
        for channel in [left, right] {
            match &self.curve {
                None => channel.iter_mut().for_each(|sample| *sample *= gain),
                Some(curve) => {
                    for (sample, held) in channel.iter_mut().zip(curve) {
                        *sample *= gain * held;
                    }
                }
            }
        }
    }

    /// Most that a peak was held down by, dB.
    pub fn most_held_db(&self) -> f64 {
        let least = |curve: &Vec<f32>| curve.iter().fold(1.0_f32, |least, &gain| least.min(gain));
        let least = self.curve.as_ref().map_or(1.0, least);
        -20.0 * f64::from(least).log10()
    }
}

/// Finds gain and limiting for samples that are still untouched, and applies them.
///
/// # Errors
/// `Error::Request` when the target is outside its limits or cannot be reached: a sparse bed has peaks so far above its
/// loudness that holding them down would leave nothing.
pub fn master(
    left: &mut [f32],
    right: &mut [f32],
    sample_rate_hz: u32,
    target: &Target,
) -> Result<Mastering> {
    target.check()?;
    let Some(lufs) = loudness::integrated(left, right, sample_rate_hz)? else {
        // Silence stays silence.
        return Ok(Mastering {
            gain_db: 0.0,
            curve: None,
            loudness: loudness::measure(left, right, sample_rate_hz)?,
        });
    };
    let meter = TruePeakMeter::default();
    let peak = meter.peak(left).max(meter.peak(right));
    let mut mastering = Mastering {
        gain_db: target.lufs - lufs,
        curve: None,
        loudness: Loudness {
            integrated_lufs: None,
            true_peak_db: None,
        },
    };
    let ceiling = factor(target.true_peak_db - MARGIN_DB);
    if peak * factor(mastering.gain_db) > ceiling {
        limit((left, right), sample_rate_hz, target, &mut mastering)?;
    }
    mastering.apply(left, right);
    mastering.loudness = loudness::measure(left, right, sample_rate_hz)?;
    Ok(mastering)
}

/// Raises the gain until what the limiter takes away is made good.
fn limit(
    (left, right): (&[f32], &[f32]),
    sample_rate_hz: u32,
    target: &Target,
    mastering: &mut Mastering,
) -> Result<()> {
    let ceiling = factor(target.true_peak_db - MARGIN_DB);
    let mut last: Option<(f64, f64)> = None;
    for _ in 0..MAX_ROUNDS {
        let gain = factor(mastering.gain_db);
        mastering.curve = limiter::gain_curve((left, right), sample_rate_hz, gain, ceiling);
        let (mut held_left, mut held_right) = (left.to_vec(), right.to_vec());
        mastering.apply(&mut held_left, &mut held_right);
        let lufs = loudness::integrated(&held_left, &held_right, sample_rate_hz)?;
        let missing_lu = target.lufs - lufs.unwrap_or(f64::NEG_INFINITY);
        if missing_lu.abs() <= CLOSE_ENOUGH_LU {
            return Ok(());
        }
        if !missing_lu.is_finite() || mastering.gain_db + missing_lu > MOST_GAIN_DB {
            break;
        }
        // A limiter takes back part of what is added, the more the harder it works: what the last step brought says how
        // much (secant steps).
        let now = (mastering.gain_db, target.lufs - missing_lu);
        let yield_lu = last.map_or(1.0, |(gain_db, lufs)| (now.1 - lufs) / (now.0 - gain_db));
        last = Some(now);
        mastering.gain_db +=
            (missing_lu / yield_lu.clamp(LEAST_YIELD, 1.0)).clamp(-MOST_STEP_DB, MOST_STEP_DB);
    }
    Err(Error::request(
        "the loudness in LUFS",
        target.lufs,
        format!(
            "this bed's peaks would pass {} dBTP: choose a quieter target or a higher ceiling",
            target.true_peak_db
        ),
    ))
}

/// A decibel of gain that brings less than this is not worth following; a step is at most so many decibels.
const LEAST_YIELD: f64 = 0.1;
const MOST_STEP_DB: f64 = 9.0;
/// More gain than any bed needs.
const MOST_GAIN_DB: f64 = 60.0;

fn factor(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}
