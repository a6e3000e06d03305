//! Clicks: jumps between samples that the sound's own spectrum does not explain.
//!
//! A linear predictor of order 32 is fitted to every block (autocorrelation method, Makhoul 1975). What it cannot predict of
//! the next sample is the part of the jump that the spectrum leaves unexplained. Its size is compared with how large that
//! part is just before and just after; of the two the larger counts, so that an attack, which stays loud, is no click.
//! Noise with any spectrum reaches about 14 dB in 100,000 samples (4.9 standard deviations of a normal distribution).

/// Excess from which a jump counts as a click: noise reaches 14 dB, notes with fast attacks 17 dB, a click 40 dB below the
/// peak of a rich tone 19.6 dB.
pub const CLICK_DB: f64 = 18.0;

const ORDER: usize = 32;
const BLOCK_FRAMES: usize = 2048;
/// Frames per side over which the usual size is measured: 10 ms at 48 kHz.
const NEIGHBOURHOOD_FRAMES: usize = 480;
/// Unpredicted parts below this are never clicks: they cannot be heard.
const INAUDIBLE: f64 = 1e-5;
/// Nor are those 60 dB below the sound around them: partials that change their pitch from tick to tick bend the wave by
/// that much.
const MASKED: f64 = 1e-3;
/// Noise 70 dB below the block: keeps the fit stable for pure tones, and from taking a bend of the wave for a jump.
const REGULARIZATION: f64 = 1e-7;

/// The most suspicious sample of a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Click {
    /// Unpredicted part in dB re its usual size nearby. Smooth sounds stay below 16 dB, a click above [`CLICK_DB`] is
    /// one that can be heard.
    pub excess_db: f64,
    /// Where, in frames from the start; the predictions of the next few samples miss as well, so it may be those.
    pub frame: usize,
}

/// Finds the sample from `first_frame` on that its neighbourhood explains least; what comes before is only listened to,
/// for a start is a jump, and meant. When nothing is left, the excess is 0 dB.
pub fn worst_click(samples: &[f32], first_frame: usize) -> Click {
    let unpredicted = unpredicted(samples);
    let around = RunningEnergy::new(unpredicted.iter().copied());
    let signal = RunningEnergy::new(samples.iter().map(|&sample| f64::from(sample)));
    let mut worst = (0.0_f64, 0);
    for (frame, part) in unpredicted.iter().enumerate().skip(first_frame) {
        let before = frame.saturating_sub(NEIGHBOURHOOD_FRAMES)..frame;
        // A click leaves a mark on the predictions of the samples that follow it: step over them.
        let after = frame + 1 + ORDER..frame + 1 + ORDER + NEIGHBOURHOOD_FRAMES;
        let usual = around.rms(before.clone()).max(around.rms(after.clone()));
        let loudness = signal.rms(before).max(signal.rms(after));
        let ratio = part.abs() / usual.max(MASKED * loudness).max(INAUDIBLE);
        if ratio > worst.0 {
            worst = (ratio, frame);
        }
    }
    Click {
        excess_db: (20.0 * worst.0.log10()).max(0.0),
        frame: worst.1,
    }
}

/// What the predictor fitted to the surroundings misses at every sample.
fn unpredicted(samples: &[f32]) -> Vec<f64> {
    let hop = BLOCK_FRAMES / 2;
    let mut missed = Vec::with_capacity(samples.len());
    for start in (0..samples.len()).step_by(hop) {
        let middle = start + hop / 2;
        let block = middle.saturating_sub(hop)..(middle + hop).min(samples.len());
        let predictor = predictor(&samples[block]);
        for frame in start..(start + hop).min(samples.len()) {
            let predicted: f64 = predictor
                .iter()
                .enumerate()
                .filter(|(back, _)| frame > *back)
                .map(|(back, weight)| weight * f64::from(samples[frame - 1 - back]))
                .sum();
            missed.push(f64::from(samples[frame]) - predicted);
        }
    }
    missed
}

/// Levinson-Durbin recursion on the autocorrelation of the Hann-windowed block.
fn predictor(block: &[f32]) -> [f64; ORDER] {
    let windowed: Vec<f64> = (0..)
        .zip(block)
        .map(|(frame, &sample)| {
            let phase = std::f64::consts::TAU * (f64::from(frame) + 0.5) / block.len() as f64;
            f64::from(sample) * (0.5 - 0.5 * phase.cos())
        })
        .collect();
    let mut correlation = [0.0; ORDER + 1];
    for (lag, value) in correlation.iter_mut().enumerate() {
        *value = windowed
            .iter()
            .zip(windowed.iter().skip(lag))
            .map(|(one, other)| one * other)
            .sum();
    }
    correlation[0] *= 1.0 + REGULARIZATION;
    let mut weights = [0.0; ORDER];
    let mut error = correlation[0];
    for order in 0..ORDER {
        if error <= 0.0 {
            break;
        }
        let known: f64 = (0..order)
            .map(|back| weights[back] * correlation[order - back])
            .sum();
        let reflection = (correlation[order + 1] - known) / error;
        let before = weights;
        for back in 0..order {
            weights[back] = before[back] - reflection * before[order - 1 - back];
        }
        weights[order] = reflection;
        error *= 1.0 - reflection * reflection;
    }
    weights
}

/// Sums of squares up to every frame, so that any stretch's level costs two reads.
struct RunningEnergy(Vec<f64>);

impl RunningEnergy {
    fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums = std::iter::once(0.0).chain(values.map(|value| {
            sum += value * value;
            sum
        }));
        RunningEnergy(sums.collect())
    }

    fn rms(&self, range: std::ops::Range<usize>) -> f64 {
        let last = self.0.len() - 1;
        let (start, end) = (range.start.min(last), range.end.min(last));
        if start >= end {
            return 0.0;
        }
        // A sum that large minus another can fall below zero by rounding.
        ((self.0[end] - self.0[start]).max(0.0) / (end - start) as f64).sqrt()
    }
}
