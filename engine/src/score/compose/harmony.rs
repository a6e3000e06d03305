//! Harmony: which chord follows which, phrase by phrase, and what colour it has. Pure arithmetic on scale degrees, so that
//! every chord belongs to the mode.

use super::bed::{Section, SectionKind};
use super::dice::Dice;
use super::key::{Key, Mode, NUM_DEGREES, OCTAVE};
use super::settings::BedSettings;
use super::tables::Transitions;

const DEGREES: usize = NUM_DEGREES as usize;
/// Semitones of a perfect fifth.
const FIFTH: i32 = 7;
/// Scale degrees by their usual numbers.
const TONIC: i32 = 0;
const SECOND: i32 = 1;
const FOURTH: i32 = 3;
const DOMINANT: i32 = 4;
const SEVENTH: i32 = 6;
/// How much more a mode's own colour is played than the tables of its family say.
const MODAL_COLOUR: f64 = 3.0;
/// Bars shorter than this carry one chord in two; still moods change chords more slowly.
const SHORT_BAR_S: f64 = 1.9;
const STILL_BAR_S: f64 = 2.8;
const STILL_ENERGY: f64 = 0.3;

/// A chord in scale degrees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chord {
    /// Root, 0..7.
    pub degree: i32,
    /// Its notes, root first, 0..7.
    pub degrees: Vec<i32>,
    /// What the bass plays.
    pub bass: i32,
}

/// A chord and the beats it fills in its section.
#[derive(Clone, Debug)]
pub(super) struct ChordSlot {
    pub start_beat: f64,
    pub beats: f64,
    pub chord: Chord,
}

/// What a section runs into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The next section takes over as it likes.
    Open,
    /// A hit or a lift: stop on the dominant.
    Half,
    /// The last chord: a cadence.
    Close,
}

/// The chords of every kind of section of one bed.
pub(super) struct Harmony<'a> {
    key: Key,
    settings: &'a BedSettings,
    weights: Transitions,
    dice: Dice,
}

impl<'a> Harmony<'a> {
    pub fn new(settings: &'a BedSettings, key: Key, dice: &Dice) -> Self {
        Harmony {
            key,
            settings,
            weights: weights_of(settings, key),
            dice: dice.topic("harmony"),
        }
    }

    /// The chords of a section, in order and without gaps.
    pub fn section(&self, section: &Section, goal: Goal) -> Vec<ChordSlot> {
        if section.is_ending {
            let slot = ChordSlot {
                start_beat: 0.0,
                beats: section.beats(),
                chord: self.last_chord(),
            };
            return vec![slot];
        }
        let places = slot_places(section, self.settings.mood.energy);
        let roots = self.roots(section, places.len(), goal);
        let pedal = self.has_pedal(section);
        places
            .iter()
            .zip(&roots)
            .enumerate()
            .map(|(slot, (&(start_beat, beats), &degree))| {
                let next = roots.get(slot + 1).copied();
                let mut dice = self.dice.topic(section.kind.name()).place(slot);
                let mut chord = self.coloured(degree, &mut dice);
                let is_last = slot + 1 == roots.len() && goal != Goal::Open;
                chord.bass = if pedal && !is_last {
                    TONIC
                } else {
                    self.bass(&chord, next, slot == 0, &mut dice)
                };
                ChordSlot {
                    start_beat,
                    beats,
                    chord,
                }
            })
            .collect()
    }

    /// A still ground under changing chords: always in an intro, often where the mood is low.
    fn has_pedal(&self, section: &Section) -> bool {
        let mut dice = self.dice.topic("pedal").topic(section.kind.name());
        let likely = match section.kind {
            SectionKind::Intro => 1.0,
            SectionKind::A => 0.3,
            SectionKind::Outro => 0.5,
            SectionKind::B => 0.15,
            SectionKind::Lift => 0.1,
        };
        dice.chance(likely)
    }

    fn last_chord(&self) -> Chord {
        let mut degrees = vec![TONIC];
        if self.has_fifth(TONIC) {
            degrees.push(DOMINANT);
        }
        degrees.push(2);
        // The added ninth keeps a soft ending open; a bright or driving one closes plainly.
        let ninth_is_whole = self.key.mode.semitones()[1] == 2;
        if ninth_is_whole && self.settings.mood.energy < 0.45 {
            degrees.push(SECOND);
        }
        Chord {
            degree: TONIC,
            degrees,
            bass: TONIC,
        }
    }

