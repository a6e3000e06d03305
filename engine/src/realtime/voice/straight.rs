//! Straight decoding on a voice (CONTRACT.md section 3). Worker threads, by way of `decode`; safe on the audio thread.

use std::sync::Arc;

use super::super::envelope::EnvelopeCurves;
use super::super::notes::ReadyNote;
use super::super::partials::TickBuffer;
use super::super::sustain::SustainWalk;
use super::super::{EnvelopeSettings, NoiseShaper};
use super::{HeldNote, SourceStart, TickControls, Voice, VoiceScratch, VoiceStart};

/// A note decoded straight through (CONTRACT.md section 3): the voice's own code without envelope, gain and hold.
pub(crate) struct StraightVoice {
    voice: Voice,
    scratch: VoiceScratch,
}

impl StraightVoice {
    /// Starts a note.
    pub(crate) fn new(ready: Arc<ReadyNote>, sample_rate_hz: f64, seed: u32) -> Self {
        let mut voice = Voice::new(sample_rate_hz);
        let key = ready.note.key();
        let held = HeldNote { ready, place: 0 };
        let only = SourceStart {
            held,
            wanted_place: 0,
        };
        let start = VoiceStart {
            notes: [Some(only), None, None, None],
            channel: 0,
            key,
            note_id: None,
            pitch: f64::from(key),
            glide: None,
            seed,
            velocity_gain: 1.0,
            soft_tilt_db: 0.0,
            order: 0,
        };
        voice.start(
            start,
            &EnvelopeSettings::default(),
            &EnvelopeCurves::default(),
        );
        voice.straight = true;
        voice.walk = SustainWalk::straight(seed, sample_rate_hz);
        Self {
            voice,
            scratch: VoiceScratch::new(NoiseShaper::new(sample_rate_hz)),
        }
    }

    /// Writes the next frames of the middle; at most a tick.
    pub(crate) fn next_tick(&mut self) -> &TickBuffer {
        let controls = TickControls {
            bend_semitones: 0.0,
            vibrato: 0.0,
            left_gain: 1.0,
            right_gain: 1.0,
            width: 0.0,
            tilt_db: 0.0,
            detune_cents: 0.0,
            twin: 0.0,
            weights: [1.0, 0.0, 0.0, 0.0],
        };
        self.voice.run_tick(&controls, &mut self.scratch);
        &self.voice.left
    }
}
