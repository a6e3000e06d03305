//! A voice's partials: a bank of rotating phasors, run one tick of 64 frames at a time. Audio thread.
//!
//! The phase of each partial is kept exactly (2^32 is one turn) and the phasor restarted from it at every tick, so
//! rounding never adds up. Arrays of one quantity each and fixed groups of [`LANES`] partials let the compiler use
//! vector registers; sums run in one order, so the bits do not depend on which.

#![allow(
    clippy::needless_range_loop,
    reason = "loops over lane numbers of fixed arrays become vector code; zipped iterators of eight arrays do not"
)]

mod lane_sum;

use models::seeded::{mix, stream, stream_start};
use multiversion::multiversion;

use super::TICK_FRAMES;
use super::approximations::{frequency_ratio, phase_of, sin_cos};
use super::shape::Partials;
use crate::note::MAX_PARTIALS;
use lane_sum::sum_lanes;

/// Partials that are turned together; the widest vector registers hold 16 numbers.
const LANES: usize = 16;
/// Partials above this share of the sample rate are silent (CONTRACT.md 3.2).
const HIGHEST_SHARE: f64 = 0.49;
/// Below it, partials move towards the middle (CONTRACT.md 3.8).
const FULL_WIDTH_HZ: f64 = 300.0;

type Lanes = [f32; LANES];

/// What each lane adds to its group's first harmonic number.
const LANE_NUMBERS: [f64; LANES] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
];

/// One channel's samples of a tick.
pub(super) type TickBuffer = [f32; TICK_FRAMES];

/// The partials of one voice.
pub(super) struct PartialBank {
    num_partials: usize,
    /// Stereo width that the gains were made for; not a number while they are not made.
    width: f32,
    /// What phases and positions are drawn from.
    seed: u32,
    f0_hz: f64,
    /// Groups that have their phases and positions: those that were ever played since the start.
    num_started: usize,
    groups: [PartialLanes; MAX_PARTIALS / LANES],
}

/// [`LANES`] neighbouring partials.
#[derive(Clone, Copy)]
struct PartialLanes {
    /// Phase at the start of the next tick, 2^32 is one turn.
    phases: [u32; LANES],
    /// Amplitudes reached at the end of the last tick, left channel.
    left: Lanes,
    /// The same, right channel.
    right: Lanes,
    /// Stereo position at full width, -1..1.
    positions: Lanes,
    /// Gain of each partial in the left channel.
    left_gains: Lanes,
    /// Gain of each partial in the right channel.
    right_gains: Lanes,
}

/// The phasors of one group during a tick, and how they change per frame.
#[derive(Default)]
struct Phasors {
    sine: Lanes,
    cosine: Lanes,
    step_sine: Lanes,
    step_cosine: Lanes,
    left: Lanes,
    right: Lanes,
    left_step: Lanes,
    right_step: Lanes,
}

/// Frequency of each partial as a multiple of its exact place; both copies of a detuned voice share them.
pub(super) type Ratios = [f64; MAX_PARTIALS];

