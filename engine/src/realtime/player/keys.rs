//! What keys do to voices: starting, releasing and stealing them. Audio thread.

use models::seeded::hash;

use super::super::channel::{Channel, NUM_CHANNELS};
use super::super::counters::count;
use super::super::notes::{NUM_KEYS, Wish, layer_of_velocity, place_of};
use super::super::parameters::NUM_CORNERS;
use super::super::settings::{Settings, corner_weights};
use super::super::voice::{HeldNote, SourceStart, Starts, VoiceStart};
use super::controls::Controls;
use super::mono::{HeldKey, MonoKeys};
use super::pedals::is_pedalled;
use super::waiting::WaitingKeys;
use super::{Player, Zones, put_away};

/// Loudness follows velocity to this power: 0.8 is -2.9 dB, 0.5 is -9 dB, 0.1 is -30 dB. `note/gain.rs` counts on it.
const VELOCITY_POWER: i32 = 3;
/// Stream of the voices' seeds.
const VOICE_STREAM: u32 = 64;
/// What the soft pedal takes off notes that are struck while it is down.
const SOFT_GAIN: f32 = 0.63;
/// How it darkens them, dB per octave.
const SOFT_TILT_DB: f32 = -2.0;

/// Factor of a velocity, 0..=1: velocity^1.5, less steep as the share falls.
fn velocity_gain(velocity: f32, share: f32) -> f32 {
    let gain = velocity.sqrt().powi(VELOCITY_POWER);
    if share == 1.0 { gain } else { gain.powf(share) }
}

impl Player {
    pub(super) fn note_on(
        &mut self,
        channel: u8,
        key: u8,
        velocity: f32,
        note_id: Option<i32>,
        seed: Option<u32>,
    ) -> Option<()> {
        in_range(channel, key)?;
        if !velocity.is_finite() {
            return None;
        }
        if velocity <= 0.0 {
            return self.note_off(channel, key);
        }
        let held = HeldKey {
            channel,
            key,
            velocity: velocity.min(1.0),
            note_id,
        };
        if self.is_mono() {
            self.mono_on(held, seed);
        } else {
            self.make_way(usize::from(channel), key);
            self.strike(held, seed);
        }
        Some(())
    }

    /// Starts a voice for a key that was struck; gives its order.
    pub(super) fn strike(&mut self, held: HeldKey, seed: Option<u32>) -> Option<u64> {
        let (channel, key) = in_range(held.channel, held.key)?;
        let strike = self.strikes[channel][key];
        self.strikes[channel][key] = strike.wrapping_add(1);
        let seed = seed.unwrap_or_else(|| self.derived_seed(channel, key, strike));
        self.start(held, seed)
    }

    /// Starts a voice for a key; gives its order. Where no note of its sound exists, the key waits for the first one.
    pub(super) fn start(&mut self, held: HeldKey, seed: u32) -> Option<u64> {
        let (channel, _) = in_range(held.channel, held.key)?;
        self.waiting.remove(held.channel, held.key);
        let pitch = self.pitch_of(held.key)?;
        let notes = self.notes_for(channel, pitch, held.velocity);
        if notes.iter().all(Option::is_none) {
            self.waiting.add(held, seed);
            return None;
        }
        let Some(voice) = self.voice_for_new_note() else {
            count(&self.counters.skipped_notes);
            self.let_go(notes);
            return None;
        };
        let parameters = &self.settings.parameters;
        let is_soft = self.is_soft(channel);
        let soft_gain = if is_soft { SOFT_GAIN } else { 1.0 };
        let start = VoiceStart {
            notes,
            channel,
            key: held.key,
            note_id: held.note_id,
            pitch,
            glide: (parameters.glide_ms > 0.0)
                .then_some(self.last_pitch)
                .flatten()
                .map(|from| (from, parameters.glide_ms)),
            seed,
            velocity_gain: soft_gain * velocity_gain(held.velocity, parameters.velocity_share),
            soft_tilt_db: if is_soft { SOFT_TILT_DB } else { 0.0 },
            order: self.order,
        };
        self.last_pitch = Some(pitch);
        self.order += 1;
        let order = start.order;
        let spare = self.voices[voice].start(start, &parameters.envelope, &parameters.curves);
        self.let_go(spare);
        Some(order)
    }

