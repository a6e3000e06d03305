//! MIDI controllers, the pitch wheel and registered parameters. Audio thread.
//!
//! Numbers are those of the MIDI 1.0 specification; General MIDI says how volume and expression sound.

use super::super::channel::{Bend, Channel, NO_PARAMETER};
use super::super::voice::Voice;
use super::super::zones::{LOWER_MASTER, UPPER_MASTER};
use super::{Player, finite, put_away};

const MODULATION: u8 = 1;
const DATA_ENTRY: u8 = 6;
const VOLUME: u8 = 7;
const PAN: u8 = 10;
const EXPRESSION: u8 = 11;
const DATA_ENTRY_FINE: u8 = 38;
const SUSTAIN: u8 = 64;
const SOSTENUTO: u8 = 66;
const SOFT: u8 = 67;
const TIMBRE: u8 = 74;
const OTHER_PARAMETER_FINE: u8 = 98;
const OTHER_PARAMETER: u8 = 99;
const PARAMETER_FINE: u8 = 100;
const PARAMETER: u8 = 101;
const ALL_SOUND_OFF: u8 = 120;
const RESET_CONTROLLERS: u8 = 121;
const ALL_NOTES_OFF: u8 = 123;
const LAST_NUMBER: u8 = 127;
/// Registered parameter: bend range.
const BEND_RANGE: (u8, u8) = (0, 0);
/// Registered parameter: MPE configuration, count of members.
const MPE_CONFIGURATION: (u8, u8) = (0, 6);
/// Volume at which a channel plays unchanged.
const FULL_VOLUME: f32 = 100.0 / 127.0;
/// Farthest bend, semitones.
const MAX_BEND_SEMITONES: f32 = 60.0;

impl Player {
    pub(super) fn bend(&mut self, channel: u8, semitones: f32) -> Option<()> {
        let semitones = finite(semitones)?.clamp(-MAX_BEND_SEMITONES, MAX_BEND_SEMITONES);
        self.channel(channel)?.bend = Bend::Fixed(semitones);
        Some(())
    }

    pub(super) fn pitch_bend(&mut self, channel: u8, value: f32) -> Option<()> {
        let value = finite(value)?.clamp(-1.0, 1.0);
        self.channel(channel)?.bend = Bend::OfRange(value);
        Some(())
    }

    pub(super) fn controller(&mut self, channel: u8, number: u8, value: f32) -> Option<()> {
        let value = finite(value)?.clamp(0.0, 1.0);
        let seven_bits = (value * 127.0).round() as u8;
        if number > LAST_NUMBER {
            return None;
        }
        let state = self.channel(channel)?;
        match number {
            MODULATION => state.mod_wheel = value,
            VOLUME => state.volume = squared(value / FULL_VOLUME),
            EXPRESSION => state.expression = squared(value),
            PAN => state.set_pan(((f32::from(seven_bits) - 64.0) / 63.0).max(-1.0)),
            TIMBRE => state.timbre = centred(seven_bits, value),
            SOFT => state.soft_down = seven_bits >= 64,
            SUSTAIN => return self.set_pedal(channel, seven_bits >= 64),
            SOSTENUTO => return self.set_sostenuto(channel, seven_bits >= 64),
            PARAMETER => state.parameter.0 = seven_bits,
            PARAMETER_FINE => state.parameter.1 = seven_bits,
            OTHER_PARAMETER | OTHER_PARAMETER_FINE => state.parameter = NO_PARAMETER,
            DATA_ENTRY | DATA_ENTRY_FINE => self.enter_data(channel, number, seven_bits),
            RESET_CONTROLLERS => return self.reset_controllers(channel),
            ALL_SOUND_OFF => return self.end_sounds(channel),
            ALL_NOTES_OFF..=LAST_NUMBER => return self.release_channel(channel),
            _ => {}
        }
        Some(())
    }

    fn enter_data(&mut self, channel: u8, number: u8, value: u8) {
        let Some(state) = self.channels.get_mut(usize::from(channel)) else {
            return;
        };
        match (state.parameter, number) {
            (BEND_RANGE, DATA_ENTRY) => {
                state.bend_range_semitones = Some(f32::from(value.min(96)));
            }
            (BEND_RANGE, _) => {
                let whole = state.bend_range_semitones.unwrap_or(2.0).trunc();
                state.bend_range_semitones = Some(whole + f32::from(value.min(99)) * 0.01);
            }
            (MPE_CONFIGURATION, DATA_ENTRY) => {
                let channel = usize::from(channel);
                if channel == LOWER_MASTER || channel == UPPER_MASTER {
                    self.zones.configure(channel, value);
                }
            }
            _ => {}
        }
    }

    fn reset_controllers(&mut self, channel: u8) -> Option<()> {
        self.set_pedal(channel, false)?;
        self.set_sostenuto(channel, false)?;
        self.channel(channel).map(Channel::reset_controllers)
    }

    /// Ends everything on a channel or zone within 5 ms.
    fn end_sounds(&mut self, channel: u8) -> Option<()> {
        let zones = self.zones;
        let ruled = |voice: &&mut Voice| {
            voice.is_busy() && zones.rules(usize::from(channel), voice.channel)
        };
        for voice in self.voices.iter_mut().filter(ruled) {
            if voice.is_unheard() {
                put_away(voice, &mut self.table);
            } else {
                voice.fade_out();
            }
        }
        self.mono = super::MonoKeys::default();
        self.waiting
            .keep(|held| !zones.rules(usize::from(channel), usize::from(held.channel)));
        Some(())
    }
}

/// General MIDI level 1: 40 log10 of the value, which is the square as a factor.
fn squared(value: f32) -> f32 {
    value * value
}

/// -1..=1; 64 of 127 is the middle.
fn centred(seven_bits: u8, value: f32) -> f32 {
    if seven_bits == 64 {
        0.0
    } else {
        2.0 * value - 1.0
    }
}
