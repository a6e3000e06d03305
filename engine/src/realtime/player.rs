//! The player: takes events and notes, gives samples. Audio thread.
//!
//! The same player makes what is heard live and what is rendered to a file. It never waits for a note: what is not
//! baked is played by the nearest note that is. Made by [`crate::new`]; the other half is [`crate::Controller`].

mod controllers;
mod controls;
mod expressions;
mod keys;
mod mono;
mod pedals;
mod state;
mod waiting;

use std::sync::Arc;

use rtrb::Consumer;

use super::bus::Bus;
use super::channel::{Channel, NUM_CHANNELS, factor_of};
use super::counters::{Counters, count};
use super::notes::{NUM_KEYS, NoteTable, PlayerRings, Taken, wish_at};
use super::parameters::PlayerParameters;
use super::settings::Settings;
use super::tuning_table::TuningTable;
use super::voice::{HeldNote, NOTES_PER_VOICE, Voice, VoiceScratch};
use super::zones::Zones;
use super::{Event, NoiseShaper};
use controls::Controls;
use mono::MonoKeys;
use waiting::WaitingKeys;

/// Voices beside those that may sound: stolen ones fade out in them. When all are in use a note-on is skipped and counted.
pub(crate) const SPARE_VOICES: usize = 16;
/// Notes taken from the note ring per block; the rest wait there. A whole keyboard at once would cost more than a block.
const ARRIVALS_PER_BLOCK: usize = 32;

/// What the constructor hands over.
pub(crate) struct PlayerParts {
    pub(crate) voices: Box<[Voice]>,
    pub(crate) max_voices: usize,
    pub(crate) num_sounds: usize,
    pub(crate) rings: PlayerRings,
    pub(crate) tunings: Consumer<TuningTable>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) shaper: NoiseShaper,
    pub(crate) bus: Bus,
    pub(crate) sample_rate_hz: f64,
    pub(crate) seed: u32,
}

/// Notes that all voices can hold beside the table.
pub(crate) const fn notes_held_by(num_voices: usize) -> usize {
    NOTES_PER_VOICE * num_voices
}

/// Plays notes. Output is the same to the bit however blocks are cut, as long as events fall on the same frames.
pub struct Player {
    voices: Box<[Voice]>,
    max_voices: usize,
    table: NoteTable,
    tunings: Consumer<TuningTable>,
    tuning: TuningTable,
    channels: [Channel; NUM_CHANNELS],
    zones: Zones,
    settings: Settings,
    mono: MonoKeys,
    waiting: WaitingKeys,
    counters: Arc<Counters>,
    scratch: VoiceScratch,
    bus: Bus,
    seed: u32,
    /// How often each key was struck, `[channels][keys]`.
    strikes: [[u32; NUM_KEYS]; NUM_CHANNELS],
    /// Note-ons so far: the age of voices.
    order: u64,
    /// Pitch of the last note-on, semitones, for glides.
    last_pitch: Option<f64>,
    /// Frames rendered so far.
    frame: u64,
    sample_rate_hz: f64,
}

impl Player {
    pub(crate) fn new(parts: PlayerParts) -> Self {
        let reserve = notes_held_by(parts.voices.len());
        Self {
            voices: parts.voices,
            max_voices: parts.max_voices,
            table: NoteTable::new(parts.num_sounds, parts.rings, reserve),
            tunings: parts.tunings,
            tuning: TuningTable::default(),
            channels: [Channel::new(); NUM_CHANNELS],
            zones: Zones::default(),
            settings: Settings::new(parts.sample_rate_hz),
            mono: MonoKeys::default(),
            waiting: WaitingKeys::default(),
            counters: parts.counters,
            scratch: VoiceScratch::new(parts.shaper),
            bus: parts.bus,
            seed: parts.seed,
            strikes: [[0; NUM_KEYS]; NUM_CHANNELS],
            order: 0,
            last_pitch: None,
            frame: 0,
            sample_rate_hz: parts.sample_rate_hz,
        }
    }

    /// Sets everything at the current frame. What is heard while it moves gets there within 20 ms, or at once when nothing
    /// sounds. Call it as often as a parameter changes; the same values again cost next to nothing. Values out of range
    /// are brought into it; those that are not numbers, or name a slot that does not exist, are counted and left as they
    /// were.
    ///
    /// # Real-time
    /// Safe.
    pub fn set_parameters(&mut self, parameters: &PlayerParameters) {
        let before = &self.settings.parameters;
        if parameters == before {
            return;
        }
        let (sane, well) = parameters.sane(before, self.table.num_sounds());
        if !well {
            count(&self.counters.refused_events);
        }
        let was_poly = before.key_mode;
        let is_silent = self.is_silent();
        self.settings.set(sane, self.frame, is_silent);
        self.zones.set_default(sane.mpe);
        if was_poly != sane.key_mode {
            self.mono = MonoKeys::default();
            self.waiting = WaitingKeys::default();
        }
    }

