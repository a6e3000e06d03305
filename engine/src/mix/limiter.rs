//! A limiter that only guards: a gain that stays at 1 until a true peak would pass the ceiling. Worker and command line.
//!
//! The gain at a frame depends on a fixed stretch around it, before and after: it looks ahead, and is the same wherever one
//! begins.

use super::true_peak::TruePeakMeter;

/// How far the gain looks to both sides, seconds: long enough not to be heard as distortion of bass.
const REACH_S: f64 = 0.02;

/// The gain per frame that keeps both channels, multiplied by `gain`, below the ceiling (a factor); `None` when nothing
/// has to be lowered.
pub fn gain_curve(
    (left, right): (&[f32], &[f32]),
    sample_rate_hz: u32,
    gain: f32,
    ceiling: f32,
) -> Option<Vec<f32>> {
    let meter = TruePeakMeter::default();
    let mut wanted = vec![1.0_f32; left.len()];
    let mut is_needed = false;
    for channel in [left, right] {
        meter.peaks_above(channel, ceiling / gain, &mut |frame, peak| {
            // A peak lies between this frame and the next: both are lowered.
            let factor = ceiling / (gain * peak);
            for place in frame..(frame + 2).min(wanted.len()) {
                wanted[place] = wanted[place].min(factor);
            }
            is_needed = true;
        });
    }
    is_needed.then(|| {
        let reach = ((REACH_S * f64::from(sample_rate_hz)) as usize).max(1);
        let lowest = sliding_minimum(&wanted, reach);
        smoothed(&smoothed(&lowest, reach / 2), reach / 2)
    })
}

/// The lowest value within `reach` to both sides.
fn sliding_minimum(values: &[f32], reach: usize) -> Vec<f32> {
    // Places whose value may still be the lowest of a window, ascending in place and value.
    let mut places = std::collections::VecDeque::new();
    let mut lowest = Vec::with_capacity(values.len());
    for entering in 0..values.len() + reach {
        if let Some(&value) = values.get(entering) {
            while places
                .back()
                .is_some_and(|&place: &usize| values[place] >= value)
            {
                places.pop_back();
            }
            places.push_back(entering);
        }
        let Some(centre) = entering.checked_sub(reach) else {
            continue;
        };
        while places.front().is_some_and(|&place| place + reach < centre) {
            places.pop_front();
        }
        lowest.push(places.front().map_or(1.0, |&place| values[place]));
    }
    lowest
}

/// The mean within `reach` to both sides; beyond the ends the first and last value go on.
fn smoothed(values: &[f32], reach: usize) -> Vec<f32> {
    let Some((&first, &last)) = values.first().zip(values.last()) else {
        return Vec::new();
    };
    let at = |place: isize| -> f64 {
        let value =
            usize::try_from(place).map_or(first, |place| *values.get(place).unwrap_or(&last));
        f64::from(value)
    };
    let reach = reach as isize;
    let count = (2 * reach + 1) as f64;
    let mut sum: f64 = (-reach..=reach).map(at).sum();
    (0..values.len() as isize)
        .map(|centre| {
            let mean = (sum / count) as f32;
            sum += at(centre + reach + 1) - at(centre - reach);
            mean
        })
        .collect()
}
