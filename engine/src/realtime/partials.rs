//! A voice's partials: a bank of rotating phasors, run one tick of 64 frames at a time. Audio thread.
//!
//! The phase of each partial is kept exactly (2^32 is one turn) and the phasor restarted from it at every tick, so
//! rounding never adds up. Arrays of one quantity each and fixed groups of [`LANES`] partials let the compiler use
//! vector registers; sums run in one order, so the bits do not depend on which.

use models::seeded::{hash, stream};
use multiversion::multiversion;

use super::TICK_FRAMES;
use super::approximations::{frequency_ratio, phase_of, sin_cos};
use super::shape::Partials;
use crate::note::MAX_PARTIALS;

/// Partials that are turned together; the widest vector registers hold 16 numbers.
const LANES: usize = 16;
/// Partials above this share of the sample rate are silent (CONTRACT.md 3.2).
const HIGHEST_SHARE: f64 = 0.49;
/// Below it, partials move towards the middle (CONTRACT.md 3.8).
const FULL_WIDTH_HZ: f64 = 300.0;

type Lanes = [f32; LANES];

/// One channel's samples of a tick.
pub(super) type TickBuffer = [f32; TICK_FRAMES];

/// The partials of one voice.
pub(super) struct PartialBank {
    num_partials: usize,
    /// Phase at the start of the next tick, 2^32 is one turn.
    phases: [u32; MAX_PARTIALS],
    /// Amplitudes reached at the end of the last tick, left channel.
    left: Partials,
    /// The same, right channel.
    right: Partials,
    /// Stereo position at full width, -1..1.
    positions: Partials,
    /// Stereo width that the gains below were made for.
    width: f32,
    /// Gain of each partial in the left channel.
    left_gains: Partials,
    /// Gain of each partial in the right channel.
    right_gains: Partials,
}

/// What a tick plays.
pub(super) struct PartialTick<'a> {
    /// Frequency of the first partial without its deviation, turns per frame (bend included).
    pub(super) base_turns: f64,
    /// Deviations at the tick's start, cents, `[partials]`.
    pub(super) deviations_cents: &'a Partials,
    /// Amplitudes at the tick's end, gain included, `[partials]`.
    pub(super) amplitudes: &'a Partials,
    /// Factor of the left channel at the tick's end.
    pub(super) left_gain: f32,
    /// Factor of the right channel at the tick's end.
    pub(super) right_gain: f32,
    /// Stereo width, 0..1.
    pub(super) width: f32,
}

impl PartialBank {
    /// A silent bank.
    pub(super) fn new() -> Self {
        Self {
            num_partials: 0,
            phases: [0; MAX_PARTIALS],
            left: [0.0; MAX_PARTIALS],
            right: [0.0; MAX_PARTIALS],
            positions: [0.0; MAX_PARTIALS],
            width: 0.0,
            left_gains: [1.0; MAX_PARTIALS],
            right_gains: [1.0; MAX_PARTIALS],
        }
    }

    /// Sets phases and positions from the seed (CONTRACT.md 3.6 and 3.8); everything is silent.
    pub(super) fn start(&mut self, seed: u32, f0_hz: f64, num_partials: usize) {
        self.num_partials = num_partials.min(MAX_PARTIALS);
        for index in 0..MAX_PARTIALS {
            let partial = index as u32 + 1;
            self.phases[index] = hash(seed, stream::PARTIAL_PHASE, partial);
            let position =
                f64::from(hash(seed, stream::PARTIAL_POSITION, partial)) / 2_147_483_648.0 - 1.0;
            self.positions[index] =
                (position * (f64::from(partial) * f0_hz / FULL_WIDTH_HZ).min(1.0)) as f32;
        }
        self.left = [0.0; MAX_PARTIALS];
        self.right = [0.0; MAX_PARTIALS];
        self.set_width(0.0);
    }

    /// Lets a bank play more or fewer partials from the next tick on; new ones fade in, lost ones must have faded out.
    pub(super) fn set_num_partials(&mut self, num_partials: usize) {
        self.num_partials = num_partials.min(MAX_PARTIALS);
    }

    /// Plays one tick, overwriting both buffers.
    pub(super) fn run_tick(
        &mut self,
        tick: &PartialTick,
        left: &mut TickBuffer,
        right: &mut TickBuffer,
    ) {
        if tick.width != self.width {
            self.set_width(tick.width);
        }
        run_bank(self, tick, left, right);
    }

    /// CONTRACT.md 3.8: sqrt(2) times cosine and sine of pi/4 (1 + w p).
    fn set_width(&mut self, width: f32) {
        self.width = width;
        for index in 0..MAX_PARTIALS {
            let (sine, cosine) = sin_cos(phase_of(
                f64::from(1.0 + width * self.positions[index]) / 8.0,
            ));
            self.left_gains[index] = std::f32::consts::SQRT_2 * cosine;
            self.right_gains[index] = std::f32::consts::SQRT_2 * sine;
        }
    }
}