    /// Roots of a section: its kind's own phrase, told again as often as there is room, with the end it needs.
    fn roots(&self, section: &Section, count: usize, goal: Goal) -> Vec<i32> {
        let phrase = self.phrase(section.kind);
        let mut roots: Vec<i32> = (0..count).map(|slot| phrase[slot % phrase.len()]).collect();
        if goal == Goal::Open {
            return roots;
        }
        let mut dice = self.dice.topic("cadence").topic(section.kind.name());
        let dominant = self.dominant(goal, &mut dice);
        roots[count - 1] = dominant;
        if count >= 2 {
            let before = count.checked_sub(3).map_or(TONIC, |slot| roots[slot]);
            roots[count - 2] = self.between(before, dominant, &mut dice);
        }
        roots
    }

    /// Eight roots by the weights, from the kind's own start to a chord that leads back to it.
    fn phrase(&self, kind: SectionKind) -> Vec<i32> {
        const PHRASE_CHORDS: usize = 8;
        // An A is told twice with another end; an outro remembers it.
        let (name, starts): (&str, &[(i32, f64)]) = match kind {
            SectionKind::Intro => ("intro", &[(TONIC, 1.0)]),
            SectionKind::A | SectionKind::Outro => ("A", &[(TONIC, 1.0)]),
            SectionKind::B => ("B", &[(FOURTH, 2.0), (5, 3.0), (2, 1.0), (SECOND, 1.0)]),
            SectionKind::Lift => ("lift", &[(FOURTH, 2.0), (TONIC, 2.0), (5, 1.0)]),
        };
        let mut dice = self.dice.topic("phrase").topic(name);
        let usable: Vec<(i32, f64)> = starts
            .iter()
            .copied()
            .filter(|(degree, _)| *degree == TONIC || self.has_fifth(*degree))
            .collect();
        let weights: Vec<f64> = usable.iter().map(|(_, weight)| *weight).collect();
        let start = usable
            .get(dice.weighted(&weights))
            .map_or(TONIC, |(degree, _)| *degree);
        let half = PHRASE_CHORDS / 2;
        let end = self.dominant(Goal::Half, &mut dice);
        let first = self.path(start, half, None, &mut dice);
        // The second half starts as the first, and goes elsewhere: a period (Caplin 1998, ch. 4).
        let second = self.path(start, half, Some(end), &mut dice);
        [first, second].concat()
    }

    /// Roots drawn one after the other so that the whole path has its proper weight given its end: forward draws with
    /// backward sums.
    fn path(&self, start: i32, count: usize, end: Option<i32>, dice: &mut Dice) -> Vec<i32> {
        let mut sums = vec![[1.0; DEGREES]; count];
        if let Some(end) = end {
            sums[count - 1] = [0.0; DEGREES];
            sums[count - 1][end as usize] = 1.0;
        }
        for place in (0..count - 1).rev() {
            for from in 0..DEGREES {
                sums[place][from] = (0..DEGREES)
                    .map(|to| self.weights[from][to] * sums[place + 1][to])
                    .sum();
            }
        }
        let mut path = vec![start];
        for place in 1..count {
            let from = path[place - 1] as usize;
            let weights: Vec<f64> = (0..DEGREES)
                .map(|to| self.weights[from][to] * sums[place][to])
                .collect();
            path.push(dice.weighted(&weights) as i32);
        }
        path
    }

    fn between(&self, before: i32, after: i32, dice: &mut Dice) -> i32 {
        let weights: Vec<f64> = (0..DEGREES)
            .map(|middle| {
                self.weights[before as usize][middle] * self.weights[middle][after as usize]
            })
            .collect();
        dice.weighted(&weights) as i32
    }

    /// The chord that calls for the tonic: the dominant where it is one, else the mode's own: VII in mixolydian and minor,
    /// II in phrygian and lydian, IV everywhere (Persichetti 1961, ch. 2).
    fn dominant(&self, goal: Goal, dice: &mut Dice) -> i32 {
        let mut weights = [0.0; DEGREES];
        weights[DOMINANT as usize] = if self.third(DOMINANT) == 4 { 6.0 } else { 2.5 };
        weights[FOURTH as usize] = if goal == Goal::Close { 2.0 } else { 1.0 };
        if self.third(SEVENTH) == 4 && self.interval(SEVENTH, TONIC + NUM_DEGREES) == 2 {
            weights[SEVENTH as usize] = 3.5;
        }
        match self.key.mode {
            Mode::Phrygian => weights[SECOND as usize] = 6.0,
            Mode::Lydian => weights[SECOND as usize] = 3.0,
            _ => {}
        }
        for (degree, weight) in weights.iter_mut().enumerate() {
            if !self.has_fifth(degree as i32) {
                *weight = 0.0;
            }
        }
        dice.weighted(&weights) as i32
    }

