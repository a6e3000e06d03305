//! Keys that are down and silent, because no note of their sound exists yet: they start when the first one comes. Audio thread.

use super::super::notes::wish_at;
use super::Player;
use super::mono::HeldKey;

/// Silent keys that are remembered: as many as two players' hands and feet, and then some. Struck beyond that, a key
/// stays silent until it is struck again.
const MAX_WAITING_KEYS: usize = 64;

/// A key and the seed that it was struck with.
#[derive(Clone, Copy, Debug, Default)]
struct WaitingKey {
    held: HeldKey,
    seed: u32,
}

/// Silent keys, in the order they were struck.
#[derive(Clone, Copy, Debug)]
pub(super) struct WaitingKeys {
    keys: [WaitingKey; MAX_WAITING_KEYS],
    num_keys: usize,
}

impl Default for WaitingKeys {
    fn default() -> Self {
        Self {
            keys: [WaitingKey::default(); MAX_WAITING_KEYS],
            num_keys: 0,
        }
    }
}

impl WaitingKeys {
    pub(super) fn add(&mut self, held: HeldKey, seed: u32) {
        if let Some(place) = self.keys.get_mut(self.num_keys) {
            *place = WaitingKey { held, seed };
            self.num_keys += 1;
        }
    }

    pub(super) fn remove(&mut self, channel: u8, key: u8) {
        self.keep(|held| (held.channel, held.key) != (channel, key));
    }

    pub(super) fn keep(&mut self, is_kept: impl Fn(&HeldKey) -> bool) {
        let mut num_kept = 0;
        for index in 0..self.num_keys {
            if is_kept(&self.keys[index].held) {
                self.keys[num_kept] = self.keys[index];
                num_kept += 1;
            }
        }
        self.num_keys = num_kept;
    }
}

impl Player {
    /// Starts the silent keys that the note at this place, the first of its sound, can be played for.
    pub(super) fn start_waiting(&mut self, place: usize) {
        if self.waiting.num_keys == 0 {
            return;
        }
        let slot = wish_at(place).slot;
        let corners = self.settings.parameters.corners;
        let waiting = std::mem::take(&mut self.waiting);
        for &WaitingKey { held, seed } in &waiting.keys[..waiting.num_keys] {
            let plays = match corners {
                Some(slots) => slots.contains(&slot),
                None => self.channels[usize::from(held.channel)].slot == usize::from(slot),
            };
            if !plays {
                self.waiting.add(held, seed);
                continue;
            }
            let order = self.start(held, seed);
            if self.is_mono() {
                self.mono.set_voice(order);
            }
        }
    }
}
