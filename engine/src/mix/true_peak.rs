//! Peaks between the samples, after ITU-R BS.1770-4 annex 2: four times as many samples by interpolation. Worker and
//! command line.

/// Samples between two, the first of them being the sample itself.
const PHASES: usize = 4;
/// Neighbours that an interpolated sample is made of.
const TAPS: usize = 16;
/// Frames looked at together.
const BLOCK_FRAMES: usize = 64;
/// Shape of the Kaiser window: side lobes below -70 dB.
const KAISER_BETA: f64 = 7.0;

/// Interpolates; holds nothing but its coefficients.
pub struct TruePeakMeter {
    /// `[phase][tap]`.
    taps: [[f32; TAPS]; PHASES],
    /// No interpolated sample exceeds its largest neighbour by more than this factor.
    most_gain: f32,
}

impl Default for TruePeakMeter {
    fn default() -> Self {
        let mut taps = [[0.0; TAPS]; PHASES];
        let mut most_gain = 1.0_f32;
        for (phase, taps) in taps.iter_mut().enumerate() {
            let mut sum = 0.0;
            let mut exact = [0.0; TAPS];
            for (tap, exact) in exact.iter_mut().enumerate() {
                let distance = tap as f64 - (TAPS / 2 - 1) as f64 - phase as f64 / PHASES as f64;
                *exact = sinc(distance) * kaiser(distance / (TAPS / 2) as f64);
                sum += *exact;
            }
            for (tap, exact) in taps.iter_mut().zip(exact) {
                *tap = (exact / sum) as f32;
            }
            most_gain = most_gain.max(taps.iter().map(|tap| tap.abs()).sum());
        }
        TruePeakMeter { taps, most_gain }
    }
}

impl TruePeakMeter {
    /// Tells the frames whose peak, up to the next frame, is above `least`, with that peak.
    pub fn peaks_above(&self, samples: &[f32], least: f32, found: &mut dyn FnMut(usize, f32)) {
        let silence = least / self.most_gain;
        for start in (0..samples.len()).step_by(BLOCK_FRAMES) {
            let end = (start + BLOCK_FRAMES).min(samples.len());
            let reach = start.saturating_sub(TAPS)..(end + TAPS).min(samples.len());
            let loudest = samples[reach]
                .iter()
                .fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
            if loudest <= silence {
                continue;
            }
            for frame in start..end {
                let peak = self.peak_at(samples, frame);
                if peak > least {
                    found(frame, peak);
                }
            }
        }
    }

    /// The highest peak of a channel, a factor.
    pub fn peak(&self, samples: &[f32]) -> f32 {
        let mut highest = samples
            .iter()
            .fold(0.0_f32, |highest, sample| highest.max(sample.abs()));
        // In pieces, so that the bar rises as peaks are found.
        const PIECE_FRAMES: usize = 1 << 14;
        for start in (0..samples.len()).step_by(PIECE_FRAMES) {
            let end = (start + PIECE_FRAMES + TAPS).min(samples.len());
            let from = start.saturating_sub(TAPS);
            let mut best = highest;
            self.peaks_above(&samples[from..end], highest, &mut |_, peak| {
                best = best.max(peak);
            });
            highest = best;
        }
        highest
    }

    fn peak_at(&self, samples: &[f32], frame: usize) -> f32 {
        let first = frame as isize - (TAPS / 2 - 1) as isize;
        let mut peak = samples[frame].abs();
        let inside = first >= 0 && first as usize + TAPS <= samples.len();
        for taps in &self.taps[1..] {
            let sum: f32 = if inside {
                let neighbours = &samples[first as usize..first as usize + TAPS];
                taps.iter()
                    .zip(neighbours)
                    .map(|(tap, sample)| tap * sample)
                    .sum()
            } else {
                taps.iter()
                    .enumerate()
                    .map(|(tap, weight)| {
                        let place = usize::try_from(first + tap as isize).ok();
                        weight
                            * place
                                .and_then(|place| samples.get(place))
                                .copied()
                                .unwrap_or(0.0)
                    })
                    .sum()
            };
            peak = peak.max(sum.abs());
        }
        peak
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = std::f64::consts::PI * x;
    angle.sin() / angle
}

/// The Kaiser window at -1..1.
fn kaiser(x: f64) -> f64 {
    let inside = (1.0 - x * x).max(0.0);
    bessel(KAISER_BETA * inside.sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    const TERMS: usize = 24;
    let quarter = 0.25 * x * x;
    let mut term = 1.0;
    (1..=TERMS).fold(1.0, |sum, index| {
        term *= quarter / (index * index) as f64;
        sum + term
    })
}
