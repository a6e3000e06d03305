//! One sounding key: a note, where its walk stands, its partials, its noise and its envelope. Audio thread.
//!
//! A voice makes its sound in ticks of 64 frames on its own clock, which starts with the note; blocks of any length are
//! cut out of them, so they never show. It does not choose notes and knows no other voice.

use std::sync::Arc;

use super::envelope::Envelope;
use super::noise::{self, NoiseShaper, NoiseStream};
use super::notes::ReadyNote;
use super::partials::{PartialBank, PartialTick, TickBuffer};
use super::shape::{self, Partials, Place, Rows};
use super::sustain::SustainWalk;
use super::{EnvelopeSettings, TICK_FRAMES};
use crate::note::{MAX_PARTIALS, MAX_ROWS, Note};

/// Fade of a stolen voice, ms.
const STEAL_FADE_MS: f64 = 5.0;
/// Crossfade between two notes under one voice, ms.
const EXCHANGE_MS: f64 = 20.0;

/// A note and where the table keeps it.
pub(super) struct HeldNote {
    pub(super) ready: Arc<ReadyNote>,
    pub(super) place: usize,
}

/// What a new voice plays.
pub(super) struct VoiceStart {
    pub(super) held: HeldNote,
    /// Place in the table that was asked for; the voice changes over when a note arrives there.
    pub(super) wanted_place: usize,
    pub(super) channel: usize,
    pub(super) key: u8,
    pub(super) seed: u32,
    /// Factor of the velocity.
    pub(super) velocity_gain: f32,
    /// Counts note-ons; the lower, the older.
    pub(super) order: u64,
}

/// What the channel and the player say at a tick.
#[derive(Clone, Copy)]
pub(super) struct TickControls {
    pub(super) bend_ratio: f64,
    pub(super) left_gain: f32,
    pub(super) right_gain: f32,
    pub(super) width: f32,
}

/// Scratch that all voices share.
pub(super) struct VoiceScratch {
    pub(super) shaper: NoiseShaper,
    rows: Rows,
    amplitudes: Partials,
    deviations_cents: Partials,
    /// The same of the note that fades in.
    incoming: Partials,
}

impl VoiceScratch {
    pub(super) fn new(shaper: NoiseShaper) -> Self {
        Self {
            shaper,
            rows: [0.0; MAX_ROWS],
            amplitudes: [0.0; MAX_PARTIALS],
            deviations_cents: [0.0; MAX_PARTIALS],
            incoming: [0.0; MAX_PARTIALS],
        }
    }
}

/// Factors of the noise's middle and side in one channel.
#[derive(Clone, Copy, Default)]
struct NoiseGains {
    mid: f32,
    side: f32,
}

/// A voice; silent until started.
pub(crate) struct Voice {
    note: Option<HeldNote>,
    incoming: Option<HeldNote>,
    /// How far the exchange has come, 0..1, at the end of the last tick.
    exchanged: f32,
    pub(super) wanted_place: usize,
    pub(super) channel: usize,
    pub(super) key: u8,
    pub(super) order: u64,
    /// Whether the key is down.
    pub(super) key_down: bool,
    sample_rate_hz: f64,
    seed: u32,
    f0_hz: f64,
    velocity_gain: f32,
    /// Straight decoding: no loudness gain, no trend taken off.
    straight: bool,
    pub(super) envelope: Envelope,
    /// Frames left of a steal's fade.
    fade_left: Option<u32>,
    walk: SustainWalk,
    /// Ticks since the key was released.
    released_ticks: Option<u32>,
    ticks: u32,
    bank: PartialBank,
    mid: NoiseStream,
    side: NoiseStream,
    noise_gains: [NoiseGains; 2],
    /// Block of noise to be made next.
    noise_index: u32,
    left: TickBuffer,
    right: TickBuffer,
    /// Frames of the tick that were already played.
    used: usize,
}

impl Voice {
    /// A silent voice with its memory.
    pub(crate) fn new(sample_rate_hz: f64) -> Self {
        Self {
            note: None,
            incoming: None,
            exchanged: 0.0,
            wanted_place: 0,
            channel: 0,
            key: 0,
            order: 0,
            key_down: false,
            sample_rate_hz,
            seed: 0,
            f0_hz: 0.0,
            velocity_gain: 0.0,
            straight: false,
            envelope: Envelope::new(&EnvelopeSettings::default(), sample_rate_hz),
            fade_left: None,
            walk: SustainWalk::straight(0, sample_rate_hz),
            released_ticks: None,
            ticks: 0,
            bank: PartialBank::new(),
            mid: NoiseStream::new(noise::MID, sample_rate_hz),
            side: NoiseStream::new(noise::SIDE, sample_rate_hz),
            noise_gains: [NoiseGains::default(); 2],
            noise_index: 0,
            left: [0.0; TICK_FRAMES],
            right: [0.0; TICK_FRAMES],
            used: TICK_FRAMES,
        }
    }

