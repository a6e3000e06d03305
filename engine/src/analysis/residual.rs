//! What is left of a note without its harmonics, in bands. Worker threads.

use std::f64::consts::TAU;

use realfft::RealFftPlanner;

use super::harmonics::{Frame, Measurement, Partial};
use crate::note::NoteLayout;

/// Window of the noise measurement, s.
const WINDOW_S: f64 = 1_024.0 / 48_000.0;
/// Harmonics that turn side by side.
const LANES: usize = 8;

/// The samples less all measured harmonics, which run from frame to frame in linear crossfades.
pub(super) fn without_harmonics(measurement: &Measurement, frames: &[Frame]) -> Vec<f32> {
    let mut residual = measurement.samples.to_vec();
    for pair in frames.windows(2) {
        let first = (pair[0].time_s * measurement.sample_rate_hz).ceil() as usize;
        let last =
            ((pair[1].time_s * measurement.sample_rate_hz).ceil() as usize).min(residual.len());
        if first >= last {
            continue;
        }
        let stretch = &mut residual[first..last];
        let start_s = first as f64 / measurement.sample_rate_hz;
        let span_s = pair[1].time_s - pair[0].time_s;
        for (frame, rises) in [(&pair[0], false), (&pair[1], true)] {
            let share = |time_s: f64| {
                let risen = (time_s - pair[0].time_s) / span_s;
                if rises { risen } else { 1.0 - risen }
            };
            take_out(stretch, frame, start_s, measurement.sample_rate_hz, share);
        }
    }
    residual
}

/// Takes a frame's harmonics, times a share, out of a stretch that starts at `start_s`.
fn take_out(
    stretch: &mut [f32],
    frame: &Frame,
    start_s: f64,
    sample_rate_hz: f64,
    share: impl Fn(f64) -> f64,
) {
    let shares: Vec<f64> = (0..stretch.len())
        .map(|n| share(start_s + n as f64 / sample_rate_hz))
        .collect();
    let mut harmonics = vec![0.0; stretch.len()];
    for partials in frame.partials.chunks(LANES) {
        let mut lanes = Lanes::new(partials, start_s - frame.time_s, sample_rate_hz);
        for harmonic in &mut harmonics {
            *harmonic += lanes.next_sum();
        }
    }
    for ((sample, harmonic), share) in stretch.iter_mut().zip(&harmonics).zip(&shares) {
        *sample -= (harmonic * share) as f32;
    }
}

/// Some harmonics at once: each turns on its own, so that the processor need not wait for one before it turns the next.
struct Lanes {
    cosines: [f64; LANES],
    sines: [f64; LANES],
    step_cosines: [f64; LANES],
    step_sines: [f64; LANES],
}

impl Lanes {
    /// At most [`LANES`] harmonics, from so long after their frame on.
    fn new(partials: &[Partial], after_s: f64, sample_rate_hz: f64) -> Self {
        let mut lanes = Self {
            cosines: [0.0; LANES],
            sines: [0.0; LANES],
            step_cosines: [0.0; LANES],
            step_sines: [0.0; LANES],
        };
        for (lane, partial) in partials.iter().enumerate() {
            let angle = TAU * partial.frequency_hz;
            let (sine, cosine) = (partial.phase + angle * after_s).sin_cos();
            lanes.cosines[lane] = partial.amplitude * cosine;
            lanes.sines[lane] = partial.amplitude * sine;
            (lanes.step_sines[lane], lanes.step_cosines[lane]) = (angle / sample_rate_hz).sin_cos();
        }
        lanes
    }

    /// Their sum now; then one frame on.
    fn next_sum(&mut self) -> f64 {
        let sum = self.cosines.iter().sum();
        for lane in 0..LANES {
            let (sine, cosine) = (self.sines[lane], self.cosines[lane]);
            let (step_sine, step_cosine) = (self.step_sines[lane], self.step_cosines[lane]);
            self.sines[lane] = sine * step_cosine + cosine * step_sine;
            self.cosines[lane] = cosine * step_cosine - sine * step_sine;
        }
        sum
    }
}

