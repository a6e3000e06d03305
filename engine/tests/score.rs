//! MIDI files as bytes, written by hand from the Standard MIDI File specification, and what a score must make of them.

use engine::score::{Action, MAX_EVENTS, Score};

const END_OF_TRACK: [u8; 4] = [0x00, 0xFF, 0x2F, 0x00];

/// A file with this format, division and tracks; every track gets its end mark.
fn file(format: u16, division: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06".to_vec();
    bytes.extend(format.to_be_bytes());
    bytes.extend((tracks.len() as u16).to_be_bytes());
    bytes.extend(division);
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend(((track.len() + END_OF_TRACK.len()) as u32).to_be_bytes());
        bytes.extend(*track);
        bytes.extend(END_OF_TRACK);
    }
    bytes
}

/// 100 ticks a beat: at the default tempo a tick is 5 ms.
const HUNDRED_TICKS: [u8; 2] = [0, 100];

fn score(track: &[u8]) -> Score {
    Score::from_midi(&file(0, HUNDRED_TICKS, &[track])).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    Score::from_midi(bytes).unwrap_err().to_string()
}

/// (time in ms, key, is it a strike) of every note event.
fn notes(score: &Score) -> Vec<(i64, u8, bool)> {
    score
        .events
        .iter()
        .filter_map(|event| {
            let time_ms = (event.time_s * 1000.0).round() as i64;
            match event.action {
                Action::NoteOn { key, .. } => Some((time_ms, key, true)),
                Action::NoteOff { key, .. } => Some((time_ms, key, false)),
                _ => None,
            }
        })
        .collect()
}

#[test]
fn a_tick_lasts_a_beat_divided_by_the_division() {
    let score = score(&[0x00, 0x90, 60, 64, 0x64, 0x80, 60, 0]);
    assert_eq!(notes(&score), [(0, 60, true), (500, 60, false)]);
    assert_eq!(score.duration_s, 0.5);
    assert_eq!(score.events[1].frame(48_000), 24_000);
    assert_eq!(score.events[1].frame(44_100), 22_050);
}

#[test]
fn running_status_and_velocity_zero_read_as_the_long_form() {
    let long = score(&[
        0x00, 0x90, 60, 64, 0x64, 0x80, 60, 64, 0x00, 0x90, 62, 64, 0x64, 0x80, 62, 64,
    ]);
    let short = score(&[0x00, 0x90, 60, 64, 0x64, 60, 0, 0x00, 62, 64, 0x64, 62, 0]);
    assert_eq!(notes(&long), notes(&short));
}

#[test]
fn tempo_changes_of_one_track_move_the_notes_of_another() {
    // 120 beats a minute for one beat, then 60.
    let tempo = [0x64, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40];
    let part = [0x64, 0x90, 60, 64, 0x64, 0x80, 60, 0];
    let score = Score::from_midi(&file(1, HUNDRED_TICKS, &[&tempo, &part])).unwrap();
    assert_eq!(notes(&score), [(500, 60, true), (1500, 60, false)]);
}

#[test]
fn a_hundred_thousand_odd_tempos_add_up_without_drift() {
    // 333,333 us a beat at 96 ticks a beat: a tick is 3472.21875 us, no round number in seconds.
    let mut track = Vec::new();
    for _ in 0..100_000 {
        track.extend([0x01, 0xFF, 0x51, 3, 0x05, 0x16, 0x15]);
    }
    track.extend([0x00, 0x90, 60, 64, 0x01, 0x80, 60, 0]);
    let score = Score::from_midi(&file(0, [0, 96], &[&track])).unwrap();
    // The first tick still has the default tempo.
    let expected_us = (500_000_u64 + 99_999 * 333_333) as f64 / 96.0;
    assert!((score.events[0].time_s * 1e6 - expected_us).abs() < 1e-6 * 96.0);
}

#[test]
fn smpte_time_counts_parts_of_frames_whatever_the_tempo() {
    let track = [
        0x00, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 0x00, 0x90, 60, 64, 0x87, 0x68, 0x80, 60, 0,
    ];
    // 25 frames a second of 40 parts: 1000 ticks are one second. 29.97 frames a second: 1000 ticks of 40 are 1001/1200 s.
    let film = Score::from_midi(&file(0, [0xE7, 40], &[&track])).unwrap();
    assert_eq!(film.duration_s, 1.0);
    let video = Score::from_midi(&file(0, [0xE3, 40], &[&track])).unwrap();
    assert!((video.duration_s - 1001.0 / 1200.0).abs() < 1e-12);
}

