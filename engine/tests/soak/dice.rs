//! Numbers from a seed. Used by the soak.

use models::seeded::mix;

/// Draws one number after another.
pub struct Dice(pub u32);

impl Dice {
    /// 0 <= n < `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9);
        mix(mix(self.0)) % end
    }

    /// 0 <= u < 1.
    pub fn unit(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 20) as f32
    }

    /// From `low` to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low)
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// Time to the next of events that come so often per second, s.
    pub fn wait_s(&mut self, per_second: f32) -> f64 {
        f64::from(-(1.0 - self.unit()).ln() / per_second)
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }
}
