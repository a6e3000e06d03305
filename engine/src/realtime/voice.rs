//! One sounding key: its notes, where its walk stands, its partials, its noise and its envelope. Audio thread.
//!
//! A voice makes its sound in ticks of 64 frames on its own clock, which starts with the note; blocks of any length are
//! cut out of them, so they never show. It does not choose notes and knows no other voice.

mod fade;
mod mixture;
mod noise_part;
mod pitch;
mod scratch;
mod sources;
mod straight;
mod tick;

use super::envelope::{Envelope, EnvelopeCurves};
use super::noise::{self, NoiseStream};
use super::parameters::NUM_CORNERS;
use super::partials::{PartialBank, TickBuffer};
use super::sustain::SustainWalk;
use super::{EnvelopeSettings, TICK_FRAMES};
use fade::Fade;
use noise_part::NoiseGains;
use pitch::Glide;
pub(super) use scratch::VoiceScratch;
use sources::Sources;
pub(super) use sources::{HeldNote, NOTES_PER_VOICE, SourceStart, Starts};
pub(crate) use straight::StraightVoice;

/// What a new voice plays.
pub(super) struct VoiceStart {
    pub(super) notes: Starts,
    pub(super) channel: usize,
    /// The key that was struck.
    pub(super) key: u8,
    pub(super) note_id: Option<i32>,
    /// Pitch of the key, semitones; 69 is A4.
    pub(super) pitch: f64,
    /// Pitch that it glides from, and how long, ms.
    pub(super) glide: Option<(f64, f32)>,
    pub(super) seed: u32,
    /// Factor of the velocity.
    pub(super) velocity_gain: f32,
    /// Tilt of the soft pedal, dB per octave.
    pub(super) soft_tilt_db: f32,
    /// Counts note-ons; the lower, the older.
    pub(super) order: u64,
}

/// What the channel and the player say at a tick.
#[derive(Clone, Copy)]
pub(super) struct TickControls {
    /// Semitones beside the key and what the voice itself knows.
    pub(super) bend_semitones: f64,
    /// Depth, 0..=1.
    pub(super) vibrato: f32,
    pub(super) left_gain: f32,
    pub(super) right_gain: f32,
    pub(super) width: f32,
    pub(super) tilt_db: f32,
    pub(super) detune_cents: f32,
    /// How loud the second copy of every partial is at the end of the tick, 0..=1.
    pub(super) twin: f32,
    /// Share of each corner at the end of the tick; their sum is 1.
    pub(super) weights: [f32; NUM_CORNERS],
}

/// What a host said about this note alone.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    pub(super) tuning_semitones: f32,
    /// 0..=1.
    pub(super) pressure: f32,
    /// -1..=1.
    pub(super) timbre: f32,
    /// 0..=1.
    pub(super) vibrato: f32,
    /// Factors of both speakers.
    pub(super) pan: (f32, f32),
    /// Factor.
    pub(super) volume: f32,
}

impl Touch {
    /// Nothing was said.
    pub(super) const NONE: Self = Self {
        tuning_semitones: 0.0,
        pressure: 0.0,
        timbre: 0.0,
        vibrato: 0.0,
        pan: (1.0, 1.0),
        volume: 1.0,
    };
}

