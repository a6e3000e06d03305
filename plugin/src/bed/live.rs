//! Figures that pass between the audio callback, the worker and the editor. No locks: anybody may read at any time.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Stretches of the bed that voice activity is remembered for.
const VOICE_PLACES: usize = 512;
/// Level of a voice that is shown as none, dBFS.
const VOICE_FLOOR_DB: f32 = -48.0;
/// Until a host has said its own.
const USUAL_RATE_HZ: u32 = 48_000;

/// Where the callback's time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Clock {
    /// No block has been played yet.
    Unknown,
    /// The host's timeline.
    Timeline,
    /// The host's timeline, which stands.
    Stopped,
    /// Counted from the start: the host has no timeline, or is not to be followed.
    FromStart,
}

/// The figures of one instance.
pub(super) struct Live {
    /// Frame of the bed that the callback plays next. Written by the callback.
    frame: AtomicI64,
    clock: AtomicU8,
    /// Blocks so far. Written by the callback.
    num_blocks: AtomicU64,
    /// Whether the callback waits for pages.
    is_waiting: AtomicBool,
    /// Whether pages that were wanted had not come.
    is_late: AtomicBool,
    is_speech: AtomicBool,
    /// 0..1, bits of an `f32`.
    duck_amount: AtomicU32,
    /// Highest sample since the editor looked last, bits of an `f32`: voice, bed.
    peaks: [AtomicU32; 2],
    /// Counts the editor's wishes to play from the start.
    restarts: AtomicU32,
    /// The host's loop range, frames of its timeline; an empty one for none.
    range: [AtomicI64; 2],
    /// Frames per second.
    sample_rate_hz: AtomicU32,
    /// How much of a voice was heard along the bed, 0..=255, evenly spaced. Written by the callback.
    voice: [AtomicU8; VOICE_PLACES],
}

impl Default for Live {
    fn default() -> Self {
        Self {
            frame: AtomicI64::new(0),
            clock: AtomicU8::new(Clock::Unknown as u8),
            num_blocks: AtomicU64::new(0),
            is_waiting: AtomicBool::new(false),
            is_late: AtomicBool::new(false),
            is_speech: AtomicBool::new(false),
            duck_amount: AtomicU32::new(0),
            peaks: Default::default(),
            restarts: AtomicU32::new(0),
            range: Default::default(),
            sample_rate_hz: AtomicU32::new(USUAL_RATE_HZ),
            voice: [const { AtomicU8::new(0) }; VOICE_PLACES],
        }
    }
}

/// What a block was like.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockFigures {
    pub(super) peaks: [f32; 2],
    pub(super) duck_amount: f32,
    pub(super) is_speech: bool,
    pub(super) is_late: bool,
    /// Where on the bed it began and ended, shares of its length.
    pub(super) place: Option<[f32; 2]>,
}

impl Live {
    /// Says what will be played next.
    pub(super) fn set_position(&self, clock: Clock, frame: i64) {
        self.clock.store(clock as u8, Ordering::Relaxed);
        self.frame.store(frame, Ordering::Release);
    }

    /// Notes a block.
    pub(super) fn note_block(&self, figures: &BlockFigures) {
        for (slot, peak) in self.peaks.iter().zip(figures.peaks) {
            // Bits of numbers that are not negative are ordered as the numbers are.
            slot.fetch_max(peak.to_bits(), Ordering::Relaxed);
        }
        let amount = figures.duck_amount.to_bits();
        self.duck_amount.store(amount, Ordering::Relaxed);
        self.is_speech.store(figures.is_speech, Ordering::Relaxed);
        self.is_late.store(figures.is_late, Ordering::Relaxed);
        if let Some(place) = figures.place {
            let level_db = 20.0 * figures.peaks[0].max(1e-6).log10();
            let share = (1.0 - level_db / VOICE_FLOOR_DB).clamp(0.0, 1.0);
            let heard = if figures.is_speech {
                255.0 * share
            } else {
                0.0
            };
            self.note_voice(place, heard as u8);
        }
        self.num_blocks.fetch_add(1, Ordering::Release);
    }

    /// Every stretch that a block touches: long blocks of a short bed touch many.
    fn note_voice(&self, [from, to]: [f32; 2], heard: u8) {
        let first = ((from * VOICE_PLACES as f32) as usize).min(VOICE_PLACES - 1);
        let end = (to * VOICE_PLACES as f32).ceil() as usize;
        let end = end.clamp(first + 1, VOICE_PLACES);
        for place in &self.voice[first..end] {
            place.store(heard, Ordering::Relaxed);
        }
    }

    /// Says whether the callback waits.
    pub(super) fn set_waiting(&self, is_waiting: bool) {
        self.is_waiting.store(is_waiting, Ordering::Release);
    }

    /// Notes the range that the host marks, if it does.
    pub(super) fn set_range(&self, range: Option<(i64, i64)>) {
        let (start, end) = range.unwrap_or((0, 0));
        self.range[0].store(start, Ordering::Relaxed);
        self.range[1].store(end, Ordering::Relaxed);
    }

    /// Says how many frames a second has.
    pub(super) fn set_sample_rate_hz(&self, sample_rate_hz: u32) {
        self.sample_rate_hz.store(sample_rate_hz, Ordering::Relaxed);
    }

    pub(super) fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz.load(Ordering::Relaxed)
    }

    /// Whether the position moves, as far as the host says.
    pub(super) fn is_playing(&self) -> bool {
        matches!(self.clock(), Clock::Timeline | Clock::FromStart)
    }

    /// How much of a voice was heard along the bed, 0..1.
    pub(super) fn voice(&self) -> Vec<f32> {
        let places = self.voice.iter();
        places
            .map(|place| f32::from(place.load(Ordering::Relaxed)) / 255.0)
            .collect()
    }

    pub(super) fn frame(&self) -> i64 {
        self.frame.load(Ordering::Acquire)
    }

    pub(super) fn clock(&self) -> Clock {
        match self.clock.load(Ordering::Relaxed) {
            1 => Clock::Timeline,
            2 => Clock::Stopped,
            3 => Clock::FromStart,
            _ => Clock::Unknown,
        }
    }

    pub(super) fn num_blocks(&self) -> u64 {
        self.num_blocks.load(Ordering::Acquire)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire)
    }

    pub(super) fn is_late(&self) -> bool {
        self.is_late.load(Ordering::Relaxed)
    }

    pub(super) fn is_speech(&self) -> bool {
        self.is_speech.load(Ordering::Relaxed)
    }

    pub(super) fn duck_amount(&self) -> f32 {
        f32::from_bits(self.duck_amount.load(Ordering::Relaxed))
    }

    /// Peaks since the last call: voice, bed.
    pub(super) fn take_peaks(&self) -> [f32; 2] {
        std::array::from_fn(|side| f32::from_bits(self.peaks[side].swap(0, Ordering::Relaxed)))
    }

    /// The host's loop range, frames.
    pub(super) fn range(&self) -> Option<(i64, i64)> {
        let [start, end] = self.range.each_ref().map(|end| end.load(Ordering::Relaxed));
        (start < end).then_some((start, end))
    }

    /// Plays from the start.
    pub(super) fn restart(&self) {
        self.restarts.fetch_add(1, Ordering::Release);
    }

    pub(super) fn num_restarts(&self) -> u32 {
        self.restarts.load(Ordering::Acquire)
    }
}
