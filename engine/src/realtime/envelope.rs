//! Attack, decay, sustain and release of one voice. Audio thread.
//!
//! Every value is a closed form of whole frame counts, so that it does not depend on how blocks are cut, and exactly zero
//! at the end. The shapes are polynomials: they are worked out for every frame of a moving stage.

/// Shortest release: a shorter one clicks.
pub(crate) const MIN_RELEASE_MS: f32 = 3.0;
/// Shortest time from note-on to the start of the release: a key let go at once, as files without note lengths have it,
/// would end in its attack, unheard.
const MIN_HELD_MS: f64 = 20.0;
/// Attack when nothing is said: a note's noise starts in the middle of its wave, which clicks. This fades it in, too short
/// to soften a pluck.
const DEFAULT_ATTACK_MS: f32 = 2.0;
/// Longest of any stage: a minute.
const MAX_STAGE_MS: f32 = 60_000.0;

/// The envelope of all voices that start from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeSettings {
    /// Time from note-on to full level, ms, 0..=60000. The note's own attack comes on top.
    pub attack_ms: f32,
    /// Time from full level to the sustain level, ms, 0..=60000.
    pub decay_ms: f32,
    /// Level after the decay as a factor, 0..=1.
    pub sustain_level: f32,
    /// Time from note-off to silence, ms, 3..=60000.
    pub release_ms: f32,
}

impl Default for EnvelopeSettings {
    fn default() -> Self {
        Self {
            attack_ms: DEFAULT_ATTACK_MS,
            decay_ms: 0.0,
            sustain_level: 1.0,
            release_ms: 900.0,
        }
    }
}

/// How the stages of an envelope are bent: 0 is a straight line, 1 changes fast at first and slowly at last, -1 the other
/// way round. Every stage still takes its whole time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeCurves {
    /// Attack, -1..=1.
    pub attack: f32,
    /// Decay, -1..=1.
    pub decay: f32,
    /// Release, -1..=1.
    pub release: f32,
}

impl Default for EnvelopeCurves {
    /// A straight attack; decay and release close to the exponential that ears expect.
    fn default() -> Self {
        Self {
            attack: 0.0,
            decay: 1.0,
            release: 1.0,
        }
    }
}

impl EnvelopeCurves {
    /// Whether every field is a number.
    pub(super) fn is_finite(&self) -> bool {
        [self.attack, self.decay, self.release]
            .iter()
            .all(|value| value.is_finite())
    }
}

impl EnvelopeSettings {
    /// Whether every field is a number.
    pub(super) fn is_finite(&self) -> bool {
        [
            self.attack_ms,
            self.decay_ms,
            self.sustain_level,
            self.release_ms,
        ]
        .iter()
        .all(|value| value.is_finite())
    }
}

/// One voice's envelope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    attack_frames: u64,
    decay_frames: u64,
    sustain_level: f32,
    release_frames: u64,
    curves: EnvelopeCurves,
    /// No release of a key starts before this frame.
    min_held_frames: u64,
    /// Frames since note-on.
    frame: u64,
    /// Frame where the release starts, which may lie ahead, and the level there.
    released: Option<(u64, f32)>,
}

impl Envelope {
    /// Starts an attack.
    pub(super) fn new(
        settings: &EnvelopeSettings,
        curves: &EnvelopeCurves,
        sample_rate_hz: f64,
    ) -> Self {
        let frames = |stage_ms: f32| {
            (f64::from(stage_ms.clamp(0.0, MAX_STAGE_MS)) * 0.001 * sample_rate_hz).round() as u64
        };
        Self {
            attack_frames: frames(settings.attack_ms),
            decay_frames: frames(settings.decay_ms),
            sustain_level: settings.sustain_level.clamp(0.0, 1.0),
            release_frames: frames(settings.release_ms.max(MIN_RELEASE_MS)).max(1),
            curves: EnvelopeCurves {
                attack: curves.attack.clamp(-1.0, 1.0),
                decay: curves.decay.clamp(-1.0, 1.0),
                release: curves.release.clamp(-1.0, 1.0),
            },
            min_held_frames: (MIN_HELD_MS * 0.001 * sample_rate_hz).round() as u64,
            frame: 0,
            released: None,
        }
    }