/// What a tick plays.
pub(super) struct PartialTick<'a> {
    /// Frequency of the first partial without its deviation, turns per frame (bend included).
    pub(super) base_turns: f64,
    /// Deviations at the tick's start as factors, `[partials]`.
    pub(super) ratios: &'a Ratios,
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
        let silence = [0.0; LANES];
        let lanes = PartialLanes {
            phases: [0; LANES],
            left: silence,
            right: silence,
            positions: silence,
            left_gains: [1.0; LANES],
            right_gains: [1.0; LANES],
        };
        Self {
            num_partials: 0,
            width: f32::NAN,
            seed: 0,
            f0_hz: 0.0,
            num_started: 0,
            groups: [lanes; MAX_PARTIALS / LANES],
        }
    }

    /// Sets phases and positions from the seed (CONTRACT.md 3.6 and 3.8); everything is silent.
    pub(super) fn start(&mut self, seed: u32, f0_hz: f64, num_partials: usize) {
        (self.seed, self.f0_hz, self.num_started) = (seed, f0_hz, 0);
        self.set_num_partials(num_partials);
        self.width = f32::NAN;
    }

    /// Lets a bank play more or fewer partials from the next tick on; new ones fade in, lost ones must have faded out.
    pub(super) fn set_num_partials(&mut self, num_partials: usize) {
        let num_partials = num_partials.min(MAX_PARTIALS);
        if num_partials > self.num_partials {
            // The gains of those that were not played may be of another width.
            self.width = f32::NAN;
        }
        self.num_partials = num_partials;
        let num_groups = num_partials.div_ceil(LANES);
        if num_groups > self.num_started {
            let first = self.num_started;
            let groups = &mut self.groups[first..num_groups];
            start_groups(groups, first * LANES, self.seed, self.f0_hz);
            self.num_started = num_groups;
        }
    }

    /// Partials that it plays.
    pub(super) fn num_partials(&self) -> usize {
        self.num_partials
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

    /// Of the partials that are played; a width that moves is set anew at every tick.
    fn set_width(&mut self, width: f32) {
        self.width = width;
        let num_groups = self.num_partials.div_ceil(LANES);
        set_gains(&mut self.groups[..num_groups], width);
    }
}

/// Phases and positions of groups whose first partial follows so many others; silent. A chord starts many voices in one block,
/// so that this is as pressing as playing.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn start_groups(groups: &mut [PartialLanes], num_before: usize, seed: u32, f0_hz: f64) {
    let phases = stream_start(seed, stream::PARTIAL_PHASE);
    let positions = stream_start(seed, stream::PARTIAL_POSITION);
    for (group, lanes) in groups.iter_mut().enumerate() {
        lanes.left = [0.0; LANES];
        lanes.right = [0.0; LANES];
        for lane in 0..LANES {
            let partial = (num_before + group * LANES + lane + 1) as u32;
            lanes.phases[lane] = mix(phases.wrapping_add(partial));
            let drawn = mix(positions.wrapping_add(partial));
            let position = f64::from(drawn) / 2_147_483_648.0 - 1.0;
            let share = (f64::from(partial) * f0_hz / FULL_WIDTH_HZ).min(1.0);
            lanes.positions[lane] = (position * share) as f32;
        }
    }
}

/// CONTRACT.md 3.8: sqrt(2) times cosine and sine of pi/4 (1 + w p).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn set_gains(groups: &mut [PartialLanes], width: f32) {
    for lanes in groups {
        for lane in 0..LANES {
            let turns = f64::from(1.0 + width * lanes.positions[lane]) / 8.0;
            let (sine, cosine) = sin_cos(phase_of(turns));
            lanes.left_gains[lane] = std::f32::consts::SQRT_2 * cosine;
            lanes.right_gains[lane] = std::f32::consts::SQRT_2 * sine;
        }
    }
}

/// Deviations in cents to factors, for so many partials from the first on.
pub(super) fn to_ratios(deviations_cents: &Partials, num_partials: usize, out: &mut Ratios) {
    let whole_groups = num_partials.next_multiple_of(LANES).min(MAX_PARTIALS);
    fill_ratios(&deviations_cents[..whole_groups], &mut out[..whole_groups]);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn fill_ratios(deviations_cents: &[f32], out: &mut [f64]) {
    for (out, cents) in out.iter_mut().zip(deviations_cents) {
        *out = frequency_ratio(*cents);
    }
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
    let num_groups = bank.num_partials.div_ceil(LANES);
    let mut waiting: Option<Phasors> = None;
    let groups = bank
        .groups
        .iter_mut()
        .zip(tick.ratios.as_chunks().0)
        .zip(tick.amplitudes.as_chunks().0);
    for (index, ((lanes, ratios), amplitudes)) in groups.enumerate().take(num_groups) {
        let cell = Cell {
            first: (index * LANES + 1) as f64,
            ratios,
            amplitudes,
        };
        let phasors = next_phasors(lanes, tick, &cell);
        if is_silent(&phasors) {
            continue;
        }
        match waiting.take() {
            None => waiting = Some(phasors),
            Some(first) => run_phasors([first, phasors], &mut left_lanes, &mut right_lanes),
        }
    }
    if let Some(last) = waiting {
        run_phasors([last], &mut left_lanes, &mut right_lanes);
    }
    sum_lanes(&left_lanes, left);
    sum_lanes(&right_lanes, right);
}

/// What a tick says about one group.
struct Cell<'a> {
    /// Harmonic number of the first lane.
    first: f64,
    ratios: &'a [f64; LANES],
    amplitudes: &'a Lanes,
}

