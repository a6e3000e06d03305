//! Voice leading by search: where the notes of each chord lie, so that voices keep common tones, move little, never cross
//! and never run in parallel octaves or fifths with the bass. Pure arithmetic.
//!
//! The costs follow the rules of Huron, "Tone and Voice" (2001): proximity, common tone, no parallel perfect intervals
//! between outer voices, spacing that widens downwards. One section is searched at a time, from where the last one ended, so
//! that later sections change nothing before them.

use super::harmony::Chord;
use super::key::{Key, NUM_DEGREES, OCTAVE};

/// Range of the bass, MIDI keys.
const BASS_RANGE: (i32, i32) = (29, 48);
/// Where the bass likes to be.
const BASS_CENTRE: i32 = 37;
/// Range of the pad.
const PAD_RANGE: (i32, i32) = (50, 79);
/// Below this key two pad notes lie at least a third apart: closer is mud.
const MUD_KEY: i32 = 60;
/// Widest gap between neighbours of the pad.
const WIDEST_GAP: i32 = OCTAVE;
/// Cost of what is never wanted; a sum of lesser costs does not reach it.
const FORBIDDEN: f64 = 1e6;

/// Bass and pad of one chord, MIDI keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Voicing {
    pub bass: i32,
    /// Ascending; the same number of lines throughout a bed.
    pub pad: Vec<i32>,
}

impl Voicing {
    fn top(&self) -> i32 {
        self.pad.last().copied().unwrap_or(self.bass)
    }
}

/// A chord to be voiced, and where its top line should lie.
pub(super) struct ToVoice<'a> {
    pub chord: &'a Chord,
    pub top_key: f64,
}