    /// Applies an event at the current frame: everything rendered from here on obeys it. Events out of range, or with
    /// a number that is not finite, change nothing and are counted.
    ///
    /// # Real-time
    /// Safe.
    pub fn handle(&mut self, event: &Event) {
        if self.obey(event).is_none() {
            count(&self.counters.refused_events);
        }
    }

    /// `None` when the event is out of range, as for everything that it calls.
    fn obey(&mut self, event: &Event) -> Option<()> {
        match *event {
            Event::NoteOn {
                channel,
                key,
                velocity,
                note_id,
                seed,
            } => self.note_on(channel, key, velocity, note_id, seed),
            Event::NoteOff { channel, key, .. } => self.note_off(channel, key),
            Event::Choke { channel, key } => self.choke(channel, key),
            Event::SustainPedal { channel, down } => self.set_pedal(channel, down),
            Event::Sound { channel, slot } => self.set_sound(channel, slot),
            Event::Bend { channel, semitones } => self.bend(channel, semitones),
            Event::PitchBend { channel, value } => self.pitch_bend(channel, value),
            Event::ChannelPressure { channel, pressure } => {
                let pressure = finite(pressure)?.clamp(0.0, 1.0);
                self.channel(channel)?.pressure = pressure;
                Some(())
            }
            Event::Controller {
                channel,
                number,
                value,
            } => self.controller(channel, number, value),
            Event::NoteExpression {
                address,
                expression,
            } => self.express(&address, expression),
            Event::Volume { channel, gain_db } => {
                self.channel(channel)?.volume = factor_of(gain_db)?;
                Some(())
            }
            Event::Expression { channel, gain_db } => {
                self.channel(channel)?.expression = factor_of(gain_db)?;
                Some(())
            }
            Event::Pan { channel, position } => {
                let position = finite(position)?;
                self.channel(channel)?.set_pan(position);
                Some(())
            }
            Event::Envelope(envelope) => envelope
                .is_finite()
                .then(|| self.change(|parameters| parameters.envelope = envelope)),
            Event::Width(width) => {
                finite(width).map(|width| self.change(|parameters| parameters.width = width))
            }
            Event::OutputGain { gain_db } => factor_of(gain_db)
                .map(|_| self.change(|parameters| parameters.output_gain_db = gain_db)),
            Event::AllNotesOff => self.release_all(),
            Event::Reset => self.reset(),
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
        let (left, right) = (&mut left[..frames], &mut right[..frames]);
        let controls = Controls {
            channels: &self.channels,
            zones: &self.zones,
            settings: &self.settings,
        };
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            let shared = Shared {
                table: &mut self.table,
                scratch: &mut self.scratch,
            };
            play_voice(voice, &controls, self.frame, shared, left, right);
        }
        self.bus.process(left, right, self.frame, &self.settings);
        self.frame += frames as u64;
    }

    /// The same for one channel: the mean of both. Overwrites the slice; `unheard` is scratch, and what the slice has
    /// more than that is rendered in further pieces.
    ///
    /// # Real-time
    /// Safe.
    pub fn render_mono_into(&mut self, mono: &mut [f32], unheard: &mut [f32]) {
        if unheard.is_empty() {
            return mono.fill(0.0);
        }
        for piece in mono.chunks_mut(unheard.len()) {
            let unheard = &mut unheard[..piece.len()];
            self.render_into(piece, unheard);
            for (left, right) in piece.iter_mut().zip(unheard) {
                *left = 0.5 * (*left + *right);
            }
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
        while let Ok(tuning) = self.tunings.pop() {
            self.tuning = tuning;
        }
        for _ in 0..most {
            match self.table.take_delivery() {
                Some(Taken::Note(place)) => {
                    self.hand_out(place);
                    self.start_waiting(place);
                }
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
        let waiting = |voice: &&mut Voice| voice.is_busy() && voice.sources.wants(place);
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
            for wish in voice.sources.wanted_places().map(wish_at) {
                if usize::from(wish.slot) == slot {
                    self.table.wish_for(wish);
                }
            }
        }
    }

    fn channel(&mut self, channel: u8) -> Option<&mut Channel> {
        self.channels.get_mut(usize::from(channel))
    }

    fn change(&mut self, set: impl FnOnce(&mut PlayerParameters)) {
        let mut parameters = self.settings.parameters;
        set(&mut parameters);
        self.set_parameters(&parameters);
    }
}

fn finite(value: f32) -> Option<f32> {
    value.is_finite().then_some(value)
}

/// Adds one voice to a block, tick by tick, and puts away what it no longer needs.
fn play_voice(
    voice: &mut Voice,
    controls: &Controls,
    frame: u64,
    shared: Shared,
    left: &mut [f32],
    right: &mut [f32],
) {
    let mut done = 0;
    let mut now = controls.of(voice, frame);
    while done < left.len() {
        if done > 0 && voice.is_between_ticks() {
            now = controls.of(voice, frame + done as u64);
        }
        let (frames, ended) =
            voice.add_to(&mut left[done..], &mut right[done..], &now, shared.scratch);
        for outgoing in voice.take_outgoing().into_iter().flatten() {
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
