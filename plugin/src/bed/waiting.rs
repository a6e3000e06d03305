//! The only place where the bed's callback waits: a host that renders faster than time gives the worker no time to compose.

use std::thread;
use std::time::{Duration, Instant};

use engine::realtime::Playhead;

use super::worker::Desk;

/// How often it is looked whether the pages have come.
const LOOK_AGAIN_AFTER: Duration = Duration::from_micros(500);

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) tag: u64,
    pub(super) frame: i64,
    pub(super) num_frames: usize,
}

/// Waits until these frames can be played, none can come, or the time is over.
pub(super) fn wait_for(playhead: &mut Playhead, desk: &Desk, wanted: &Wanted, longest: Duration) {
    let is_ready =
        |playhead: &Playhead| playhead.is_ready(wanted.tag, wanted.frame, wanted.num_frames);
    if is_ready(playhead) {
        return;
    }
    let end = Instant::now() + longest;
    desk.live.set_waiting(true);
    desk.wake();
    while !is_ready(playhead) && !desk.has_failed() && Instant::now() < end {
        thread::sleep(LOOK_AGAIN_AFTER);
        playhead.take_arrivals();
    }
    desk.live.set_waiting(false);
}
