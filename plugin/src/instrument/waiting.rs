//! The only places where the audio callback waits: a host that renders faster than time gives the model no time to bake.

use std::time::{Duration, Instant};

use engine::layer_of_velocity;

use super::baking::Baked;

/// Longest wait for one note. A model that takes longer is broken; the nearest note plays then.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Between two looks. A note takes some 6 ms.
const LOOK_AGAIN_AFTER: Duration = Duration::from_micros(200);

/// Waits until this key is in the note ring, or until baking failed.
pub(super) fn bake_waiting(baked: &Baked, key: u8, velocity: f32) {
    let layer = layer_of_velocity(velocity);
    let started = Instant::now();
    baked.want(layer, key);
    while !baked.is_ready(layer, key) && !baked.has_failed() && started.elapsed() < LONGEST_WAIT {
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}
