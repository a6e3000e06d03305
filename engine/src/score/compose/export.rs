//! A bed as other programs read it: MIDI, tempo map, markers, cue sheet. Pure text and bytes.

use super::bed::{Bed, BedPart};
use crate::cues::timecode::FrameRate;
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
        texts: Vec::new(),
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

/// The tempo map as a table: `time_s,bar,section,tempo_bpm,beats`, one line a section.
pub fn tempo_map_csv(bed: &Bed) -> String {
    let mut text = String::from("time_s,bar,section,tempo_bpm,beats\n");
    let mut bar = 1;
    for section in &bed.sections {
        text.push_str(&format!(
            "{:.6},{bar},{},{:.4},{}\n",
            section.start_s,
            section.kind.name(),
            section.tempo_bpm,
            trimmed(section.beats())
        ));
        bar += section.bars.len();
    }
    text
}

/// Sections and hits as markers: `time_s,name`, readable by `--markers`.
pub fn markers_csv(bed: &Bed) -> String {
    let mut markers: Vec<(f64, String)> = bed
        .hits
        .iter()
        .map(|hit| (hit.placed_s, hit.name.clone()))
        .collect();
    let sections = bed.sections.iter().filter(|section| section.hit.is_none());
    markers.extend(sections.map(|section| (section.start_s, section.kind.name().to_owned())));
    markers.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut text = String::from("time_s,name\n");
    for (time_s, name) in markers {
        text.push_str(&format!("{time_s:.6},{}\n", quoted(&name)));
    }
    text
}

/// A cue sheet for people: what sounds when, in timecode.
pub fn cue_sheet(bed: &Bed, rate: FrameRate, start_frame: u64) -> String {
    let timecode = |time_s: f64| rate.timecode(start_frame + rate.frame(time_s));
    let mut text = format!(
        "Bed in {}, {} to {} at {rate} frames a second, {:.2} beats a minute\n\n",
        bed.key,
        timecode(0.0),
        timecode(bed.length_s),
        bed.tempo_bpm
    );
    for (index, section) in bed.sections.iter().enumerate() {
        let chords: Vec<&str> = bed
            .chords
            .iter()
            .filter(|chord| chord.section == index)
            .map(|chord| chord.symbol.as_str())
            .collect();
        text.push_str(&format!(
            "{}  {:<6} {:>3} bars at {:>6.2}   {}\n",
            timecode(section.start_s),
            section.kind.name(),
            section.bars.len(),
            section.tempo_bpm,
            chords.join(" ")
        ));
    }
    if !bed.hits.is_empty() {
        text.push_str("\nHits\n");
    }
    for hit in &bed.hits {
        let miss = (hit.placed_s - hit.wanted_s) / rate.frame_s();
        text.push_str(&format!(
            "{}  {:<24} {}\n",
            timecode(hit.wanted_s),
            hit.name,
            match &hit.remedy {
                Some(remedy) if miss.abs() > 0.5 =>
                    format!("missed by {miss:+.1} frames; {remedy}"),
                _ => "met".to_owned(),
            }
        ));
    }
    text
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A field of a table; one with commas, quotes or line ends is put in quotes (RFC 4180).
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
