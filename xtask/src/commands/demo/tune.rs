//! The project's own tune, "Understory": sixteen bars in D major, A B A', for pad, bass, vibraphone, flute and cello.
//! Composed for this project, under its licence. Notes as data, turned into MIDI; it plays nothing.

mod phrasing;
mod written;

use written::{
    ARPEGGIO, ARPEGGIO_B, ARPEGGIO_END_BAR, ARPEGGIO_START_BAR, BASS, CELLO, CELLO_START_BAR,
    CHORDS, LAST_BAR, LAST_NOTE, MELODY, MELODY_START_BAR, PART_B,
};

use engine::score::write::{MidiMessage, Tune, TuneTrack, controller, note_off, note_on, program};

/// Ticks of a beat, so that all divisions used are whole.
const TICKS_PER_BEAT: u32 = 480;
const BEATS_PER_BAR: u32 = 4;
const TICKS_PER_BAR: u32 = TICKS_PER_BEAT * BEATS_PER_BAR;

/// Beats per minute from each bar on: the last two slow down.
const TEMPO: [(u32, f64); 3] = [(0, 72.0), (14, 66.0), (15, 54.0)];

/// One part's place in the mix: MIDI channel, General MIDI program, volume, pan.
struct Desk {
    channel: u8,
    program: u8,
    volume: u8,
    pan: u8,
}

/// The whole tune.
pub fn tune() -> Tune {
    let tempo = TEMPO.map(|(bar, beats_per_minute)| {
        (
            bar * TICKS_PER_BAR,
            (60e6 / beats_per_minute).round() as u32,
        )
    });
    Tune {
        ticks_per_beat: TICKS_PER_BEAT as u16,
        tempo: tempo.to_vec(),
        texts: vec![format!("Understory {}, demo", env!("CARGO_PKG_VERSION"))],
        tracks: vec![
            track(
                "Pad",
                &Desk {
                    channel: 0,
                    program: 89,
                    volume: 84,
                    pan: 64,
                },
                pad(),
            ),
            track(
                "Bass",
                &Desk {
                    channel: 1,
                    program: 43,
                    volume: 92,
                    pan: 64,
                },
                bass(),
            ),
            track(
                "Vibraphone",
                &Desk {
                    channel: 2,
                    program: 11,
                    volume: 84,
                    pan: 88,
                },
                arpeggio(),
            ),
            track(
                "Flute",
                &Desk {
                    channel: 3,
                    program: 73,
                    volume: 104,
                    pan: 52,
                },
                melody(),
            ),
            track(
                "Cello",
                &Desk {
                    channel: 4,
                    program: 42,
                    volume: 86,
                    pan: 36,
                },
                cello(),
            ),
        ],
    }
}

type Messages = Vec<(u32, MidiMessage)>;

fn track(name: &str, desk: &Desk, played: Messages) -> TuneTrack {
    let mut messages = vec![
        (0, program(desk.program)),
        (0, controller(7, desk.volume)),
        (0, controller(10, desk.pan)),
    ];
    messages.extend(played);
    TuneTrack {
        name: name.to_owned(),
        channel: desk.channel,
        messages,
    }
}

fn strike(messages: &mut Messages, start: u32, length: u32, key: u8, velocity: u8) {
    messages.push((start, note_on(key, velocity)));
    messages.push((start + length, note_off(key)));
}

/// Chords with their common notes held over; every chord swells and sinks.
fn pad() -> Messages {
    let mut messages = Vec::new();
    let starts = starts(CHORDS.iter().map(|(beats, _)| beats * TICKS_PER_BEAT), 0);
    for (index, ((beats, keys), start)) in CHORDS.iter().zip(&starts).enumerate() {
        let length = beats * TICKS_PER_BEAT;
        if index == CHORDS.len() - 1 {
            phrasing::fade(&mut messages, *start, length, (90, 30));
        } else {
            phrasing::swell(&mut messages, *start, length, (78, 106));
        }
        for key in keys {
            let held_over = index > 0 && CHORDS[index - 1].1.contains(key);
            if held_over {
                continue;
            }
            let held: u32 = CHORDS[index..]
                .iter()
                .take_while(|(_, keys)| keys.contains(key))
                .map(|(beats, _)| beats * TICKS_PER_BEAT)
                .sum();
            strike(&mut messages, *start, held, *key, 62);
        }
    }
    messages
}

fn bass() -> Messages {
    let mut messages = Vec::new();
    let starts = starts(BASS.iter().map(|(quarters, _)| ticks(*quarters)), 0);
    for ((quarters, key), start) in BASS.iter().zip(starts) {
        let velocity = if *quarters >= 8 { 78 } else { 64 };
        strike(&mut messages, start, ticks(*quarters) - 20, *key, velocity);
    }
    phrasing::fade(
        &mut messages,
        LAST_BAR * TICKS_PER_BAR,
        TICKS_PER_BAR,
        (100, 30),
    );
    messages
}

