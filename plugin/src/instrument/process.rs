//! The audio callback: cuts the block at its events, tells the player what changed, gives its samples to the host.
//!
//! Audio thread. Nothing here allocates, frees, locks or waits; the one wait there is, for hosts that render faster than
//! time, stands in `waiting`. What the callback works on is made in `playback`.

use std::sync::atomic::Ordering;

use engine::{EnvelopeSettings, Event};
use nice_plug::prelude::*;

use super::midi::{self, Reading};
use super::params::{InstrumentParams, output_gain_db};
use super::playback::Playback;
use super::waiting::bake_waiting;

/// What parameters say to the player as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    envelope: EnvelopeSettings,
    width: f32,
    output_gain_db: f32,
}

impl Settings {
    fn of(params: &InstrumentParams, is_mono: bool) -> Self {
        Self {
            envelope: EnvelopeSettings {
                attack_ms: params.envelope.attack_ms.value(),
                decay_ms: params.envelope.decay_ms.value(),
                sustain_level: params.envelope.sustain_level.value(),
                release_ms: params.envelope.release_ms.value(),
            },
            // Both sides are the same then, and one of them is the mono output.
            width: if is_mono {
                0.0
            } else {
                params.space.width.value()
            },
            output_gain_db: output_gain_db(params.space.output_db.value()),
        }
    }
}

impl Playback {
    /// Fills the host's buffer.
    ///
    /// # Real-time
    /// Safe, but waits for notes when the host renders faster than time.
    pub(super) fn process(
        &mut self,
        buffer: &mut Buffer,
        mut next_event: impl FnMut() -> Option<NoteEvent<()>>,
        params: &InstrumentParams,
    ) -> ProcessStatus {
        let num_frames = buffer.samples();
        let has_time = !self.pace.is_freewheeling(num_frames);
        self.tell(Settings::of(params, buffer.channels() == 1));
        let reading = Reading {
            bend_range_semitones: params.playing.bend_range_semitones.value() as f32,
        };
        let mut done = 0;
        while let Some(event) = next_event() {
            // Events out of order are late, not lost.
            let frame = (event.timing() as usize).clamp(done, num_frames);
            self.render(buffer, done, frame);
            done = frame;
            if let NoteEvent::NoteOn { key, velocity, .. } = event
                && !has_time
            {
                bake_waiting(&self.baked, key.number_or_middle_c(), velocity);
                self.player.take_arrivals();
            }
            if let Some(event) = midi::player_event(&event, &reading) {
                self.player.handle(&event);
            }
        }
        self.render(buffer, done, num_frames);
        self.guard(buffer);
        ProcessStatus::KeepAlive
    }

    /// Tells the player what changed since it was told last.
    fn tell(&mut self, settings: Settings) {
        let told = self.told.replace(settings);
        let is_news = |changed: fn(&Settings, &Settings) -> bool| {
            told.is_none_or(|told| changed(&told, &settings))
        };
        if is_news(|old, new| old.envelope != new.envelope) {
            self.player.handle(&Event::Envelope(settings.envelope));
        }
        if is_news(|old, new| old.width != new.width) {
            self.player.handle(&Event::Width(settings.width));
        }
        if is_news(|old, new| old.output_gain_db != new.output_gain_db) {
            let gain_db = settings.output_gain_db;
            self.player.handle(&Event::OutputGain { gain_db });
        }
    }

    /// Renders frames `from..to` of the host's buffer; a host may ask for more than it announced.
    fn render(&mut self, buffer: &mut Buffer, from: usize, to: usize) {
        match buffer.as_slice() {
            [left, right, ..] => self
                .player
                .render_into(&mut left[from..to], &mut right[from..to]),
            [only] => {
                for piece in only[from..to].chunks_mut(self.unheard.len()) {
                    let unheard = &mut self.unheard[..piece.len()];
                    self.player.render_into(piece, unheard);
                }
            }
            [] => {}
        }
    }

    /// A sample that is no number would be heard as a bang, and stay in the host's filters for ever.
    fn guard(&mut self, buffer: &mut Buffer) {
        let channels = buffer.as_slice();
        if channels
            .iter()
            .all(|channel| channel.iter().all(|sample| sample.is_finite()))
        {
            return;
        }
        channels.iter_mut().for_each(|channel| channel.fill(0.0));
        self.player.handle(&Event::Reset);
        self.told = None;
        self.num_guarded_blocks.fetch_add(1, Ordering::Relaxed);
    }
}

/// Fills the host's buffer with silence.
pub(super) fn silence(buffer: &mut Buffer) -> ProcessStatus {
    for channel in buffer.as_slice() {
        channel.fill(0.0);
    }
    ProcessStatus::Normal
}
