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

/// Measures stereo samples.
///
/// # Errors
/// `Error::Request` when the sample rate is one that the filter of BS.1770 cannot take (below 16 Hz or above 2.8 MHz).
pub fn measure(left: &[f32], right: &[f32], sample_rate_hz: u32) -> Result<Loudness> {
    let refused = |error: ebur128::Error| {
        Error::request(
            "the sample rate",
            format!("{sample_rate_hz} Hz ({error})"),
            "use 48000",
        )
    };
    let mut meter = EbuR128::new(2, sample_rate_hz, Mode::I | Mode::TRUE_PEAK).map_err(refused)?;
    meter
        .add_frames_planar_f32(&[left, right])
        .map_err(refused)?;
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

/// Integrated loudness alone, which costs a fraction of the whole measurement; `None` as in [`Loudness`].
///
/// # Errors
/// As [`measure`].
pub fn integrated(left: &[f32], right: &[f32], sample_rate_hz: u32) -> Result<Option<f64>> {
    let refused = |error: ebur128::Error| {
        Error::request(
            "the sample rate",
            format!("{sample_rate_hz} Hz ({error})"),
            "use 48000",
        )
    };
    let mut meter = EbuR128::new(2, sample_rate_hz, Mode::I).map_err(refused)?;
    meter
        .add_frames_planar_f32(&[left, right])
        .map_err(refused)?;
    let lufs = meter.loudness_global().map_err(refused)?;
    Ok(lufs.is_finite().then_some(lufs))
}
