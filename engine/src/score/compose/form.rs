//! The form: which section a moment belongs to and how much energy it has. A function of the share of the length that has
//! passed, so that markers ahead change nothing before them. Pure arithmetic.

use super::bed::SectionKind;
use super::dice::Dice;
use super::settings::{BedSettings, EnergyPoint};

/// Loops keep their energy within this much of their middle.
const LOOP_SWING: f64 = 0.4;

/// The plan of a whole bed.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// Kinds in order, each with the same share of the length.
    blocks: Vec<SectionKind>,
    curve: Vec<EnergyPoint>,
    is_loop: bool,
    /// Energy of the mood: the curve moves around it.
    mood_energy: f64,
}

impl Form {
    /// A block is about as long as a phrase.
    pub fn new(settings: &BedSettings, phrase_s: f64, dice: &Dice) -> Self {
        let count = (settings.length_s / phrase_s).round().max(1.0) as usize;
        let blocks = if settings.is_loop {
            round(count, dice.topic("form"))
        } else {
            blocks(count, dice.topic("form"))
        };
        Form {
            blocks,
            curve: settings.energy_curve.clone(),
            is_loop: settings.is_loop,
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
        if self.is_loop {
            LOOP_SWING * lean
        } else {
            lean
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

/// What comes between the first thought and the height.
const MIDDLES: [&[SectionKind]; 3] = [
    &[SectionKind::A, SectionKind::B],
    &[SectionKind::B, SectionKind::A, SectionKind::B],
    &[SectionKind::B],
];
/// With fewer blocks there is no intro, and with fewer still no outro but the last chord.
const FEWEST_WITH_INTRO: usize = 4;
const FEWEST_WITH_OUTRO: usize = 6;

/// Intro, tellings of A and B that end in a lift, outro.
fn blocks(count: usize, dice: Dice) -> Vec<SectionKind> {
    let has_intro = count >= FEWEST_WITH_INTRO;
    let has_outro = count >= FEWEST_WITH_OUTRO;
    let middle = count - usize::from(has_intro) - usize::from(has_outro);
    let mut blocks = Vec::with_capacity(count);
    blocks.extend(has_intro.then_some(SectionKind::Intro));
    blocks.extend(round(middle, dice));
    blocks.extend(has_outro.then_some(SectionKind::Outro));
    blocks
}

/// Tellings, each from A by way of contrast to the lift; the last is cut short at its front but for the A.
fn round(count: usize, mut dice: Dice) -> Vec<SectionKind> {
    let middle = MIDDLES[dice.below(MIDDLES.len())];
    let telling = middle.len() + 2;
    (0..count)
        .map(|index| {
            let from_back = (count - 1 - index) % telling;
            if index == 0 || from_back == telling - 1 {
                SectionKind::A
            } else if from_back == 0 {
                SectionKind::Lift
            } else {
                middle[middle.len() - from_back]
            }
        })
        .collect()
}
