//! What holds keys that were let go: sustain and sostenuto pedals, of a channel or its zone's master. Audio thread.

use super::super::channel::{Channel, NUM_CHANNELS};
use super::super::voice::Voice;
use super::super::zones::Zones;
use super::Player;

impl Player {
    pub(super) fn set_pedal(&mut self, channel: u8, down: bool) -> Option<()> {
        self.channel(channel)?.pedal_down = down;
        if !down {
            self.release_unheld(usize::from(channel));
        }
        Some(())
    }

    /// Catches the keys that are down now; those alone it holds.
    pub(super) fn set_sostenuto(&mut self, channel: u8, down: bool) -> Option<()> {
        let was_down = std::mem::replace(&mut self.channel(channel)?.sostenuto_down, down);
        let channel = usize::from(channel);
        if down && !was_down {
            let zones = self.zones;
            let ruled = |voice: &&mut Voice| voice.key_down && zones.rules(channel, voice.channel);
            for voice in self.voices.iter_mut().filter(ruled) {
                voice.sostenuto = true;
            }
        }
        if !down {
            self.release_unheld(channel);
        }
        Some(())
    }

    /// Releases every key and lifts every pedal.
    pub(super) fn release_all(&mut self) -> Option<()> {
        for channel in &mut self.channels {
            (channel.pedal_down, channel.sostenuto_down) = (false, false);
        }
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            voice.key_down = false;
            voice.release();
        }
        self.mono = super::MonoKeys::default();
        self.waiting = super::WaitingKeys::default();
        Some(())
    }

    /// Lets go every key of a channel or zone; pedals go on holding them.
    pub(super) fn release_channel(&mut self, channel: u8) -> Option<()> {
        let channel = usize::from(channel);
        let zones = self.zones;
        for voice in self.voices.iter_mut() {
            voice.key_down &= !zones.rules(channel, voice.channel);
        }
        self.mono = super::MonoKeys::default();
        self.waiting
            .keep(|held| !zones.rules(channel, usize::from(held.channel)));
        self.release_unheld(channel);
        Some(())
    }

    /// Releases what neither key nor pedal holds any more.
    fn release_unheld(&mut self, channel: usize) {
        for voice in self.voices.iter_mut() {
            let is_ruled = voice.is_busy() && self.zones.rules(channel, voice.channel);
            if is_ruled && !voice.key_down && !is_pedalled(&self.channels, &self.zones, voice) {
                voice.release();
            }
        }
    }
}

/// Whether a pedal holds a voice whose key is up.
pub(super) fn is_pedalled(
    channels: &[Channel; NUM_CHANNELS],
    zones: &Zones,
    voice: &Voice,
) -> bool {
    let holds = |channel: &Channel| channel.pedal_down || channel.sostenuto_down && voice.sostenuto;
    let master = zones.master_of(voice.channel);
    holds(&channels[voice.channel]) || master.is_some_and(|master| holds(&channels[master]))
}
