//! What a player can be told. Made anywhere, handled on the audio thread.
//!
//! An event holds no time: the caller cuts the block where it falls, and [`super::Player::handle`] applies it there.

use super::EnvelopeSettings;

/// One thing that happens at one frame. Channels count from 0 to 15, keys from 0 to 127.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A key goes down. The same key still sounding on that channel is released.
    NoteOn {
        /// Channel, 0..=15.
        channel: u8,
        /// MIDI key, 0..=127.
        key: u8,
        /// 0..=1; 0 is a note-off.
        velocity: f32,
        /// The host's name for this note, if it has one.
        note_id: Option<i32>,
        /// Seed of phases, noise and walk; `None` derives it from the player's seed, channel, key and how often it was struck.
        seed: Option<u32>,
    },
    /// A key goes up. Ignored when it is not down. Every note sounds for at least 20 ms: its release starts no earlier,
    /// whether key, pedal or [`Event::AllNotesOff`] end it. Only the next strike of its key ends it sooner.
    NoteOff {
        /// Channel, 0..=15.
        channel: u8,
        /// MIDI key, 0..=127.
        key: u8,
        /// Release velocity, 0..=1; not used yet.
        velocity: f32,
    },
    /// Ends a key's notes within 5 ms, pedal or not.
    Choke {
        /// Channel, 0..=15.
        channel: u8,
        /// MIDI key, 0..=127.
        key: u8,
    },
    /// A MIDI controller. Obeyed: 1 modulation (vibrato), 7 volume, 10 pan, 11 expression, 64 sustain, 66 sostenuto, 67 soft
    /// pedal, 74 timbre, 120 all sound off, 121 reset controllers, 123..=127 all notes off, and by 101, 100, 6, 38 the
    /// registered parameters 0 (bend range) and 6 (MPE configuration). Others change nothing.
    Controller {
        /// Channel, 0..=15. In an MPE zone the master's hold for all members.
        channel: u8,
        /// 0..=127.
        number: u8,
        /// 0..=1, that is value / 127.
        value: f32,
    },
    /// The pitch wheel: bends all notes of a channel by its share of the bend range.
    PitchBend {
        /// Channel, 0..=15.
        channel: u8,
        /// -1..=1; clamped.
        value: f32,
    },
    /// Pressure of a whole channel.
    ChannelPressure {
        /// Channel, 0..=15.
        channel: u8,
        /// 0..=1; clamped.
        pressure: f32,
    },
    /// Something about one sounding note (CLAP note expressions, MIDI poly pressure). Ignored when no such note sounds.
    NoteExpression {
        /// Which notes.
        address: NoteAddress,
        /// What about them.
        expression: NoteExpression,
    },
    /// Moves all notes of a channel in pitch, from the next tick of each voice on.
    Bend {
        /// Channel, 0..=15.
        channel: u8,
        /// -60..=60; clamped.
        semitones: f32,
    },
    /// While down, released keys of the channel go on sounding.
    SustainPedal {
        /// Channel, 0..=15.
        channel: u8,
        /// Whether the pedal is down.
        down: bool,
    },
    /// Which sound the channel's next notes play.
    Sound {
        /// Channel, 0..=15.
        channel: u8,
        /// Slot of the note table.
        slot: u8,
    },
    /// Volume of a channel.
    Volume {
        /// Channel, 0..=15.
        channel: u8,
        /// dB; -infinity is silence, at most +24.
        gain_db: f32,
    },
    /// Expression of a channel, added to its volume.
    Expression {
        /// Channel, 0..=15.
        channel: u8,
        /// dB; -infinity is silence, at most +24.
        gain_db: f32,
    },
    /// Place of a channel between the speakers (constant power, 0 dB in the middle).
    Pan {
        /// Channel, 0..=15.
        channel: u8,
        /// -1 left .. 1 right; clamped.
        position: f32,
    },
    /// Envelope of the notes that start from now on.
    Envelope(EnvelopeSettings),
    /// Stereo width of all notes, 0 mono .. 1; clamped.
    Width(f32),
    /// Gain of everything.
    OutputGain {
        /// dB; -infinity is silence, at most +24.
        gain_db: f32,
    },
    /// Releases every key and lifts every pedal.
    AllNotesOff,
    /// Fades every voice and the room out within 5 ms and sets channels, parameters and note counts as new. The tuning
    /// stays.
    Reset,
}

/// Which sounding notes are meant: those for which everything that is given is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteAddress {
    /// The host's name of the note, as its note-on gave it. When given, channel and key are not looked at.
    pub note_id: Option<i32>,
    /// Channel, 0..=15.
    pub channel: Option<u8>,
    /// MIDI key, 0..=127.
    pub key: Option<u8>,
}

/// What can be said of one note. All hold until the note ends or they are said again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoteExpression {
    /// Semitones beside what the key and the channel's bend say, -120..=120.
    Tuning(f32),
    /// 0..=1 with the middle at 0.5: tilts the spectrum and moves the morph (see `touch_tilt_db`, `touch_morph`).
    Brightness(f32),
    /// 0..=1: tilts the spectrum and moves the morph.
    Pressure(f32),
    /// -1 left ..= 1 right, beside the channel's.
    Pan(f32),
    /// dB beside the channel's volume; -infinity is silence, at most +24.
    Volume(f32),
    /// Depth, 0..=1, beside the modulation wheel's.
    Vibrato(f32),
}
