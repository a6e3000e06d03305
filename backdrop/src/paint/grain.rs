//! Film grain: each pixel a little brighter or darker, from seed and place.

use multiversion::multiversion;

use models::seeded::{mix, stream, stream_start};

use super::Look;
use crate::size::LONGEST_SIDE;

/// Standard deviation of the light, as a share of it, at full grain.
const STRENGTH: f32 = 0.25;
/// Four bytes, uniform 0..255: their sum has this mean and standard deviation, and nearly a bell's shape.
const MEAN: f32 = 510.0;
const DEVIATION: f32 = 147.8;

pub(super) struct Grain {
    start: u32,
    /// Light per step of the sum; 0 without grain.
    step: f32,
}

impl Grain {
    pub(super) fn new(look: &Look) -> Self {
        Self {
            start: stream_start(look.seed, stream::PICTURE_GRAIN),
            step: STRENGTH / DEVIATION * look.grain.clamp(0.0, 1.0),
        }
    }

    /// Black stays black: grain is a share of the light.
    pub(super) fn apply_to(&self, y: u32, linear: &mut [Vec<f32>; 3]) {
        if self.step > 0.0 {
            let [red, green, blue] = linear;
            apply(
                self.start.wrapping_add(y.wrapping_mul(LONGEST_SIDE)),
                self.step,
                [red, green, blue],
            );
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn apply(start: u32, step: f32, linear: [&mut [f32]; 3]) {
    let [red, green, blue] = linear;
    let count = red.len();
    let (green, blue) = (&mut green[..count], &mut blue[..count]);
    for index in 0..count {
        let bits = mix(start.wrapping_add(index as u32));
        let pairs = (bits & 0x00ff_00ff).wrapping_add((bits >> 8) & 0x00ff_00ff);
        let sum = (pairs & 0xffff).wrapping_add(pairs >> 16);
        let gain = 1.0 + step * (sum as i32 as f32 - MEAN);
        red[index] *= gain;
        green[index] *= gain;
        blue[index] *= gain;
    }
}
