//! From ticks to seconds, exactly: whole numbers until the last division, so that long files do not drift.

use midly::{Fps, Timing};

use crate::error::{Error, Result};

/// Tempo before the first tempo event, from the MIDI file specification: 120 beats a minute.
const DEFAULT_US_PER_BEAT: u32 = 500_000;

/// Where every tick of a file falls.
pub(super) struct TempoMap {
    /// Ascending by tick, never empty.
    segments: Vec<Segment>,
    /// Units of a segment's position in one second.
    units_per_s: u128,
}

/// A stretch of constant tempo.
#[derive(Clone, Copy)]
struct Segment {
    start_tick: u64,
    /// Position in units (see `units_per_s`).
    start_units: u128,
    units_per_tick: u128,
}

/// A tempo event of the file.
#[derive(Clone, Copy)]
pub(super) struct TempoChange {
    pub tick: u64,
    pub us_per_beat: u32,
}

impl TempoMap {
    /// `changes` sorted by tick. Under SMPTE timing ticks are fixed parts of a second and tempo has no meaning.
    pub fn new(timing: Timing, changes: &[TempoChange]) -> Result<Self> {
        match timing {
            Timing::Metrical(ticks_per_beat) if ticks_per_beat.as_int() > 0 => {
                metrical(u128::from(ticks_per_beat.as_int()), changes)
            }
            Timing::Timecode(fps, subframes) if subframes > 0 => {
                Ok(timecode(fps, u128::from(subframes)))
            }
            _ => Err(Error::score(
                "the MIDI file's header says 0 ticks per beat",
                "export it again with another program",
            )),
        }
    }

    /// Seconds from the start of the file.
    pub fn seconds(&self, tick: u64) -> f64 {
        let index = self
            .segments
            .partition_point(|segment| segment.start_tick <= tick);
        let segment = self.segments[index.saturating_sub(1)];
        let units =
            segment.start_units + u128::from(tick - segment.start_tick) * segment.units_per_tick;
        let whole_s = units / self.units_per_s;
        whole_s as f64 + (units % self.units_per_s) as f64 / self.units_per_s as f64
    }
}

fn metrical(ticks_per_beat: u128, changes: &[TempoChange]) -> Result<TempoMap> {
    // One unit is a microsecond divided by the ticks of a beat: every tick is then a whole number of units.
    let mut segments = vec![Segment {
        start_tick: 0,
        start_units: 0,
        units_per_tick: u128::from(DEFAULT_US_PER_BEAT),
    }];
    let mut last = segments[0];
    for change in changes {
        if change.us_per_beat == 0 {
            return Err(Error::score(
                format!("the MIDI file sets tempo 0 at tick {}", change.tick),
                "remove that tempo event and export it again",
            ));
        }
        last = Segment {
            start_tick: change.tick,
            start_units: last.start_units
                + u128::from(change.tick - last.start_tick) * last.units_per_tick,
            units_per_tick: u128::from(change.us_per_beat),
        };
        segments.push(last);
    }
    Ok(TempoMap {
        segments,
        units_per_s: 1_000_000 * ticks_per_beat,
    })
}

fn timecode(fps: Fps, subframes: u128) -> TempoMap {
    // 29.97 is 30000/1001 exactly; the others are whole, so 1000 units keep one formula for all.
    let (units_per_frame, frames_per_s) = match fps {
        Fps::Fps29 => (1001, 30),
        whole => (1000, u128::from(whole.as_int())),
    };
    TempoMap {
        segments: vec![Segment {
            start_tick: 0,
            start_units: 0,
            units_per_tick: units_per_frame,
        }],
        units_per_s: 1000 * frames_per_s * subframes,
    }
}
