//! The audio callback: cuts the block at its events, tells the player what changed, gives its samples to the host.
//!
//! Audio thread. Nothing here allocates, frees, locks or waits; the one wait there is, for hosts that render faster than
//! time, stands in `waiting`. What the callback works on is made in `playback`.

use std::time::{Duration, Instant};

use engine::{EnvelopeSettings, Event, PlayerParameters};
use nice_plug::prelude::*;

use super::corners::Corners;
use super::live::MOST_PLAYHEADS;
use super::midi;
use super::params::{InstrumentParams, KeyMode, output_gain_db};
use super::playback::{Playback, Shown};
use super::waiting::bake_waiting;

/// What the host's parameters mean to the player.
fn player_parameters(params: &InstrumentParams, corners: &Corners) -> PlayerParameters {
    let path = corners.on_path(params.morph.path.value());
    let [morph_x, morph_y] = path.unwrap_or([params.morph.x.value(), params.morph.y.value()]);
    PlayerParameters {
        corners: corners.slots(),
        morph_x,
        morph_y,
        envelope: EnvelopeSettings {
            attack_ms: params.envelope.attack_ms.value(),
            decay_ms: params.envelope.decay_ms.value(),
            sustain_level: params.envelope.sustain_level.value(),
            release_ms: params.envelope.release_ms.value(),
        },
        key_mode: match params.playing.mode.value() {
            KeyMode::Poly => engine::KeyMode::Poly,
            KeyMode::Mono => engine::KeyMode::Mono,
            KeyMode::Legato => engine::KeyMode::Legato,
        },
        max_voices: usize::try_from(params.playing.voices.value()).unwrap_or(1),
        glide_ms: params.playing.glide_ms.value(),
        bend_range_semitones: params.playing.bend_range_semitones.value() as f32,
        mpe: params.playing.mpe.value(),
        velocity_share: params.playing.velocity_share.value(),
        touch_tilt_db: params.playing.touch_tilt_db.value(),
        touch_morph: params.playing.touch_morph.value(),
        transpose_semitones: params.tuning.transpose_semitones.value(),
        a4_hz: params.tuning.a4_hz.value(),
        fine_cents: params.tuning.fine_cents.value(),
        tilt_db: params.space.tilt_db.value(),
        width: params.space.width.value(),
        detune_cents: params.space.detune_cents.value(),
        reverb_size: params.space.reverb_size.value(),
        reverb_mix: params.space.reverb_mix.value(),
        output_gain_db: output_gain_db(params.space.output_db.value()),
        limiter: true,
        ..PlayerParameters::default()
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
        let started = Instant::now();
        let num_frames = buffer.samples();
        let longest_wait = self.pace.longest_wait(num_frames);
        let parameters = player_parameters(params, &self.hub.corners);
        self.player.set_parameters(&parameters);
        self.follow_timbre(params);
        self.show_changes(parameters);
        self.take_hands();
        let mut done = 0;
        while let Some(event) = next_event() {
            // Events out of order are late, not lost.
            let frame = (event.timing() as usize).clamp(done, num_frames);
            self.render(buffer, done, frame);
            done = frame;
            if let NoteEvent::NoteOn { key, velocity, .. } = event
                && let Some(longest) = longest_wait
            {
                let transposed =
                    i32::from(key.number_or_middle_c()) + params.tuning.transpose_semitones.value();
                self.bake_waiting(transposed, velocity, longest);
            }
            self.note_keys(&event);
            if let Some(event) = midi::player_event(&event) {
                self.player.handle(&event);
            }
        }
        self.render(buffer, done, num_frames);
        self.guard(buffer);
        self.note_block(buffer, started, longest_wait.is_none());
        ProcessStatus::KeepAlive
    }

    /// Waits for the notes that a key needs, one for each corner of the pad.
    fn bake_waiting(&mut self, key: i32, velocity: f32, longest: Duration) {
        let started = Instant::now();
        for slot in self.hub.corners.slots().unwrap_or_default() {
            bake_waiting(self.hub.try_sounding(), slot, key, velocity, longest);
        }
        self.player.take_arrivals();
        self.pace.leave_out(started.elapsed());
    }

    /// Timbre slots go to the workers, which bake what they change.
    fn follow_timbre(&self, params: &InstrumentParams) {
        if let Some(sounding) = self.hub.try_sounding() {
            for (index, slot) in params.timbre.slots().into_iter().enumerate() {
                sounding.baking.timbre().set(index, slot.value());
            }
        }
    }

    /// Asks the window to draw what host or project moved.
    fn show_changes(&mut self, parameters: PlayerParameters) {
        let timbre = self
            .hub
            .try_sounding()
            .map_or(0, |sounding| sounding.baking.timbre().revision());
        let shown = Shown {
            parameters,
            timbre,
            generation: self.hub.persisted.generation(),
        };
        self.hub.repaint.request_repaint_with(self.shown != shown);
        self.shown = shown;
    }

    /// Keys played in the editor.
    fn take_hands(&mut self) {
        while let Ok(event) = self.hands.pop() {
            match event {
                Event::NoteOn { key, .. } => self.hub.live.note_key(key, true),
                Event::NoteOff { key, .. } => self.hub.live.note_key(key, false),
                _ => {}
            }
            self.player.handle(&event);
        }
    }

    fn note_keys(&self, event: &NoteEvent<()>) {
        let (key, is_down) = match *event {
            NoteEvent::NoteOn { key, velocity, .. } => (key, velocity > 0.0),
            NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. } => (key, false),
            _ => return,
        };
        if let Some(key) = key.number() {
            self.hub.live.note_key(key, is_down);
        }
    }

    fn note_block(&self, buffer: &mut Buffer, started: Instant, is_heard: bool) {
        let mut peaks = [0.0; 2];
        for (peak, channel) in peaks.iter_mut().zip(buffer.as_slice()) {
            *peak = channel
                .iter()
                .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        }
        let block_s = buffer.samples() as f64 / self.player.sample_rate_hz();
        if block_s > 0.0 {
            let load = started.elapsed().as_secs_f64() / block_s;
            let num_voices = self.player.num_sounding();
            let live = &self.hub.live;
            live.note_block(peaks, num_voices, load as f32, is_heard);
            let key = self.hub.live.last_key().unwrap_or_default();
            let mut positions_s = [0.0; MOST_PLAYHEADS];
            let num_found = self.player.playheads_into(key, &mut positions_s);
            self.hub.live.note_playheads(&positions_s[..num_found]);
            self.hub.repaint.request_repaint_with(num_voices > 0);
        }
    }

    /// Renders frames `from..to` of the host's buffer; a host may ask for more than it announced.
    fn render(&mut self, buffer: &mut Buffer, from: usize, to: usize) {
        match buffer.as_slice() {
            [left, right, ..] => self
                .player
                .render_into(&mut left[from..to], &mut right[from..to]),
            [only] => {
                self.player
                    .render_mono_into(&mut only[from..to], &mut self.unheard);
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
        self.hub.live.count_guarded();
    }
}

/// Fills the host's buffer with silence.
pub(super) fn silence(buffer: &mut Buffer) -> ProcessStatus {
    for channel in buffer.as_slice() {
        channel.fill(0.0);
    }
    ProcessStatus::Normal
}
