//! Whether the host renders faster than time: because it says so, or because the clock shows it. Audio thread.
//!
//! Some hosts say that they play live and render as fast as they can; a model that bakes beside the callback has no time then.

use std::time::Instant;

/// The clock is read once per so much audio, s: shorter than that, a host that fills its buffers ahead looks fast.
const WINDOW_S: f32 = 0.5;
/// A host that takes audio this many times faster than the clock does not play it.
const FACTOR: f32 = 3.0;

/// Watches how fast blocks are asked for.
#[derive(Debug)]
pub(super) struct Pace {
    sample_rate_hz: f32,
    /// The host's own word.
    is_offline: bool,
    /// What the last full window showed.
    is_fast: bool,
    /// When the window began and frames since.
    window: Option<(Instant, usize)>,
}

impl Pace {
    pub(super) fn new(sample_rate_hz: f32) -> Self {
        Self {
            sample_rate_hz,
            is_offline: false,
            is_fast: false,
            window: None,
        }
    }

    /// Takes the host's word.
    pub(super) fn set_offline(&mut self, is_offline: bool) {
        self.is_offline = is_offline;
        self.start_again();
    }

    /// Forgets what the clock showed.
    pub(super) fn start_again(&mut self) {
        self.is_fast = false;
        self.window = None;
    }

    /// Whether this block is not heard as it is rendered.
    ///
    /// # Real-time
    /// Safe: reads the monotonic clock, which needs no system call.
    pub(super) fn is_freewheeling(&mut self, num_frames: usize) -> bool {
        self.is_freewheeling_at(num_frames, Instant::now())
    }

    fn is_freewheeling_at(&mut self, num_frames: usize, now: Instant) -> bool {
        let (start, frames) = self.window.unwrap_or((now, 0));
        let audio_s = frames as f32 / self.sample_rate_hz;
        if audio_s >= WINDOW_S {
            let passed_s = now.saturating_duration_since(start).as_secs_f32();
            self.is_fast = audio_s > FACTOR * passed_s;
            self.window = Some((now, num_frames));
        } else {
            self.window = Some((start, frames + num_frames));
        }
        self.is_offline || self.is_fast
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BLOCK: usize = 480;

    /// Asks for ten seconds of blocks, 10 ms of audio each, and gives the last answer.
    fn answer(block_ms: u64) -> bool {
        let mut pace = Pace::new(48_000.0);
        let mut now = Instant::now();
        let mut answer = false;
        for _ in 0..1000 {
            answer = pace.is_freewheeling_at(BLOCK, now);
            now += Duration::from_millis(block_ms);
        }
        answer
    }

    #[test]
    fn a_host_that_asks_ten_times_too_fast_freewheels_and_one_in_time_or_late_does_not() {
        assert!(answer(1));
        assert!(!answer(10));
        assert!(!answer(11));
    }

    #[test]
    fn a_host_that_says_offline_is_believed_at_once() {
        let mut pace = Pace::new(48_000.0);
        pace.set_offline(true);
        assert!(pace.is_freewheeling_at(BLOCK, Instant::now()));
    }

    #[test]
    fn a_burst_of_a_third_of_a_second_is_no_freewheeling() {
        let mut pace = Pace::new(48_000.0);
        let now = Instant::now();
        assert!((0..33).all(|_| !pace.is_freewheeling_at(BLOCK, now)));
    }
}
