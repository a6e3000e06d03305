//! Amplitude, phase and frequency of each harmonic at fine steps. Worker threads.
//!
//! Each frame is measured in three rounds: the lowest harmonics give the pitch of the moment, and harmonics are then
//! looked for at multiples of that. At fixed multiples, a vibrato of 20 cents would carry the 20th harmonic out of the
//! window's main lobe.

use std::f64::consts::TAU;

use rustfft::num_complex::Complex;

use super::sweep::Sweep;

/// Periods of the pitch in a window: Hann's main lobes then just touch.
const PERIODS: f64 = 4.0;
/// Shortest and longest window at 48 kHz, s.
const SHORTEST_WINDOW_S: f64 = 2_048.0 / 48_000.0;
const LONGEST_WINDOW_S: f64 = 6_144.0 / 48_000.0;
/// Distance of the two windows whose phases give the frequency, s: unambiguous within 500 Hz.
const PHASE_STEP_S: f64 = 0.001;
/// Harmonics of the rounds that find the pitch.
const PITCH_ROUNDS: [usize; 2] = [3, 8];
/// Farthest that a harmonic may stand from its place, cents; farther is another sound.
const FARTHEST_CENTS: f64 = 100.0;

/// What is measured.
pub(super) struct Measurement<'a> {
    pub(super) samples: &'a [f32],
    pub(super) sample_rate_hz: f64,
    pub(super) f0_hz: f64,
    pub(super) num_partials: usize,
}

/// One harmonic at one time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Partial {
    pub(super) amplitude: f64,
    /// Phase of the cosine at the frame's time, radians.
    pub(super) phase: f64,
    pub(super) frequency_hz: f64,
}

/// All harmonics at one time.
pub(super) struct Frame {
    pub(super) time_s: f64,
    /// Harmonics 1, 2, ...
    pub(super) partials: Vec<Partial>,
}

