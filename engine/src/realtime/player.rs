//! The player: takes events and notes, gives samples. Audio thread.
//!
//! The same player makes what is heard live and what is rendered to a file. It never waits for a note: what is not
//! baked is played by the nearest note that is. Made by [`crate::new`]; the other half is [`crate::Controller`].

mod keys;

use std::sync::Arc;

use super::channel::{Channel, NUM_CHANNELS, factor_of};
use super::counters::{Counters, count};
use super::notes::{NUM_KEYS, NoteTable, PlayerRings, Taken, wish_at};
use super::voice::{HeldNote, TickControls, Voice, VoiceScratch};
use super::{EnvelopeSettings, Event, NoiseShaper};

/// Voices beside those that may sound: stolen ones fade out in them. When all are in use a note-on is skipped and counted.
pub(crate) const SPARE_VOICES: usize = 16;
/// Notes that one voice can hold: during an exchange, two.
const NOTES_PER_VOICE: usize = 2;
/// Notes taken from the note ring per block; the rest wait there. A whole keyboard at once would cost more than a block.
const ARRIVALS_PER_BLOCK: usize = 32;
/// Farthest bend, semitones.
const MAX_BEND_SEMITONES: f32 = 60.0;
/// Stereo width when nothing is said.
const DEFAULT_WIDTH: f32 = 0.6;

/// What the constructor hands over.
pub(crate) struct PlayerParts {
    pub(crate) voices: Box<[Voice]>,
    pub(crate) max_voices: usize,
    pub(crate) num_sounds: usize,
    pub(crate) rings: PlayerRings,
    pub(crate) counters: Arc<Counters>,
    pub(crate) shaper: NoiseShaper,
    pub(crate) sample_rate_hz: f64,
    pub(crate) seed: u32,
}

/// Settings for all voices.
#[derive(Clone, Copy)]
struct Settings {
    envelope: EnvelopeSettings,
    width: f32,
    output_gain: f32,
}

/// Plays notes. Output is the same to the bit however blocks are cut, as long as events fall on the same frames.
pub struct Player {
    voices: Box<[Voice]>,
    max_voices: usize,
    table: NoteTable,
    channels: [Channel; NUM_CHANNELS],
    settings: Settings,
    counters: Arc<Counters>,
    scratch: VoiceScratch,
    seed: u32,
    /// How often each key was struck, `[channels][keys]`.
    strikes: [[u32; NUM_KEYS]; NUM_CHANNELS],
    /// Note-ons so far: the age of voices.
    order: u64,
    sample_rate_hz: f64,
}

impl Settings {
    fn new() -> Self {
        Self {
            envelope: EnvelopeSettings::default(),
            width: DEFAULT_WIDTH,
            output_gain: 1.0,
        }
    }
}

impl Player {
    pub(crate) fn new(parts: PlayerParts) -> Self {
        let reserve = NOTES_PER_VOICE * parts.voices.len();
        Self {
            voices: parts.voices,
            max_voices: parts.max_voices,
            table: NoteTable::new(parts.num_sounds, parts.rings, reserve),
            channels: [Channel::new(); NUM_CHANNELS],
            settings: Settings::new(),
            counters: parts.counters,
            scratch: VoiceScratch::new(parts.shaper),
            seed: parts.seed,
            strikes: [[0; NUM_KEYS]; NUM_CHANNELS],
            order: 0,
            sample_rate_hz: parts.sample_rate_hz,
        }
    }