#[test]
fn bends_use_the_range_that_rpn_0_sets() {
    let full_up = [0x00, 0xE0, 0x7F, 0x7F];
    let range_12 = [0x00, 0xB0, 101, 0, 0x00, 100, 0, 0x00, 6, 12];
    let track = [
        &[0x00, 0x90, 60, 64][..],
        &full_up,
        &range_12,
        &[0x64, 0x80, 60, 0],
    ]
    .concat();
    let semitones: Vec<f32> = score(&track)
        .events
        .iter()
        .filter_map(|event| match event.action {
            Action::Bend { semitones } => Some(semitones),
            _ => None,
        })
        .collect();
    assert_eq!(semitones.len(), 2);
    assert!((semitones[0] - 2.0).abs() < 0.001 && (semitones[1] - 12.0).abs() < 0.002);
}

#[test]
fn volume_100_is_unity_and_halving_it_takes_12_db() {
    let track = [
        0x00, 0xB0, 7, 100, 0x00, 7, 50, 0x00, 11, 0, 0x00, 0x90, 60, 64, 0x64, 60, 0,
    ];
    let gains: Vec<f32> = score(&track)
        .events
        .iter()
        .filter_map(|event| match event.action {
            Action::Gain { gain_db } => Some(gain_db),
            _ => None,
        })
        .collect();
    // 40 log10(1/2), the curve General MIDI recommends.
    assert_eq!(gains[0], 0.0);
    assert!((gains[1] + 12.041).abs() < 0.001);
    assert!(gains[2] <= -200.0);
}

#[test]
fn programs_follow_their_channel() {
    let track = [
        0x00, 0xC0, 48, 0x00, 0xC1, 89, 0x00, 0x90, 60, 64, 0x00, 0x91, 62, 64, 0x64, 0x80, 60, 0,
        0x00, 0x81, 62, 0,
    ];
    let score = score(&track);
    let strikes: Vec<(u8, u8)> = score.strikes().map(|s| (s.program, s.key)).collect();
    assert_eq!(strikes, [(48, 60), (89, 62)]);
    assert_eq!(score.parts.len(), 2);
    assert_eq!(score.parts[1].programs, [89]);
    assert_eq!(
        notes(&score.channel_alone(1)),
        [(0, 62, true), (500, 62, false)]
    );
}

#[test]
fn overlapping_strikes_of_one_key_end_with_the_last_release() {
    let track = [0x00, 0x90, 60, 64, 0x64, 60, 64, 0x64, 60, 0, 0x64, 60, 0];
    assert_eq!(
        notes(&score(&track)),
        [
            (0, 60, true),
            (500, 60, false),
            (500, 60, true),
            (1500, 60, false)
        ]
    );
}

#[test]
fn a_missing_release_does_not_hang_the_next_strike() {
    let track = [
        0x00, 0x90, 60, 64, 0x64, 60, 64, 0x64, 60, 0, 0x64, 62, 64, 0x64, 62, 0,
    ];
    let score = score(&track);
    assert_eq!(notes(&score)[3], (1000, 60, false));
    assert!(score.warnings.is_empty());
}

#[test]
fn a_note_that_never_ends_ends_with_the_file_and_says_so() {
    let track = [0x00, 0x90, 60, 64, 0x87, 0x68, 0xB0, 1, 0];
    let score = score(&track);
    assert_eq!(notes(&score), [(0, 60, true), (5000, 60, false)]);
    assert!(
        score.warnings[0].contains("1 notes never end"),
        "{:?}",
        score.warnings
    );
}

#[test]
fn a_pedal_left_down_comes_up_at_the_end() {
    let track = [
        0x00, 0xB0, 64, 127, 0x00, 0x90, 60, 64, 0x64, 60, 0, 0x64, 0xB0, 1, 0,
    ];
    let score = score(&track);
    let last = score.events.last().unwrap();
    assert_eq!(last.action, Action::SustainPedal { down: false });
    assert_eq!(last.time_s, 1.5);
}

#[test]
fn all_sound_off_ends_what_the_pedal_holds_and_all_notes_off_does_not() {
    let pedals = |controller: u8| -> Vec<(i64, bool)> {
        // Pedal down, a note; at 500 ms the controller, at 1000 ms another note, at 1500 ms the pedal comes up.
        let track = [
            0x00, 0xB0, 64, 127, 0x00, 0x90, 60, 64, 0x32, 60, 0, 0x32, 0xB0, controller, 0, 0x64,
            0x90, 62, 64, 0x32, 62, 0, 0x32, 0xB0, 64, 0,
        ];
        score(&track)
            .events
            .iter()
            .filter_map(|event| match event.action {
                Action::SustainPedal { down } => {
                    Some(((event.time_s * 1000.0).round() as i64, down))
                }
                _ => None,
            })
            .collect()
    };
    assert_eq!(
        pedals(120),
        [(0, true), (500, false), (500, true), (1500, false)]
    );
    assert_eq!(pedals(123), [(0, true), (1500, false)]);
}

