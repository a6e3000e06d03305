//! The pitch of one steady note. Not a melody tracker: it assumes that the whole sound has one pitch.
//!
//! YIN (de Cheveigné and Kawahara 2002) gives candidates per frame, many thresholds vote as in pYIN (Mauch and Dixon 2014),
//! but over the whole note instead of along a path. The winner is refined at multiples of its period: an error of a
//! tenth of a sample at one period of 23 samples is 7 cents, at 64 periods it is 0.1 cent.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Lowest pitch looked for: below key 12.
const MIN_FREQUENCY_HZ: f64 = 16.0;
/// Highest pitch looked for: above key 127.
const MAX_FREQUENCY_HZ: f64 = 14_000.0;
/// Frames looked at, spread over the note.
const MAX_NUM_FRAMES: usize = 48;
/// Frames this far below the loudest are left out: releases and room noise have no say.
const QUIET_FRAME_DB: f64 = -30.0;
/// Thresholds that vote, 0.02 to 0.4.
const NUM_THRESHOLDS: usize = 20;
const THRESHOLD_STEP: f64 = 0.02;
/// Votes within this distance belong together.
const SAME_PITCH_CENTS: f64 = 40.0;

/// A pitch, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch {
    /// Fundamental frequency, Hz.
    pub frequency_hz: f64,
    /// Share of the sounding frames that have it, 0..1: near 1 for one note, less for several and for noise.
    pub agreement: f64,
}

/// Fundamental frequency in Hz, or `None` when the sound is silent, too short (below 0.25 s) or has no pitch.
pub fn f0_hz(samples: &[f32], sample_rate_hz: u32) -> Option<f64> {
    pitch(samples, sample_rate_hz).map(|pitch| pitch.frequency_hz)
}

/// The same with how many frames agree.
pub fn pitch(samples: &[f32], sample_rate_hz: u32) -> Option<Pitch> {
    let mut yin = Yin::new(f64::from(sample_rate_hz));
    let starts = yin.frame_starts(samples);
    let frames: Vec<Vec<Vote>> = starts
        .iter()
        .map(|&start| yin.votes(&samples[start..start + yin.span_frames]))
        .collect();
    let winner_hz = strongest(frames.iter().flatten())?;
    let supports = |vote: &&Vote| same_pitch(vote.frequency_hz, winner_hz);
    let (mut sum, mut total) = (0.0, 0.0);
    for vote in frames.iter().flatten().filter(supports) {
        sum += vote.weight * vote.frequency_hz.log2();
        total += vote.weight;
    }
    let agreeing = frames
        .iter()
        .filter(|votes| votes.iter().any(|vote| supports(&vote)));
    (total > 0.0).then(|| Pitch {
        frequency_hz: (sum / total).exp2(),
        agreement: agreeing.count() as f64 / frames.len().max(1) as f64,
    })
}

/// One frame's opinion.
struct Vote {
    frequency_hz: f64,
    weight: f64,
}

fn same_pitch(one_hz: f64, other_hz: f64) -> bool {
    (1200.0 * (one_hz / other_hz).log2()).abs() < SAME_PITCH_CENTS
}

fn strongest<'a>(votes: impl Iterator<Item = &'a Vote> + Clone) -> Option<f64> {
    let support = |candidate: &Vote| -> f64 {
        votes
            .clone()
            .filter(|vote| same_pitch(vote.frequency_hz, candidate.frequency_hz))
            .map(|vote| vote.weight)
            .sum()
    };
    votes
        .clone()
        .map(|candidate| (support(candidate), candidate.frequency_hz))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, frequency_hz)| frequency_hz)
}

struct Yin {
    sample_rate_hz: f64,
    window_frames: usize,
    max_lag: usize,
    /// Window and longest lag together.
    span_frames: usize,
    fft_length: usize,
    planner: RealFftPlanner<f64>,
    /// YIN's difference function by lag.
    difference: Vec<f64>,
    /// The same divided by its running mean.
    normalized: Vec<f64>,
}

impl Yin {
    fn new(sample_rate_hz: f64) -> Self {
        let max_lag = (sample_rate_hz / MIN_FREQUENCY_HZ).ceil() as usize;
        let window_frames = 2 * max_lag;
        let span_frames = window_frames + max_lag;
        Yin {
            sample_rate_hz,
            window_frames,
            max_lag,
            span_frames,
            fft_length: span_frames.next_power_of_two(),
            planner: RealFftPlanner::new(),
            difference: vec![0.0; max_lag],
            normalized: vec![1.0; max_lag],
        }
    }

    fn frame_starts(&self, samples: &[f32]) -> Vec<usize> {
        let Some(last) = samples.len().checked_sub(self.span_frames) else {
            return Vec::new();
        };
        let hop = (last / MAX_NUM_FRAMES).max(self.window_frames / 8);
        let energies: Vec<(usize, f64)> = (0..=last)
            .step_by(hop)
            .map(|start| (start, energy(&samples[start..start + self.span_frames])))
            .collect();
        let loudest = energies
            .iter()
            .fold(0.0_f64, |most, (_, energy)| most.max(*energy));
        let gate = loudest * 10_f64.powf(QUIET_FRAME_DB / 10.0);
        energies
            .into_iter()
            .filter(|(_, energy)| *energy > 0.0 && *energy >= gate)
            .map(|(start, _)| start)
            .collect()
    }