/// A voice; silent until started.
pub(crate) struct Voice {
    pub(super) sources: Sources,
    pub(super) channel: usize,
    pub(super) key: u8,
    pub(super) note_id: Option<i32>,
    pub(super) order: u64,
    /// Whether the key is down.
    pub(super) key_down: bool,
    /// Whether the sostenuto pedal caught the key.
    pub(super) sostenuto: bool,
    pub(super) touch: Touch,
    sample_rate_hz: f64,
    seed: u32,
    /// Semitones; 69 is A4.
    pitch: f64,
    glide: Glide,
    f0_hz: f64,
    velocity_gain: f32,
    soft_tilt_db: f32,
    /// Straight decoding: no loudness gain, no trend taken off.
    straight: bool,
    pub(super) envelope: Envelope,
    /// Runs once the voice was stolen or reset.
    fade: Option<Fade>,
    /// What the voice follows instead of its channel, once the channel was reset under it.
    kept_controls: Option<TickControls>,
    /// Shares of the corners at the end of the last tick.
    weights: [f32; NUM_CORNERS],
    walk: SustainWalk,
    ticks: u32,
    bank: PartialBank,
    /// The second copy of every partial, while detuned.
    twin: PartialBank,
    /// Share of the twin at the end of the last tick.
    twin_share: f32,
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
            sources: Sources::default(),
            channel: 0,
            key: 0,
            note_id: None,
            order: 0,
            key_down: false,
            sostenuto: false,
            touch: Touch::NONE,
            sample_rate_hz,
            seed: 0,
            pitch: 0.0,
            glide: Glide::default(),
            f0_hz: 0.0,
            velocity_gain: 0.0,
            soft_tilt_db: 0.0,
            straight: false,
            envelope: Envelope::new(
                &EnvelopeSettings::default(),
                &EnvelopeCurves::default(),
                sample_rate_hz,
            ),
            fade: None,
            kept_controls: None,
            weights: [0.0; NUM_CORNERS],
            walk: SustainWalk::straight(0, sample_rate_hz),
            ticks: 0,
            bank: PartialBank::new(),
            twin: PartialBank::new(),
            twin_share: 0.0,
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
        !self.sources.is_empty()
    }

    /// Whether the voice is being faded out for another.
    pub(super) fn is_fading(&self) -> bool {
        self.fade.is_some()
    }

    /// Whether nothing of it has been heard yet.
    pub(super) fn is_unheard(&self) -> bool {
        self.ticks == 0
    }

    /// Whether the next frame starts a tick.
    pub(super) fn is_between_ticks(&self) -> bool {
        self.used == TICK_FRAMES
    }

    /// How loud it is at most, as far as envelope and velocity say.
    pub(super) fn loudness(&self) -> f32 {
        self.envelope.level() * self.velocity_gain
    }

    /// Where it sounds now between the key before and its own, semitones.
    pub(super) fn gliding_pitch(&self) -> f64 {
        self.pitch + self.glide.semitones(self.ticks)
    }

    /// Begins a note on a voice that holds none; gives back the notes it has no use for. At least one note must be there.
    pub(super) fn start(
        &mut self,
        start: VoiceStart,
        envelope: &EnvelopeSettings,
        curves: &EnvelopeCurves,
    ) -> Starts {
        let spare = self.sources.start(start.notes);
        self.set_pitch(start.pitch);
        if let Some(first) = self.sources.first() {
            let layout = first.ready.note.layout();
            self.walk = SustainWalk::held(layout, start.seed, self.sample_rate_hz);
        }
        self.bank
            .start(start.seed, self.f0_hz, self.most_partials());
        self.envelope = Envelope::new(envelope, curves, self.sample_rate_hz);
        self.glide = start.glide.map_or(Glide::default(), |(from, time_ms)| {
            Glide::new(from - start.pitch, 0, time_ms, self.sample_rate_hz)
        });
        self.channel = start.channel;
        self.key = start.key;
        self.note_id = start.note_id;
        self.order = start.order;
        self.key_down = true;
        self.sostenuto = false;
        self.touch = Touch::NONE;
        self.seed = start.seed;
        self.velocity_gain = start.velocity_gain;
        self.soft_tilt_db = start.soft_tilt_db;
        self.straight = false;
        self.fade = None;
        self.kept_controls = None;
        self.weights = [0.0; NUM_CORNERS];
        self.twin_share = 0.0;
        self.ticks = 0;
        self.noise_index = 0;
        self.used = TICK_FRAMES;
        self.mid.clear();
        self.side.clear();
        spare
    }

    /// Goes on as another key without a new attack; gives back the notes it has no use for.
    pub(super) fn change_key(
        &mut self,
        key: u8,
        note_id: Option<i32>,
        pitch: f64,
        glide_ms: f32,
        notes: Starts,
    ) -> [Option<HeldNote>; NUM_CORNERS] {
        let from = self.gliding_pitch() - pitch;
        self.glide = Glide::new(from, self.ticks, glide_ms, self.sample_rate_hz);
        self.set_pitch(pitch);
        (self.key, self.note_id) = (key, note_id);
        let spare = self.sources.change_key(notes);
        self.bank.set_num_partials(self.most_partials());
        self.twin.set_num_partials(self.most_partials());
        spare
    }

    fn set_pitch(&mut self, pitch: f64) {
        self.pitch = pitch;
        let tuning_hz = self
            .sources
            .first()
            .map_or(440.0, |held| held.ready.note.layout().tuning_hz);
        self.f0_hz = tuning_hz * ((pitch - 69.0) / 12.0).exp2();
    }

    fn most_partials(&self) -> usize {
        self.sources
            .held()
            .map(|held| mixture::num_partials(held, self.f0_hz))
            .max()
            .unwrap_or(0)
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

    /// Changes over to another note; gives back the one whose turn it takes, if any.
    pub(super) fn exchange(&mut self, arrived: HeldNote) -> Option<HeldNote> {
        self.walk.continue_in(arrived.ready.note.layout());
        let replaced = self.sources.exchange(arrived);
        self.bank.set_num_partials(self.most_partials());
        self.twin.set_num_partials(self.most_partials());
        replaced
    }

    /// Takes the notes out of a voice that has ended or is to end at once.
    pub(super) fn stop(&mut self) -> [Option<HeldNote>; NOTES_PER_VOICE] {
        self.key_down = false;
        self.sources.take_all()
    }

    /// The notes that ended exchanges left behind.
    pub(super) fn take_outgoing(&mut self) -> [Option<HeldNote>; NUM_CORNERS] {
        self.sources.take_outgoing()
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

fn add(out: &mut [f32], samples: &[f32]) {
    for (out, sample) in out.iter_mut().zip(samples) {
        *out += sample;
    }
}
