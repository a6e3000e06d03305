//! A bed as other programs read it: MIDI, tempo map, markers, cue sheet. Pure text and bytes.

use super::bed::{Bed, BedPart};
use crate::score::write::{Tune, TuneTrack, note_off, note_on, program};

/// Ticks of a beat: the twelfths that sections may end on are whole numbers of them.
const TICKS_PER_BEAT: u32 = 960;
/// General MIDI programs that come near to the parts: warm pad, acoustic bass, pizzicato, piano, strings.
const PROGRAMS: [u8; 5] = [89, 32, 45, 0, 48];

/// The bed as a tune: one track and channel a part, tempo per section.
pub fn tune(bed: &Bed) -> Tune {
    let clock = Clock::new(bed);
    let tracks = BedPart::ALL
        .into_iter()
        .map(|part| {
            let mut messages = vec![(0, program(PROGRAMS[part.index()]))];
            for note in bed.part(part) {
                let velocity = (127.0 * note.velocity).round().clamp(1.0, 127.0) as u8;
                let start = clock.tick(bed, note.start_s);
                let end = clock.tick(bed, note.end_s).max(start + 1);
                messages.push((start, note_on(note.key, velocity)));
                messages.push((end, note_off(note.key)));
            }
            TuneTrack {
                name: part.name().to_owned(),
                channel: part.index() as u8,
                messages,
            }
        })
        .collect();
    Tune {
        ticks_per_beat: TICKS_PER_BEAT as u16,
        tempo: clock.tempo(bed),
        tracks,
    }
}

/// Where the sections begin in ticks.
struct Clock {
    starts: Vec<u32>,
}

impl Clock {
    fn new(bed: &Bed) -> Self {
        let mut beats = 0.0;
        let starts = bed.sections.iter().map(|section| {
            let start = (beats * f64::from(TICKS_PER_BEAT)).round() as u32;
            beats += section.beats();
            start
        });
        Clock {
            starts: starts.collect(),
        }
    }

    fn tempo(&self, bed: &Bed) -> Vec<(u32, u32)> {
        bed.sections
            .iter()
            .zip(&self.starts)
            .map(|(section, &start)| (start, (1e6 * section.beat_s()).round() as u32))
            .collect()
    }

    fn tick(&self, bed: &Bed, time_s: f64) -> u32 {
        let after = bed
            .sections
            .partition_point(|section| section.start_s <= time_s);
        let index = after.saturating_sub(1);
        let section = &bed.sections[index];
        let beats = (time_s - section.start_s) / section.beat_s();
        self.starts[index] + (beats * f64::from(TICKS_PER_BEAT)).round().max(0.0) as u32
    }
}
