//! Which note-offs end their note and which belong to a strike that another has ended. Looks at the whole file at once.

use midly::MidiMessage;

use super::NUM_CHANNELS;
use super::channel::NUM_KEYS;
use super::midi::ChannelMessage;

/// Per message: whether it is a note-off whose key gets another note-off before its next strike.
pub(super) fn another_off_follows(messages: &[ChannelMessage]) -> Vec<bool> {
    let mut follows = vec![false; messages.len()];
    let mut next_is_off = [[false; NUM_KEYS]; NUM_CHANNELS];
    for (index, message) in messages.iter().enumerate().rev() {
        let (key, is_off) = match message.message {
            MidiMessage::NoteOn { key, vel } => (key, vel == 0),
            MidiMessage::NoteOff { key, .. } => (key, true),
            _ => continue,
        };
        let next = &mut next_is_off[usize::from(message.channel)][usize::from(key.as_int())];
        follows[index] = *next;
        *next = is_off;
    }
    follows
}
