//! What a channel's controls say. Audio thread.

use super::approximations::amplitude;
use super::zones::MEMBER_BEND_RANGE;

/// MIDI channels.
pub const NUM_CHANNELS: usize = 16;
/// Largest gain of one control, dB.
const MAX_GAIN_DB: f32 = 24.0;

/// Controls of one channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    /// Slot of the note table.
    pub(super) slot: usize,
    pub(super) bend: Bend,
    /// Semitones of a full bend, once RPN 0 has said.
    pub(super) bend_range_semitones: Option<f32>,
    /// Whether the sustain pedal is down.
    pub(super) pedal_down: bool,
    /// Whether the sostenuto pedal is down.
    pub(super) sostenuto_down: bool,
    /// Whether the soft pedal is down.
    pub(super) soft_down: bool,
    /// 0..=1.
    pub(super) pressure: f32,
    /// -1..=1, 0 is the middle.
    pub(super) timbre: f32,
    /// 0..=1.
    pub(super) mod_wheel: f32,
    /// Factor.
    pub(super) volume: f32,
    /// Factor.
    pub(super) expression: f32,
    /// Factors of both speakers.
    pub(super) pan: (f32, f32),
    /// Registered parameter that data entry sets: most and least significant number.
    pub(super) parameter: (u8, u8),
}

/// How a channel was bent last.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bend {
    /// Semitones.
    Fixed(f32),
    /// Share of the range, -1..=1.
    OfRange(f32),
}

impl Channel {
    /// A channel as new.
    pub(super) fn new() -> Self {
        Self {
            slot: 0,
            bend: Bend::Fixed(0.0),
            bend_range_semitones: None,
            pedal_down: false,
            sostenuto_down: false,
            soft_down: false,
            pressure: 0.0,
            timbre: 0.0,
            mod_wheel: 0.0,
            volume: 1.0,
            expression: 1.0,
            pan: (1.0, 1.0),
            parameter: NO_PARAMETER,
        }
    }

    /// Factors of the left and right speaker.
    pub(super) fn gains(&self) -> (f32, f32) {
        let gain = self.volume * self.expression;
        (gain * self.pan.0, gain * self.pan.1)
    }

    /// Semitones that its notes are bent by. `usual_range` holds for channels without a range of their own.
    pub(super) fn bend_semitones(&self, usual_range: f32, is_member: bool) -> f32 {
        let usual_range = if is_member {
            MEMBER_BEND_RANGE
        } else {
            usual_range
        };
        match self.bend {
            Bend::Fixed(semitones) => semitones,
            Bend::OfRange(share) => share * self.bend_range_semitones.unwrap_or(usual_range),
        }
    }

    /// Sets the pan: constant power, both factors 1 in the middle.
    pub(super) fn set_pan(&mut self, position: f32) {
        self.pan = pan_gains(position);
    }

    /// What a reset of the controllers sets back (MIDI recommended practice RP-015): volume, pan, sound and ranges stay.
    pub(super) fn reset_controllers(&mut self) {
        *self = Self {
            slot: self.slot,
            bend_range_semitones: self.bend_range_semitones,
            volume: self.volume,
            pan: self.pan,
            ..Self::new()
        };
    }
}

/// No registered parameter is chosen.
pub(super) const NO_PARAMETER: (u8, u8) = (127, 127);

/// Factors of both speakers for a place between them, -1..=1: constant power, both 1 in the middle.
pub(super) fn pan_gains(position: f32) -> (f32, f32) {
    if position == 0.0 {
        return (1.0, 1.0);
    }
    let angle = std::f32::consts::FRAC_PI_4 * (1.0 + position.clamp(-1.0, 1.0));
    let root_two = std::f32::consts::SQRT_2;
    (root_two * angle.cos(), root_two * angle.sin())
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