/// Sets up the phasors of a group and moves the group on by a tick.
#[inline(always)]
fn next_phasors(lanes: &mut PartialLanes, tick: &PartialTick, cell: &Cell) -> Phasors {
    let mut phasors = Phasors::default();
    let mut step_phases = [0u32; LANES];
    let mut tick_phases = [0u32; LANES];
    let mut audible = [0.0; LANES];
    for lane in 0..LANES {
        let nominal = (cell.first + LANE_NUMBERS[lane]) * tick.base_turns;
        let turns = nominal * cell.ratios[lane];
        step_phases[lane] = phase_of(turns);
        tick_phases[lane] = phase_of(turns * TICK_FRAMES as f64);
        audible[lane] = if nominal < HIGHEST_SHARE {
            cell.amplitudes[lane]
        } else {
            0.0
        };
    }
    for lane in 0..LANES {
        (phasors.sine[lane], phasors.cosine[lane]) = sin_cos(lanes.phases[lane]);
    }
    for lane in 0..LANES {
        (phasors.step_sine[lane], phasors.step_cosine[lane]) = sin_cos(step_phases[lane]);
    }
    for lane in 0..LANES {
        lanes.phases[lane] = lanes.phases[lane].wrapping_add(tick_phases[lane]);
    }
    (phasors.left, phasors.left_step) =
        ramp(&mut lanes.left, &audible, tick.left_gain, &lanes.left_gains);
    (phasors.right, phasors.right_step) = ramp(
        &mut lanes.right,
        &audible,
        tick.right_gain,
        &lanes.right_gains,
    );
    phasors
}

/// Where a channel's amplitudes start and how far they move per frame; `reached` becomes where they end.
#[inline(always)]
fn ramp(reached: &mut Lanes, audible: &Lanes, gain: f32, gains: &Lanes) -> (Lanes, Lanes) {
    const STEP: f32 = 1.0 / TICK_FRAMES as f32;
    let start = *reached;
    let mut step = [0.0; LANES];
    for lane in 0..LANES {
        reached[lane] = audible[lane] * gain * gains[lane];
        step[lane] = (reached[lane] - start[lane]) * STEP;
    }
    (start, step)
}

/// Whether no lane sounds at the start or the end of the tick; skipping them adds nothing but zeros less.
#[inline(always)]
fn is_silent(phasors: &Phasors) -> bool {
    let Phasors {
        left,
        right,
        left_step,
        right_step,
        ..
    } = phasors;
    let mut loudest = [0.0f32; LANES];
    for lane in 0..LANES {
        let start = left[lane].abs() + right[lane].abs();
        loudest[lane] = start + left_step[lane].abs() + right_step[lane].abs();
    }
    loudest == [0.0; LANES]
}

/// Turns one or two groups through the tick: each frame of a group waits for the one before, so that two at a time take
/// little longer than one. They are added in their order, as if one had been turned after the other.
#[inline(always)]
fn run_phasors<const N: usize>(
    mut groups: [Phasors; N],
    left_lanes: &mut [Lanes; TICK_FRAMES],
    right_lanes: &mut [Lanes; TICK_FRAMES],
) {
    for (left_sum, right_sum) in left_lanes.iter_mut().zip(right_lanes) {
        for phasors in &mut groups {
            let Phasors {
                sine,
                cosine,
                step_sine,
                step_cosine,
                left,
                right,
                left_step,
                right_step,
            } = phasors;
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
}
