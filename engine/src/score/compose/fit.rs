//! Fitting: sections that fill the time between hits, each with a whole number of beats at a tempo within 6 % of the
//! bed's. Pure arithmetic.
//!
//! Time is filled forwards: whole phrases at the bed's own tempo, and only the last section before a hit bends. So moving a
//! marker changes nothing before the section that leads into it.

use super::bed::{PlacedHit, Section, SectionKind};
use super::form::Form;
use super::settings::{BedSettings, Metre};

/// How far a section's tempo may lean from the bed's.
pub const MAX_LEAN: f64 = 0.06;
/// A section that leads into a hit is at most this many phrases long.
const LONGEST_LEAD_PHRASES: f64 = 1.5;
/// Phrases of eight bars that would last longer have four.
const LONGEST_PHRASE_S: f64 = 20.0;
/// Parts of a beat that a section may end on, coarse to fine, and what ending there costs compared with a lean of the
/// whole 6 %. The last two are a triplet and its half: heard as syncopation.
const GRIDS: [(f64, f64); 5] = [
    (1.0, 0.9),
    (0.5, 2.0),
    (0.25, 3.0),
    (1.0 / 3.0, 3.5),
    (1.0 / 12.0, 6.0),
];
/// Cost of a number of bars that is odd, and of more than four bars with one shortened.
const ODD_BARS_COST: f64 = 0.25;
/// The last chord and its tail: this share of the length, within these bounds in seconds.
const TAIL_SHARE: f64 = 0.08;
const TAIL_S: (f64, f64) = (2.4, 6.0);
/// The tail of a bed shorter than that allows.
const SHORT_TAIL_SHARE: f64 = 0.35;
/// A first hit nearer than this has nothing before it but a swell.
const SHORTEST_START_S: f64 = 0.25;
/// Share of a phrase after its start at which its kind is looked up.
const INSIDE_PHRASE: f64 = 0.4;
/// Times nearer than this are the same.
const SAME_S: f64 = 1e-6;

/// Tempo and metre of a bed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub beat_s: f64,
    pub metre: Metre,
}

impl Pace {
    fn bar_beats(&self) -> f64 {
        f64::from(self.metre.beats_per_bar)
    }

    fn bar_s(&self) -> f64 {
        self.beat_s * self.bar_beats()
    }

    /// Bars of a phrase.
    pub fn phrase_bars(&self) -> usize {
        match self.bar_s() {
            bar_s if 8.0 * bar_s <= LONGEST_PHRASE_S => 8,
            _ => 4,
        }
    }

    /// Seconds of a phrase.
    pub fn phrase_s(&self) -> f64 {
        self.phrase_bars() as f64 * self.bar_s()
    }
}

/// Sections in order and what became of the hits, in the order of the settings.
pub(super) struct Fit {
    pub sections: Vec<Section>,
    pub hits: Vec<PlacedHit>,
}

/// Fills the whole length.
pub(super) fn fit(settings: &BedSettings, pace: Pace, form: &Form) -> Fit {
    let mut fitting = Fitting {
        settings,
        pace,
        form,
        sections: Vec::new(),
        hits: Vec::new(),
        now_s: 0.0,
        hit: None,
    };
    for (index, hit) in settings.sorted_hits().into_iter().enumerate() {
        let placed_s = fitting.run_to(hit.time_s);
        fitting.hit = Some(index);
        fitting.hits.push(PlacedHit {
            name: hit.name.clone(),
            wanted_s: hit.time_s,
            placed_s,
            remedy: remedy(hit.time_s, placed_s),
        });
    }
    if settings.is_loop {
        fitting.run_to(settings.length_s);
        fitting.close_loop();
    } else {
        fitting.run_to_ending();
    }
    Fit {
        sections: fitting.sections,
        hits: fitting.hits,
    }
}

fn remedy(wanted_s: f64, placed_s: f64) -> Option<String> {
    let miss_s = placed_s - wanted_s;
    (miss_s.abs() > SAME_S).then(|| {
        let way = if miss_s > 0.0 { "later" } else { "earlier" };
        format!("{:.3} s {way} it would be met", miss_s.abs())
    })
}

struct Fitting<'a> {
    settings: &'a BedSettings,
    pace: Pace,
    form: &'a Form,
    sections: Vec<Section>,
    hits: Vec<PlacedHit>,
    now_s: f64,
    /// The hit that the next section starts on.
    hit: Option<usize>,
}

