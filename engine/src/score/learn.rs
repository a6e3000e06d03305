//! Chord and rhythm tables counted from MIDI files: which chord follows which, and where in a bar notes begin. Worker or
//! command line.
//!
//! The key of a file is found by the profiles of Krumhansl and Kessler (1982), the chord of a bar by the triad of that key
//! that covers most of what sounds in it. Files played freely (MAESTRO) have no bars of their own; there a bar is four beats
//! of the file's clock, about two seconds. Drum files (Groove) have rhythm and no chords.

use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

use super::DRUM_CHANNEL;
use super::compose::{NUM_STEPS, Tables};
use crate::error::{Error, Result};

const NUM_CLASSES: usize = 12;
const NUM_DEGREES: usize = 7;
/// How strongly each pitch class belongs to a major and a minor key (Krumhansl and Kessler 1982, table 2).
const MAJOR_PROFILE: [f64; NUM_CLASSES] = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
];
const MINOR_PROFILE: [f64; NUM_CLASSES] = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
];
const MAJOR_SCALE: [usize; NUM_DEGREES] = [0, 2, 4, 5, 7, 9, 11];
const MINOR_SCALE: [usize; NUM_DEGREES] = [0, 2, 3, 5, 7, 8, 10];
/// A bar's chord is sure when its triad covers this share of what sounds.
const SURE: f64 = 0.6;
/// A row of the tables made by hand weighs as much as this many counted chords, so that few files do not make a rule.
const PRIOR_CHORDS: f64 = 20.0;
/// The same for the rhythm, in notes.
const PRIOR_NOTES: f64 = 200.0;
/// Beats of a bar that says nothing else.
const DEFAULT_BEATS: u64 = 4;

/// What was counted so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Files that held notes.
    pub num_files: usize,
    /// Changes from one chord to another.
    pub num_changes: usize,
    /// Notes whose place in the bar was counted.
    pub num_notes: usize,
    major: [[f64; NUM_DEGREES]; NUM_DEGREES],
    minor: [[f64; NUM_DEGREES]; NUM_DEGREES],
    onsets: [f64; NUM_STEPS],
}

/// A note in ticks.
struct Note {
    start: u64,
    end: u64,
    key: u8,
    is_drum: bool,
}

impl Counts {
    /// Counts one file.
    ///
    /// # Errors
    /// `Error::Score` when the bytes are no MIDI file with beats.
    pub fn add(&mut self, bytes: &[u8]) -> Result<()> {
        // Refuses what the parser below could stumble over.
        super::midi::read(bytes)?;
        let file = Smf::parse(bytes).map_err(|error| {
            Error::score(format!("this is no MIDI file ({error})"), "leave it out")
        })?;
        let Timing::Metrical(ticks_per_beat) = file.header.timing else {
            return Err(Error::score(
                "the MIDI file counts video frames, not beats",
                "leave it out",
            ));
        };
        let ticks_per_beat = u64::from(ticks_per_beat.as_int()).max(1);
        let notes = notes(&file);
        if notes.is_empty() {
            return Ok(());
        }
        self.num_files += 1;
        let beats = beats_per_bar(&file);
        if beats == DEFAULT_BEATS {
            self.count_onsets(&notes, ticks_per_beat);
        }
        self.count_chords(&notes, beats * ticks_per_beat);
        Ok(())
    }

    fn count_onsets(&mut self, notes: &[Note], ticks_per_beat: u64) {
        let bar = DEFAULT_BEATS * ticks_per_beat;
        for note in notes {
            let in_bar = (note.start % bar) as f64 / bar as f64 * NUM_STEPS as f64;
            self.onsets[in_bar.round() as usize % NUM_STEPS] += 1.0;
            self.num_notes += 1;
        }
    }

    fn count_chords(&mut self, notes: &[Note], bar_ticks: u64) {
        let bars = bars(notes, bar_ticks);
        let mut whole = [0.0; NUM_CLASSES];
        for bar in &bars {
            for (sum, weight) in whole.iter_mut().zip(bar) {
                *sum += weight;
            }
        }
        let (tonic, is_minor) = key_of(&whole);
        let scale = if is_minor { MINOR_SCALE } else { MAJOR_SCALE };
        let table = if is_minor {
            &mut self.minor
        } else {
            &mut self.major
        };
        let mut last: Option<usize> = None;
        for bar in &bars {
            let now = chord_of(bar, tonic, &scale);
            if let (Some(from), Some(to)) = (last, now)
                && from != to
            {
                table[from][to] += 1.0;
                self.num_changes += 1;
            }
            last = now;
        }
    }

