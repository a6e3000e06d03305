//! What a channel's controls say. Audio thread.

use super::approximations::amplitude;

/// MIDI channels.
pub const NUM_CHANNELS: usize = 16;
/// Largest gain of one control, dB.
const MAX_GAIN_DB: f32 = 24.0;

/// Controls of one channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    /// Slot of the note table.
    pub(super) slot: usize,
    /// Frequency factor of the bend.
    pub(super) bend_ratio: f64,
    /// Whether the sustain pedal is down.
    pub(super) pedal_down: bool,
    /// Factor.
    pub(super) volume: f32,
    /// Factor.
    pub(super) expression: f32,
    /// Factors of both speakers.
    pub(super) pan: (f32, f32),
}

impl Channel {
    /// A channel as new.
    pub(super) fn new() -> Self {
        Self {
            slot: 0,
            bend_ratio: 1.0,
            pedal_down: false,
            volume: 1.0,
            expression: 1.0,
            pan: (1.0, 1.0),
        }
    }

    /// Factors of the left and right speaker.
    pub(super) fn gains(&self) -> (f32, f32) {
        let gain = self.volume * self.expression;
        (gain * self.pan.0, gain * self.pan.1)
    }

    /// Sets the pan: constant power, both factors 1 in the middle.
    pub(super) fn set_pan(&mut self, position: f32) {
        let angle = std::f32::consts::FRAC_PI_4 * (1.0 + position.clamp(-1.0, 1.0));
        let root_two = std::f32::consts::SQRT_2;
        self.pan = if position == 0.0 {
            (1.0, 1.0)
        } else {
            (root_two * angle.cos(), root_two * angle.sin())
        };
    }
}

/// dB to a factor; -infinity is 0. `None` for a number that says nothing.
pub(super) fn factor_of(gain_db: f32) -> Option<f32> {
    if gain_db.is_nan() {
        return None;
    }
    Some(if gain_db <= -120.0 {
        0.0
    } else {
        amplitude(gain_db.min(MAX_GAIN_DB))
    })
}
