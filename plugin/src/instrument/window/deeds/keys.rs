//! Keys and sounds pressed in the window, heard by way of the callback's ring. Editor thread.

use engine::Event;

use super::super::super::sounding::PREVIEW_SLOT;
use super::super::Window;
use crate::editor::model::SoundId;

/// The channel of sounds pressed on the map: one that is rarely played.
const PREVIEW_CHANNEL: u8 = 15;
/// The key and the strength that a sound on the map is heard with.
const PRESSED: (u8, f32) = (60, 0.7);

impl Window {
    pub(super) fn strike(&self, channel: u8, key: u8, velocity: f32) {
        self.hub.live.send(Event::NoteOn {
            channel,
            key,
            velocity,
            note_id: None,
            seed: None,
        });
    }

    pub(super) fn lift(&self, channel: u8, key: u8) {
        self.hub.live.send(Event::NoteOff {
            channel,
            key,
            velocity: 0.5,
        });
    }

    /// The sound plays in a slot of its own, so that nothing that sounds changes.
    pub(super) fn press_sound(&mut self, id: SoundId) {
        let Some(sound) = self.sound(id) else {
            return;
        };
        self.hub.sounding().preview(&sound);
        self.hub.live.send(Event::Sound {
            channel: PREVIEW_CHANNEL,
            slot: PREVIEW_SLOT as u8,
        });
        self.strike(PREVIEW_CHANNEL, PRESSED.0, PRESSED.1);
    }

    pub(super) fn release_sound(&mut self) {
        self.lift(PREVIEW_CHANNEL, PRESSED.0);
    }
}
