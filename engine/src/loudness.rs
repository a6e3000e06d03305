//! How loud a whole file is, after EBU R 128 and ITU-R BS.1770. Worker and command line; it changes no sample.

use ebur128::{EbuR128, Mode};

use crate::error::{Error, Result};

/// Figures of a finished stereo file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS; `None` when everything is below the absolute gate (-70 LUFS) or shorter than 400 ms.
    pub integrated_lufs: Option<f64>,
    /// Highest peak between the samples in dBTP; `None` for silence.
    pub true_peak_db: Option<f64>,
}

/// How loud a piece is along its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Of all of it.
    pub whole: Loudness,
    /// Seconds between two values of `short_term_lufs`.
    pub step_s: f64,
    /// Loudness of the three seconds that end with each step (EBU Tech 3341), LUFS; minus infinity for silence.
    pub short_term_lufs: Vec<f32>,
}

impl Course {
    /// Short-term loudness at a moment, LUFS; `None` before the start, after the end and in silence.
    pub fn short_term_at(&self, time_s: f64) -> Option<f64> {
        let step = (time_s / self.step_s).floor();
        let known = (step >= 0.0).then(|| self.short_term_lufs.get(step as usize))?;
        known
            .copied()
            .map(f64::from)
            .filter(|lufs| lufs.is_finite())
    }
}

/// Measures stereo samples as a whole and along their length.
///
/// # Errors
/// As [`measure`].
pub fn course(left: &[f32], right: &[f32], sample_rate_hz: u32, step_s: f64) -> Result<Course> {
    let mode = Mode::I | Mode::S | Mode::TRUE_PEAK;
    let refused = |error| refused(sample_rate_hz, error);
    let mut meter = EbuR128::new(2, sample_rate_hz, mode).map_err(refused)?;
    let step_frames = ((step_s * f64::from(sample_rate_hz)) as usize).max(1);
    let mut short_term_lufs = Vec::with_capacity(left.len().div_ceil(step_frames));
    for (left, right) in left.chunks(step_frames).zip(right.chunks(step_frames)) {
        let added = meter.add_frames_planar_f32(&[left, right]);
        let lufs = added.and_then(|()| meter.loudness_shortterm());
        short_term_lufs.push(lufs.map_err(refused)? as f32);
    }
    Ok(Course {
        whole: read(&meter, sample_rate_hz)?,
        step_s: step_frames as f64 / f64::from(sample_rate_hz),
        short_term_lufs,
    })
}

/// Measures stereo samples.
///
/// # Errors
/// `Error::Request` when the sample rate is one that the filter of BS.1770 cannot take (below 16 Hz or above 2.8 MHz).
pub fn measure(left: &[f32], right: &[f32], sample_rate_hz: u32) -> Result<Loudness> {
    let refused = |error| refused(sample_rate_hz, error);
    let mut meter = EbuR128::new(2, sample_rate_hz, Mode::I | Mode::TRUE_PEAK).map_err(refused)?;
    meter
        .add_frames_planar_f32(&[left, right])
        .map_err(refused)?;
    read(&meter, sample_rate_hz)
}

fn read(meter: &EbuR128, sample_rate_hz: u32) -> Result<Loudness> {
    let refused = |error| refused(sample_rate_hz, error);
    let integrated_lufs = meter.loudness_global().map_err(refused)?;
    let mut peak = 0.0_f64;
    for channel in 0..2 {
        peak = peak.max(meter.true_peak(channel).map_err(refused)?);
    }
    Ok(Loudness {
        integrated_lufs: integrated_lufs.is_finite().then_some(integrated_lufs),
        true_peak_db: (peak > 0.0).then(|| 20.0 * peak.log10()),
    })
}

fn refused(sample_rate_hz: u32, error: ebur128::Error) -> Error {
    Error::request(
        "the sample rate",
        format!("{sample_rate_hz} Hz ({error})"),
        "use 48000",
    )
}

/// Integrated loudness alone, which costs a fraction of the whole measurement; `None` as in [`Loudness`].
///
/// # Errors
/// As [`measure`].
pub fn integrated(left: &[f32], right: &[f32], sample_rate_hz: u32) -> Result<Option<f64>> {
    let refused = |error| refused(sample_rate_hz, error);
    let mut meter = EbuR128::new(2, sample_rate_hz, Mode::I).map_err(refused)?;
    meter
        .add_frames_planar_f32(&[left, right])
        .map_err(refused)?;
    let lufs = meter.loudness_global().map_err(refused)?;
    Ok(lufs.is_finite().then_some(lufs))
}
