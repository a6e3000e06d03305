//! Choices from a seed: every decision of the composer is a pure function of seed, topic and place. Pure arithmetic.
//!
//! A topic (what is decided, in which section) has dice of its own, so that a decision more or less in one place changes
//! nothing in another: that is what keeps the music before a moved marker as it was.

use models::seeded::{hash, normal, unit};

/// Stream of the hash; CONTRACT.md uses streams 0 to 5 and 15 to 79, the score 0x6D69.
const STREAM: u32 = 0x6265;

/// A source of numbers for one topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice {
    seed: u32,
    next: u32,
}

impl Dice {
    pub fn new(seed: u32) -> Self {
        Dice { seed, next: 0 }
    }

    /// Dice of another topic; throws of one never move the other's.
    pub fn topic(&self, name: &str) -> Self {
        let seed = name
            .bytes()
            .fold(self.seed, |seed, byte| hash(seed, STREAM, u32::from(byte)));
        Dice { seed, next: 0 }
    }

    /// Dice of one of many places within a topic.
    pub fn place(&self, index: usize) -> Self {
        Dice {
            seed: hash(self.seed, STREAM + 1, index as u32),
            next: 0,
        }
    }

    /// 0 <= u < 1.
    pub fn unit(&mut self) -> f64 {
        self.next += 1;
        unit(self.seed, STREAM + 2, self.next)
    }

    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// A whole number below `count`, which is at least 1.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A normal number, cut at two standard deviations.
    pub fn normal(&mut self) -> f64 {
        self.next += 1;
        normal(self.seed, STREAM + 3, self.next).clamp(-2.0, 2.0)
    }

    /// An index, each as likely as its weight; 0 when all weights are 0.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        let fits = |weight: &f64| {
            left -= weight;
            left < 0.0 && *weight > 0.0
        };
        weights
            .iter()
            .position(fits)
            .or_else(|| weights.iter().rposition(|&weight| weight > 0.0))
            .unwrap_or(0)
    }

    /// A whole seed, for whoever needs one.
    pub fn seed(&mut self) -> u32 {
        self.next += 1;
        hash(self.seed, STREAM + 4, self.next)
    }
}
