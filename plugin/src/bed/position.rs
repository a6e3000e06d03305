//! Where the bed stands: by the host's timeline, or counted from the start where there is none. Audio thread.
//!
//! Hosts that have no timeline do not always say so: in VST3 every host names a position in samples, 0 for want of one, and
//! some (pedalboard, like all of JUCE without a play head) also a tempo, beats and bars, with every flag set. What they look
//! like is a timeline that stands at its start and has never played. The voice tells the two apart: a track that stands is
//! silent.

use nice_plug::prelude::Transport;

use super::live::{Clock, Live};
use super::params::{BedParams, FollowChoice};

/// Louder than the dither of a track that stands, softer than a room in which somebody is about to speak: -80 dB.
const AUDIBLE: f32 = 1e-4;

/// The position of one instance.
#[derive(Debug)]
pub(super) struct Position {
    sample_rate_hz: f64,
    /// Frames since the start, where there is no timeline.
    since_start: i64,
    /// Whether the host's timeline has ever played.
    has_played: bool,
    /// Whether it is sure that the host has one.
    is_known: bool,
    /// Whether a voice came in since the start.
    has_heard: bool,
    was_on: bool,
    num_restarts: u32,
}

impl Position {
    pub(super) fn new(sample_rate_hz: f32) -> Self {
        Self {
            sample_rate_hz: f64::from(sample_rate_hz),
            since_start: 0,
            has_played: false,
            is_known: false,
            has_heard: false,
            was_on: false,
            num_restarts: 0,
        }
    }

    /// Counts from the start again.
    pub(super) fn reset(&mut self) {
        self.since_start = 0;
        self.has_heard = false;
    }

    /// The bed's frame at the start of a block of voice. A timeline that stands has one too: what will be heard from there
    /// is rendered meanwhile.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn next(
        &mut self,
        transport: &Transport,
        params: &BedParams,
        live: &Live,
        voice: &[&mut [f32]],
    ) -> (Clock, i64) {
        self.look_for_restart(params, live);
        let clock = match params.follow.value() {
            FollowChoice::Auto => self.clock_of(transport, voice),
            FollowChoice::FromStart => Clock::FromStart,
        };
        let since_start = self.since_start;
        if clock == Clock::FromStart || !self.is_known {
            self.since_start += voice.first().map_or(0, |channel| channel.len()) as i64;
        }
        match (clock, transport.pos_samples()) {
            (Clock::Timeline | Clock::Stopped, Some(frame)) => {
                let start_s = 1e-3 * f64::from(params.form.start_ms.value());
                let start = (start_s * self.sample_rate_hz).round() as i64;
                (clock, frame.saturating_sub(start))
            }
            _ => (Clock::FromStart, since_start),
        }
    }

    fn clock_of(&mut self, transport: &Transport, voice: &[&mut [f32]]) -> Clock {
        let Some(frame) = transport.pos_samples() else {
            return Clock::FromStart;
        };
        self.has_played |= transport.playing;
        let is_elsewhere = transport.tempo.is_some() && frame != 0;
        self.is_known = self.has_played || is_elsewhere;
        self.has_heard |= !self.is_known && is_audible(voice);
        let is_said = transport.pos_seconds.is_some() || transport.pos_beats.is_some();
        let is_real = self.is_known || (is_said && !self.has_heard);
        match (transport.playing, is_real) {
            (true, _) => Clock::Timeline,
            (false, true) => Clock::Stopped,
            (false, false) => Clock::FromStart,
        }
    }

    fn look_for_restart(&mut self, params: &BedParams, live: &Live) {
        let is_on = params.restart.value();
        let num_restarts = live.num_restarts();
        if (is_on && !self.was_on) || num_restarts != self.num_restarts {
            self.since_start = 0;
        }
        self.was_on = is_on;
        self.num_restarts = num_restarts;
    }
}

fn is_audible(voice: &[&mut [f32]]) -> bool {
    let mut samples = voice.iter().flat_map(|channel| channel.iter());
    samples.any(|sample| sample.abs() > AUDIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(transport: &Transport) -> (Clock, i64) {
        under(&mut [0.0; 480], transport)
    }

    /// The second of two such blocks.
    fn under(voice: &mut [f32], transport: &Transport) -> (Clock, i64) {
        let (params, live) = (BedParams::default(), Live::default());
        let mut position = Position::new(48_000.0);
        position.next(transport, &params, &live, &[&mut *voice]);
        position.next(transport, &params, &live, &[&mut *voice])
    }

    #[test]
    fn a_playing_timeline_is_followed_and_a_standing_one_is_known() {
        let mut transport = Transport::new(48_000.0);
        transport.playing = true;
        transport.pos_seconds = Some(2.0);
        assert_eq!(at(&transport), (Clock::Timeline, 96_000));
        transport.playing = false;
        transport.tempo = Some(120.0);
        assert_eq!(at(&transport), (Clock::Stopped, 96_000));
    }

    #[test]
    fn a_timeline_that_stands_at_its_start_before_it_ever_played_is_known() {
        let at_start = |change: &dyn Fn(&mut Transport)| {
            let mut transport = Transport::new(48_000.0);
            transport.tempo = Some(120.0);
            change(&mut transport);
            at(&transport)
        };
        // As CLAP hosts say it, and as VST3 hosts do.
        let in_clap = at_start(&|transport| transport.pos_seconds = Some(0.0));
        let in_vst3 = at_start(&|transport| {
            transport.pos_samples = Some(0);
            transport.pos_beats = Some(0.0);
        });
        assert_eq!([in_clap, in_vst3], [(Clock::Stopped, 0); 2]);
    }

    #[test]
    fn without_a_timeline_frames_are_counted() {
        let mut transport = Transport::new(48_000.0);
        assert_eq!(at(&transport), (Clock::FromStart, 480));
        // A VST3 host without one: position 0 for ever, and nothing else.
        transport.pos_samples = Some(0);
        assert_eq!(at(&transport), (Clock::FromStart, 480));
        transport.tempo = Some(120.0);
        assert_eq!(at(&transport), (Clock::FromStart, 480));
    }

    #[test]
    fn a_host_that_never_plays_but_lets_a_voice_in_has_no_timeline() {
        // As pedalboard says it.
        let mut transport = Transport::new(48_000.0);
        transport.tempo = Some(120.0);
        transport.pos_samples = Some(0);
        transport.pos_beats = Some(0.0);
        let (mut room, mut dither) = ([0.001; 480], [3e-5; 480]);
        assert_eq!(under(&mut room, &transport), (Clock::FromStart, 480));
        assert_eq!(under(&mut dither, &transport), (Clock::Stopped, 0));
        transport.pos_samples = Some(96_000);
        assert_eq!(under(&mut room, &transport), (Clock::Stopped, 96_000));
    }

    #[test]
    fn the_editors_restart_counts_from_the_start() {
        let (params, live) = (BedParams::default(), Live::default());
        let mut position = Position::new(48_000.0);
        let transport = Transport::new(48_000.0);
        let mut next = || position.next(&transport, &params, &live, &[&mut [0.0; 480]]);
        next();
        live.restart();
        assert_eq!(next().1, 0);
        let (_, frame) = next();
        assert_eq!(frame, 480);
    }
}
