//! How a bed is mixed: what stands where, and how loud. Data only.

use super::hall::HallSettings;
use crate::score::compose::BedPart;

/// Number of parts.
pub const NUM_PARTS: usize = BedPart::ALL.len();

/// Where a part stands in the mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartMix {
    /// dB.
    pub gain_db: f64,
    /// Into the hall, dB on top of the gain.
    pub send_db: f64,
    /// -1 left .. 1 right; its lines are spread around it.
    pub pan: f32,
    /// How far its lines are spread, 0..1.
    pub spread: f32,
    /// Stereo width of each note, 0..1.
    pub width: f32,
    /// Left out.
    pub is_muted: bool,
}

/// How a bed is mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixSettings {
    /// Frames per second, 16000 to 384000.
    pub sample_rate_hz: u32,
    /// By number of the part.
    pub parts: [PartMix; NUM_PARTS],
    /// The room.
    pub hall: HallSettings,
    /// Threads that play; the samples do not depend on it.
    pub num_threads: usize,
}

const fn part_mix(gain_db: f64, send_db: f64, pan: f32, spread: f32, width: f32) -> PartMix {
    PartMix {
        gain_db,
        send_db,
        pan,
        spread,
        width,
        is_muted: false,
    }
}

impl Default for MixSettings {
    fn default() -> Self {
        MixSettings {
            sample_rate_hz: 48_000,
            parts: [
                part_mix(-3.0, 2.0, 0.0, 0.5, 0.9),
                part_mix(-1.0, -8.0, 0.0, 0.0, 0.2),
                part_mix(-7.0, 1.0, 0.22, 0.2, 0.5),
                part_mix(-2.0, 3.0, -0.12, 0.0, 0.4),
                part_mix(-8.0, 4.0, 0.05, 0.4, 0.8),
            ],
            hall: HallSettings::default(),
            num_threads: 1,
        }
    }
}
