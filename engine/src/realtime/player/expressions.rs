//! What is said about single notes while they sound. Audio thread.

use super::super::channel::{factor_of, pan_gains};
use super::super::events::{NoteAddress, NoteExpression};
use super::super::voice::{Touch, Voice};
use super::{Player, finite};

/// Farthest tuning of a note, semitones.
const MAX_TUNING: f32 = 120.0;

impl Player {
    pub(super) fn express(
        &mut self,
        address: &NoteAddress,
        expression: NoteExpression,
    ) -> Option<()> {
        let set = setter(expression)?;
        let meant = |voice: &&mut Voice| voice.is_busy() && is_meant(voice, address);
        for voice in self.voices.iter_mut().filter(meant) {
            set(&mut voice.touch);
        }
        Some(())
    }
}

fn is_meant(voice: &Voice, address: &NoteAddress) -> bool {
    if voice.is_fading() {
        return false;
    }
    if let (Some(wanted), Some(id)) = (address.note_id, voice.note_id) {
        return wanted == id;
    }
    let is_channel = |channel: u8| usize::from(channel) == voice.channel;
    let is_key = |key: u8| key == voice.key;
    let names_a_note = address.channel.is_some() || address.key.is_some();
    names_a_note && address.channel.is_none_or(is_channel) && address.key.is_none_or(is_key)
}

/// Brings the number into range once; `None` for one that says nothing.
fn setter(expression: NoteExpression) -> Option<impl Fn(&mut Touch)> {
    let (place, value): (fn(&mut Touch) -> &mut f32, f32) = match expression {
        NoteExpression::Tuning(semitones) => (
            |touch| &mut touch.tuning_semitones,
            finite(semitones)?.clamp(-MAX_TUNING, MAX_TUNING),
        ),
        NoteExpression::Brightness(value) => (
            |touch| &mut touch.timbre,
            2.0 * finite(value)?.clamp(0.0, 1.0) - 1.0,
        ),
        NoteExpression::Pressure(value) => {
            (|touch| &mut touch.pressure, finite(value)?.clamp(0.0, 1.0))
        }
        NoteExpression::Vibrato(value) => {
            (|touch| &mut touch.vibrato, finite(value)?.clamp(0.0, 1.0))
        }
        NoteExpression::Volume(gain_db) => (|touch| &mut touch.volume, factor_of(gain_db)?),
        NoteExpression::Pan(position) => (|touch| &mut touch.pan.0, finite(position)?),
    };
    let is_pan = matches!(expression, NoteExpression::Pan(_));
    Some(move |touch: &mut Touch| {
        if is_pan {
            touch.pan = pan_gains(value);
        } else {
            *place(touch) = value;
        }
    })
}
