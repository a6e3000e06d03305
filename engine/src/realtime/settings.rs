//! The parameters as they are obeyed: those that are heard while they move, as ramps. Audio thread.

use super::channel::factor_of;
use super::parameters::{NUM_CORNERS, PlayerParameters};
use super::ramp::{Ramp, ramp_frames};

/// Frequency of A4 that notes are laid out for, Hz.
const USUAL_A4_HZ: f32 = 440.0;
/// Detune at which both copies are equally loud, cents; below, the second one is softer.
const FULL_TWIN_CENTS: f32 = 3.0;

/// Settings for all voices and what comes after them.
pub(super) struct Settings {
    pub(super) parameters: PlayerParameters,
    morph_x: Ramp,
    morph_y: Ramp,
    width: Ramp,
    tilt_db: Ramp,
    detune_cents: Ramp,
    twin: Ramp,
    tuning_cents: Ramp,
    pub(super) reverb_size: Ramp,
    pub(super) reverb_mix: Ramp,
    pub(super) output_gain: Ramp,
    pub(super) ramp_frames: u64,
}

/// What moves, at one frame.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    pub(super) morph: (f32, f32),
    pub(super) width: f32,
    pub(super) tilt_db: f32,
    pub(super) detune_cents: f32,
    /// How loud the second copy of every partial is, 0 (silent) ..=1 (as loud as the first).
    pub(super) twin: f32,
    pub(super) tuning_cents: f32,
}

impl Settings {
    pub(super) fn new(sample_rate_hz: f64) -> Self {
        let parameters = PlayerParameters::default();
        Self {
            morph_x: Ramp::at(parameters.morph_x),
            morph_y: Ramp::at(parameters.morph_y),
            width: Ramp::at(parameters.width),
            tilt_db: Ramp::at(parameters.tilt_db),
            detune_cents: Ramp::at(parameters.detune_cents),
            twin: Ramp::at(twin_of(parameters.detune_cents)),
            tuning_cents: Ramp::at(0.0),
            reverb_size: Ramp::at(parameters.reverb_size),
            reverb_mix: Ramp::at(parameters.reverb_mix),
            output_gain: Ramp::at(1.0),
            ramp_frames: ramp_frames(sample_rate_hz),
            parameters,
        }
    }

    /// Takes values that are in range. When nothing sounds they hold at once.
    pub(super) fn set(&mut self, parameters: PlayerParameters, frame: u64, is_silent: bool) {
        let cents = 1_200.0 * (parameters.a4_hz / USUAL_A4_HZ).log2() + parameters.fine_cents;
        // NaN is refused before.
        let gain = factor_of(parameters.output_gain_db).unwrap_or(1.0);
        let length = self.ramp_frames;
        let targets = [
            (&mut self.morph_x, parameters.morph_x),
            (&mut self.morph_y, parameters.morph_y),
            (&mut self.width, parameters.width),
            (&mut self.tilt_db, parameters.tilt_db),
            (&mut self.detune_cents, parameters.detune_cents),
            (&mut self.twin, twin_of(parameters.detune_cents)),
            (&mut self.tuning_cents, cents),
            (&mut self.reverb_size, parameters.reverb_size),
            (&mut self.reverb_mix, parameters.reverb_mix),
            (&mut self.output_gain, gain),
        ];
        for (ramp, target) in targets {
            if is_silent {
                *ramp = Ramp::at(target);
            } else {
                ramp.go_to(target, frame, length);
            }
        }
        self.parameters = parameters;
    }

    /// What moves, at a frame.
    pub(super) fn at(&self, frame: u64) -> Moving {
        let value = |ramp: &Ramp| ramp.value(frame, self.ramp_frames);
        Moving {
            morph: (value(&self.morph_x), value(&self.morph_y)),
            width: value(&self.width),
            tilt_db: value(&self.tilt_db),
            detune_cents: value(&self.detune_cents),
            twin: value(&self.twin),
            tuning_cents: value(&self.tuning_cents),
        }
    }

    /// Voices that may sound at once, when the player was made for `most`.
    pub(super) fn max_voices(&self, most: usize) -> usize {
        self.parameters.max_voices.min(most)
    }
}

/// How loud the second copy is once a detune is reached. It gets there in the time of a ramp: a wide detune would pass
/// [`FULL_TWIN_CENTS`] within a tick.
fn twin_of(detune_cents: f32) -> f32 {
    (detune_cents / FULL_TWIN_CENTS).min(1.0)
}

/// Bilinear weights of the corners A, B, C, D; their sum is 1.
pub(super) fn corner_weights((x, y): (f32, f32)) -> [f32; NUM_CORNERS] {
    [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y]
}
