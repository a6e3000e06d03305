//! A harmony teacher who sees nothing but notes and their times: it shares no code with the composer.

use engine::score::compose::{Bed, BedNote, BedPart, Mode};

/// Semitones of the modes, as any textbook has them.
pub fn scale(mode: Mode) -> [u8; 7] {
    match mode {
        Mode::Ionian => [0, 2, 4, 5, 7, 9, 11],
        Mode::Dorian => [0, 2, 3, 5, 7, 9, 10],
        Mode::Phrygian => [0, 1, 3, 5, 7, 8, 10],
        Mode::Lydian => [0, 2, 4, 6, 7, 9, 11],
        Mode::Mixolydian => [0, 2, 4, 5, 7, 9, 10],
        Mode::Aeolian => [0, 2, 3, 5, 7, 8, 10],
        Mode::Locrian => [0, 1, 3, 5, 6, 8, 10],
        Mode::HarmonicMinor => [0, 2, 3, 5, 7, 8, 11],
    }
}

/// The key that a line holds at a moment: that of the note begun last.
fn at(notes: &[&BedNote], time_s: f64) -> Option<u8> {
    notes
        .iter()
        .filter(|note| note.start_s <= time_s && time_s < note.end_s)
        .max_by(|one, other| one.start_s.total_cmp(&other.start_s))
        .map(|note| note.key)
}

/// What breaks the rules, one line each.
pub fn faults(bed: &Bed) -> Vec<String> {
    let mut faults = Vec::new();
    wrong_notes(bed, &mut faults);
    let line = |part: BedPart, line: u8| -> Vec<&BedNote> {
        bed.notes
            .iter()
            .filter(|note| note.part == part && note.line == line)
            .collect()
    };
    let low = line(BedPart::Low, 0);
    let high = line(BedPart::Lift, 0);
    let pad: Vec<Vec<&BedNote>> = (0..4)
        .map(|index| line(BedPart::Pad, index))
        .filter(|notes| !notes.is_empty())
        .collect();
    let mut before: [Option<(u8, u8)>; 2] = [None, None];
    for chord in &bed.chords {
        let section = &bed.sections[chord.section];
        let time = |share: f64| section.time_s(chord.start_beat + share * chord.beats);
        if time(1.0) - time(0.0) < 0.25 {
            before = [None, None];
            continue;
        }
        for share in [0.15, 0.4, 0.6, 0.85] {
            let mut voices: Vec<u8> = at(&low, time(share)).into_iter().collect();
            voices.extend(pad.iter().filter_map(|line| at(line, time(share))));
            if voices.windows(2).any(|pair| pair[0] >= pair[1]) {
                faults.push(format!("voices cross at {:.2} s: {voices:?}", time(share)));
            }
        }
        let middle = time(0.4);
        let tops = [
            pad.last().and_then(|line| at(line, middle)),
            at(&high, middle),
        ];
        for (place, top) in tops.into_iter().enumerate() {
            let now = at(&low, middle).zip(top);
            if let (Some(from), Some(to)) = (before[place], now)
                && runs_parallel(from, to)
            {
                faults.push(format!(
                    "parallel {from:?} to {to:?} at {middle:.2} s, upper voice {place}"
                ));
            }
            before[place] = now;
        }
    }
    faults
}

fn wrong_notes(bed: &Bed, faults: &mut Vec<String>) {
    let scale = scale(bed.key.mode);
    for note in &bed.notes {
        let above = (note.key + 12 - bed.key.tonic % 12) % 12;
        if !scale.contains(&above) {
            faults.push(format!(
                "{} at {:.2} s is not in {}",
                note.key, note.start_s, bed.key
            ));
        }
    }
}

/// Both voices move and stand an octave or a fifth apart before and after.
fn runs_parallel(from: (u8, u8), to: (u8, u8)) -> bool {
    let interval = |(low, high): (u8, u8)| (high - low) % 12;
    from.0 != to.0
        && from.1 != to.1
        && interval(from) == interval(to)
        && [0, 7].contains(&interval(from))
}
