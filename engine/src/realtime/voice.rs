//! One sounding key: a note, where its walk stands, its partials, its noise and its envelope. Audio thread.
//!
//! A voice makes its sound in ticks of 64 frames on its own clock, which starts with the note; blocks of any length are
//! cut out of them, so they never show. It does not choose notes and knows no other voice.

mod fade;
mod noise_part;
mod straight;
mod tick;

use std::sync::Arc;

use super::envelope::Envelope;
use super::noise::{self, NoiseShaper, NoiseStream};
use super::notes::ReadyNote;
use super::partials::{PartialBank, TickBuffer};
use super::shape::{Partials, Rows};
use super::sustain::SustainWalk;
use super::{EnvelopeSettings, TICK_FRAMES};
use crate::note::{MAX_PARTIALS, MAX_ROWS, Note};
use fade::Fade;
use noise_part::NoiseGains;
pub(crate) use straight::StraightVoice;

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
    /// Runs once the voice was stolen or reset.
    fade: Option<Fade>,
    /// What the voice follows instead of its channel, once the channel was reset under it.
    kept_controls: Option<TickControls>,
    walk: SustainWalk,
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
            fade: None,
            kept_controls: None,
            walk: SustainWalk::straight(0, sample_rate_hz),
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
        self.fade.is_some()
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
        self.fade = None;
        self.kept_controls = None;
        self.exchanged = 0.0;
        self.ticks = 0;
        self.noise_index = 0;
        self.used = TICK_FRAMES;
        self.mid.clear();
        self.side.clear();
        self.note = Some(start.held);
    }

    /// Lets the key go; a note sounds for its shortest time first.
    pub(super) fn release(&mut self) {
        self.envelope.release();
    }

    /// Makes way for the next strike of the same key.
    pub(super) fn release_at_once(&mut self) {
        self.envelope.release_at_once();
    }

    /// Starts the fade of a stolen voice.
    pub(super) fn fade_out(&mut self) {
        if self.fade.is_none() {
            self.fade = Some(Fade::new(self.sample_rate_hz));
            self.key_down = false;
        }
    }

    /// Starts the same fade with the controls as they are: a muted note must not be heard because its channel is reset.
    pub(super) fn fade_out_with(&mut self, controls: TickControls) {
        self.kept_controls = Some(controls);
        self.fade_out();
    }

    /// Changes over to another note; gives back the one whose fade-in it cuts short, if any.
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
        if let Some(fade) = &mut self.fade {
            fade.apply(mine_left, mine_right);
        }
        add(left, mine_left);
        add(right, mine_right);
        self.used += room;
        (room, alive < room || self.frames_left() == Some(0))
    }

    /// Frames until the voice ends; `None` while held.
    fn frames_left(&self) -> Option<u64> {
        let fade = self.fade.as_ref().map(Fade::frames_left);
        match (self.envelope.frames_left(), fade) {
            (Some(release), Some(fade)) => Some(release.min(fade)),
            (release, fade) => release.or(fade),
        }
    }
}

/// Partials of a note when played at some pitch: none above the model's highest frequency.
fn num_partials(note: &Note, f0_hz: f64) -> usize {
    note.num_partials()
        .min((note.layout().max_frequency_hz / f0_hz) as usize)
}

fn add(out: &mut [f32], samples: &[f32]) {
    for (out, sample) in out.iter_mut().zip(samples) {
        *out += sample;
    }
}