    /// A triad, or with a seventh, ninth or suspended fourth where that is no clash.
    fn coloured(&self, degree: i32, dice: &mut Dice) -> Chord {
        let energy = self.settings.mood.energy;
        let note = |above: i32| (degree + above).rem_euclid(NUM_DEGREES);
        let mut degrees = vec![degree, note(2)];
        if self.has_fifth(degree) {
            degrees.push(note(4));
        }
        let ninth_is_whole = self.interval(degree, degree + 1) == 2;
        let seventh = self.interval(degree, degree + 6);
        // A major seventh is soft at rest and harsh when driven.
        let seventh_weight = if seventh == 11 {
            1.4 * (1.0 - energy)
        } else {
            1.0
        };
        let colours = [
            2.0 + 2.0 * energy,
            seventh_weight,
            if ninth_is_whole { 1.6 } else { 0.0 },
        ];
        match dice.weighted(&colours) {
            1 => degrees.push(note(6)),
            2 => degrees.push(note(1)),
            _ => {}
        }
        Chord {
            degree,
            degrees,
            bass: degree,
        }
    }

    /// The root; now and then the third, where it leads by step to the next root.
    fn bass(&self, chord: &Chord, next: Option<i32>, is_first: bool, dice: &mut Dice) -> i32 {
        const INVERSION: f64 = 0.5;
        let third = (chord.degree + 2).rem_euclid(NUM_DEGREES);
        let leads = next.is_some_and(|next| {
            let way = (next - third).rem_euclid(NUM_DEGREES);
            way == 1 || way == NUM_DEGREES - 1
        });
        if leads && !is_first && dice.chance(INVERSION) {
            third
        } else {
            chord.degree
        }
    }

    fn interval(&self, from: i32, to: i32) -> i32 {
        self.key.key_of_step(to) - self.key.key_of_step(from)
    }

    fn third(&self, degree: i32) -> i32 {
        self.interval(degree, degree + 2)
    }

    fn has_fifth(&self, degree: i32) -> bool {
        self.interval(degree, degree + 4) == FIFTH
    }
}

/// The tables' weights in this mode: chords without a perfect fifth are left out, the mode's own are played more.
fn weights_of(settings: &BedSettings, key: Key) -> Transitions {
    let mut weights = if key.mode.is_minor() {
        settings.tables.minor
    } else {
        settings.tables.major
    };
    let fifth = |degree: i32| key.key_of_step(degree + 4) - key.key_of_step(degree) == FIFTH;
    let colour: Option<usize> = match key.mode {
        Mode::Mixolydian => Some(6),
        Mode::Lydian | Mode::Phrygian => Some(1),
        Mode::Dorian => Some(3),
        _ => None,
    };
    for row in &mut weights {
        for (degree, weight) in row.iter_mut().enumerate() {
            if degree != 0 && !fifth(degree as i32) {
                *weight = 0.0;
            }
            if colour == Some(degree) {
                *weight *= MODAL_COLOUR;
            }
        }
    }
    // A learned table may know no way on from a chord: then home.
    for (degree, row) in weights.iter_mut().enumerate() {
        if row.iter().sum::<f64>() <= 0.0 {
            row[usize::from(degree == 0) * 3] = 1.0;
        }
    }
    weights
}

/// Where chords change: (start, length) in beats. Bars are joined where they are short or the mood is still.
fn slot_places(section: &Section, mood_energy: f64) -> Vec<(f64, f64)> {
    let full_bar_s = section.bars.first().copied().unwrap_or(1.0) * section.beat_s();
    let joins =
        full_bar_s < SHORT_BAR_S || (mood_energy < STILL_ENERGY && full_bar_s < STILL_BAR_S);
    let bars_per_chord = if joins { 2 } else { 1 };
    let mut places = Vec::new();
    let mut start = 0.0;
    for bars in section.bars.chunks(bars_per_chord) {
        let beats: f64 = bars.iter().sum();
        places.push((start, beats));
        start += beats;
    }
    places
}

impl Chord {
    /// As musicians write it: `vi7`, `IV/1`.
    pub fn symbol(&self, key: Key) -> String {
        const NUMERALS: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];
        let semitones = |above: i32| {
            (key.key_of_step(self.degree + above) - key.key_of_step(self.degree)).rem_euclid(OCTAVE)
        };
        let has = |above: i32| {
            self.degrees
                .contains(&(self.degree + above).rem_euclid(NUM_DEGREES))
        };
        let numeral = NUMERALS[self.degree as usize];
        let mut symbol = if has(2) && semitones(2) == 3 {
            numeral.to_lowercase()
        } else {
            numeral.to_owned()
        };
        if has(6) {
            symbol.push_str(if semitones(6) == 11 { "maj7" } else { "7" });
        }
        if has(1) {
            symbol.push_str("add9");
        }
        if self.bass != self.degree {
            symbol.push_str(&format!("/{}", self.bass + 1));
        }
        symbol
    }
}
