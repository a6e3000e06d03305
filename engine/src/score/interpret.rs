//! What channel messages mean: notes paired, controllers turned into decibels and semitones, mistakes mended.

use midly::MidiMessage;

use super::channel::{Channel, FULL, NUM_KEYS, RPN_BEND_RANGE, RPN_NONE};
use super::controller;
use super::midi::{ChannelMessage, MidiFile};
use super::pairing::another_off_follows;
use super::tempo::TempoMap;
use super::{Action, DRUM_CHANNEL, MAX_DURATION_S, NUM_CHANNELS, Part, Score, ScoreEvent};
use crate::error::{Error, Result};

/// A note that never ends sounds at least this long, even when its file ends at once.
const ENDLESS_NOTE_MIN_S: f64 = 1.0;

pub(super) fn interpret(file: MidiFile) -> Result<Score> {
    let file_end_s = file.tempo.seconds(file.end_tick);
    let mut reader = Reader::new(file.tempo, &file.messages);
    for (index, message) in file.messages.iter().enumerate() {
        reader.message(index, message);
    }
    drop(file.messages);
    reader.close(file_end_s);
    reader.finish(file.warnings)
}

struct Reader {
    tempo: TempoMap,
    /// Per message: a note-off whose key gets another note-off before its next strike.
    another_off_follows: Vec<bool>,
    channels: Vec<Channel>,
    events: Vec<ScoreEvent>,
    num_drum_notes: usize,
    num_endless_notes: usize,
    now_s: f64,
    end_s: f64,
}

impl Reader {
    fn new(tempo: TempoMap, messages: &[ChannelMessage]) -> Self {
        Reader {
            tempo,
            another_off_follows: another_off_follows(messages),
            channels: vec![Channel::new(); NUM_CHANNELS],
            events: Vec::with_capacity(messages.len()),
            num_drum_notes: 0,
            num_endless_notes: 0,
            now_s: 0.0,
            end_s: 0.0,
        }
    }

    fn emit(&mut self, channel: u8, action: Action) {
        self.events.push(ScoreEvent {
            time_s: self.now_s,
            channel,
            action,
        });
    }

    fn message(&mut self, index: usize, message: &ChannelMessage) {
        self.now_s = self.tempo.seconds(message.tick);
        let channel = message.channel;
        if channel == DRUM_CHANNEL {
            let strikes = matches!(message.message, MidiMessage::NoteOn { vel, .. } if vel > 0);
            self.num_drum_notes += usize::from(strikes);
            return;
        }
        match message.message {
            MidiMessage::NoteOn { key, vel } if vel > 0 => {
                self.note_on(channel, key.as_int(), vel.as_int());
            }
            // Velocity 0 is a note-off that saves a status byte; it carries no release velocity.
            MidiMessage::NoteOn { key, .. } => self.note_off(index, channel, key.as_int(), 64),
            MidiMessage::NoteOff { key, vel } => {
                self.note_off(index, channel, key.as_int(), vel.as_int());
            }
            MidiMessage::Controller { controller, value } => {
                self.controller(channel, controller.as_int(), value.as_int());
            }
            MidiMessage::ProgramChange { program } => {
                self.channels[usize::from(channel)].program = program.as_int();
            }
            MidiMessage::PitchBend { bend } => {
                self.channels[usize::from(channel)].bend = bend.as_f32();
                self.emit_bend(channel);
            }
            MidiMessage::Aftertouch { .. } | MidiMessage::ChannelAftertouch { .. } => {}
        }
    }

    fn note_on(&mut self, channel: u8, key: u8, velocity: u8) {
        let state = &mut self.channels[usize::from(channel)];
        let program = state.program;
        let sounding = state.pending[usize::from(key)] > 0;
        state.pending[usize::from(key)] += 1;
        state.num_notes += 1;
        state.programs[usize::from(program)] = true;
        if sounding {
            self.emit(channel, Action::NoteOff { key, velocity: 0.5 });
        }
        let velocity = f32::from(velocity) / f32::from(FULL);
        self.emit(
            channel,
            Action::NoteOn {
                key,
                velocity,
                program,
            },
        );
        self.end_s = self.now_s;
    }

    /// Overlapping strikes of one key: with as many offs as strikes the first off belongs to the first strike, which the
    /// second has ended already. With one off too few, the single off ends the note, or it would hang.
    fn note_off(&mut self, index: usize, channel: u8, key: u8, velocity: u8) {
        let pending = &mut self.channels[usize::from(channel)].pending[usize::from(key)];
        match *pending {
            0 => return,
            1 => *pending = 0,
            _ if self.another_off_follows[index] => {
                *pending -= 1;
                return;
            }
            _ => *pending = 0,
        }
        let velocity = f32::from(velocity) / f32::from(FULL);
        self.emit(channel, Action::NoteOff { key, velocity });
        self.end_s = self.now_s;
    }