    /// The counts on top of the tables made by hand.
    pub fn tables(&self, source: &str) -> Tables {
        let mut tables = Tables::default();
        let counted = [
            (&mut tables.major, &self.major),
            (&mut tables.minor, &self.minor),
        ];
        for (rows, counts) in counted {
            for (row, counts) in rows.iter_mut().zip(counts) {
                blend(row, counts, PRIOR_CHORDS);
            }
        }
        blend(&mut tables.onsets, &self.onsets, PRIOR_NOTES);
        tables.source = format!(
            "{source}: {} files, {} chord changes, {} notes, on top of: {}",
            self.num_files, self.num_changes, self.num_notes, tables.source
        );
        tables
    }
}

/// Scales the row to its weight as a prior and adds the counts.
fn blend(row: &mut [f64], counts: &[f64], prior: f64) {
    let sum: f64 = row.iter().sum();
    for (weight, count) in row.iter_mut().zip(counts) {
        *weight = *weight / sum.max(f64::MIN_POSITIVE) * prior + count;
    }
}

fn beats_per_bar(file: &Smf<'_>) -> u64 {
    let signature = file
        .tracks
        .iter()
        .flatten()
        .find_map(|event| match event.kind {
            TrackEventKind::Meta(MetaMessage::TimeSignature(beats, 2, _, _)) => {
                Some(u64::from(beats))
            }
            _ => None,
        });
    signature
        .filter(|beats| *beats > 0)
        .unwrap_or(DEFAULT_BEATS)
}

fn notes(file: &Smf<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for track in &file.tracks {
        let mut tick = 0;
        let mut open: Vec<(u8, u8, usize)> = Vec::new();
        for event in track {
            tick += u64::from(event.delta.as_int());
            let TrackEventKind::Midi { channel, message } = event.kind else {
                continue;
            };
            let channel = channel.as_int();
            match message {
                MidiMessage::NoteOn { key, vel } if vel > 0 => {
                    open.push((channel, key.as_int(), notes.len()));
                    notes.push(Note {
                        start: tick,
                        end: tick,
                        key: key.as_int(),
                        is_drum: channel == DRUM_CHANNEL,
                    });
                }
                MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                    let place = open
                        .iter()
                        .position(|&(on, open_key, _)| on == channel && open_key == key.as_int());
                    if let Some(place) = place {
                        let (_, _, index) = open.swap_remove(place);
                        notes[index].end = tick;
                    }
                }
                _ => {}
            }
        }
    }
    notes
}

/// Longest piece whose bars are counted: beyond it lies a broken tick.
const MAX_BARS: u64 = 100_000;

/// How long each pitch class sounds in each bar.
fn bars(notes: &[Note], bar_ticks: u64) -> Vec<[f64; NUM_CLASSES]> {
    let pitched = || notes.iter().filter(|note| !note.is_drum);
    let end = pitched().map(|note| note.end).max().unwrap_or(0);
    let mut bars = vec![[0.0; NUM_CLASSES]; end.div_ceil(bar_ticks).min(MAX_BARS) as usize];
    for note in pitched() {
        let mut from = note.start;
        while from < note.end {
            let index = (from / bar_ticks) as usize;
            let to = note.end.min((from / bar_ticks + 1) * bar_ticks);
            if let Some(bar) = bars.get_mut(index) {
                bar[usize::from(note.key) % NUM_CLASSES] += (to - from) as f64;
            }
            from = to;
        }
    }
    bars
}

/// Tonic and whether the key is minor: the profile that goes best with the weights.
fn key_of(weights: &[f64; NUM_CLASSES]) -> (usize, bool) {
    let mut best = (f64::NEG_INFINITY, (0, false));
    for tonic in 0..NUM_CLASSES {
        for (is_minor, profile) in [(false, &MAJOR_PROFILE), (true, &MINOR_PROFILE)] {
            let turned: Vec<f64> = (0..NUM_CLASSES)
                .map(|class| profile[(class + NUM_CLASSES - tonic) % NUM_CLASSES])
                .collect();
            let fit = correlation(weights, &turned);
            if fit > best.0 {
                best = (fit, (tonic, is_minor));
            }
        }
    }
    best.1
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let (mut both, mut one_square, mut other_square) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        both += (a - one_mean) * (b - other_mean);
        one_square += (a - one_mean).powi(2);
        other_square += (b - other_mean).powi(2);
    }
    both / (one_square * other_square).sqrt().max(f64::MIN_POSITIVE)
}

/// The degree whose triad covers a bar best; nothing when none covers enough.
fn chord_of(bar: &[f64; NUM_CLASSES], tonic: usize, scale: &[usize; NUM_DEGREES]) -> Option<usize> {
    let total: f64 = bar.iter().sum();
    let covered = |degree: usize| -> f64 {
        [0, 2, 4]
            .iter()
            .map(|above| bar[(tonic + scale[(degree + above) % NUM_DEGREES]) % NUM_CLASSES])
            .sum()
    };
    (0..NUM_DEGREES)
        .map(|degree| (covered(degree), degree))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(weight, _)| total > 0.0 && *weight >= SURE * total)
        .map(|(_, degree)| degree)
}
