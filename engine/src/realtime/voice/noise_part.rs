//! A voice's share of noise: which powers shape which block, and when blocks are made. Audio thread.

use super::super::TICK_FRAMES;
use super::super::partials::TickBuffer;
use super::{TickControls, Voice, VoiceScratch};

/// Factors of the noise's middle and side in one channel.
#[derive(Clone, Copy, Default)]
pub(super) struct NoiseGains {
    mid: f32,
    side: f32,
}

impl Voice {
    /// Block 0 is centred on the first frame: only its second half sounds.
    pub(super) fn make_first_noise(&mut self, scratch: &mut VoiceScratch, controls: &TickControls) {
        self.make_block(scratch, controls, 0);
        self.next_hop();
        let hop_ticks = scratch.shaper.hop_frames() / TICK_FRAMES;
        self.make_block(scratch, controls, hop_ticks);
    }

    /// Voices that start together make their blocks in different ticks: a chord's transforms would all fall into one
    /// block of the host otherwise.
    pub(super) fn make_noise_ahead(&mut self, scratch: &mut VoiceScratch, controls: &TickControls) {
        let hop_ticks = scratch.shaper.hop_frames() / TICK_FRAMES;
        let lead = usize::from(self.key) % hop_ticks;
        let ticks = self.ticks as usize;
        if self.ticks == 0 || lead > 0 && ticks.is_multiple_of(hop_ticks) {
            self.next_hop();
        }
        if ticks > 0 && (ticks + lead).is_multiple_of(hop_ticks) {
            self.make_block(scratch, controls, lead + hop_ticks);
            if lead == 0 {
                self.next_hop();
            }
        }
    }

    fn next_hop(&mut self) {
        self.mid.next_hop();
        self.side.next_hop();
    }

    /// Makes the next block of both noises with the powers that will hold some ticks from now.
    fn make_block(
        &mut self,
        scratch: &mut VoiceScratch,
        controls: &TickControls,
        ticks_ahead: usize,
    ) {
        let place = self.place(ticks_ahead);
        let tilt_db = self.tilt_db(controls);
        self.fill_noise_powers(place, &controls.weights, tilt_db, scratch);
        let width = controls.width;
        let shaper = &mut scratch.shaper;
        let index = self.noise_index;
        let silent = shaper.bin_powers.iter().all(|&power| power == 0.0);
        let side_silent = silent || width == 0.0;
        if silent {
            self.mid.make_silence_ahead()
        } else {
            self.mid.make_ahead(shaper, self.seed, index)
        }
        if side_silent {
            self.side.make_silence_ahead()
        } else {
            self.side.make_ahead(shaper, self.seed, index)
        }
        self.noise_index = index.wrapping_add(1);
    }

    /// Adds the tick's noise, its gains moving linearly over the tick (CONTRACT.md 3.8).
    pub(super) fn add_noise(&mut self, controls: &TickControls, scratch: &VoiceScratch) {
        let hop_ticks = scratch.shaper.hop_frames() / TICK_FRAMES;
        let index = self.ticks as usize % hop_ticks;
        let mid_share = 1.0 / (1.0 + controls.width * controls.width).sqrt();
        let channels = [
            (&mut self.left, controls.left_gain, 1.0),
            (&mut self.right, controls.right_gain, -1.0),
        ];
        for ((buffer, gain, sign), last) in channels.into_iter().zip(&mut self.noise_gains) {
            let mid = self.velocity_gain * gain * mid_share;
            let target = NoiseGains {
                mid,
                side: sign * controls.width * mid,
            };
            let from = if self.ticks == 0 { target } else { *last };
            add_ramped(buffer, self.mid.tick(index), from.mid, target.mid);
            add_ramped(buffer, self.side.tick(index), from.side, target.side);
            *last = target;
        }
    }
}

fn add_ramped(out: &mut TickBuffer, samples: &[f32], from: f32, to: f32) {
    const STEP: f32 = 1.0 / TICK_FRAMES as f32;
    for (frame, (out, sample)) in out.iter_mut().zip(samples).enumerate() {
        *out += sample * (from + (to - from) * (frame as f32 * STEP));
    }
}
