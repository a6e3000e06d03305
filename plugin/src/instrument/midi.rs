//! What a host's note events mean to the player. Audio thread.
//!
//! Ranges and laws are those of a MIDI file's: the same performance is the same sound, live and from the command line.

use engine::Event;
use nice_plug::prelude::*;

/// General MIDI level 1: a channel that was told nothing plays at 100 of 127.
const USUAL_VOLUME: f32 = 100.0 / 127.0;
/// Below the last bit of anything.
const SILENT_DB: f32 = -200.0;
/// The middle of a controller, 0..1.
const MIDDLE: f32 = 0.5;
/// The bend wheel's largest value.
const WHEEL_LARGEST: f32 = 16_383.0;
/// The bend wheel at rest.
const WHEEL_MIDDLE: f32 = 8_192.0;

/// What it takes to read a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Semitones of a full bend.
    pub(super) bend_range_semitones: f32,
}

/// The player's event for a host's, if it has one.
pub(super) fn player_event(event: &NoteEvent<()>, reading: &Reading) -> Option<Event> {
    match *event {
        NoteEvent::NoteOn {
            voice_id,
            channel,
            key,
            velocity,
            ..
        } => Some(Event::NoteOn {
            channel: channel.number()?,
            key: key.number()?,
            velocity,
            note_id: voice_id.id(),
            seed: None,
        }),
        NoteEvent::NoteOff {
            channel,
            key,
            velocity,
            ..
        } => Some(Event::NoteOff {
            channel: channel.number()?,
            key: key.number()?,
            velocity,
        }),
        NoteEvent::Choke { channel, key, .. } => Some(Event::NoteOff {
            channel: channel.number()?,
            key: key.number()?,
            velocity: 1.0,
        }),
        NoteEvent::MidiPitchBend { channel, value, .. } => Some(Event::Bend {
            channel,
            semitones: bend_share(value) * reading.bend_range_semitones,
        }),
        NoteEvent::MidiCC {
            channel, cc, value, ..
        } => controller_event(channel, cc, value),
        _ => None,
    }
}

fn controller_event(channel: u8, controller: u8, value: f32) -> Option<Event> {
    match controller {
        control_change::DAMPER_PEDAL => Some(Event::SustainPedal {
            channel,
            down: value >= MIDDLE,
        }),
        control_change::MAIN_VOLUME_MSB => Some(Event::Volume {
            channel,
            gain_db: gain_db(value / USUAL_VOLUME),
        }),
        control_change::EXPRESSION_CONTROLLER_MSB => Some(Event::Expression {
            channel,
            gain_db: gain_db(value),
        }),
        control_change::PAN_MSB => Some(Event::Pan {
            channel,
            position: (value - MIDDLE) / MIDDLE,
        }),
        control_change::ALL_SOUND_OFF | control_change::ALL_NOTES_OFF => Some(Event::AllNotesOff),
        _ => None,
    }
}

/// -1..1. The framework gives the wheel's 14 bits as a share of the largest, which has no exact middle; MIDI's is 8192.
fn bend_share(value: f32) -> f32 {
    ((value * WHEEL_LARGEST).round() - WHEEL_MIDDLE) / WHEEL_MIDDLE
}

/// General MIDI level 1: volume and expression act as 40 log10 each.
fn gain_db(share: f32) -> f32 {
    if share > 0.0 {
        40.0 * share.log10()
    } else {
        SILENT_DB
    }
}
