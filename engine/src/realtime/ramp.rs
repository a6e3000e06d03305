//! A value that moves to its target over 20 ms, as a closed form of the player's frame count. Audio thread.
//!
//! It leaves without a jump of its speed and arrives at rest: a gain that rises from nothing in a straight line is heard as a
//! click where it begins. Asking for the value changes nothing, so that it does not depend on how blocks are cut.

/// Length of a move, ms: short enough to follow a hand, long enough not to be heard as a step.
const RAMP_MS: f64 = 20.0;
/// Speed at the start, in ways per move, above which Hermite's cubic would pass its target (Fritsch and Carlson, "Monotone
/// piecewise cubic interpolation", SIAM J. Numer. Anal. 17(2), 1980).
const MOST_SPEED: f32 = 3.0;

/// One moving value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    from: f32,
    to: f32,
    /// Speed at the start, per move: Hermite's first slope.
    speed: f32,
    start: u64,
}

/// Length of all ramps of a player, frames.
pub(super) fn ramp_frames(sample_rate_hz: f64) -> u64 {
    (RAMP_MS * 0.001 * sample_rate_hz) as u64
}

impl Ramp {
    /// A value that stands still.
    pub(super) fn at(value: f32) -> Self {
        Self {
            from: value,
            to: value,
            speed: 0.0,
            start: 0,
        }
    }

    /// Moves on from wherever it is at `frame`, as fast as it is there unless that leads away or past the new target.
    pub(super) fn go_to(&mut self, to: f32, frame: u64, length: u64) {
        if to != self.to {
            let from = self.value(frame, length);
            let most = MOST_SPEED * (to - from);
            *self = Self {
                from,
                to,
                speed: self
                    .speed(frame, length)
                    .clamp(most.min(0.0), most.max(0.0)),
                start: frame,
            };
        }
    }

    /// The value at a frame.
    pub(super) fn value(&self, frame: u64, length: u64) -> f32 {
        let Some(x) = self.share(frame, length) else {
            return self.to;
        };
        let rest = 1.0 - x;
        let way = (self.to - self.from) * (x * x * (3.0 - 2.0 * x));
        self.from + way + self.speed * (x * rest * rest)
    }

    /// How fast it moves at a frame, per move.
    fn speed(&self, frame: u64, length: u64) -> f32 {
        let Some(x) = self.share(frame, length) else {
            return 0.0;
        };
        let rest = 1.0 - x;
        6.0 * x * rest * (self.to - self.from) + self.speed * rest * (1.0 - 3.0 * x)
    }

    /// How much of the time is over, 0..1; `None` once all of it is.
    fn share(&self, frame: u64, length: u64) -> Option<f32> {
        let done = frame.saturating_sub(self.start);
        (done < length).then(|| done as f32 / length as f32)
    }

    /// Where it goes.
    pub(super) fn target(&self) -> f32 {
        self.to
    }

    /// Whether it is this value at a frame and will stay so.
    pub(super) fn rests_at(&self, value: f32, frame: u64, length: u64) -> bool {
        self.to == value && (self.from == value || frame.saturating_sub(self.start) >= length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_leaves_and_arrives_at_rest_and_is_half_way_at_half_time() {
        let mut ramp = Ramp::at(0.0);
        ramp.go_to(1.0, 100, 100);
        assert_eq!(ramp.value(50, 100), 0.0);
        assert_eq!(ramp.value(150, 100), 0.5);
        // 3x² - 2x³: a hundredth of the time from either end it is 0.0003 away.
        assert!(ramp.value(101, 100) < 3.1e-4 && ramp.value(199, 100) > 1.0 - 3.1e-4);
        assert!(ramp.rests_at(1.0, 200, 100) && !ramp.rests_at(1.0, 199, 100));
    }

    #[test]
    fn a_ramp_that_is_turned_round_goes_on_from_where_it_is_and_at_once_the_other_way() {
        let mut ramp = Ramp::at(0.0);
        ramp.go_to(1.0, 100, 100);
        ramp.go_to(0.0, 150, 100);
        assert_eq!(ramp.value(150, 100), 0.5);
        assert!(ramp.value(151, 100) < 0.5);
        assert!(ramp.rests_at(0.0, 250, 100) && !ramp.rests_at(0.0, 249, 100));
    }

    #[test]
    fn a_ramp_that_is_sent_on_again_and_again_never_jumps_in_speed_nor_passes_its_target() {
        let mut ramp = Ramp::at(0.0);
        let value_at = |frame: u64| {
            if frame.is_multiple_of(37) && frame < 1_000 {
                ramp.go_to(frame as f32 / 1_000.0, frame, 100);
            }
            ramp.value(frame, 100)
        };
        let values: Vec<f32> = (0..2_000).map(value_at).collect();
        let steps: Vec<f32> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| *step >= 0.0 && *step < 3e-3));
        let bends = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        // A straight line per move would bend by a whole step, 1e-3, at each of its ends.
        let sharpest = bends.fold(0.0, f32::max);
        assert!(sharpest < 2e-4, "{sharpest}");
        assert_eq!(values[1_999], 0.999);
    }
}
