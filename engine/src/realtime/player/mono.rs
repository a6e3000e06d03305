//! One voice for all keys: which keys are held, and which of them sounds. Audio thread.

use super::super::parameters::KeyMode;
use super::Player;
use super::waiting::WaitingKeys;

/// Held keys that are remembered; when there are more the oldest is forgotten.
const MAX_HELD_KEYS: usize = 32;

/// A held key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeldKey {
    pub(super) channel: u8,
    pub(super) key: u8,
    pub(super) velocity: f32,
    pub(super) note_id: Option<i32>,
}

/// Held keys, the last one struck last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MonoKeys {
    keys: [HeldKey; MAX_HELD_KEYS],
    num_keys: usize,
    /// Age of the voice that plays them.
    voice_order: Option<u64>,
}

impl MonoKeys {
    fn push(&mut self, key: HeldKey) {
        self.remove(key.channel, key.key);
        if self.num_keys == MAX_HELD_KEYS {
            self.keys.copy_within(1.., 0);
            self.num_keys -= 1;
        }
        self.keys[self.num_keys] = key;
        self.num_keys += 1;
    }

    /// Forgets a key; says whether it was the one that sounds.
    fn remove(&mut self, channel: u8, key: u8) -> bool {
        let is_it = |held: &HeldKey| (held.channel, held.key) == (channel, key);
        let Some(index) = self.keys[..self.num_keys].iter().position(is_it) else {
            return false;
        };
        let was_last = index + 1 == self.num_keys;
        self.keys.copy_within(index + 1..self.num_keys, index);
        self.num_keys -= 1;
        was_last
    }

    /// The voice that plays the keys.
    pub(super) fn set_voice(&mut self, order: Option<u64>) {
        self.voice_order = order;
    }

    fn last(&self) -> Option<HeldKey> {
        self.num_keys.checked_sub(1).map(|last| self.keys[last])
    }
}

impl Player {
    pub(super) fn is_mono(&self) -> bool {
        self.settings.parameters.key_mode != KeyMode::Poly
    }

    pub(super) fn mono_on(&mut self, key: HeldKey, seed: Option<u32>) {
        let others_held = self.mono.num_keys > 0;
        self.mono.push(key);
        self.sound_mono(key, others_held, seed);
    }

    /// Whether the key was one of the held ones; the voice then goes back to the key held before, or is released.
    pub(super) fn mono_off(&mut self, channel: u8, key: u8) -> bool {
        let sounded = self.mono.remove(channel, key);
        if !sounded {
            return false;
        }
        match self.mono.last() {
            Some(before) => {
                self.sound_mono(before, true, None);
                true
            }
            None => false,
        }
    }

    fn sound_mono(&mut self, key: HeldKey, others_held: bool, seed: Option<u32>) {
        let sounding = self.mono.voice_order.and_then(|order| {
            let is_it = |voice: &super::Voice| {
                voice.is_busy() && voice.order == order && !voice.is_fading()
            };
            self.voices.iter().position(is_it)
        });
        let is_legato = self.settings.parameters.key_mode == KeyMode::Legato;
        if let Some(voice) = sounding.filter(|_| others_held && is_legato)
            && !self.voices[voice].envelope.is_released()
        {
            self.change_key(voice, key);
            return;
        }
        let from = sounding.map(|voice| self.voices[voice].gliding_pitch());
        if let Some(voice) = sounding {
            if self.voices[voice].is_unheard() {
                super::put_away(&mut self.voices[voice], &mut self.table);
            } else {
                self.voices[voice].fade_out();
            }
        }
        if from.is_some() {
            self.last_pitch = from;
        }
        self.waiting = WaitingKeys::default();
        self.mono.voice_order = self.strike(key, seed);
    }
}
