//! How high a voice sounds beside its key: glide from the pitch before, vibrato. Audio thread; closed forms of its ticks.

use std::f64::consts::TAU;

use models::seeded::unit;

use super::super::TICK_FRAMES;

/// Stream of the vibrato's start, one index.
const VIBRATO_STREAM: u32 = 48;
/// Speed of the vibrato: that of singers and strings.
const VIBRATO_HZ: f64 = 5.6;
/// Depth of full vibrato either way, semitones.
const VIBRATO_SEMITONES: f64 = 0.5;

/// A pitch on its way to its key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glide {
    /// Semitones that it starts away from the key.
    from_semitones: f64,
    start_tick: u32,
    num_ticks: u32,
}

impl Glide {
    /// Starts a straight way, in semitones, that takes some time.
    pub(super) fn new(
        from_semitones: f64,
        start_tick: u32,
        time_ms: f32,
        sample_rate_hz: f64,
    ) -> Self {
        let frames = f64::from(time_ms) * 0.001 * sample_rate_hz;
        Self {
            from_semitones,
            start_tick,
            num_ticks: (frames / TICK_FRAMES as f64).round() as u32,
        }
    }

    /// Semitones away from the key at a tick.
    pub(super) fn semitones(&self, tick: u32) -> f64 {
        let done = tick.saturating_sub(self.start_tick);
        if done >= self.num_ticks {
            return 0.0;
        }
        self.from_semitones * (1.0 - f64::from(done) / f64::from(self.num_ticks))
    }
}

/// Semitones that a vibrato of a depth, 0..=1, bends by at a time since the note's start.
pub(super) fn vibrato_semitones(seed: u32, depth: f32, tick: u32, sample_rate_hz: f64) -> f64 {
    if depth <= 0.0 {
        return 0.0;
    }
    let time_s = f64::from(tick) * TICK_FRAMES as f64 / sample_rate_hz;
    let turns = unit(seed, VIBRATO_STREAM, 0) + time_s * VIBRATO_HZ;
    f64::from(depth) * VIBRATO_SEMITONES * (TAU * turns.fract()).sin()
}
