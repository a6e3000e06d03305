//! Tables counted from MIDI files: they know what the files do, and a bed composed with them does it too.

use engine::score::compose::{BedSettings, Mood, Tables, compose};
use engine::score::learn::Counts;
use engine::score::write::{Tune, TuneTrack, midi_bytes, note_off, note_on};

const TICKS_PER_BEAT: u32 = 96;

/// Bars of C major: I, then II and I in turn, with notes on the second and fourth beat only.
fn tune() -> Vec<u8> {
    let mut messages = Vec::new();
    for bar in 0..64_u32 {
        let root = if bar % 2 == 0 { 60 } else { 62 };
        let third = if bar % 2 == 0 { 64 } else { 65 };
        let fifth = if bar % 2 == 0 { 67 } else { 69 };
        for beat in [1, 3] {
            let start = (4 * bar + beat) * TICKS_PER_BEAT;
            for key in [root, third, fifth] {
                messages.push((start, note_on(key, 80)));
                messages.push((start + TICKS_PER_BEAT, note_off(key)));
            }
        }
    }
    midi_bytes(&Tune {
        ticks_per_beat: TICKS_PER_BEAT as u16,
        tempo: vec![(0, 500_000)],
        tracks: vec![TuneTrack {
            name: "chords".to_owned(),
            channel: 0,
            messages,
        }],
        texts: Vec::new(),
    })
    .unwrap()
}

fn learned() -> Tables {
    let mut counts = Counts::default();
    for _ in 0..20 {
        counts.add(&tune()).unwrap();
    }
    assert_eq!((counts.num_files, counts.num_changes), (20, 20 * 63));
    assert_eq!(counts.num_notes, 20 * 64 * 6);
    counts.tables("two chords")
}

#[test]
fn counted_tables_prefer_what_the_files_do() {
    let tables = learned();
    let from_tonic = tables.major[0];
    let best = (0..7)
        .max_by(|&a, &b| from_tonic[a].total_cmp(&from_tonic[b]))
        .unwrap();
    assert_eq!(best, 1, "{from_tonic:?}");
    // 640 changes from I to II, 20 from the hand's prior shared by seven.
    assert!(
        from_tonic[1] > 600.0 && from_tonic[3] < 20.0,
        "{from_tonic:?}"
    );
    assert!(
        tables.onsets[4] > 10.0 * tables.onsets[0],
        "{:?}",
        tables.onsets
    );
    assert!(
        tables.source.contains("two chords: 20 files"),
        "{}",
        tables.source
    );
}

#[test]
fn a_bed_composed_with_counted_tables_plays_their_chords() {
    let mut settings = BedSettings::new(2, 240.0, Mood::from_name("warm").unwrap());
    let seconds = |settings: &BedSettings| {
        let bed = compose(settings).unwrap();
        let of_degree = |degree| {
            bed.chords
                .iter()
                .filter(|chord| chord.degree == degree)
                .count()
        };
        of_degree(1) as f64 / bed.chords.len() as f64
    };
    let by_hand = seconds(&settings);
    settings.tables = learned();
    let counted = seconds(&settings);
    assert!(counted > by_hand + 0.1, "{counted} against {by_hand}");
}

#[test]
fn bytes_that_are_no_midi_are_refused_and_a_broken_weight_too() {
    assert!(Counts::default().add(b"RIFF").is_err());
    let mut settings = BedSettings::new(2, 20.0, Mood::from_name("warm").unwrap());
    settings.tables.minor[2][3] = f64::NAN;
    assert!(compose(&settings).unwrap_err().to_string().contains("NaN"));
}
