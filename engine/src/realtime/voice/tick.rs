//! Making a voice's next 64 frames: where it stands, what its note says there, partials and noise. Audio thread.

use super::super::TICK_FRAMES;
use super::super::partials::PartialTick;
use super::super::shape::{self, Partials, Place};
use super::{TickControls, Voice, VoiceScratch};
use crate::note::Note;

/// Crossfade between two notes under one voice, ms.
const EXCHANGE_MS: f64 = 20.0;

impl Voice {
    /// Makes the next 64 frames.
    pub(super) fn run_tick(&mut self, controls: &TickControls, scratch: &mut VoiceScratch) {
        let controls = &self.kept_controls.unwrap_or(*controls);
        let here = self.place(0);
        let there = self.place(1);
        let exchanged_before = self.exchanged;
        if self.incoming.is_some() {
            let step = TICK_FRAMES as f64 / (EXCHANGE_MS * 0.001 * self.sample_rate_hz);
            self.exchanged = (self.exchanged + step as f32).min(1.0);
        }
        if self.ticks == 0 {
            self.make_first_noise(scratch, controls.width);
        }
        self.make_noise_ahead(scratch, controls.width);
        self.fill_maps(here, there, exchanged_before, scratch);
        let tick = PartialTick {
            base_turns: self.f0_hz * controls.bend_ratio / self.sample_rate_hz,
            deviations_cents: &scratch.deviations_cents,
            amplitudes: &scratch.amplitudes,
            left_gain: self.velocity_gain * controls.left_gain,
            right_gain: self.velocity_gain * controls.right_gain,
            width: controls.width,
        };
        self.bank.run_tick(&tick, &mut self.left, &mut self.right);
        self.add_noise(controls, scratch);
        self.walk.advance(TICK_FRAMES);
        self.ticks = self.ticks.wrapping_add(1);
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

    pub(super) fn note_gain(&self, note: &Note) -> f32 {
        if self.straight { 1.0 } else { note.gain() }
    }

    /// Amplitudes at the tick's end and deviations at its start, of both notes during an exchange.
    fn fill_maps(
        &self,
        here: Place,
        there: Place,
        exchanged_before: f32,
        scratch: &mut VoiceScratch,
    ) {
        let VoiceScratch {
            rows,
            amplitudes,
            deviations_cents,
            incoming,
            ..
        } = scratch;
        let Some(held) = &self.note else { return };
        let note = &held.ready.note;
        shape::amplitudes_into(note, there, rows, amplitudes);
        scale(amplitudes, note.num_partials(), self.note_gain(note));
        shape::deviations_into(note, here, rows, deviations_cents);
        deviations_cents[note.num_partials()..].fill(0.0);
        let Some(arriving) = &self.incoming else {
            return;
        };
        let arriving = &arriving.ready.note;
        shape::amplitudes_into(arriving, there, rows, incoming);
        scale(incoming, arriving.num_partials(), self.note_gain(arriving));
        blend(amplitudes, incoming, self.exchanged);
        shape::deviations_into(arriving, here, rows, incoming);
        incoming[arriving.num_partials()..].fill(0.0);
        blend(deviations_cents, incoming, exchanged_before);
    }
}

/// Applies a gain to a note's partials and silences the rest.
fn scale(amplitudes: &mut Partials, num_partials: usize, gain: f32) {
    for amplitude in &mut amplitudes[..num_partials] {
        *amplitude *= gain;
    }
    amplitudes[num_partials..].fill(0.0);
}

fn blend(from: &mut Partials, to: &Partials, share: f32) {
    for (from, to) in from.iter_mut().zip(to) {
        *from += share * (to - *from);
    }
}
