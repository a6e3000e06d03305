//! Another sample rate for a whole recording, by windowed-sinc interpolation (Smith 2002, "Digital Audio Resampling"). Worker
//! and command line: it holds the whole recording and allocates the other.

/// Zero crossings of the sinc to each side: the transition is a fortieth of the band, side lobes are below -70 dB.
const CROSSINGS: f64 = 40.0;
/// Share of the lower rate's band that is kept.
const KEPT: f64 = 0.97;

/// The samples at the other rate, as long in seconds. A rate that is not quite the recording's own tunes it.
pub fn resample(samples: &[f32], from_hz: impl Into<f64>, to_hz: impl Into<f64>) -> Vec<f32> {
    let (from_hz, to_hz) = (from_hz.into(), to_hz.into());
    if from_hz == to_hz || from_hz <= 0.0 {
        return samples.to_vec();
    }
    let step = from_hz / to_hz;
    // Below the lower of both bands' edges, in cycles per input sample, doubled.
    let cutoff = KEPT * (1.0 / step).min(1.0);
    let reach = CROSSINGS / cutoff;
    let num_frames = (samples.len() as f64 / step).round() as usize;
    (0..num_frames)
        .map(|frame| {
            let place = frame as f64 * step;
            let first = (place - reach).ceil().max(0.0) as usize;
            let last = ((place + reach).floor() as usize).min(samples.len().saturating_sub(1));
            let sum: f64 = (first..=last)
                .filter_map(|index| samples.get(index).map(|sample| (index, sample)))
                .map(|(index, &sample)| {
                    let distance = index as f64 - place;
                    f64::from(sample) * cutoff * sinc(cutoff * distance) * window(distance / reach)
                })
                .sum();
            sum as f32
        })
        .collect()
}

fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 {
        1.0
    } else {
        angle.sin() / angle
    }
}

/// Blackman's window over -1..1.
fn window(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    0.42 + 0.5 * angle.cos() + 0.08 * (2.0 * angle).cos()
}