    /// Whether the voice holds a note.
    pub(super) fn is_busy(&self) -> bool {
        self.note.is_some()
    }

    /// Whether the voice is being faded out for another.
    pub(super) fn is_fading(&self) -> bool {
        self.fade_left.is_some()
    }

    /// Whether nothing of it has been heard yet.
    pub(super) fn is_unheard(&self) -> bool {
        self.ticks == 0
    }

    /// How loud it is at most, as far as envelope and velocity say.
    pub(super) fn loudness(&self) -> f32 {
        self.envelope.level() * self.velocity_gain
    }

    /// Begins a note on a voice that holds none.
    pub(super) fn start(&mut self, start: VoiceStart, envelope: &EnvelopeSettings) {
        let note = &start.held.ready.note;
        let layout = note.layout();
        self.f0_hz = layout.frequency_hz(start.key);
        self.walk = SustainWalk::held(layout, start.seed, self.sample_rate_hz);
        self.bank
            .start(start.seed, self.f0_hz, num_partials(note, self.f0_hz));
        self.envelope = Envelope::new(envelope, self.sample_rate_hz);
        self.wanted_place = start.wanted_place;
        self.channel = start.channel;
        self.key = start.key;
        self.order = start.order;
        self.key_down = true;
        self.seed = start.seed;
        self.velocity_gain = start.velocity_gain;
        self.straight = false;
        self.fade_left = None;
        self.released_ticks = None;
        self.exchanged = 0.0;
        self.ticks = 0;
        self.noise_index = 0;
        self.used = TICK_FRAMES;
        self.mid.clear();
        self.side.clear();
        self.note = Some(start.held);
    }

    /// Starts the release.
    pub(super) fn release(&mut self) {
        if !self.envelope.is_released() {
            self.envelope.release();
            self.released_ticks = Some(0);
        }
    }

    /// Starts the fade of a stolen voice.
    pub(super) fn fade_out(&mut self) {
        if self.fade_left.is_none() {
            self.fade_left = Some(self.fade_frames());
            self.key_down = false;
        }
    }

    /// Changes over to another note; gives back the one that it replaces before it came to sound, if any.
    pub(super) fn exchange(&mut self, arrived: HeldNote) -> Option<HeldNote> {
        let replaced = self.incoming.take();
        if replaced.is_none() {
            self.exchanged = 0.0;
        }
        let longest = self
            .note
            .as_ref()
            .map_or(0, |held| num_partials(&held.ready.note, self.f0_hz));
        self.bank
            .set_num_partials(longest.max(num_partials(&arrived.ready.note, self.f0_hz)));
        self.walk.continue_in(arrived.ready.note.layout());
        self.incoming = Some(arrived);
        replaced
    }

    /// Takes the notes out of a voice that has ended or is to end at once.
    pub(super) fn stop(&mut self) -> [Option<HeldNote>; 2] {
        self.key_down = false;
        [self.note.take(), self.incoming.take()]
    }

    /// The note that an ended exchange left behind.
    pub(super) fn take_outgoing(&mut self) -> Option<HeldNote> {
        if self.exchanged < 1.0 || self.incoming.is_none() {
            return None;
        }
        self.exchanged = 0.0;
        std::mem::replace(&mut self.note, self.incoming.take())
    }

    /// Adds the voice to a stretch of the block, at most what is left of its tick; gives the frames done and whether the
    /// voice has ended.
    pub(super) fn add_to(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        controls: &TickControls,
        scratch: &mut VoiceScratch,
    ) -> (usize, bool) {
        if self.used == TICK_FRAMES {
            self.run_tick(controls, scratch);
            self.used = 0;
        }
        let room = left.len().min(right.len()).min(TICK_FRAMES - self.used);
        let alive = self
            .frames_left()
            .map_or(room, |frames| (frames as usize).min(room));
        let stretch = self.used..self.used + alive;
        let (mine_left, mine_right) = (&mut self.left[stretch.clone()], &mut self.right[stretch]);
        self.envelope.apply(mine_left, mine_right);
        if let Some(fade_left) = &mut self.fade_left {
            let fade_frames = fade_frames(self.sample_rate_hz);
            apply_fade(fade_left, fade_frames, mine_left, mine_right);
        }
        add(left, mine_left);
        add(right, mine_right);
        self.used += room;
        (room, alive < room || self.frames_left() == Some(0))
    }

    fn fade_frames(&self) -> u32 {
        fade_frames(self.sample_rate_hz)
    }

