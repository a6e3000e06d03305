//! What a host's note events mean to the player. Audio thread.

use engine::{Event, NoteAddress, NoteExpression};
use nice_plug::prelude::*;

/// The bend wheel's largest value.
const WHEEL_LARGEST: f32 = 16_383.0;
/// The bend wheel at rest.
const WHEEL_MIDDLE: f32 = 8_192.0;

/// The player's event for a host's, if it has one.
pub(super) fn player_event(event: &NoteEvent<()>) -> Option<Event> {
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
        NoteEvent::Choke { channel, key, .. } => Some(Event::Choke {
            channel: channel.number()?,
            key: key.number()?,
        }),
        NoteEvent::MidiPitchBend { channel, value, .. } => Some(Event::PitchBend {
            channel,
            value: bend_share(value),
        }),
        NoteEvent::MidiChannelPressure {
            channel, pressure, ..
        } => Some(Event::ChannelPressure { channel, pressure }),
        NoteEvent::MidiCC {
            channel, cc, value, ..
        } => Some(Event::Controller {
            channel,
            number: cc,
            value,
        }),
        _ => expression_event(event),
    }
}

/// What is said of one note.
fn expression_event(event: &NoteEvent<()>) -> Option<Event> {
    let (voice_id, channel, key, expression) = match *event {
        NoteEvent::PolyPressure {
            voice_id,
            channel,
            key,
            pressure,
            ..
        } => (voice_id, channel, key, NoteExpression::Pressure(pressure)),
        NoteEvent::PolyTuning {
            voice_id,
            channel,
            key,
            tuning,
            ..
        } => (voice_id, channel, key, NoteExpression::Tuning(tuning)),
        NoteEvent::PolyBrightness {
            voice_id,
            channel,
            key,
            brightness,
            ..
        } => (
            voice_id,
            channel,
            key,
            NoteExpression::Brightness(brightness),
        ),
        NoteEvent::PolyPan {
            voice_id,
            channel,
            key,
            pan,
            ..
        } => (voice_id, channel, key, NoteExpression::Pan(pan)),
        NoteEvent::PolyVolume {
            voice_id,
            channel,
            key,
            gain,
            ..
        } => (
            voice_id,
            channel,
            key,
            NoteExpression::Volume(20.0 * gain.max(0.0).log10()),
        ),
        NoteEvent::PolyVibrato {
            voice_id,
            channel,
            key,
            vibrato,
            ..
        } => (voice_id, channel, key, NoteExpression::Vibrato(vibrato)),
        _ => return None,
    };
    let address = NoteAddress {
        note_id: voice_id.id(),
        channel: channel.number(),
        key: key.number(),
    };
    Some(Event::NoteExpression {
        address,
        expression,
    })
}

/// -1..1. The framework gives the wheel's 14 bits as a share of the largest, which has no exact middle; MIDI's is 8192.
fn bend_share(value: f32) -> f32 {
    ((value * WHEEL_LARGEST).round() - WHEEL_MIDDLE) / WHEEL_MIDDLE
}