    fn controller(&mut self, channel: u8, number: u8, value: u8) {
        let state = &mut self.channels[usize::from(channel)];
        match number {
            controller::VOLUME => {
                state.volume = value;
                self.emit_gain(channel);
            }
            controller::EXPRESSION => {
                state.expression = value;
                self.emit_gain(channel);
            }
            controller::PAN => {
                let position = ((f32::from(value) - 64.0) / 63.0).max(-1.0);
                self.emit(channel, Action::Pan { position });
            }
            controller::SUSTAIN => self.pedal(channel, value >= 64),
            controller::RPN_COARSE => state.parameter.0 = value,
            controller::RPN_FINE => state.parameter.1 = value,
            controller::NRPN_COARSE | controller::NRPN_FINE => state.parameter = RPN_NONE,
            controller::DATA_ENTRY if state.parameter == RPN_BEND_RANGE => {
                state.bend_range_semitones = f32::from(value) + state.bend_range_semitones.fract();
                self.emit_bend(channel);
            }
            controller::DATA_ENTRY_FINE if state.parameter == RPN_BEND_RANGE => {
                state.bend_range_semitones =
                    state.bend_range_semitones.trunc() + f32::from(value.min(99)) / 100.0;
                self.emit_bend(channel);
            }
            controller::RESET => self.reset_controllers(channel),
            controller::ALL_SOUND_OFF => self.end_sounds(channel),
            controller::ALL_NOTES_OFF..=controller::POLY_ON => {
                self.release_keys(channel);
            }
            _ => {}
        }
    }

    fn emit_gain(&mut self, channel: u8) {
        let gain_db = self.channels[usize::from(channel)].gain_db();
        self.emit(channel, Action::Gain { gain_db });
    }

    fn emit_bend(&mut self, channel: u8) {
        let state = &self.channels[usize::from(channel)];
        let semitones = state.bend * state.bend_range_semitones;
        self.emit(channel, Action::Bend { semitones });
    }

    fn pedal(&mut self, channel: u8, down: bool) {
        let state = &mut self.channels[usize::from(channel)];
        if state.pedal_down != down {
            state.pedal_down = down;
            self.emit(channel, Action::SustainPedal { down });
            self.end_s = self.now_s;
        }
    }

    /// RP-015: volume, pan, program and bend range stay as they are.
    fn reset_controllers(&mut self, channel: u8) {
        let state = &mut self.channels[usize::from(channel)];
        state.expression = FULL;
        state.bend = 0.0;
        state.parameter = RPN_NONE;
        self.emit_gain(channel);
        self.emit_bend(channel);
        self.pedal(channel, false);
    }

    /// Unlike all notes off, it ends what the pedal holds too; the pedal itself stays down.
    fn end_sounds(&mut self, channel: u8) {
        self.release_keys(channel);
        if self.channels[usize::from(channel)].pedal_down {
            self.pedal(channel, false);
            self.pedal(channel, true);
        }
    }

    fn release_keys(&mut self, channel: u8) -> usize {
        let mut num_released = 0;
        for key in 0..NUM_KEYS as u8 {
            let pending = &mut self.channels[usize::from(channel)].pending[usize::from(key)];
            if std::mem::take(pending) > 0 {
                self.emit(channel, Action::NoteOff { key, velocity: 0.5 });
                self.end_s = self.now_s;
                num_released += 1;
            }
        }
        num_released
    }

    /// Keys and pedals still down when the file ends go up there.
    fn close(&mut self, file_end_s: f64) {
        let anything_down = self
            .channels
            .iter()
            .any(|channel| channel.pedal_down || channel.pending.iter().any(|&count| count > 0));
        if !anything_down {
            return;
        }
        self.now_s = file_end_s
            .max(self.end_s + ENDLESS_NOTE_MIN_S)
            .max(self.now_s);
        for channel in 0..NUM_CHANNELS as u8 {
            self.num_endless_notes += self.release_keys(channel);
            self.pedal(channel, false);
        }
    }

    fn finish(mut self, mut warnings: Vec<String>) -> Result<Score> {
        let parts = self.parts();
        if parts.is_empty() {
            return Err(no_notes(self.num_drum_notes));
        }
        if self.end_s > MAX_DURATION_S {
            return Err(Error::score(
                format!(
                    "the MIDI file lasts {:.0} s, more than {MAX_DURATION_S:.0} s",
                    self.end_s
                ),
                "cut it into shorter files, or look for one event far behind the others",
            ));
        }
        if self.num_drum_notes > 0 {
            warnings.push(format!(
                "{} notes on channel 10 (drums) are left out",
                self.num_drum_notes
            ));
        }
        if self.num_endless_notes > 0 {
            warnings.push(format!(
                "{} notes never end; they end with the file, at {:.2} s",
                self.num_endless_notes, self.now_s
            ));
        }
        let end_s = self.end_s;
        self.events.retain(|event| event.time_s <= end_s);
        Ok(Score {
            events: self.events,
            parts,
            duration_s: end_s,
            warnings,
        })
    }

    fn parts(&self) -> Vec<Part> {
        (0..)
            .zip(&self.channels)
            .filter(|(_, state)| state.num_notes > 0)
            .map(|(channel, state)| Part {
                channel,
                num_notes: state.num_notes,
                programs: (0..NUM_KEYS as u8)
                    .filter(|&program| state.programs[usize::from(program)])
                    .collect(),
            })
            .collect()
    }
}

fn no_notes(num_drum_notes: usize) -> Error {
    if num_drum_notes > 0 {
        Error::score(
            format!("all {num_drum_notes} notes of the MIDI file are on channel 10 (drums)"),
            "move the part to another channel",
        )
    } else {
        Error::score(
            "the MIDI file has no notes",
            "export it again with the tracks that play",
        )
    }
}