    /// Frames until the voice ends; `None` while held.
    fn frames_left(&self) -> Option<u64> {
        match (self.envelope.frames_left(), self.fade_left.map(u64::from)) {
            (Some(release), Some(fade)) => Some(release.min(fade)),
            (release, fade) => release.or(fade),
        }
    }

    /// Makes the next 64 frames.
    fn run_tick(&mut self, controls: &TickControls, scratch: &mut VoiceScratch) {
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
        self.released_ticks = self.released_ticks.map(|ticks| ticks.saturating_add(1));
    }

    /// Where the voice will stand some ticks after the start of this one.
    fn place(&self, ticks: usize) -> Place {
        let mut walk = self.walk;
        for _ in 0..ticks {
            walk.advance(TICK_FRAMES);
        }
        let tick_s = TICK_FRAMES as f64 / self.sample_rate_hz;
        let released_s = self
            .released_ticks
            .map(|since| (f64::from(since) + ticks as f64) * tick_s);
        Place {
            position_s: walk.position_s(),
            released_s,
            held: !self.straight,
        }
    }

    fn note_gain(&self, note: &Note) -> f32 {
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

    /// Block 0 is centred on the first frame: only its second half sounds.
    fn make_first_noise(&mut self, scratch: &mut VoiceScratch, width: f32) {
        self.make_block(scratch, width, 0);
        self.next_hop();
        let hop_ticks = scratch.shaper.hop_frames() / TICK_FRAMES;
        self.make_block(scratch, width, hop_ticks);
    }

    /// Voices that start together make their blocks in different ticks: a chord's transforms would all fall into one
    /// block of the host otherwise.
    fn make_noise_ahead(&mut self, scratch: &mut VoiceScratch, width: f32) {
        let hop_ticks = scratch.shaper.hop_frames() / TICK_FRAMES;
        let lead = usize::from(self.key) % hop_ticks;
        if self.ticks as usize % hop_ticks == 0 && lead > 0 || self.ticks == 0 {
            self.next_hop();
        }
        if self.ticks > 0 && (self.ticks as usize + lead) % hop_ticks == 0 {
            self.make_block(scratch, width, lead + hop_ticks);
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
    fn make_block(&mut self, scratch: &mut VoiceScratch, width: f32, ticks_ahead: usize) {
        let place = self.place(ticks_ahead);
        let VoiceScratch { shaper, rows, .. } = scratch;
        shaper.bin_powers.fill(0.0);
        let old_share = if self.incoming.is_some() {
            1.0 - self.exchanged
        } else {
            1.0
        };
        for (held, share) in [(&self.note, old_share), (&self.incoming, self.exchanged)] {
            if let Some(held) = held {
                let gain = self.note_gain(&held.ready.note);
                shape::noise_powers_into(&held.ready.note, place, rows);
                held.ready
                    .bins
                    .add_bin_powers(rows, share * gain * gain, &mut shaper.bin_powers);
            }
        }
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
    fn add_noise(&mut self, controls: &TickControls, scratch: &VoiceScratch) {
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

/// Partials of a note when played at some pitch: none above the model's highest frequency.
fn num_partials(note: &Note, f0_hz: f64) -> usize {
    note.num_partials()
        .min((note.layout().max_frequency_hz / f0_hz) as usize)
}

fn fade_frames(sample_rate_hz: f64) -> u32 {
    (STEAL_FADE_MS * 0.001 * sample_rate_hz) as u32
}

fn apply_fade(fade_left: &mut u32, fade_frames: u32, left: &mut [f32], right: &mut [f32]) {
    for (left, right) in left.iter_mut().zip(right) {
        let level = *fade_left as f32 / fade_frames as f32;
        *left *= level;
        *right *= level;
        *fade_left = fade_left.saturating_sub(1);
    }
}

fn add(out: &mut [f32], samples: &[f32]) {
    for (out, sample) in out.iter_mut().zip(samples) {
        *out += sample;
    }
}

fn add_ramped(out: &mut TickBuffer, samples: &[f32], from: f32, to: f32) {
    const STEP: f32 = 1.0 / TICK_FRAMES as f32;
    for (frame, (out, sample)) in out.iter_mut().zip(samples).enumerate() {
        *out += sample * (from + (to - from) * (frame as f32 * STEP));
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
        let start = VoiceStart {
            held,
            wanted_place: 0,
            channel: 0,
            key,
            seed,
            velocity_gain: 1.0,
            order: 0,
        };
        voice.start(start, &EnvelopeSettings::default());
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
            bend_ratio: 1.0,
            left_gain: 1.0,
            right_gain: 1.0,
            width: 0.0,
        };
        self.voice.run_tick(&controls, &mut self.scratch);
        &self.voice.left
    }
}
