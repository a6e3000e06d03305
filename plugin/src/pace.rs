//! How long the callback may wait for a note: what the host says of itself, and what the clock shows. Audio thread.
//!
//! Some hosts say that they play live and render as fast as they can; a model that bakes beside the callback has no time then.

use std::time::{Duration, Instant};

/// The clock is read once per so much audio, s: shorter than that, a host that fills its buffers ahead looks fast.
const WINDOW_S: f32 = 0.5;
/// A host that takes audio this many times faster than the clock does not play it.
const FACTOR: f32 = 3.0;
/// Longest wait for one note where nobody listens. A model that takes longer is broken; the nearest note plays then.
const OFFLINE_WAIT: Duration = Duration::from_secs(10);
/// Longest wait for one note in the first window after `activate`, when nobody can tell yet whether somebody listens. Played
/// live that is a late start once, when a project opens; rendered, it is the right note instead of the nearest.
const UNKNOWN_WAIT: Duration = Duration::from_secs(2);

/// What the clock has shown so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// No full window yet.
    Nothing,
    /// Blocks come as they are heard.
    Live,
    /// Blocks come faster than anybody hears them.
    Fast,
}

/// Watches how fast blocks are asked for.
#[derive(Debug)]
pub(crate) struct Pace {
    sample_rate_hz: f32,
    /// The host's own word.
    is_offline: bool,
    shown: Shown,
    /// When the window began and frames since.
    window: Option<(Instant, usize)>,
}

impl Pace {
    pub(crate) fn new(sample_rate_hz: f32) -> Self {
        Self {
            sample_rate_hz,
            is_offline: false,
            shown: Shown::Nothing,
            window: None,
        }
    }

    /// Takes the host's word, and forgets what the clock showed: a host that starts again may have something else in mind.
    pub(crate) fn set_offline(&mut self, is_offline: bool) {
        self.is_offline = is_offline;
        self.shown = Shown::Nothing;
        self.window = None;
    }

    /// Time stood still: the window begins anew, what earlier ones showed holds.
    pub(crate) fn start_again(&mut self) {
        self.window = None;
    }

    /// Leaves a wait of the callback's own out of the window: it is no slowness of the host.
    pub(crate) fn leave_out(&mut self, waited: Duration) {
        if let Some((start, _)) = &mut self.window {
            *start += waited;
        }
    }

    /// Counts a block; gives how long each of its notes may be waited for, `None` if it is heard as it is rendered.
    ///
    /// # Real-time
    /// Safe: reads the monotonic clock, which needs no system call.
    pub(crate) fn longest_wait(&mut self, num_frames: usize) -> Option<Duration> {
        self.longest_wait_at(num_frames, Instant::now())
    }

    fn longest_wait_at(&mut self, num_frames: usize, now: Instant) -> Option<Duration> {
        let (start, frames) = self.window.unwrap_or((now, 0));
        let audio_s = frames as f32 / self.sample_rate_hz;
        if audio_s >= WINDOW_S {
            let passed_s = now.saturating_duration_since(start).as_secs_f32();
            let is_fast = audio_s > FACTOR * passed_s;
            self.shown = if is_fast { Shown::Fast } else { Shown::Live };
            self.window = Some((now, num_frames));
        } else {
            self.window = Some((start, frames + num_frames));
        }
        match self.shown {
            _ if self.is_offline => Some(OFFLINE_WAIT),
            Shown::Fast => Some(OFFLINE_WAIT),
            Shown::Nothing => Some(UNKNOWN_WAIT),
            Shown::Live => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 480;

    /// Asks for ten seconds of blocks, 10 ms of audio each, and gives the last answer.
    fn answer(block_ms: u64) -> Option<Duration> {
        let mut pace = Pace::new(48_000.0);
        let mut now = Instant::now();
        let mut answer = None;
        for _ in 0..1000 {
            answer = pace.longest_wait_at(BLOCK, now);
            now += Duration::from_millis(block_ms);
        }
        answer
    }

    #[test]
    fn a_host_that_asks_ten_times_too_fast_is_waited_for_and_one_in_time_or_late_is_not() {
        assert_eq!(answer(1), Some(OFFLINE_WAIT));
        assert_eq!(answer(10), None);
        assert_eq!(answer(11), None);
    }

    #[test]
    fn a_host_that_says_offline_is_believed_at_once() {
        let mut pace = Pace::new(48_000.0);
        pace.set_offline(true);
        assert_eq!(
            pace.longest_wait_at(BLOCK, Instant::now()),
            Some(OFFLINE_WAIT)
        );
    }

    #[test]
    fn until_the_clock_has_shown_something_notes_are_waited_for_a_little() {
        let mut pace = Pace::new(48_000.0);
        let now = Instant::now();
        assert!((0..33).all(|_| pace.longest_wait_at(BLOCK, now) == Some(UNKNOWN_WAIT)));
    }

    #[test]
    fn what_the_callback_waited_does_not_make_a_fast_host_slow() {
        let mut pace = Pace::new(48_000.0);
        let mut now = Instant::now();
        let wait = Duration::from_millis(400);
        for block in 0..60 {
            pace.longest_wait_at(BLOCK, now);
            now += Duration::from_millis(1);
            if block == 20 {
                now += wait;
                pace.leave_out(wait);
            }
        }
        assert_eq!(pace.longest_wait_at(BLOCK, now), Some(OFFLINE_WAIT));
    }

    #[test]
    fn a_stop_between_two_takes_does_not_make_a_live_host_unknown() {
        let mut pace = Pace::new(48_000.0);
        let mut now = Instant::now();
        for _ in 0..100 {
            pace.longest_wait_at(BLOCK, now);
            now += Duration::from_millis(10);
        }
        pace.start_again();
        assert_eq!(pace.longest_wait_at(BLOCK, now), None);
    }
}