impl Measurement<'_> {
    /// Measures at the given times.
    pub(super) fn frames(&self, times_s: &[f64]) -> Vec<Frame> {
        let window = self.window();
        let mut sweep = Sweep::new(window.len(), self.num_partials);
        times_s
            .iter()
            .map(|&time_s| self.frame(time_s, &window, &mut sweep))
            .collect()
    }

    /// Hann, its sum made 2, so that a sum over it gives amplitudes.
    fn window(&self) -> Vec<f64> {
        let length_s = (PERIODS / self.f0_hz).clamp(SHORTEST_WINDOW_S, LONGEST_WINDOW_S);
        let length = (length_s * self.sample_rate_hz) as usize;
        let hann = |n: usize| 0.5 - 0.5 * (TAU * (n as f64 + 0.5) / length as f64).cos();
        (0..length).map(|n| hann(n) * 4.0 / length as f64).collect()
    }

    fn frame(&self, time_s: f64, window: &[f64], sweep: &mut Sweep) -> Frame {
        let mut ratio = 1.0;
        for num_partials in PITCH_ROUNDS {
            let partials =
                self.lowest_partials(time_s, window, ratio, num_partials.min(self.num_partials));
            ratio = pitch_ratio(&partials, self.f0_hz);
        }
        Frame {
            time_s,
            partials: self.all_partials(time_s, window, ratio, sweep),
        }
    }

    /// The lowest harmonics, one sum each: quicker than transforms for a few.
    fn lowest_partials(
        &self,
        time_s: f64,
        window: &[f64],
        ratio: f64,
        num_partials: usize,
    ) -> Vec<Partial> {
        let [early, late] = self.centres(time_s);
        (1..=num_partials)
            .map(|k| {
                let harmonic = k as f64;
                let near_hz = harmonic * self.f0_hz * ratio;
                let angle = TAU * near_hz / self.sample_rate_hz;
                let sums = [early, late].map(|centre| self.correlate(centre, window, angle));
                self.partial(time_s, near_hz, harmonic, sums)
            })
            .collect()
    }

    fn all_partials(
        &self,
        time_s: f64,
        window: &[f64],
        ratio: f64,
        sweep: &mut Sweep,
    ) -> Vec<Partial> {
        let pitch_hz = self.f0_hz * ratio;
        sweep.set_angle(TAU * pitch_hz / self.sample_rate_hz);
        let [early, late] = self.centres(time_s).map(|centre| {
            let windowed = self.windowed(centre, window);
            sweep.sums(windowed).collect::<Vec<_>>()
        });
        (1..)
            .zip(early.into_iter().zip(late))
            .map(|(k, (early, late))| {
                let harmonic = f64::from(k);
                self.partial(time_s, harmonic * pitch_hz, harmonic, [early, late])
            })
            .collect()
    }

    /// Distance of the two windows, frames.
    fn step(&self) -> isize {
        (PHASE_STEP_S * self.sample_rate_hz).round() as isize
    }

    /// Centres of the two windows around a time, frames.
    fn centres(&self, time_s: f64) -> [isize; 2] {
        let centre = (time_s * self.sample_rate_hz).round() as isize;
        let early = centre - self.step() / 2;
        [early, early + self.step()]
    }

    /// One harmonic near a frequency, from the sums over a window around a time and one a little later.
    fn partial(
        &self,
        time_s: f64,
        near_hz: f64,
        harmonic: f64,
        [early, late]: [Complex<f64>; 2],
    ) -> Partial {
        let step = self.step() as f64;
        let angle = TAU * near_hz / self.sample_rate_hz;
        let advance = (late * early.conj()).arg();
        let turned = advance - angle * step;
        let rest = turned - TAU * (turned / TAU).round();
        let found_hz = near_hz + rest / step * self.sample_rate_hz / TAU;
        let low_hz = harmonic * self.f0_hz * (-FARTHEST_CENTS / 1200.0).exp2();
        let high_hz = harmonic * self.f0_hz * (FARTHEST_CENTS / 1200.0).exp2();
        let frequency_hz = if (low_hz..=high_hz).contains(&found_hz) {
            found_hz
        } else {
            near_hz
        };
        let early_s = self.centres(time_s)[0] as f64 / self.sample_rate_hz;
        Partial {
            amplitude: early.norm(),
            phase: early.arg() + TAU * frequency_hz * (time_s - early_s),
            frequency_hz,
        }
    }

    /// The samples around a centre times the window; what lies outside counts as 0.
    fn windowed<'s>(&'s self, centre: isize, window: &'s [f64]) -> impl Iterator<Item = f64> + 's {
        let start = centre - window.len() as isize / 2;
        window.iter().enumerate().map(move |(n, weight)| {
            let index = usize::try_from(start + n as isize).ok();
            let sample = index.and_then(|index| self.samples.get(index));
            sample.map_or(0.0, |&sample| f64::from(sample) * weight)
        })
    }

    /// Sum of the windowed samples times e^(-i angle n), n counted from the window's centre, where the phase is told.
    fn correlate(&self, centre: isize, window: &[f64], angle: f64) -> Complex<f64> {
        let step = Complex::from_polar(1.0, -angle);
        let mut turn = Complex::from_polar(1.0, angle * (window.len() / 2) as f64);
        let mut sum = Complex::default();
        for value in self.windowed(centre, window) {
            sum += turn * value;
            turn *= step;
        }
        sum
    }
}

/// How far the pitch of the moment is from f0, as a ratio: harmonics weighted by their power.
fn pitch_ratio(partials: &[Partial], f0_hz: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (index, partial) in partials.iter().enumerate() {
        let harmonic = (index + 1) as f64;
        // A frequency error counts 1/k in the pitch, so high harmonics tell it more exactly.
        let weight = partial.amplitude * partial.amplitude * harmonic;
        sum += weight * partial.frequency_hz / (harmonic * f0_hz);
        weights += weight;
    }
    if weights > 0.0 { sum / weights } else { 1.0 }
}
