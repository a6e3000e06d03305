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
    /// Fades every voice out within 5 ms and sets channels, envelope, width, gain and note counts as new.
    Reset,
}
