//! A value that moves to its target over 20 ms, as a closed form of the player's frame count. Audio thread.
//!
//! Asking for the value changes nothing, so that it does not depend on how blocks are cut.

/// Length of a move, ms: short enough to follow a hand, long enough not to be heard as a step.
const RAMP_MS: f64 = 20.0;

/// One moving value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    from: f32,
    to: f32,
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
            start: 0,
        }
    }

    /// Moves on from wherever it is at `frame`.
    pub(super) fn go_to(&mut self, to: f32, frame: u64, length: u64) {
        if to != self.to {
            *self = Self {
                from: self.value(frame, length),
                to,
                start: frame,
            };
        }
    }

    /// The value at a frame.
    pub(super) fn value(&self, frame: u64, length: u64) -> f32 {
        let done = frame.saturating_sub(self.start);
        if done >= length {
            return self.to;
        }
        self.from + (self.to - self.from) * (done as f32 / length as f32)
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
    fn a_ramp_that_is_turned_round_goes_on_from_where_it_is() {
        let mut ramp = Ramp::at(0.0);
        ramp.go_to(1.0, 100, 100);
        assert_eq!(ramp.value(50, 100), 0.0);
        assert_eq!(ramp.value(125, 100), 0.25);
        ramp.go_to(0.0, 125, 100);
        assert_eq!(ramp.value(175, 100), 0.125);
        assert!(ramp.rests_at(0.0, 225, 100) && !ramp.rests_at(0.0, 224, 100));
    }
}
