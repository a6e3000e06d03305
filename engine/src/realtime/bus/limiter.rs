//! The guard at the end: what passes -1 dBFS is rounded off so that nothing passes 0 dBFS. Audio thread.
//!
//! No look-ahead and no memory: below its threshold it changes no bit, and it adds no latency.

/// -1 dBFS.
const THRESHOLD: f32 = 0.891_250_9;
const ROOM: f32 = 1.0 - THRESHOLD;

/// Rounds off every sample. What is not a number becomes silence.
pub(super) fn limit(samples: &mut [f32]) {
    for sample in samples {
        let beyond = sample.abs() - THRESHOLD;
        if beyond > 0.0 {
            // x / (1 + x): goes on with the slope of the straight part and never reaches 1.
            let over = (beyond / ROOM).min(1e6);
            *sample = (THRESHOLD + ROOM * over / (1.0 + over)).copysign(*sample);
        } else if sample.is_nan() {
            *sample = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_below_minus_1_dbfs_is_changed_and_nothing_passes_0_dbfs() {
        let mut samples: Vec<f32> = (-4_000..=4_000).map(|n| n as f32 * 0.001).collect();
        let before = samples.clone();
        limit(&mut samples);
        for (before, after) in before.iter().zip(&samples) {
            if before.abs() <= THRESHOLD {
                assert_eq!(before, after);
            } else {
                assert!(
                    after.abs() <= 1.0 && after.abs() > THRESHOLD,
                    "{before}: {after}"
                );
                assert_eq!(after.signum(), before.signum());
            }
        }
        assert!(samples.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn infinite_samples_and_nan_come_out_finite() {
        let mut samples = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e38];
        limit(&mut samples);
        assert!(
            samples.iter().all(|sample| sample.abs() <= 1.0),
            "{samples:?}"
        );
    }
}
