//! What came out of a plugin.

/// A stereo piece of audio.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
}

impl Heard {
    pub fn peak(&self) -> f32 {
        let samples = self.left.iter().chain(&self.right);
        samples.fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    pub fn is_finite(&self) -> bool {
        let mut samples = self.left.iter().chain(&self.right);
        samples.all(|sample| sample.is_finite())
    }

    pub fn mid(&self) -> Vec<f32> {
        let sides = self.left.iter().zip(&self.right);
        sides.map(|(left, right)| 0.5 * (left + right)).collect()
    }

    pub fn extend(&mut self, more: &Self) {
        self.left.extend(&more.left);
        self.right.extend(&more.right);
    }
}