#[test]
fn drums_are_left_out_and_counted() {
    let track = [0x00, 0x99, 36, 64, 0x00, 0x90, 60, 64, 0x64, 60, 0];
    let score = score(&track);
    assert_eq!(score.parts.len(), 1);
    assert!(
        score.warnings[0].contains("1 notes on channel 10"),
        "{:?}",
        score.warnings
    );
    let only_drums = file(0, HUNDRED_TICKS, &[&[0x00, 0x99, 36, 64]]);
    assert!(refusal(&only_drums).contains("channel 10"));
}

#[test]
fn a_track_that_breaks_off_is_played_as_far_as_it_goes() {
    let mut bytes = file(
        0,
        HUNDRED_TICKS,
        &[&[0x00, 0x90, 60, 64, 0x64, 60, 0, 0x00, 62, 64]],
    );
    bytes.truncate(bytes.len() - END_OF_TRACK.len() - 1);
    let score = Score::from_midi(&bytes).unwrap();
    assert_eq!(notes(&score), [(0, 60, true), (500, 60, false)]);
    assert!(
        score.warnings[0].contains("breaks off"),
        "{:?}",
        score.warnings
    );
}

#[test]
fn each_broken_file_is_refused_with_its_fault() {
    let note = [0x00, 0x90, 60, 64, 0x64, 60, 0];
    assert!(refusal(b"").contains("0 bytes"));
    assert!(refusal(b"dear diary").contains("no MIDI file"));
    assert!(refusal(b"MThd").contains("no MIDI file"));
    assert!(refusal(&file(0, HUNDRED_TICKS, &[])).contains("no notes"));
    assert!(refusal(&file(0, HUNDRED_TICKS, &[&[]])).contains("no notes"));
    assert!(refusal(&file(2, HUNDRED_TICKS, &[&note])).contains("format 2"));
    assert!(refusal(&file(0, [0, 0], &[&note])).contains("0 ticks per beat"));
    let tempo_0 = [&[0x64, 0xFF, 0x51, 3, 0, 0, 0][..], &note].concat();
    assert!(refusal(&file(0, HUNDRED_TICKS, &[&tempo_0])).contains("tempo 0 at tick 100"));
    let years = [0x00, 0x90, 60, 64, 0xFF, 0xFF, 0xFF, 0x7F, 0x80, 60, 0];
    assert!(refusal(&file(0, HUNDRED_TICKS, &[&years])).contains("3600 s"));
}

#[test]
fn ten_million_events_are_read_and_one_more_is_refused() {
    let num_notes = MAX_EVENTS / 2 - 1;
    let mut track = vec![0x00, 0x90, 60, 64, 0x00, 60, 0];
    for _ in 1..num_notes {
        track.extend([0x00, 60, 64, 0x00, 60, 0]);
    }
    let mut bytes = file(0, HUNDRED_TICKS, &[&track]);
    assert_eq!(
        Score::from_midi(&bytes).unwrap().parts[0].num_notes,
        num_notes
    );
    track.extend([0x00, 60, 64, 0x00, 60, 0]);
    bytes = file(0, HUNDRED_TICKS, &[&track]);
    assert!(refusal(&bytes).contains("more than 10000000 events"));
}

#[test]
fn every_cut_and_every_flipped_byte_of_a_file_is_read_or_refused() {
    let track = [
        0x00, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 0x00, 0xC0, 48, 0x00, 0xB0, 64, 127, 0x00, 0x90, 60,
        64, 0x00, 0xE0, 0, 0x50, 0x64, 60, 0,
    ];
    let whole = file(1, HUNDRED_TICKS, &[&track, &track]);
    for length in 0..whole.len() {
        let _ = Score::from_midi(&whole[..length]);
    }
    for place in 0..whole.len() {
        for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
            let mut broken = whole.clone();
            broken[place] = value;
            if let Ok(score) = Score::from_midi(&broken) {
                assert!(score.events.iter().all(|event| event.time_s.is_finite()));
                assert!(score.events.is_sorted_by(|a, b| a.time_s <= b.time_s));
            }
        }
    }
}
