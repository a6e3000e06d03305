//! The form: which section a moment belongs to and how much energy it has. A function of the share of the length that has
//! passed, so that markers ahead change nothing before them. Pure arithmetic.

use super::bed::SectionKind;
use super::dice::Dice;
use super::settings::{BedSettings, EnergyPoint};

/// A thought lasts about this long, seconds: long enough for a phrase of eight bars, short enough for an edit.
const BLOCK_S: f64 = 21.0;
/// Shorter beds have no intro of their own.
const SHORTEST_WITH_INTRO_S: f64 = 40.0;
/// Loops keep their energy within this much of their middle.
const LOOP_SWING: f64 = 0.4;

/// The plan of a whole bed.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// Kinds in order, each with the same share of the length.
    blocks: Vec<SectionKind>,
    curve: Vec<EnergyPoint>,
    /// Energy of the mood: the curve moves around it.
    mood_energy: f64,
}

impl Form {
    pub fn new(settings: &BedSettings, dice: &Dice) -> Self {
        let blocks = blocks(settings, dice.topic("form"));
        Form {
            blocks,
            curve: settings.energy_curve.clone(),
            mood_energy: settings.mood.energy,
        }
    }

    /// What the music is for after this share of the length.
    pub fn kind(&self, share: f64) -> SectionKind {
        let index = (share * self.blocks.len() as f64) as usize;
        self.blocks[index.min(self.blocks.len() - 1)]
    }

    /// Energy after this share of the length, 0..1.
    pub fn energy(&self, share: f64) -> f64 {
        if !self.curve.is_empty() {
            return on_curve(&self.curve, share);
        }
        // Block centres are joined by straight lines: no block is flat, none jumps.
        let place = share.clamp(0.0, 1.0) * self.blocks.len() as f64 - 0.5;
        let last = self.blocks.len() - 1;
        let before = place.floor().max(0.0) as usize;
        let (one, other) = (
            self.lean(before.min(last)),
            self.lean((before + 1).min(last)),
        );
        let part = (place - before as f64).clamp(0.0, 1.0);
        (self.mood_energy + one + part * (other - one)).clamp(0.02, 1.0)
    }

    /// How far a block leans from the mood.
    fn lean(&self, block: usize) -> f64 {
        let lean = match self.blocks[block] {
            SectionKind::Intro => -0.18,
            SectionKind::A => -0.02,
            SectionKind::B => 0.06,
            SectionKind::Lift => 0.25,
            SectionKind::Outro => -0.2,
        };
        if self.blocks.contains(&SectionKind::Outro) {
            lean
        } else {
            LOOP_SWING * lean
        }
    }
}

fn on_curve(curve: &[EnergyPoint], share: f64) -> f64 {
    let after = curve.partition_point(|point| point.share <= share);
    match (
        after.checked_sub(1).and_then(|before| curve.get(before)),
        curve.get(after),
    ) {
        (Some(one), Some(other)) => {
            let part = (share - one.share) / (other.share - one.share);
            one.energy + part * (other.energy - one.energy)
        }
        (Some(only), None) | (None, Some(only)) => only.energy,
        (None, None) => 0.5,
    }
}

fn blocks(settings: &BedSettings, mut dice: Dice) -> Vec<SectionKind> {
    use SectionKind::{A, B, Intro, Lift, Outro};
    const CYCLES: [&[SectionKind]; 3] = [&[A, A, B, Lift], &[A, B, A, Lift], &[A, B, Lift]];
    let cycle = CYCLES[dice.below(CYCLES.len())];
    let count = (settings.length_s / BLOCK_S).round().max(1.0) as usize;
    if settings.is_loop {
        return (0..count).map(|index| cycle[index % cycle.len()]).collect();
    }
    match count {
        1 => return vec![A],
        2 => return vec![A, Lift, Outro],
        3 => return vec![A, B, Lift, Outro],
        _ => {}
    }
    let has_intro = settings.length_s >= SHORTEST_WITH_INTRO_S;
    let middle = count - 1 - usize::from(has_intro);
    let mut blocks = Vec::with_capacity(count);
    blocks.extend(has_intro.then_some(Intro));
    blocks.extend((0..middle).map(|index| {
        // Counted from the back, so that the height always comes last.
        let from_back = middle - 1 - index;
        cycle[(cycle.len() - 1) - from_back % cycle.len()]
    }));
    blocks.push(Outro);
    blocks
}