impl Fitting<'_> {
    /// Fills the time up to a moment; gives the time reached, which is that moment unless no tempo leads there.
    fn run_to(&mut self, goal_s: f64) -> f64 {
        let left_s = goal_s - self.now_s;
        if left_s <= SAME_S {
            return self.now_s;
        }
        if self.sections.is_empty() && left_s < SHORTEST_START_S {
            // A breath before the first beat: one pick-up bar, as long as it takes.
            self.push(goal_s, vec![left_s / self.pace.beat_s]);
            return goal_s;
        }
        self.push_phrases_before(goal_s);
        let left_s = goal_s - self.now_s;
        let (beats, beat_s) = solve(left_s, self.pace);
        let end_s = if (beats * beat_s - left_s).abs() <= SAME_S {
            goal_s
        } else {
            self.now_s + beats * beat_s
        };
        self.push(end_s, bars_of(beats, self.pace));
        end_s
    }

    /// Whole phrases at the bed's own tempo, as long as enough is left to bend.
    fn push_phrases_before(&mut self, goal_s: f64) {
        let phrase_s = self.pace.phrase_s();
        while goal_s - self.now_s >= LONGEST_LEAD_PHRASES * phrase_s {
            let bars = vec![self.pace.bar_beats(); self.pace.phrase_bars()];
            self.push(self.now_s + phrase_s, bars);
        }
    }

    /// Whole bars at the bed's own tempo, then the last chord; how long that rings is what remains.
    fn run_to_ending(&mut self) {
        let length_s = self.settings.length_s;
        let tail_s = (TAIL_SHARE * length_s)
            .clamp(TAIL_S.0, TAIL_S.1)
            .min(SHORT_TAIL_SHARE * length_s);
        self.push_phrases_before(length_s - tail_s);
        let room_s = length_s - tail_s - self.now_s;
        let bars = (room_s / self.pace.bar_s()).floor();
        let beats = (room_s / self.pace.beat_s).floor();
        if bars >= 1.0 {
            let end_s = self.now_s + bars * self.pace.bar_s();
            self.push(end_s, vec![self.pace.bar_beats(); bars as usize]);
        } else if self.hit.is_none() && beats >= 1.0 && self.now_s == 0.0 {
            self.push(beats * self.pace.beat_s, vec![beats]);
        }
        let beats = (length_s - self.now_s) / self.pace.beat_s;
        self.push(length_s, vec![beats]);
        if let Some(ending) = self.sections.last_mut() {
            ending.kind = SectionKind::Outro;
            ending.is_ending = true;
        }
    }

    /// A loop ends where it starts: what does not fit is taken up by the last section, however far it leans.
    fn close_loop(&mut self) {
        let length_s = self.settings.length_s;
        if let Some(last) = self.sections.last_mut() {
            last.end_s = length_s;
            last.tempo_bpm = 60.0 / last.beat_s();
        }
    }

    fn push(&mut self, end_s: f64, bars: Vec<f64>) {
        let length_s = self.settings.length_s;
        let start_s = self.now_s;
        // A little inside the section: blocks and phrases begin together only nearly.
        let inside_s = INSIDE_PHRASE * self.pace.phrase_s();
        let share = start_s / length_s;
        let kind_share = (start_s + inside_s.min(0.5 * (end_s - start_s))) / length_s;
        let beats: f64 = bars.iter().sum();
        let end_share = (end_s / length_s).min(1.0);
        self.sections.push(Section {
            kind: self.form.kind(kind_share),
            start_s,
            end_s,
            bars,
            tempo_bpm: 60.0 * beats / (end_s - start_s),
            energy: (self.form.energy(share), self.form.energy(end_share)),
            hit: self.hit.take(),
            is_ending: false,
        });
        self.now_s = end_s;
    }
}

/// The number of beats, and their length, that fill a time best. When no number of beats fits within 6 %, the nearest
/// that the tempo reaches.
fn solve(left_s: f64, pace: Pace) -> (f64, f64) {
    let mut best: Option<(f64, f64)> = None;
    for &(grid, grid_cost) in &GRIDS {
        let unit_s = grid * pace.beat_s;
        let (least, most) = (
            left_s / (unit_s * (1.0 + MAX_LEAN)),
            left_s / (unit_s * (1.0 - MAX_LEAN)),
        );
        let mut count = least.ceil().max(1.0);
        while count <= most {
            let beats = count * grid;
            let lean = left_s / (count * unit_s) - 1.0;
            let cost = lean.abs() / MAX_LEAN + place_cost(beats, grid_cost, pace);
            if best.is_none_or(|(known, _)| cost < known) {
                best = Some((cost, beats));
            }
            count += 1.0;
        }
    }
    match best {
        Some((_, beats)) => (beats, left_s / beats),
        None => nearest(left_s, pace),
    }
}

fn place_cost(beats: f64, grid_cost: f64, pace: Pace) -> f64 {
    let bars = beats / pace.bar_beats();
    if bars.fract() != 0.0 {
        return grid_cost;
    }
    if bars % 2.0 == 0.0 {
        0.0
    } else {
        ODD_BARS_COST
    }
}

/// The finest division nearest to the time, at the end of the tempo's range.
fn nearest(left_s: f64, pace: Pace) -> (f64, f64) {
    let grid = GRIDS[GRIDS.len() - 1].0;
    let count = (left_s / (grid * pace.beat_s)).round().max(1.0);
    let beat_s = (left_s / (count * grid)).clamp(
        pace.beat_s * (1.0 - MAX_LEAN),
        pace.beat_s * (1.0 + MAX_LEAN),
    );
    (count * grid, beat_s)
}

/// Whole bars, and what is left as a shorter one; less than a beat lengthens the bar before.
fn bars_of(beats: f64, pace: Pace) -> Vec<f64> {
    let bar_beats = pace.bar_beats();
    let whole = (beats / bar_beats + SAME_S).floor() as usize;
    let rest = beats - whole as f64 * bar_beats;
    let mut bars = vec![bar_beats; whole];
    if rest > SAME_S {
        match bars.last_mut() {
            Some(last) if rest < 1.0 => *last += rest,
            _ => bars.push(rest),
        }
    }
    bars
}