    fn votes(&mut self, frame: &[f32]) -> Vec<Vote> {
        self.measure_difference(frame);
        let minima = self.minima();
        let mut votes = Vec::new();
        // Low thresholds are trusted most, as in pYIN's beta distribution with mean 0.1.
        for step in 1..=NUM_THRESHOLDS {
            let threshold = THRESHOLD_STEP * step as f64;
            let Some(&lag) = minima.iter().find(|&&lag| self.normalized[lag] < threshold) else {
                continue;
            };
            votes.push(Vote {
                frequency_hz: self.sample_rate_hz / self.refine(lag),
                weight: (1.0 - threshold).powi(17) * threshold,
            });
        }
        votes
    }

    /// Equation 6 and 8 of the YIN paper, the correlation by FFT.
    fn measure_difference(&mut self, frame: &[f32]) {
        let correlation = self.correlate(frame);
        let squares: Vec<f64> = frame
            .iter()
            .map(|&sample| f64::from(sample).powi(2))
            .collect();
        let fixed: f64 = squares[..self.window_frames].iter().sum();
        let mut moving = fixed;
        let mut running_sum = 0.0;
        for lag in 0..self.max_lag {
            let difference = (fixed + moving - 2.0 * correlation[lag]).max(0.0);
            self.difference[lag] = difference;
            running_sum += difference;
            self.normalized[lag] = if lag == 0 || running_sum <= 0.0 {
                1.0
            } else {
                difference * lag as f64 / running_sum
            };
            moving += squares[lag + self.window_frames] - squares[lag];
        }
    }

    fn correlate(&mut self, frame: &[f32]) -> Vec<f64> {
        let mut whole = vec![0.0; self.fft_length];
        for (to, &from) in whole.iter_mut().zip(frame) {
            *to = f64::from(from);
        }
        let mut window = vec![0.0; self.fft_length];
        window[..self.window_frames].copy_from_slice(&whole[..self.window_frames]);
        let mut product = self.spectrum(&mut window);
        for (product, whole) in product.iter_mut().zip(self.spectrum(&mut whole)) {
            *product = product.conj() * whole / self.fft_length as f64;
        }
        let inverse = self.planner.plan_fft_inverse(self.fft_length);
        let mut correlation = inverse.make_output_vec();
        // Lengths are the planner's own and the ends of a product of real signals' spectra are real: it cannot refuse.
        let _ = inverse.process(&mut product, &mut correlation);
        correlation
    }

    fn spectrum(&mut self, samples: &mut [f64]) -> Vec<Complex<f64>> {
        let forward = self.planner.plan_fft_forward(self.fft_length);
        let mut spectrum = forward.make_output_vec();
        // Both lengths are the planner's own: it cannot refuse.
        let _ = forward.process(samples, &mut spectrum);
        spectrum
    }

    fn minima(&self) -> Vec<usize> {
        let shortest = ((self.sample_rate_hz / MAX_FREQUENCY_HZ) as usize).max(2);
        (shortest..self.max_lag - 1)
            .filter(|&lag| {
                let here = self.normalized[lag];
                here < self.normalized[lag - 1] && here <= self.normalized[lag + 1]
            })
            .collect()
    }

    /// The period in samples, first at one period, then at 2, 4, 8 ... of them as far as the lags reach.
    fn refine(&self, lag: usize) -> f64 {
        let mut period = self.vertex(lag);
        let mut multiple = 2.0;
        while multiple * period < (self.max_lag - 2) as f64 {
            let expected = (multiple * period).round() as usize;
            // The estimate so far is good to a quarter of a sample, so this multiple is within one or two of it.
            let nearest = (expected.saturating_sub(2)..=expected + 2)
                .filter(|&lag| lag >= 1 && lag + 1 < self.max_lag)
                .min_by(|&one, &other| self.difference[one].total_cmp(&self.difference[other]));
            match nearest {
                Some(lag) if self.is_minimum(lag) => period = self.vertex(lag) / multiple,
                _ => break,
            }
            multiple *= 2.0;
        }
        period
    }

    fn is_minimum(&self, lag: usize) -> bool {
        self.difference[lag] <= self.difference[lag - 1]
            && self.difference[lag] <= self.difference[lag + 1]
    }

    /// Vertex of the parabola through three neighbours.
    fn vertex(&self, lag: usize) -> f64 {
        let [before, here, after] = [lag - 1, lag, lag + 1].map(|lag| self.difference[lag]);
        let curvature = before - 2.0 * here + after;
        if curvature <= 0.0 {
            return lag as f64;
        }
        lag as f64 + (0.5 * (before - after) / curvature).clamp(-0.5, 0.5)
    }
}

fn energy(samples: &[f32]) -> f64 {
    samples
        .iter()
        .map(|&sample| f64::from(sample).powi(2))
        .sum()
}
