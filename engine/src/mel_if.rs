//! GANSynth's picture of a note to samples (CONTRACT.md, section 6). Worker threads and commands.
//!
//! It makes the samples that Magenta's own decoder makes, its matrix included, and nothing better: a cleaner decoder plays
//! another signal. Sources: Engel et al. 2019 (arXiv 1902.08710); magenta/magenta, `models/gansynth`, whose behaviour this
//! repeats.

mod matrix;

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use models::MelIf;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

use crate::error::{Error, Result};
use matrix::MelToLinear;

/// Added to the power, so that the root of nothing is not exactly nothing.
const POWER_FLOOR: f64 = 1e-6;
/// Sum of the squared Hann windows that overlap at a hop of a quarter.
const WINDOW_GAIN: f64 = 1.5;

/// Decodes pictures of one shape.
pub struct Decoder {
    format: MelIf,
    matrix: MelToLinear,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// Periodic Hann over [`WINDOW_GAIN`] and over the transform's own length.
    window: Vec<f64>,
}

impl Decoder {
    /// Prepares matrix, window and transform; a few milliseconds.
    ///
    /// # Errors
    /// [`Error::Grid`] when the picture has other bins than the transform.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn new(format: &MelIf) -> Result<Self> {
        let length = format.fft_length;
        if format.num_bins == 0 || 2 * format.num_bins != length {
            return Err(Error::Grid(format!(
                "{} mel bands do not fit a transform of {length}",
                format.num_bins
            )));
        }
        let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / length as f64).cos();
        Ok(Self {
            matrix: MelToLinear::new(format.num_bins, format.sample_rate_hz),
            inverse: RealFftPlanner::new().plan_fft_inverse(length),
            window: (0..length)
                .map(|n| hann(n) / (WINDOW_GAIN * length as f64))
                .collect(),
            format: format.clone(),
        })
    }

    /// Samples of a picture `[frames, bins, 2]`, row-major.
    ///
    /// # Errors
    /// [`Error::Grid`] when the picture does not have the format's size.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn decode(&self, picture: &[f32]) -> Result<Vec<f32>> {
        let MelIf {
            num_frames,
            num_bins,
            fft_length,
            hop_length,
            ..
        } = self.format;
        if picture.len() != num_frames * num_bins * 2 {
            return Err(Error::Grid(format!(
                "the picture has {} numbers, {num_frames} frames of {num_bins} bins twice are wanted",
                picture.len()
            )));
        }
        let mut samples = vec![0.0; num_frames.saturating_sub(1) * hop_length + fft_length];
        let mut mel_phase = vec![0.0; num_bins];
        for (index, frame) in picture.chunks_exact(num_bins * 2).enumerate() {
            for (phase, cell) in mel_phase.iter_mut().zip(frame.chunks_exact(2)) {
                *phase += PI * f64::from(cell[1]);
            }
            let grains = self.grain(frame, &mel_phase);
            let place = &mut samples[index * hop_length..][..fft_length];
            for ((sample, grain), window) in place.iter_mut().zip(grains).zip(&self.window) {
                *sample += grain * window;
            }
        }
        let wanted = samples
            .iter()
            .skip(self.format.leading_samples)
            .take(self.format.num_samples);
        Ok(wanted.map(|&sample| sample as f32).collect())
    }

    /// One inverse transform, not yet windowed.
    fn grain(&self, frame: &[f32], mel_phase: &[f64]) -> Vec<f64> {
        let mel_power: Vec<f64> = frame
            .chunks_exact(2)
            .map(|cell| f64::from(cell[0]).exp())
            .collect();
        let power = self.matrix.apply(&mel_power);
        let phase = self.matrix.apply(mel_phase);
        let mut spectrum = vec![Complex::new(0.0, 0.0)];
        let bins = power.iter().zip(&phase);
        spectrum.extend(
            bins.map(|(power, phase)| Complex::from_polar((power + POWER_FLOOR).sqrt(), *phase)),
        );
        // The highest bin of a real signal is real; the transform would refuse another.
        if let Some(highest) = spectrum.last_mut() {
            highest.im = 0.0;
        }
        let mut grain = self.inverse.make_output_vec();
        // Both lengths are the plan's own and both ends are real, so it cannot refuse.
        let _ = self.inverse.process(&mut spectrum, &mut grain);
        grain
    }
}
