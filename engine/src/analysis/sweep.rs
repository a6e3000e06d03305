//! Sums over one window at all multiples of a frequency at once, by the chirp z-transform. Worker threads.
//!
//! Method: Bluestein 1970 (and Rabiner, Schafer and Rader 1969): n k = (n^2 + k^2 - (k - n)^2) / 2 makes the sums a
//! convolution with a chirp, which FFTs do in N log N steps instead of N for every multiple. The numbers are those of the
//! sums themselves but for rounding, some 1e-12 of the window's sum.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Plans and room for windows of one length and so many multiples.
pub(super) struct Sweep {
    window_length: usize,
    num_multiples: usize,
    forward: Arc<dyn Fft<f64>>,
    backward: Arc<dyn Fft<f64>>,
    /// e^(i angle m^2 / 2), m from 0.
    chirp: Vec<Complex<f64>>,
    /// Spectrum of the chirp around 0, divided by the transforms' length.
    kernel: Vec<Complex<f64>>,
    /// What is transformed.
    values: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    angle: f64,
}

impl Sweep {
    /// For windows of `window_length` samples and multiples 1 to `num_multiples`.
    pub(super) fn new(window_length: usize, num_multiples: usize) -> Self {
        let length = (window_length + num_multiples).next_power_of_two();
        let mut planner = FftPlanner::new();
        let (forward, backward) = (
            planner.plan_fft_forward(length),
            planner.plan_fft_inverse(length),
        );
        let room = forward
            .get_inplace_scratch_len()
            .max(backward.get_inplace_scratch_len());
        Self {
            window_length,
            num_multiples,
            forward,
            backward,
            chirp: Vec::new(),
            kernel: vec![Complex::default(); length],
            values: vec![Complex::default(); length],
            scratch: vec![Complex::default(); room],
            angle: f64::NAN,
        }
    }

    /// Sets the frequency whose multiples are asked for, radians per sample.
    pub(super) fn set_angle(&mut self, angle: f64) {
        if angle == self.angle {
            return;
        }
        self.angle = angle;
        let turned = |m: usize| {
            let m = m as f64;
            Complex::from_polar(1.0, 0.5 * angle * m * m)
        };
        let farthest = self.window_length.max(self.num_multiples + 1);
        self.chirp = (0..farthest).map(turned).collect();
        let length = self.kernel.len();
        self.kernel.fill(Complex::default());
        self.kernel[..=self.num_multiples].copy_from_slice(&self.chirp[..=self.num_multiples]);
        for m in 1..self.window_length {
            self.kernel[length - m] = self.chirp[m];
        }
        self.forward
            .process_with_scratch(&mut self.kernel, &mut self.scratch);
        let scale = 1.0 / length as f64;
        self.kernel.iter_mut().for_each(|value| *value *= scale);
    }

    /// For each multiple k the sum of the samples times e^(-i k angle (n - centre)), n from 0, `centre` being half the
    /// window's length; the window may yield fewer samples than it is long, the rest counts as 0.
    pub(super) fn sums(
        &mut self,
        windowed: impl Iterator<Item = f64>,
    ) -> impl Iterator<Item = Complex<f64>> + '_ {
        self.values.fill(Complex::default());
        for ((value, sample), chirp) in self.values.iter_mut().zip(windowed).zip(&self.chirp) {
            *value = chirp.conj() * sample;
        }
        self.forward
            .process_with_scratch(&mut self.values, &mut self.scratch);
        for (value, kernel) in self.values.iter_mut().zip(&self.kernel) {
            *value *= kernel;
        }
        self.backward
            .process_with_scratch(&mut self.values, &mut self.scratch);
        let to_centre = self.angle * (self.window_length / 2) as f64;
        (1..=self.num_multiples).map(move |k| {
            let turn = Complex::from_polar(1.0, k as f64 * to_centre);
            self.values[k] * self.chirp[k].conj() * turn
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -1 and 1.
    fn noise(length: usize) -> Vec<f64> {
        (0..length as u32)
            .map(|index| 2.0 * models::seeded::unit(3, 900, index) - 1.0)
            .collect()
    }

    #[test]
    fn the_sums_are_those_that_adding_gives_within_a_thousand_millionth() {
        for (length, num_multiples, angle) in [
            (6_144, 611, 0.0043),
            (2_048, 20, 0.3),
            (64, 200, 0.0157),
            (7, 1, 1.0),
        ] {
            let samples = noise(length);
            let mut sweep = Sweep::new(length, num_multiples);
            sweep.set_angle(0.1);
            sweep.set_angle(angle);
            let found: Vec<_> = sweep.sums(samples.iter().copied()).collect();
            assert_eq!(found.len(), num_multiples);
            let sum_of_sizes: f64 = samples.iter().map(|sample| sample.abs()).sum();
            for (k, found) in (1..).zip(found) {
                let term = |(n, sample): (usize, &f64)| {
                    let turns = f64::from(k) * angle * (n as f64 - (length / 2) as f64);
                    Complex::from_polar(*sample, -turns)
                };
                let wanted: Complex<f64> = samples.iter().enumerate().map(term).sum();
                let error = (found - wanted).norm() / sum_of_sizes;
                assert!(error < 1e-9, "multiple {k} of {length}: {error}");
            }
        }
    }
}
