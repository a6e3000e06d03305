//! The walk of a held note through its columns: forwards once, then to and fro inside the sustain part. Audio thread.
//!
//! Turn points and speeds are drawn from the voice's seed, so a held note never runs through the same stretch the same
//! way twice. Positions only: how levels are kept even is `note/hold.rs`.

use models::seeded::unit;

use crate::note::NoteLayout;

/// Stream of the walk's random numbers, one index per leg.
const WALK_STREAM: u32 = 32;
/// Every leg crosses at least this share of the sustain part: shorter ones flutter.
const SHORTEST_LEG: f64 = 0.3;
/// Slowest speed of a leg, in note seconds per second.
const SLOWEST: f64 = 0.75;
/// Fastest speed of a leg.
const FASTEST: f64 = 1.0;
/// A sustain part shorter than this is not walked: the position stays at its start, s.
const SHORTEST_PART_S: f64 = 0.05;

/// Where a voice stands in its note.
#[derive(Clone, Copy, Debug)]
pub(super) struct SustainWalk {
    seed: u32,
    sample_rate_hz: f64,
    start_s: f64,
    end_s: f64,
    /// Frames since note-on, while the walk still runs straight.
    frames: u64,
    position_s: f64,
    leg: Leg,
}

#[derive(Clone, Copy, Debug)]
struct Leg {
    /// 0 is the straight run from the note's start.
    index: u32,
    /// Where the leg ends, s.
    target_s: f64,
    /// Note seconds per second, negative when walking back.
    speed: f64,
}

impl SustainWalk {
    /// A walk that holds the note for ever.
    pub(super) fn held(layout: &NoteLayout, seed: u32, sample_rate_hz: f64) -> Self {
        let mut walk = Self::straight(seed, sample_rate_hz);
        walk.start_s = layout.sustain_start_s;
        walk.end_s = layout.sustain_end_s;
        if walk.part_s() < SHORTEST_PART_S {
            walk.leg.target_s = walk.start_s;
        } else {
            let nearest_s = walk.start_s + SHORTEST_LEG * walk.part_s();
            walk.leg.target_s = walk.draw(0, nearest_s, walk.end_s);
        }
        walk
    }

    /// A walk straight through the note, to its end and beyond (CONTRACT.md, straight decoding).
    pub(super) fn straight(seed: u32, sample_rate_hz: f64) -> Self {
        let leg = Leg {
            index: 0,
            target_s: f64::INFINITY,
            speed: 1.0,
        };
        Self {
            seed,
            sample_rate_hz,
            start_s: f64::INFINITY,
            end_s: f64::INFINITY,
            frames: 0,
            position_s: 0.0,
            leg,
        }
    }

    /// Position in the note, s.
    pub(super) fn position_s(&self) -> f64 {
        self.position_s
    }

    /// Moves on by a few frames (at most a tick's: one turn at most is made).
    pub(super) fn advance(&mut self, frames: usize) {
        if self.leg.index == 0 {
            self.frames += frames as u64;
            self.position_s = self.frames as f64 / self.sample_rate_hz;
        } else {
            self.position_s += self.leg.speed * frames as f64 / self.sample_rate_hz;
        }
        let passed = if self.leg.speed >= 0.0 {
            self.position_s >= self.leg.target_s
        } else {
            self.position_s <= self.leg.target_s
        };
        if passed {
            self.turn();
        }
    }

    /// Lets a voice go on in another note: the walk stays where it is, inside the new note's sustain part.
    pub(super) fn continue_in(&mut self, layout: &NoteLayout) {
        let same = self.start_s == layout.sustain_start_s && self.end_s == layout.sustain_end_s;
        if same {
            return;
        }
        let fresh = Self::held(layout, self.seed, self.sample_rate_hz);
        let (position_s, frames) = (self.position_s, self.frames);
        *self = fresh;
        self.position_s = position_s.min(self.end_s);
        self.frames = frames;
        if self.position_s >= self.leg.target_s {
            self.turn();
        }
    }

    fn part_s(&self) -> f64 {
        self.end_s - self.start_s
    }

    /// Reflects what went past the target and starts the next leg the other way.
    fn turn(&mut self) {
        if self.part_s() < SHORTEST_PART_S {
            self.leg = Leg {
                index: 1,
                target_s: f64::INFINITY,
                speed: 0.0,
            };
            self.position_s = self.start_s;
            return;
        }
        let shortest_s = SHORTEST_LEG * self.part_s();
        let turned_at_s = self.leg.target_s;
        let past_s = (self.position_s - turned_at_s).abs();
        let index = self.leg.index.wrapping_add(1).max(1);
        let speed = self.draw(index.wrapping_mul(2).wrapping_add(1), SLOWEST, FASTEST);
        self.leg = if self.leg.speed >= 0.0 {
            let target_s = self.draw(
                index.wrapping_mul(2),
                self.start_s,
                turned_at_s - shortest_s,
            );
            Leg {
                index,
                target_s,
                speed: -speed,
            }
        } else {
            let target_s = self.draw(index.wrapping_mul(2), turned_at_s + shortest_s, self.end_s);
            Leg {
                index,
                target_s,
                speed,
            }
        };
        let way_s = past_s.copysign(self.leg.speed);
        self.position_s = (turned_at_s + way_s).clamp(self.start_s, self.end_s);
    }

    /// A number between two bounds; the first bound when they cross.
    fn draw(&self, index: u32, from: f64, to: f64) -> f64 {
        from + unit(self.seed, WALK_STREAM, index) * (to - from).max(0.0)
    }
}
