//! A held note that runs on for ever in a sampler: a loop of whole periods, its end crossfaded into what comes before its
//! start. Pure arithmetic; any thread but the audio thread.

use crate::error::{Error, Result};

/// Shortest and longest loop that is looked for, seconds.
const LOOP_S: (f64, f64) = (1.0, 1.8);
/// Length of the crossfade, seconds.
const FADE_S: f64 = 0.3;

/// Where a sampler turns back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopPoints {
    /// First frame of the loop.
    pub start_frame: usize,
    /// First frame after it; the start follows.
    pub end_frame: usize,
}

/// Finds a loop that begins at `start_s` and changes the samples before its end so that the start follows without a seam.
/// The loop is as many periods long as come nearest to a whole number of frames, so that every harmonic goes on in phase;
/// that is why the two sides are added as they are (a fade of equal power would swell).
///
/// # Errors
/// `Error::Request` when the samples end before the loop does, or hold less than a fade before it.
pub fn seamless(
    channels: [&mut [f32]; 2],
    sample_rate_hz: u32,
    frequency_hz: f64,
    start_s: f64,
) -> Result<LoopPoints> {
    let rate_hz = f64::from(sample_rate_hz);
    let start_frame = (start_s * rate_hz).round() as usize;
    let end_frame = start_frame + loop_frames(rate_hz, frequency_hz);
    let fade_frames = (FADE_S * rate_hz) as usize;
    let length = channels[0].len().min(channels[1].len());
    if length < end_frame || start_frame < fade_frames {
        return Err(Error::request(
            "the loop",
            format!("frames {start_frame} to {end_frame}"),
            format!("hold the note longer: {length} frames are there"),
        ));
    }
    for samples in channels {
        for index in 0..fade_frames {
            let share = (index as f64 + 1.0) / fade_frames as f64;
            let weight = (0.5 - 0.5 * (std::f64::consts::PI * share).cos()) as f32;
            let before_start = samples[start_frame - fade_frames + index];
            let before_end = &mut samples[end_frame - fade_frames + index];
            *before_end += weight * (before_start - *before_end);
        }
    }
    Ok(LoopPoints {
        start_frame,
        end_frame,
    })
}

/// Frames of the number of periods that lies nearest to whole frames.
fn loop_frames(rate_hz: f64, frequency_hz: f64) -> usize {
    let period_frames = rate_hz / frequency_hz;
    let miss = |periods: &u32| {
        let frames = f64::from(*periods) * period_frames;
        (frames - frames.round()).abs()
    };
    let first = (LOOP_S.0 * frequency_hz).ceil().max(1.0) as u32;
    let last = ((LOOP_S.1 * frequency_hz) as u32).max(first);
    let best = (first..=last).min_by(|one, other| miss(one).total_cmp(&miss(other)));
    (f64::from(best.unwrap_or(first)) * period_frames).round() as usize
}
