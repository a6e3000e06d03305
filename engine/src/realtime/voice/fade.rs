//! The short fade of a voice that was stolen or reset. Audio thread.

/// Its length, ms.
const FADE_MS: f64 = 5.0;

/// A straight line from 1 to 0, wherever the envelope stands.
#[derive(Clone, Copy)]
pub(super) struct Fade {
    num_frames: u32,
    frames_left: u32,
}

impl Fade {
    pub(super) fn new(sample_rate_hz: f64) -> Self {
        let num_frames = (FADE_MS * 0.001 * sample_rate_hz) as u32;
        Self {
            num_frames,
            frames_left: num_frames,
        }
    }

    /// Frames until silence.
    pub(super) fn frames_left(&self) -> u64 {
        u64::from(self.frames_left)
    }

    /// Multiplies the frames by the fade and moves on.
    pub(super) fn apply(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (left, right) in left.iter_mut().zip(right) {
            let level = self.frames_left as f32 / self.num_frames as f32;
            *left *= level;
            *right *= level;
            self.frames_left = self.frames_left.saturating_sub(1);
        }
    }
}