/// The best voicings of a section after what came before.
pub(super) fn lead(
    key: Key,
    num_lines: usize,
    before: Option<&Voicing>,
    chords: &[ToVoice<'_>],
) -> Vec<Voicing> {
    let basses = bass_line(key, before, chords);
    let mut columns: Vec<Vec<Candidate>> = Vec::with_capacity(chords.len());
    for (chord, &bass) in chords.iter().zip(&basses) {
        let candidates = candidates(key, num_lines, chord, bass);
        let costs = candidates.into_iter().map(|(own, voicing)| {
            let (cost, from) = match columns.last() {
                Some(column) => cheapest(column, &voicing),
                None => (before.map_or(0.0, |before| step_cost(before, &voicing)), 0),
            };
            Candidate {
                cost: own + cost,
                from,
                voicing,
            }
        });
        let column = costs.collect();
        columns.push(column);
    }
    trace(columns)
}

struct Candidate {
    /// Of the best way here.
    cost: f64,
    /// Where that way comes from.
    from: usize,
    voicing: Voicing,
}

fn cheapest(column: &[Candidate], voicing: &Voicing) -> (f64, usize) {
    let mut best = (f64::INFINITY, 0);
    for (index, candidate) in column.iter().enumerate() {
        if candidate.cost < best.0 {
            let cost = candidate.cost + step_cost(&candidate.voicing, voicing);
            if cost < best.0 {
                best = (cost, index);
            }
        }
    }
    best
}

fn trace(mut columns: Vec<Vec<Candidate>>) -> Vec<Voicing> {
    let mut path = Vec::with_capacity(columns.len());
    let Some(last) = columns.last() else {
        return path;
    };
    let mut place = (0..last.len())
        .min_by(|&one, &other| last[one].cost.total_cmp(&last[other].cost))
        .unwrap_or(0);
    while let Some(mut column) = columns.pop() {
        if column.is_empty() {
            continue;
        }
        let candidate = column.swap_remove(place.min(column.len() - 1));
        place = candidate.from;
        path.push(candidate.voicing);
    }
    path.reverse();
    path
}

/// The bass moves to the nearest octave of its note, leaning to the middle of its range.
fn bass_line(key: Key, before: Option<&Voicing>, chords: &[ToVoice<'_>]) -> Vec<i32> {
    let mut last = before.map(|before| before.bass);
    chords
        .iter()
        .map(|chord| {
            let class = key.key_of_step(chord.chord.bass).rem_euclid(OCTAVE);
            let cost = |bass: &i32| {
                let way = last.map_or(0, |last| (bass - last).abs());
                2 * way + (bass - BASS_CENTRE).abs()
            };
            let bass = (BASS_RANGE.0..=BASS_RANGE.1)
                .filter(|bass| bass.rem_euclid(OCTAVE) == class)
                .min_by_key(cost)
                .unwrap_or(BASS_CENTRE);
            last = Some(bass);
            bass
        })
        .collect()
}

/// Every way to lay the chord out, with its own cost.
fn candidates(key: Key, num_lines: usize, wanted: &ToVoice<'_>, bass: i32) -> Vec<(f64, Voicing)> {
    let classes: Vec<i32> = wanted
        .chord
        .degrees
        .iter()
        .map(|&degree| key.key_of_step(degree).rem_euclid(OCTAVE))
        .collect();
    let keys: Vec<i32> = (PAD_RANGE.0..=PAD_RANGE.1)
        .filter(|candidate| classes.contains(&candidate.rem_euclid(OCTAVE)))
        .collect();
    let mut found = Vec::new();
    let mut chosen = Vec::with_capacity(num_lines);
    lay_out(&keys, num_lines, &mut chosen, &mut |pad| {
        let cost = own_cost(key, wanted, &classes, pad);
        if cost < FORBIDDEN {
            let pad = pad.to_vec();
            found.push((cost, Voicing { bass, pad }));
        }
    });
    if found.is_empty() {
        // A chord of so few notes that no layout covers it: the lowest keys of the chord, in order.
        let pad = keys.iter().copied().take(num_lines).collect();
        found.push((0.0, Voicing { bass, pad }));
    }
    found
}

fn lay_out(keys: &[i32], num_lines: usize, chosen: &mut Vec<i32>, found: &mut dyn FnMut(&[i32])) {
    if chosen.len() == num_lines {
        found(chosen);
        return;
    }
    for (index, &key) in keys.iter().enumerate() {
        if let Some(&below) = chosen.last() {
            if key - below > WIDEST_GAP {
                break;
            }
            if below < MUD_KEY && key - below < 3 {
                continue;
            }
        }
        chosen.push(key);
        lay_out(&keys[index + 1..], num_lines, chosen, found);
        chosen.pop();
    }
}

fn own_cost(key: Key, wanted: &ToVoice<'_>, classes: &[i32], pad: &[i32]) -> f64 {
    let count = |class: i32| {
        pad.iter()
            .filter(|line| line.rem_euclid(OCTAVE) == class)
            .count()
    };
    let bass_class = key.key_of_step(wanted.chord.bass).rem_euclid(OCTAVE);
    let mut cost = 0.0;
    for (place, &class) in classes.iter().enumerate() {
        let degree = (wanted.chord.degrees[place] - wanted.chord.degree).rem_euclid(NUM_DEGREES);
        // The third names the chord and colours are why they are there; root and fifth may be left to the bass.
        let (missing, doubled) = match degree {
            0 if bass_class == class => (0.5, 0.8),
            0 => (4.0, 0.5),
            4 => (1.0, 1.0),
            2 => (FORBIDDEN, 2.0),
            _ => (FORBIDDEN, 5.0),
        };
        cost += match count(class) {
            0 => missing,
            1 => 0.0,
            more => doubled * (more - 1) as f64,
        };
    }
    let top = f64::from(pad.last().copied().unwrap_or(0));
    cost += 0.35 * (top - wanted.top_key).abs();
    for pair in pad.windows(2) {
        let gap = pair[1] - pair[0];
        // Seconds glow when they are rare; wide gaps leave a hole.
        cost += match gap {
            1 => 4.0,
            2 => 0.8,
            10.. => 1.0,
            _ => 0.0,
        };
    }
    cost
}

/// What it costs to go from one voicing to the next.
fn step_cost(from: &Voicing, to: &Voicing) -> f64 {
    let mut cost = 0.0;
    let lines = from.pad.iter().zip(&to.pad);
    let (mut up, mut down) = (0, 0);
    for (one, other) in lines {
        let way = other - one;
        up += usize::from(way > 0);
        down += usize::from(way < 0);
        cost += 0.8 * f64::from(way.abs()) + if way.abs() > 4 { 4.0 } else { 0.0 };
    }
    if up == from.pad.len() || down == from.pad.len() {
        cost += 3.0;
    }
    if from.top() == to.top() {
        // A tune needs to move now and then.
        cost += 0.7;
    }
    cost + outer_cost(from, to) + inner_parallels(from, to)
}

fn outer_cost(from: &Voicing, to: &Voicing) -> f64 {
    if is_parallel((from.bass, from.top()), (to.bass, to.top())) {
        return FORBIDDEN;
    }
    // Hidden octaves and fifths: both leap the same way into one.
    let (low, high) = (to.bass - from.bass, to.top() - from.top());
    let same_way = low.signum() == high.signum() && low != 0;
    if same_way && high.abs() > 2 && is_perfect(to.top() - to.bass) {
        return 6.0;
    }
    0.0
}

fn inner_parallels(from: &Voicing, to: &Voicing) -> f64 {
    let mut cost = 0.0;
    let lines = from.pad.len().min(to.pad.len());
    for low in 0..lines {
        cost += 2.0
            * f64::from(u8::from(is_parallel(
                (from.bass, from.pad[low]),
                (to.bass, to.pad[low]),
            )));
        for high in low + 1..lines {
            let parallel =
                is_parallel((from.pad[low], from.pad[high]), (to.pad[low], to.pad[high]));
            cost += if parallel { 3.0 } else { 0.0 };
        }
    }
    cost
}

/// Both voices move, and the same octave or fifth lies between them before and after.
pub(super) fn is_parallel(from: (i32, i32), to: (i32, i32)) -> bool {
    let moves = from.0 != to.0 && from.1 != to.1;
    let (before, after) = (from.1 - from.0, to.1 - to.0);
    moves && is_perfect(before) && before.rem_euclid(OCTAVE) == after.rem_euclid(OCTAVE)
}

fn is_perfect(interval: i32) -> bool {
    matches!(interval.rem_euclid(OCTAVE), 0 | 7)
}
