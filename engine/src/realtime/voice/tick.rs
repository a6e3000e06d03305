//! Making a voice's next 64 frames: where it stands, what its notes say there, partials and noise. Audio thread.

use models::seeded::hash;

use super::super::TICK_FRAMES;
use super::super::partials::{PartialTick, to_ratios};
use super::super::shape::{self, Place};
use super::pitch::vibrato_semitones;
use super::{TickControls, Voice, VoiceScratch, add};

/// Stream of the twin's seed.
const TWIN_STREAM: u32 = 49;
/// Farthest from its key that a voice sounds: ten octaves, within which the phases' arithmetic is exact.
const MAX_SEMITONES: f64 = 120.0;
/// Steepest tilt of all controls together, dB per octave.
const MAX_TILT_DB: f32 = 12.0;

impl Voice {
    /// Makes the next 64 frames.
    pub(super) fn run_tick(&mut self, controls: &TickControls, scratch: &mut VoiceScratch) {
        let controls = &self.kept_controls.unwrap_or(*controls);
        let here = self.place(0);
        let there = self.place(1);
        let weights_before = if self.ticks == 0 {
            controls.weights
        } else {
            self.weights
        };
        self.sources.advance(self.sample_rate_hz);
        if self.ticks == 0 {
            self.make_first_noise(scratch, controls);
        }
        self.make_noise_ahead(scratch, controls);
        self.fill_amplitudes(there, &controls.weights, scratch);
        self.fill_deviations(here, &weights_before, scratch);
        let tilt_db = self.tilt_db(controls);
        if tilt_db != 0.0 {
            let log2_f0 = self.f0_hz.log2() as f32;
            shape::tilt(
                &mut scratch.amplitudes[..scratch.num_partials],
                &scratch.log2_harmonics,
                log2_f0,
                tilt_db,
            );
        }
        self.run_partials(controls, scratch);
        self.add_noise(controls, scratch);
        self.walk.advance(TICK_FRAMES);
        self.weights = controls.weights;
        self.ticks = self.ticks.wrapping_add(1);
    }

    pub(super) fn tilt_db(&self, controls: &TickControls) -> f32 {
        (controls.tilt_db + self.soft_tilt_db).clamp(-MAX_TILT_DB, MAX_TILT_DB)
    }

    /// One copy of every partial, or two that are detuned against each other.
    fn run_partials(&mut self, controls: &TickControls, scratch: &mut VoiceScratch) {
        let vibrato =
            vibrato_semitones(self.seed, controls.vibrato, self.ticks, self.sample_rate_hz);
        let semitones = (controls.bend_semitones + self.glide.semitones(self.ticks) + vibrato)
            .clamp(-MAX_SEMITONES, MAX_SEMITONES);
        let half_detune = f64::from(controls.detune_cents) / 2_400.0;
        let turns = |octaves: f64| self.f0_hz * octaves.exp2() / self.sample_rate_hz;
        let angle = std::f32::consts::FRAC_PI_4 * controls.twin;
        let (twin_share, share) = if angle > 0.0 {
            angle.sin_cos()
        } else {
            (0.0, 1.0)
        };
        let gain = self.velocity_gain * share;
        let num_partials = self.bank.num_partials();
        to_ratios(&scratch.deviations_cents, num_partials, &mut scratch.ratios);
        let tick = PartialTick {
            base_turns: turns(semitones / 12.0 - half_detune),
            ratios: &scratch.ratios,
            amplitudes: &scratch.amplitudes,
            left_gain: gain * controls.left_gain,
            right_gain: gain * controls.right_gain,
            width: controls.width,
        };
        self.bank.run_tick(&tick, &mut self.left, &mut self.right);
        if twin_share > 0.0 || self.twin_share > 0.0 {
            let gain = self.velocity_gain * twin_share;
            let tick = PartialTick {
                base_turns: turns(semitones / 12.0 + half_detune),
                left_gain: gain * controls.left_gain,
                right_gain: gain * controls.right_gain,
                ..tick
            };
            if self.twin_share == 0.0 {
                self.twin
                    .start(hash(self.seed, TWIN_STREAM, 0), self.f0_hz, num_partials);
            }
            let (left, right) = (&mut scratch.twin_left, &mut scratch.twin_right);
            self.twin.run_tick(&tick, left, right);
            add(&mut self.left, left);
            add(&mut self.right, right);
        }
        self.twin_share = twin_share;
    }

    /// Where the voice stands in its note, s: on its walk, or where it is once its key was let go.
    pub(in crate::realtime) fn position_s(&self) -> f32 {
        let place = self.place(0);
        match (place.released_s, self.sources.first()) {
            (Some(released_s), Some(held)) => {
                (held.ready.note.layout().release_start_s + released_s) as f32
            }
            _ => place.position_s as f32,
        }
    }

    /// Where the voice will stand some ticks after the start of this one.
    pub(super) fn place(&self, ticks: usize) -> Place {
        let mut walk = self.walk;
        for _ in 0..ticks {
            walk.advance(TICK_FRAMES);
        }
        let tick_s = TICK_FRAMES as f64 / self.sample_rate_hz;
        let released_s = self
            .ticks_since_release()
            .map(|since| (since + ticks as u64) as f64 * tick_s);
        Place {
            position_s: walk.position_s(),
            released_s,
            held: !self.straight,
        }
    }

    /// Ticks that began since the release started; `None` until then, so that a release that lies ahead sounds as one of
    /// a key held until there.
    fn ticks_since_release(&self) -> Option<u64> {
        let first = self.envelope.release_start()?.div_ceil(TICK_FRAMES as u64);
        u64::from(self.ticks).checked_sub(first)
    }
}
