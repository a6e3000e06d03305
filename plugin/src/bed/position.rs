//! Where the bed stands: by the host's timeline, or counted from the start where there is none. Audio thread.
//!
//! Hosts that have no timeline do not always say so: in VST3 every host names a position in samples, 0 for want of one, and
//! some name a tempo too. A timeline that stands is one whose place the host gives in seconds or beats, for which both
//! formats have a flag; or one that has played, or stands elsewhere.

use nice_plug::prelude::Transport;

use super::live::{Clock, Live};
use super::params::{BedParams, FollowChoice};

/// The position of one instance.
#[derive(Debug)]
pub(super) struct Position {
    sample_rate_hz: f64,
    /// Frames since the start, where there is no timeline.
    since_start: i64,
    /// Whether the host's timeline has ever played.
    has_played: bool,
    was_on: bool,
    num_restarts: u32,
}

impl Position {
    pub(super) fn new(sample_rate_hz: f32) -> Self {
        Self {
            sample_rate_hz: f64::from(sample_rate_hz),
            since_start: 0,
            has_played: false,
            was_on: false,
            num_restarts: 0,
        }
    }

    /// Counts from the start again.
    pub(super) fn reset(&mut self) {
        self.since_start = 0;
    }

    /// The bed's frame at the start of a block of so many frames. A timeline that stands has one too: what will be heard
    /// from there is rendered meanwhile.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn next(
        &mut self,
        transport: &Transport,
        params: &BedParams,
        live: &Live,
        num_frames: usize,
    ) -> (Clock, i64) {
        self.look_for_restart(params, live);
        let clock = match params.follow.value() {
            FollowChoice::Auto => self.clock_of(transport),
            FollowChoice::FromStart => Clock::FromStart,
        };
        match (clock, transport.pos_samples()) {
            (Clock::Timeline | Clock::Stopped, Some(frame)) => {
                let start_s = 1e-3 * f64::from(params.form.start_ms.value());
                let start = (start_s * self.sample_rate_hz).round() as i64;
                (clock, frame.saturating_sub(start))
            }
            _ => {
                let frame = self.since_start;
                self.since_start += num_frames as i64;
                (Clock::FromStart, frame)
            }
        }
    }

    fn clock_of(&mut self, transport: &Transport) -> Clock {
        let Some(frame) = transport.pos_samples() else {
            return Clock::FromStart;
        };
        self.has_played |= transport.playing;
        let is_said = transport.pos_seconds.is_some() || transport.pos_beats.is_some();
        let is_elsewhere = transport.tempo.is_some() && frame != 0;
        let is_real = self.has_played || is_said || is_elsewhere;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(transport: &Transport) -> (Clock, i64) {
        let (params, live) = (BedParams::default(), Live::default());
        let mut position = Position::new(48_000.0);
        position.next(transport, &params, &live, 480);
        position.next(transport, &params, &live, 480)
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
    fn the_editors_restart_counts_from_the_start() {
        let (params, live) = (BedParams::default(), Live::default());
        let mut position = Position::new(48_000.0);
        let transport = Transport::new(48_000.0);
        position.next(&transport, &params, &live, 480);
        live.restart();
        let (_, frame) = position.next(&transport, &params, &live, 480);
        assert_eq!(frame, 0);
        let (_, frame) = position.next(&transport, &params, &live, 480);
        assert_eq!(frame, 480);
    }
}
