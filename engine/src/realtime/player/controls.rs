//! What a voice is to follow at a tick: its channel's, its zone master's, its own and everybody's controls. Audio thread.

use super::super::TICK_FRAMES;
use super::super::channel::{Channel, NUM_CHANNELS};
use super::super::settings::{Settings, corner_weights};
use super::super::voice::{TickControls, Voice};
use super::super::zones::Zones;

/// Everything that has a say.
pub(super) struct Controls<'a> {
    pub(super) channels: &'a [Channel; NUM_CHANNELS],
    pub(super) zones: &'a Zones,
    pub(super) settings: &'a Settings,
}

impl Controls<'_> {
    /// What a voice follows in the tick that starts at a frame.
    pub(super) fn of(&self, voice: &Voice, frame: u64) -> TickControls {
        let channel = &self.channels[voice.channel];
        let master = self.zones.master_of(voice.channel);
        let parameters = &self.settings.parameters;
        let touch = &voice.touch;
        let range = parameters.bend_range_semitones;
        let mut bend = channel.bend_semitones(range, master.is_some()) + touch.tuning_semitones;
        let (mut left, mut right) = channel.gains();
        let mut pressure = channel.pressure.max(touch.pressure);
        let mut timbre = channel.timbre + touch.timbre;
        let mut vibrato = channel.mod_wheel + touch.vibrato;
        if let Some(master) = master.map(|master| &self.channels[master]) {
            let gains = master.gains();
            (left, right) = (left * gains.0, right * gains.1);
            bend += master.bend_semitones(range, false);
            pressure = pressure.max(master.pressure);
            timbre += master.timbre;
            vibrato += master.mod_wheel;
        }
        timbre = timbre.clamp(-1.0, 1.0);
        let end = self.settings.at(frame + TICK_FRAMES as u64);
        let tuning_cents = self.settings.at(frame).tuning_cents;
        let (x, y) = end.morph;
        let own = parameters.touch_morph;
        TickControls {
            bend_semitones: f64::from(bend) + f64::from(tuning_cents) * 0.01,
            vibrato: vibrato.min(1.0),
            left_gain: left * touch.volume * touch.pan.0,
            right_gain: right * touch.volume * touch.pan.1,
            width: end.width,
            tilt_db: end.tilt_db + parameters.touch_tilt_db * (pressure + timbre),
            detune_cents: end.detune_cents,
            twin: end.twin,
            weights: corner_weights((
                (x + own * pressure).clamp(0.0, 1.0),
                (y + own * timbre).clamp(0.0, 1.0),
            )),
        }
    }
}
