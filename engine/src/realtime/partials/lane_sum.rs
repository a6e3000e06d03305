//! From one sum per lane and frame to one per frame. Audio thread.

use super::{LANES, Lanes, TickBuffer};
use crate::realtime::TICK_FRAMES;

/// Adds the lanes of each frame, neighbour by neighbour, always in the same order. Written as passes over all frames:
/// summed frame by frame, the compiler gathers single numbers, which took as long as all partials together.
#[inline(always)]
pub(super) fn sum_lanes(lanes: &[Lanes; TICK_FRAMES], out: &mut TickBuffer) {
    let mut eighths = [0.0; TICK_FRAMES * LANES / 2];
    let mut quarters = [0.0; TICK_FRAMES * LANES / 4];
    let mut halves = [0.0; TICK_FRAMES * LANES / 8];
    add_neighbours(lanes.as_flattened(), &mut eighths);
    add_neighbours(&eighths, &mut quarters);
    add_neighbours(&quarters, &mut halves);
    add_neighbours(&halves, out);
}

#[inline(always)]
fn add_neighbours(pairs: &[f32], sums: &mut [f32]) {
    for (sum, pair) in sums.iter_mut().zip(pairs.chunks_exact(2)) {
        *sum = pair[0] + pair[1];
    }
}
