//! What keys and pedals do to voices: starting, releasing and stealing them. Audio thread.

use models::seeded::hash;

use super::super::channel::{Channel, NUM_CHANNELS};
use super::super::counters::count;
use super::super::notes::{NUM_KEYS, Wish, layer_of_velocity, place_of};
use super::super::voice::{HeldNote, VoiceStart};
use super::{Player, Settings, controls_of, put_away};

/// Loudness follows velocity to this power: 0.8 is -2.9 dB, 0.5 is -9 dB, 0.1 is -30 dB. `note/gain.rs` counts on it.
const VELOCITY_POWER: i32 = 3;
/// Stream of the voices' seeds.
const VOICE_STREAM: u32 = 64;

/// Factor of a velocity, 0..=1: velocity^1.5.
fn velocity_gain(velocity: f32) -> f32 {
    velocity.sqrt().powi(VELOCITY_POWER)
}

impl Player {
    /// `None` when the event is out of range, as for all of these.
    pub(super) fn note_on(
        &mut self,
        channel: u8,
        key: u8,
        velocity: f32,
        seed: Option<u32>,
    ) -> Option<()> {
        let (channel, key_index) = in_range(channel, key)?;
        if !velocity.is_finite() {
            return None;
        }
        if velocity <= 0.0 {
            return self.note_off(channel as u8, key);
        }
        self.make_way(channel, key);
        let velocity = velocity.min(1.0);
        let strike = self.strikes[channel][key_index];
        self.strikes[channel][key_index] = strike.wrapping_add(1);
        let wish = Wish {
            slot: self.channels[channel].slot as u8,
            layer: layer_of_velocity(velocity) as u8,
            key,
        };
        let Some(found) = self.table.find(wish, &self.counters) else {
            return Some(());
        };
        let held = HeldNote {
            ready: found.ready,
            place: found.place,
        };
        let Some(voice) = self.voice_for_new_note() else {
            count(&self.counters.skipped_notes);
            self.table.let_go(held.ready, held.place);
            return Some(());
        };
        let start = VoiceStart {
            held,
            wanted_place: place_of(&wish),
            channel,
            key,
            seed: seed.unwrap_or_else(|| self.derived_seed(channel, key_index, strike)),
            velocity_gain: velocity_gain(velocity),
            order: self.order,
        };
        self.order += 1;
        self.voices[voice].start(start, &self.settings.envelope);
        Some(())
    }

    pub(super) fn note_off(&mut self, channel: u8, key: u8) -> Option<()> {
        let (channel, _) = in_range(channel, key)?;
        let pedal_down = self.channels[channel].pedal_down;
        for voice in self
            .voices
            .iter_mut()
            .filter(|voice| voice.is_busy() && voice.channel == channel && voice.key == key)
        {
            voice.key_down = false;
            if !pedal_down {
                voice.release();
            }
        }
        Some(())
    }

    pub(super) fn set_pedal(&mut self, channel: u8, down: bool) -> Option<()> {
        self.channel(channel)?.pedal_down = down;
        let channel = usize::from(channel);
        if !down {
            for voice in self
                .voices
                .iter_mut()
                .filter(|voice| voice.channel == channel && !voice.key_down)
            {
                voice.release();
            }
        }
        Some(())
    }

    pub(super) fn set_sound(&mut self, channel: u8, slot: u8) -> Option<()> {
        let slot = usize::from(slot);
        if slot >= self.table.num_sounds() {
            return None;
        }
        self.channel(channel)?.slot = slot;
        Some(())
    }

    pub(super) fn release_all(&mut self) -> Option<()> {
        for channel in &mut self.channels {
            channel.pedal_down = false;
        }
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            voice.key_down = false;
            voice.release();
        }
        Some(())
    }

    pub(super) fn reset(&mut self) -> Option<()> {
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            if voice.is_unheard() {
                put_away(voice, &mut self.table);
            } else {
                voice.fade_out_with(controls_of(&self.channels[voice.channel], &self.settings));
            }
        }
        self.channels = [Channel::new(); NUM_CHANNELS];
        self.settings = Settings::new();
        self.strikes = [[0; NUM_KEYS]; NUM_CHANNELS];
        Some(())
    }

    /// A key struck again releases its old note at once, pedal or not.
    fn make_way(&mut self, channel: usize, key: u8) {
        for voice in self
            .voices
            .iter_mut()
            .filter(|voice| voice.is_busy() && voice.channel == channel && voice.key == key)
        {
            voice.key_down = false;
            if voice.is_unheard() {
                put_away(voice, &mut self.table);
            } else {
                voice.release_at_once();
            }
        }
    }

    fn derived_seed(&self, channel: usize, key: usize, strike: u32) -> u32 {
        hash(
            hash(self.seed, VOICE_STREAM, (channel * NUM_KEYS + key) as u32),
            VOICE_STREAM,
            strike,
        )
    }

    /// A silent voice, after one was stolen if all are in use. `None` when the spare ones are still fading.
    fn voice_for_new_note(&mut self) -> Option<usize> {
        let sounding = self
            .voices
            .iter()
            .filter(|voice| voice.is_busy() && !voice.is_fading())
            .count();
        if sounding < self.max_voices {
            return self.voices.iter().position(|voice| !voice.is_busy());
        }
        let victim = self.victim()?;
        if self.voices[victim].is_unheard() {
            count(&self.counters.stolen_voices);
            put_away(&mut self.voices[victim], &mut self.table);
            return Some(victim);
        }
        let spare = self.voices.iter().position(|voice| !voice.is_busy())?;
        count(&self.counters.stolen_voices);
        self.voices[victim].fade_out();
        Some(spare)
    }

    /// The quietest released voice, else the oldest.
    fn victim(&self) -> Option<usize> {
        let candidates = || {
            self.voices
                .iter()
                .enumerate()
                .filter(|(_, voice)| voice.is_busy() && !voice.is_fading())
        };
        let released = candidates().filter(|(_, voice)| voice.envelope.is_released());
        let quietest = released.min_by(|(_, a), (_, b)| a.loudness().total_cmp(&b.loudness()));
        quietest
            .or_else(|| candidates().min_by_key(|(_, voice)| voice.order))
            .map(|(index, _)| index)
    }
}

fn in_range(channel: u8, key: u8) -> Option<(usize, usize)> {
    let (channel, key) = (usize::from(channel), usize::from(key));
    (channel < NUM_CHANNELS && key < NUM_KEYS).then_some((channel, key))
}