    /// Starts the release at the current frame, or when the note has sounded for its shortest time; once.
    pub(super) fn release(&mut self) {
        self.release_at(self.frame.max(self.min_held_frames));
    }

    /// Starts the release at the current frame, even if it was to start later; once.
    pub(super) fn release_at_once(&mut self) {
        self.release_at(self.frame);
    }

    fn release_at(&mut self, start: u64) {
        if self.released.is_none_or(|(planned, _)| start < planned) {
            self.released = Some((start, self.held_level_at(start)));
        }
    }

    /// Frame where the release starts, which may lie ahead.
    pub(super) fn release_start(&self) -> Option<u64> {
        self.released.map(|(start, _)| start)
    }

    /// Whether the release has started.
    pub(super) fn is_released(&self) -> bool {
        self.release_start()
            .is_some_and(|start| start <= self.frame)
    }

    /// Frames until silence; `None` while held.
    pub(super) fn frames_left(&self) -> Option<u64> {
        self.released
            .map(|(start, _)| (start + self.release_frames).saturating_sub(self.frame))
    }

    /// Level at the current frame, 0..=1.
    pub(super) fn level(&self) -> f32 {
        self.level_at(self.frame)
    }

    /// Multiplies the frames by the envelope and moves on.
    pub(super) fn apply(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.is_flat() {
            let level = self.level();
            for (left, right) in left.iter_mut().zip(right.iter_mut()) {
                *left *= level;
                *right *= level;
            }
        } else {
            for (index, (left, right)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
                let level = self.level_at(self.frame + index as u64);
                *left *= level;
                *right *= level;
            }
        }
        self.frame += left.len() as u64;
    }

    fn is_flat(&self) -> bool {
        self.released.is_none() && self.frame >= self.attack_frames + self.decay_frames
    }

    fn level_at(&self, frame: u64) -> f32 {
        match self.released {
            Some((start, level)) if frame >= start => {
                level * fall(frame - start, self.release_frames, self.curves.release)
            }
            _ => self.held_level_at(frame),
        }
    }

    /// Level at a frame of a key that is down.
    fn held_level_at(&self, frame: u64) -> f32 {
        if frame < self.attack_frames {
            return 1.0 - fall(frame, self.attack_frames, self.curves.attack);
        }
        let fallen = fall(
            frame - self.attack_frames,
            self.decay_frames,
            self.curves.decay,
        );
        self.sustain_level + (1.0 - self.sustain_level) * fallen
    }
}

/// From 1 to 0 over a stage, 0 from its end on. Curve 1 is (1 - x)^3, 0 is 1 - x, -1 is 1 - x^3; mixtures between them.
fn fall(frame: u64, stage_frames: u64, curve: f32) -> f32 {
    if frame >= stage_frames {
        return 0.0;
    }
    let done = frame as f32 / stage_frames as f32;
    let rest = 1.0 - done;
    if curve >= 0.0 {
        rest * ((1.0 - curve) + curve * rest * rest)
    } else {
        1.0 - done * ((1.0 + curve) - curve * done * done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_falls_from_1_to_0_and_never_rises() {
        for curve in [-1.0, -0.5, 0.0, 0.3, 1.0] {
            let levels: Vec<f32> = (0..=100).map(|frame| fall(frame, 100, curve)).collect();
            assert_eq!((levels[0], levels[100]), (1.0, 0.0));
            assert!(levels.windows(2).all(|pair| pair[1] <= pair[0]), "{curve}");
        }
        assert_eq!(fall(50, 100, 0.0), 0.5);
        assert_eq!(fall(50, 100, 1.0), 0.125);
        assert_eq!(fall(50, 100, -1.0), 0.875);
    }
}