    /// Lets the voice that plays all keys go on as another.
    pub(super) fn change_key(&mut self, voice: usize, held: HeldKey) {
        let Some(pitch) = self.pitch_of(held.key) else {
            return;
        };
        let notes = self.notes_for(usize::from(held.channel), pitch, held.velocity);
        let glide_ms = self.settings.parameters.glide_ms;
        self.last_pitch = Some(pitch);
        let voice = &mut self.voices[voice];
        let spare = voice.change_key(held.key, held.note_id, pitch, glide_ms, notes);
        voice.channel = usize::from(held.channel);
        for held in spare.into_iter().flatten() {
            self.table.let_go(held.ready, held.place);
        }
    }

    /// Pitch of a key, transposed and tuned, semitones; `None` for a key that the tuning leaves out.
    fn pitch_of(&self, key: u8) -> Option<f64> {
        let transposed = i32::from(key) + self.settings.parameters.transpose_semitones;
        let inside = transposed.clamp(0, NUM_KEYS as i32 - 1);
        self.tuning.pitch(inside)
    }

    /// The notes that a key is a mixture of; wishes for those that are not ready, the loudest corner's first.
    fn notes_for(&mut self, channel: usize, pitch: f64, velocity: f32) -> Starts {
        let key = pitch.round().clamp(0.0, (NUM_KEYS - 1) as f64) as u8;
        let layer = layer_of_velocity(velocity) as u8;
        let moving = self.settings.at(self.frame);
        let weights = corner_weights(moving.morph);
        let mut order: [usize; NUM_CORNERS] = [0, 1, 2, 3];
        order.sort_unstable_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let mut starts = Starts::default();
        let corners = self.settings.parameters.corners;
        let num_corners = if corners.is_some() { NUM_CORNERS } else { 1 };
        for corner in order.into_iter().take(num_corners) {
            let (corner, slot) = match corners {
                Some(slots) => (corner, slots[corner]),
                None => (0, self.channels[channel].slot as u8),
            };
            let wish = Wish { slot, layer, key };
            let wanted_place = place_of(&wish);
            let found = self.table.find(wish, &self.counters);
            starts[corner] = found.map(|found| SourceStart {
                held: HeldNote {
                    ready: found.ready,
                    place: found.place,
                },
                wanted_place,
            });
        }
        starts
    }

    fn let_go(&mut self, notes: Starts) {
        for start in notes.into_iter().flatten() {
            self.table.let_go(start.held.ready, start.held.place);
        }
    }

    fn is_soft(&self, channel: usize) -> bool {
        let master = self.zones.master_of(channel);
        self.channels[channel].soft_down
            || master.is_some_and(|master| self.channels[master].soft_down)
    }

    pub(super) fn note_off(&mut self, channel: u8, key: u8) -> Option<()> {
        let (channel_index, _) = in_range(channel, key)?;
        self.waiting.remove(channel, key);
        if self.is_mono() && self.mono_off(channel, key) {
            return Some(());
        }
        for voice in self
            .voices
            .iter_mut()
            .filter(|voice| voice.is_busy() && voice.channel == channel_index && voice.key == key)
        {
            voice.key_down = false;
            if !is_pedalled(&self.channels, &self.zones, voice) {
                voice.release();
            }
        }
        Some(())
    }

    pub(super) fn choke(&mut self, channel: u8, key: u8) -> Option<()> {
        let (channel_index, _) = in_range(channel, key)?;
        self.waiting.remove(channel, key);
        if self.is_mono() {
            self.mono_off(channel, key);
        }
        for voice in self
            .voices
            .iter_mut()
            .filter(|voice| voice.is_busy() && voice.channel == channel_index && voice.key == key)
        {
            if voice.is_unheard() {
                put_away(voice, &mut self.table);
            } else {
                voice.fade_out();
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

    pub(super) fn reset(&mut self) -> Option<()> {
        let controls = Controls {
            channels: &self.channels,
            zones: &self.zones,
            settings: &self.settings,
        };
        for voice in self.voices.iter_mut().filter(|voice| voice.is_busy()) {
            if voice.is_unheard() {
                put_away(voice, &mut self.table);
            } else {
                voice.fade_out_with(controls.of(voice, self.frame));
            }
        }
        let settings = &self.settings;
        let mix = settings.reverb_mix.value(self.frame, settings.ramp_frames);
        self.bus.fade_out(mix);
        self.channels = [Channel::new(); NUM_CHANNELS];
        self.zones = Zones::default();
        self.settings = Settings::new(self.sample_rate_hz);
        self.mono = MonoKeys::default();
        self.waiting = WaitingKeys::default();
        self.strikes = [[0; NUM_KEYS]; NUM_CHANNELS];
        self.last_pitch = None;
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
        if sounding < self.settings.max_voices(self.max_voices) {
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