/// Broken chords under the pedal, which changes with the harmony.
fn arpeggio() -> Messages {
    let mut messages = Vec::new();
    let starts = starts(CHORDS.iter().map(|(beats, _)| beats * TICKS_PER_BEAT), 0);
    for ((beats, keys), start) in CHORDS.iter().zip(starts) {
        let bar = start / TICKS_PER_BAR;
        if !(ARPEGGIO_START_BAR..ARPEGGIO_END_BAR).contains(&bar) {
            continue;
        }
        messages.push((start + 10, controller(64, 127)));
        messages.push((start + beats * TICKS_PER_BEAT - 10, controller(64, 0)));
        let steps = if PART_B.contains(&bar) {
            ARPEGGIO_B
        } else {
            ARPEGGIO
        };
        for half_beat in 0..2 * beats {
            let step = steps[half_beat as usize % steps.len()];
            let key = keys[step % keys.len()] + 12 * (1 + (step / keys.len()) as u8);
            let accent = if half_beat % 4 == 0 { 14 } else { 0 };
            let velocity = 50 + accent + 3 * (half_beat % 3) as u8;
            let half = TICKS_PER_BEAT / 2;
            strike(
                &mut messages,
                start + half_beat * half,
                half - 20,
                key,
                velocity,
            );
        }
    }
    messages
}

/// The flute sings: scoops into high notes, vibrato that grows on long ones.
fn melody() -> Messages {
    let mut messages = phrasing::bend_range(2);
    let notes: Vec<(u32, u8)> = MELODY.into_iter().chain([LAST_NOTE]).collect();
    let starts = starts(
        notes.iter().map(|(quarters, _)| ticks(*quarters)),
        MELODY_START_BAR * TICKS_PER_BAR,
    );
    for ((quarters, key), start) in notes.into_iter().zip(starts) {
        let length = ticks(quarters);
        let rising = (key - 69) * 2;
        strike(&mut messages, start, length + 10, key, 72 + rising);
        if (quarters, key) == LAST_NOTE {
            phrasing::fade(&mut messages, start, length, (104, 36));
            phrasing::vibrato(&mut messages, start, length);
        } else if quarters >= 8 {
            phrasing::swell(&mut messages, start, length, (100, 122));
            phrasing::scoop(&mut messages, start);
            phrasing::vibrato(&mut messages, start, length);
        }
    }
    messages
}

fn cello() -> Messages {
    let mut messages = phrasing::bend_range(2);
    let starts = starts(
        CELLO.iter().map(|(quarters, _)| ticks(*quarters)),
        CELLO_START_BAR * TICKS_PER_BAR,
    );
    for ((quarters, key), start) in CELLO.iter().zip(starts) {
        let length = ticks(*quarters);
        strike(&mut messages, start, length + 10, *key, 70);
        if *quarters == 16 {
            phrasing::fade(&mut messages, start, length, (96, 30));
        } else {
            phrasing::swell(&mut messages, start, length, (88, 116));
        }
    }
    messages
}

fn ticks(quarters: u32) -> u32 {
    quarters * TICKS_PER_BEAT / 4
}

/// Where each of a row of lengths begins.
fn starts(lengths: impl Iterator<Item = u32>, first: u32) -> Vec<u32> {
    lengths
        .scan(first, |next, length| {
            let start = *next;
            *next += length;
            Some(start)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::score::Score;
    use engine::score::write::midi_bytes;

    #[test]
    fn all_parts_end_with_the_sixteenth_bar() {
        let end = 16 * TICKS_PER_BAR;
        let chords: u32 = CHORDS.iter().map(|(beats, _)| beats * TICKS_PER_BEAT).sum();
        let bass: u32 = BASS.iter().map(|(quarters, _)| ticks(*quarters)).sum();
        let melody: u32 = MELODY.iter().map(|(quarters, _)| ticks(*quarters)).sum();
        let cello: u32 = CELLO.iter().map(|(quarters, _)| ticks(*quarters)).sum();
        assert_eq!((chords, bass), (end, end));
        assert_eq!(
            MELODY_START_BAR * TICKS_PER_BAR + melody + ticks(LAST_NOTE.0),
            end
        );
        assert_eq!(CELLO_START_BAR * TICKS_PER_BAR + cello, end);
    }

    #[test]
    fn neighbouring_chords_have_no_parallel_fifths_or_octaves() {
        for pair in CHORDS.windows(2) {
            let (from, to) = (pair[0].1, pair[1].1);
            for low in 0..4 {
                for high in low + 1..4 {
                    let (before, after) = (from[high] - from[low], to[high] - to[low]);
                    let parallel =
                        before == after && matches!(before, 7 | 12) && from[low] != to[low];
                    assert!(!parallel, "{from:?} to {to:?}");
                }
            }
        }
    }

    #[test]
    fn the_tune_reads_as_a_score_of_five_parts_and_under_a_minute() {
        let score = Score::from_midi(&midi_bytes(&tune()).unwrap()).unwrap();
        assert_eq!(score.parts.len(), 5);
        assert!(
            (40.0..60.0).contains(&score.duration_s),
            "{} s",
            score.duration_s
        );
        assert!(score.warnings.is_empty(), "{:?}", score.warnings);
    }
}