/// The phasors of one group of partials, and how they change per frame.
struct Group {
    sine: Lanes,
    cosine: Lanes,
    step_sine: Lanes,
    step_cosine: Lanes,
    left: Lanes,
    right: Lanes,
    left_step: Lanes,
    right_step: Lanes,
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn run_bank(
    bank: &mut PartialBank,
    tick: &PartialTick,
    left: &mut TickBuffer,
    right: &mut TickBuffer,
) {
    let mut left_lanes = [[0.0; LANES]; TICK_FRAMES];
    let mut right_lanes = [[0.0; LANES]; TICK_FRAMES];
    for first in (0..bank.num_partials).step_by(LANES) {
        let mut group = next_group(bank, tick, first);
        if !is_silent(&group) {
            run_group(&mut group, &mut left_lanes, &mut right_lanes);
        }
    }
    for frame in 0..TICK_FRAMES {
        left[frame] = sum(&left_lanes[frame]);
        right[frame] = sum(&right_lanes[frame]);
    }
}

/// Sets up the phasors of a group and moves the bank on by a tick.
#[inline(always)]
fn next_group(bank: &mut PartialBank, tick: &PartialTick, first: usize) -> Group {
    let mut group = Group {
        sine: [0.0; LANES],
        cosine: [0.0; LANES],
        step_sine: [0.0; LANES],
        step_cosine: [0.0; LANES],
        left: [0.0; LANES],
        right: [0.0; LANES],
        left_step: [0.0; LANES],
        right_step: [0.0; LANES],
    };
    let mut step_phases = [0u32; LANES];
    let mut tick_phases = [0u32; LANES];
    let mut audible = [0.0; LANES];
    for lane in 0..LANES {
        let nominal = (first + lane + 1) as f64 * tick.base_turns;
        let turns = nominal * frequency_ratio(tick.deviations_cents[first + lane]);
        step_phases[lane] = phase_of(turns);
        tick_phases[lane] = phase_of(turns * TICK_FRAMES as f64);
        let plays = nominal < HIGHEST_SHARE && first + lane < bank.num_partials;
        audible[lane] = if plays {
            tick.amplitudes[first + lane]
        } else {
            0.0
        };
    }
    const STEP: f32 = 1.0 / TICK_FRAMES as f32;
    for lane in 0..LANES {
        let index = first + lane;
        (group.sine[lane], group.cosine[lane]) = sin_cos(bank.phases[index]);
        (group.step_sine[lane], group.step_cosine[lane]) = sin_cos(step_phases[lane]);
        bank.phases[index] = bank.phases[index].wrapping_add(tick_phases[lane]);
        let left = audible[lane] * tick.left_gain * bank.left_gains[index];
        let right = audible[lane] * tick.right_gain * bank.right_gains[index];
        group.left[lane] = bank.left[index];
        group.right[lane] = bank.right[index];
        group.left_step[lane] = (left - bank.left[index]) * STEP;
        group.right_step[lane] = (right - bank.right[index]) * STEP;
        bank.left[index] = left;
        bank.right[index] = right;
    }
    group
}

#[inline(always)]
fn is_silent(group: &Group) -> bool {
    let mut sum = 0.0;
    for lane in 0..LANES {
        sum += group.left[lane]
            + group.right[lane]
            + group.left_step[lane].abs()
            + group.right_step[lane].abs();
    }
    sum == 0.0
}

#[inline(always)]
fn run_group(
    group: &mut Group,
    left_lanes: &mut [Lanes; TICK_FRAMES],
    right_lanes: &mut [Lanes; TICK_FRAMES],
) {
    let Group {
        sine,
        cosine,
        step_sine,
        step_cosine,
        left,
        right,
        left_step,
        right_step,
    } = group;
    for (left_sum, right_sum) in left_lanes.iter_mut().zip(right_lanes) {
        for lane in 0..LANES {
            left_sum[lane] += sine[lane] * left[lane];
            right_sum[lane] += sine[lane] * right[lane];
            left[lane] += left_step[lane];
            right[lane] += right_step[lane];
            let turned = sine[lane] * step_cosine[lane] + cosine[lane] * step_sine[lane];
            cosine[lane] = cosine[lane] * step_cosine[lane] - sine[lane] * step_sine[lane];
            sine[lane] = turned;
        }
    }
}

/// Adds the lanes in halves, always in the same order.
#[inline(always)]
fn sum(lanes: &Lanes) -> f32 {
    let mut lanes = *lanes;
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}