/// Mean square of the residual in each band around each column, `[bands, columns]`, row-major.
pub(super) fn band_powers(residual: &[f32], sample_rate_hz: f64, layout: &NoteLayout) -> Vec<f64> {
    let columns = layout.num_columns();
    let mut powers = vec![0.0; layout.num_bands() * columns];
    let mut spectrum = Spectrum::new(sample_rate_hz);
    for column in 0..columns {
        let times_s = around(&layout.column_times_s, column);
        for &time_s in &times_s {
            let bins = spectrum.powers(residual, (time_s * sample_rate_hz).round() as isize);
            for (band, edge) in layout.noise_band_edges_hz.windows(2).enumerate() {
                powers[band * columns + column] +=
                    power_between(bins, spectrum_bin_hz(sample_rate_hz, bins.len()), edge)
                        / times_s.len() as f64;
            }
        }
    }
    powers
}

/// Times whose spectra are averaged for a column: steps of a quarter window, half way to its neighbours.
fn around(times_s: &[f64], column: usize) -> Vec<f64> {
    let from_s = if column == 0 {
        times_s[0]
    } else {
        0.5 * (times_s[column - 1] + times_s[column])
    };
    let to_s = times_s
        .get(column + 1)
        .map_or(times_s[column], |next_s| 0.5 * (times_s[column] + next_s));
    let count = ((to_s - from_s) / (0.25 * WINDOW_S)).ceil().max(1.0) as usize;
    (0..count)
        .map(|index| from_s + (to_s - from_s) * (index as f64 + 0.5) / count as f64)
        .collect()
}

fn spectrum_bin_hz(sample_rate_hz: f64, num_bins: usize) -> f64 {
    0.5 * sample_rate_hz / (num_bins - 1) as f64
}

/// Power of the bins between two edges; a bin counts by the share of it that lies inside.
fn power_between(bins: &[f64], bin_hz: f64, edge: &[f64]) -> f64 {
    let (first, last) = (
        (edge[0] / bin_hz - 0.5).floor().max(0.0) as usize,
        (edge[1] / bin_hz + 0.5).ceil() as usize,
    );
    let inside = |bin: usize| {
        let (low_hz, high_hz) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
        ((high_hz.min(edge[1]) - low_hz.max(edge[0])) / bin_hz).max(0.0)
    };
    bins.iter()
        .enumerate()
        .take(last + 1)
        .skip(first)
        .map(|(bin, power)| power * inside(bin))
        .sum()
}

/// Short spectra by FFT.
struct Spectrum {
    forward: std::sync::Arc<dyn realfft::RealToComplex<f64>>,
    window: Vec<f64>,
    powers: Vec<f64>,
}

impl Spectrum {
    fn new(sample_rate_hz: f64) -> Self {
        let length = ((WINDOW_S * sample_rate_hz) as usize).next_power_of_two();
        let hann = |n: usize| 0.5 - 0.5 * (TAU * (n as f64 + 0.5) / length as f64).cos();
        Self {
            forward: RealFftPlanner::new().plan_fft_forward(length),
            window: (0..length).map(hann).collect(),
            powers: vec![0.0; length / 2 + 1],
        }
    }

    /// Mean square per bin around a sample; zeros stand for what lies outside.
    fn powers(&mut self, samples: &[f32], centre: isize) -> &[f64] {
        let start = centre - self.window.len() as isize / 2;
        let mut input = self.forward.make_input_vec();
        for (n, (value, window)) in input.iter_mut().zip(&self.window).enumerate() {
            let sample = usize::try_from(start + n as isize)
                .ok()
                .and_then(|index| samples.get(index));
            *value = sample.map_or(0.0, |&sample| f64::from(sample) * window);
        }
        let mut output = self.forward.make_output_vec();
        // Lengths are the plan's own, so this cannot fail; silence would be the answer.
        let made = self.forward.process(&mut input, &mut output);
        let squares: f64 = self.window.iter().map(|window| window * window).sum();
        let scale = if made.is_ok() {
            2.0 / (squares * self.window.len() as f64)
        } else {
            0.0
        };
        for (power, value) in self.powers.iter_mut().zip(&output) {
            *power = value.norm_sqr() * scale;
        }
        &self.powers
    }
}
