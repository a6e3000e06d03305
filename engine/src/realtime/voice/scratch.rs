//! Memory that all voices of a player work in, one after the other. Audio thread; made before the first callback.

use super::super::TICK_FRAMES;
use super::super::noise::NoiseShaper;
use super::super::partials::{Ratios, TickBuffer};
use super::super::shape::{Partials, Rows};
use crate::note::{MAX_PARTIALS, MAX_ROWS};

/// Scratch that all voices share.
pub(in crate::realtime) struct VoiceScratch {
    pub(in crate::realtime) shaper: NoiseShaper,
    pub(super) rows: Rows,
    pub(super) band_sums: Rows,
    pub(super) amplitudes: Partials,
    pub(super) deviations_cents: Partials,
    /// The same as factors.
    pub(super) ratios: Ratios,
    /// Partials that have an amplitude in this tick; those beyond are silent.
    pub(super) num_partials: usize,
    /// The same of one note of a mixture.
    pub(super) part: Partials,
    pub(super) log2_harmonics: Partials,
    pub(super) twin_left: TickBuffer,
    pub(super) twin_right: TickBuffer,
}

impl VoiceScratch {
    pub(in crate::realtime) fn new(shaper: NoiseShaper) -> Self {
        Self {
            shaper,
            rows: [0.0; MAX_ROWS],
            band_sums: [0.0; MAX_ROWS],
            amplitudes: [0.0; MAX_PARTIALS],
            deviations_cents: [0.0; MAX_PARTIALS],
            ratios: [1.0; MAX_PARTIALS],
            num_partials: 0,
            part: [0.0; MAX_PARTIALS],
            log2_harmonics: std::array::from_fn(|index| ((index + 1) as f32).log2()),
            twin_left: [0.0; TICK_FRAMES],
            twin_right: [0.0; TICK_FRAMES],
        }
    }
}