    /// Sample rate, Hz.
    ///
    /// # Real-time
    /// Safe.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// Voices that sound now, fading ones included.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_sounding(&self) -> usize {
        self.voices.iter().filter(|voice| voice.is_busy()).count()
    }

    /// Applies an event at the current frame: everything rendered from here on obeys it. Events out of range, or with
    /// a number that is not finite, change nothing and are counted.
    ///
    /// # Real-time
    /// Safe.
    pub fn handle(&mut self, event: &Event) {
        let obeyed = match *event {
            Event::NoteOn {
                channel,
                key,
                velocity,
                seed,
                ..
            } => self.note_on(channel, key, velocity, seed),
            Event::NoteOff { channel, key, .. } => self.note_off(channel, key),
            Event::SustainPedal { channel, down } => self.set_pedal(channel, down),
            Event::Sound { channel, slot } => self.set_sound(channel, slot),
            Event::Bend { channel, semitones } => semitones
                .is_finite()
                .then_some(semitones)
                .and_then(|semitones| {
                    let semitones = semitones.clamp(-MAX_BEND_SEMITONES, MAX_BEND_SEMITONES);
                    self.channel(channel)
                        .map(|channel| channel.bend_ratio = f64::from(semitones / 12.0).exp2())
                }),
            Event::Volume { channel, gain_db } => factor_of(gain_db)
                .and_then(|factor| self.channel(channel).map(|channel| channel.volume = factor)),
            Event::Expression { channel, gain_db } => factor_of(gain_db).and_then(|factor| {
                self.channel(channel)
                    .map(|channel| channel.expression = factor)
            }),
            Event::Pan { channel, position } => {
                position
                    .is_finite()
                    .then_some(position)
                    .and_then(|position| {
                        self.channel(channel)
                            .map(|channel| channel.set_pan(position))
                    })
            }
            Event::Envelope(envelope) => envelope
                .is_finite()
                .then(|| self.settings.envelope = envelope),
            Event::Width(width) => width
                .is_finite()
                .then(|| self.settings.width = width.clamp(0.0, 1.0)),
            Event::OutputGain { gain_db } => {
                factor_of(gain_db).map(|factor| self.settings.output_gain = factor)
            }
            Event::AllNotesOff => self.release_all(),
            Event::Reset => self.reset(),
        };
        if obeyed.is_none() {
            count(&self.counters.refused_events);
        }
    }

    /// Overwrites both slices with the next frames; what one has more than the other is filled with silence. Takes up
    /// to 32 arrived notes first.
    ///
    /// # Real-time
    /// Safe.
    pub fn render_into(&mut self, left: &mut [f32], right: &mut [f32]) {
        left.fill(0.0);
        right.fill(0.0);
        self.take_arrivals_up_to(ARRIVALS_PER_BLOCK);
        let frames = left.len().min(right.len());
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            let (left, right) = (&mut left[..frames], &mut right[..frames]);
            let controls = controls_of(&self.channels[voice.channel], &self.settings);
            let shared = Shared {
                table: &mut self.table,
                scratch: &mut self.scratch,
            };
            play_voice(voice, &controls, shared, left, right);
        }
    }

    /// Takes every note that waits in the note ring and hands it to the voices that wanted it.
    ///
    /// # Real-time
    /// Safe, but as long as the ring is full: for offline use and before the first block. `render_into` takes its share.
    pub fn take_arrivals(&mut self) {
        self.take_arrivals_up_to(usize::MAX);
    }

    fn take_arrivals_up_to(&mut self, most: usize) {
        for _ in 0..most {
            match self.table.take_delivery() {
                Some(Taken::Note(place)) => self.hand_out(place),
                Some(Taken::Renewal(slot)) => self.wish_for_held_keys(slot),
                None => return,
            }
        }
    }

    /// Gives a note that has arrived to the voices that play another for want of it.
    fn hand_out(&mut self, place: usize) {
        let Some(ready) = self.table.at(place).map(Arc::clone) else {
            return;
        };
        let waiting = |voice: &&mut Voice| voice.is_busy() && voice.wanted_place == place;
        for voice in self.voices.iter_mut().filter(waiting) {
            let held = HeldNote {
                ready: Arc::clone(&ready),
                place,
            };
            if let Some(replaced) = voice.exchange(held) {
                self.table.let_go(replaced.ready, replaced.place);
            }
        }
    }

    /// A changed sound is heard first on the keys that are held.
    fn wish_for_held_keys(&mut self, slot: usize) {
        let held = |voice: &&Voice| voice.is_busy() && !voice.envelope.is_released();
        for voice in self.voices.iter().filter(held) {
            let wish = wish_at(voice.wanted_place);
            if usize::from(wish.slot) == slot {
                self.table.wish_for(wish);
            }
        }
    }

    fn channel(&mut self, channel: u8) -> Option<&mut Channel> {
        self.channels.get_mut(usize::from(channel))
    }
}

/// What a voice of this channel is to follow.
fn controls_of(channel: &Channel, settings: &Settings) -> TickControls {
    let (left, right) = channel.gains();
    TickControls {
        bend_ratio: channel.bend_ratio,
        left_gain: left * settings.output_gain,
        right_gain: right * settings.output_gain,
        width: settings.width,
    }
}

/// Adds one voice to a block, tick by tick, and puts away what it no longer needs.
fn play_voice(
    voice: &mut Voice,
    controls: &TickControls,
    shared: Shared,
    left: &mut [f32],
    right: &mut [f32],
) {
    let mut done = 0;
    while done < left.len() {
        let (frames, ended) = voice.add_to(
            &mut left[done..],
            &mut right[done..],
            controls,
            shared.scratch,
        );
        if let Some(outgoing) = voice.take_outgoing() {
            shared.table.let_go(outgoing.ready, outgoing.place);
        }
        if ended {
            put_away(voice, shared.table);
            return;
        }
        done += frames;
    }
}

/// Ends a voice at once.
fn put_away(voice: &mut Voice, table: &mut NoteTable) {
    for held in voice.stop().into_iter().flatten() {
        table.let_go(held.ready, held.place);
    }
}

/// What voices borrow from the player while they play.
struct Shared<'a> {
    table: &'a mut NoteTable,
    scratch: &'a mut VoiceScratch,
}
