//! A score: what is to be played and when, in seconds. Read from MIDI bytes or composed; pure data, any thread but the audio thread.
//! It knows no sound and no sample rate; `offline` turns it into frames.

mod channel;
pub mod compose;
mod controller;
pub mod general_midi;
mod interpret;
pub mod learn;
mod midi;
mod pairing;
mod tempo;
pub mod write;

use crate::error::Result;

/// Most events a score may hold. A longer file is refused before anything is rendered; 10 million events need about
/// 0.5 GB while they are sorted.
pub const MAX_EVENTS: usize = 10_000_000;

/// Longest score in seconds. A longer one is refused: as a rule one event lies far behind the others by mistake.
pub const MAX_DURATION_S: f64 = 3600.0;

/// How many channels a MIDI file has.
pub const NUM_CHANNELS: usize = 16;

/// The channel (counted from 0) that General MIDI keeps for drums, which Understory does not play.
pub const DRUM_CHANNEL: u8 = 9;

/// Something to play: events in the order they happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Sorted by time; events at one time keep the order of the file.
    pub events: Vec<ScoreEvent>,
    /// One per channel that plays notes, by channel.
    pub parts: Vec<Part>,
    /// Seconds from the start to the last event (the tail of the last notes comes after it).
    pub duration_s: f64,
    /// What was left out or mended, in plain words.
    pub warnings: Vec<String>,
}

/// What one channel plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Channel, counted from 0.
    pub channel: u8,
    /// How many notes it strikes.
    pub num_notes: usize,
    /// General MIDI programs it uses, ascending.
    pub programs: Vec<u8>,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreEvent {
    /// Seconds from the start.
    pub time_s: f64,
    /// Channel, counted from 0.
    pub channel: u8,
    /// What happens there.
    pub action: Action,
}

impl ScoreEvent {
    /// The frame nearest to the event at this sample rate.
    pub fn frame(&self, sample_rate_hz: u32) -> u64 {
        (self.time_s * f64::from(sample_rate_hz)).round() as u64
    }
}

/// What an event does to its channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// A key goes down; a key already down was released just before.
    NoteOn {
        /// MIDI key.
        key: u8,
        /// 0..1, never 0.
        velocity: f32,
        /// General MIDI program the channel has at this moment.
        program: u8,
    },
    /// A key goes up.
    NoteOff {
        /// MIDI key.
        key: u8,
        /// 0..1.
        velocity: f32,
    },
    /// The pitch wheel, bend range already applied.
    Bend {
        /// Offset from the keys' pitch in semitones.
        semitones: f32,
    },
    /// The sustain pedal.
    SustainPedal {
        /// True while pressed.
        down: bool,
    },
    /// Volume and expression together.
    Gain {
        /// 0 dB is volume 100 with full expression, the state of a channel that was told nothing.
        gain_db: f32,
    },
    /// Place between the loudspeakers.
    Pan {
        /// -1 left, 0 middle, 1 right.
        position: f32,
    },
}

/// One combination that has to be baked before the score can be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strike {
    /// General MIDI program.
    pub program: u8,
    /// MIDI key.
    pub key: u8,
    /// 0..1.
    pub velocity: f32,
}

impl Score {
    /// Reads a Standard MIDI File, format 0 or 1 (also inside a RIFF wrapper).
    ///
    /// # Errors
    /// `Error::Score` when the bytes are no MIDI file, hold no notes, hold tempo 0, more than [`MAX_EVENTS`] events
    /// or last longer than [`MAX_DURATION_S`].
    pub fn from_midi(bytes: &[u8]) -> Result<Self> {
        let file = midi::read(bytes)?;
        interpret::interpret(file)
    }

    /// Every note struck, in order; repeats included.
    pub fn strikes(&self) -> impl Iterator<Item = Strike> {
        self.events.iter().filter_map(|event| match event.action {
            Action::NoteOn {
                key,
                velocity,
                program,
            } => Some(Strike {
                program,
                key,
                velocity,
            }),
            _ => None,
        })
    }

    /// The events of one channel alone, for stems.
    pub fn channel_alone(&self, channel: u8) -> Score {
        Score {
            events: self
                .events
                .iter()
                .filter(|event| event.channel == channel)
                .copied()
                .collect(),
            parts: self
                .parts
                .iter()
                .filter(|part| part.channel == channel)
                .cloned()
                .collect(),
            duration_s: self.duration_s,
            warnings: Vec::new(),
        }
    }
}
