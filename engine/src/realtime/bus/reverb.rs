//! The room: a feedback delay network of eight lines. Audio thread.
//!
//! Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (AES 90th Convention, 1991): a
//! lossless matrix, here Hadamard's, and in every line a gain that makes it lose 60 dB in the decay time, with a
//! one-pole low-pass that lets treble die sooner. Before it, two all-passes per channel (Schroeder 1962) make the first
//! echoes dense; two lines move slowly (as in Dattorro, J. Audio Eng. Soc. 45(9), 1997) so that no tone hangs on.
//! The crates that were looked at have fixed sizes, allocate when set, or are mono.

use super::super::approximations::{exp2, sin_cos};

const NUM_LINES: usize = 8;
/// Lengths at 48 kHz, frames: 30 to 76 ms, without common factors.
const LINE_FRAMES: [f64; NUM_LINES] = [
    1_433.0, 1_747.0, 1_999.0, 2_311.0, 2_617.0, 2_927.0, 3_271.0, 3_637.0,
];
/// All-passes of the left and right channel at 48 kHz, frames.
const DIFFUSER_FRAMES: [f64; 4] = [229.0, 613.0, 263.0, 577.0];
const DIFFUSER_GAIN: f32 = 0.6;
const REFERENCE_RATE_HZ: f64 = 48_000.0;
/// Decay of the smallest room, s, and how many octaves the largest has more.
const SHORTEST_DECAY_S: f32 = 0.4;
const DECAY_OCTAVES: f32 = 4.907;
/// Treble is damped above this, Hz, in the smallest and the largest room.
const DAMPING_HZ: (f32, f32) = (9_000.0, 4_500.0);
/// Lines whose length moves, how far at 48 kHz (frames), and how fast.
const MOVING_LINES: [(usize, f32); 2] = [(2, 0.71), (5, 0.53)];
const MOVE_FRAMES: f64 = 9.0;
/// Level of the wet sound beside the dry one.
const WET_GAIN: f32 = 0.9;
/// Below this the room counts as silent: -180 dBFS.
const SILENT: f32 = 1e-9;
/// Stretches without any sound after which the room sleeps; longer than the longest line.
const STRETCHES_TO_SLEEP: u32 = 64;

/// A delay line, written once per frame.
struct Line {
    samples: Box<[f32]>,
    /// Where the next sample is written.
    head: usize,
}

impl Line {
    #[allow(clippy::disallowed_methods, reason = "made before the first callback")]
    fn new(frames: usize) -> Self {
        Self {
            samples: (0..frames.max(2)).map(|_| 0.0).collect(),
            head: 0,
        }
    }

    /// The oldest sample.
    fn oldest(&self) -> f32 {
        self.samples[self.head]
    }

    /// A sample that is younger than the oldest by some frames, between samples.
    fn younger(&self, frames: f32) -> f32 {
        let whole = frames as usize;
        let share = frames - whole as f32;
        let length = self.samples.len();
        let at = |offset: usize| {
            let index = self.head + offset;
            self.samples[if index < length {
                index
            } else {
                index - length
            }]
        };
        at(whole) + share * (at(whole + 1) - at(whole))
    }

    fn write(&mut self, sample: f32) {
        self.samples[self.head] = sample;
        self.head += 1;
        if self.head == self.samples.len() {
            self.head = 0;
        }
    }

    fn clear(&mut self) {
        self.samples.fill(0.0);
    }
}

/// The room.
pub(super) struct Reverb {
    lines: [Line; NUM_LINES],
    diffusers: [Line; 4],
    /// Low-passed output of each line.
    damped: [f32; NUM_LINES],
    gains: [f32; NUM_LINES],
    damping: f32,
    input_gain: f32,
    /// Size that the gains were made for.
    size: f32,
    sample_rate_hz: f32,
    move_frames: f32,
    /// Phases of the moving lines, 2^32 is one turn, and their steps per stretch frame.
    phases: [u32; MOVING_LINES.len()],
    phase_steps: [u32; MOVING_LINES.len()],
    /// Largest sample of the stretch so far.
    loudest: f32,
    silent_stretches: u32,
    asleep: bool,
}

impl Reverb {
    /// An empty room that sleeps.
    pub(super) fn new(sample_rate_hz: f64) -> Self {
        let scale = sample_rate_hz / REFERENCE_RATE_HZ;
        let frames = |at_48k: f64| (at_48k * scale).round() as usize;
        let step = |hz: f32| (f64::from(hz) / sample_rate_hz * 4_294_967_296.0) as u32;
        Self {
            lines: LINE_FRAMES.map(|length| Line::new(frames(length))),
            diffusers: DIFFUSER_FRAMES.map(|length| Line::new(frames(length))),
            damped: [0.0; NUM_LINES],
            gains: [0.0; NUM_LINES],
            damping: 0.0,
            input_gain: 0.0,
            size: f32::NAN,
            sample_rate_hz: sample_rate_hz as f32,
            move_frames: (MOVE_FRAMES * scale) as f32,
            phases: [0; MOVING_LINES.len()],
            phase_steps: MOVING_LINES.map(|(_, hz)| step(hz)),
            loudest: 0.0,
            silent_stretches: 0,
            asleep: true,
        }
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Empties the room.
    pub(super) fn clear(&mut self) {
        if self.asleep {
            return;
        }
        self.lines.iter_mut().for_each(Line::clear);
        self.diffusers.iter_mut().for_each(Line::clear);
        self.damped = [0.0; NUM_LINES];
        self.phases = [0; MOVING_LINES.len()];
        (self.loudest, self.silent_stretches) = (0.0, 0);
        self.asleep = true;
    }

    /// Takes the size for the frames up to the next grid line.
    pub(super) fn start_stretch(&mut self, size: f32) {
        if size == self.size {
            return;
        }
        self.size = size;
        let decay_s = SHORTEST_DECAY_S * exp2(DECAY_OCTAVES * size);
        // 60 dB are 9.966 octaves of amplitude.
        let octaves_per_frame = -9.965_784 / (decay_s * self.sample_rate_hz);
        let mut sum = 0.0;
        for (gain, line) in self.gains.iter_mut().zip(&self.lines) {
            *gain = exp2(octaves_per_frame * line.samples.len() as f32);
            sum += *gain * *gain;
        }
        let cutoff_hz = DAMPING_HZ.0 + size * (DAMPING_HZ.1 - DAMPING_HZ.0);
        let octaves = -std::f32::consts::TAU * std::f32::consts::LOG2_E * cutoff_hz;
        self.damping = exp2(octaves / self.sample_rate_hz);
        // Power that stays inside is taken off the input, so that a larger room is longer and not louder.
        self.input_gain = WET_GAIN * (1.0 - sum / NUM_LINES as f32).max(0.0).sqrt();
    }

    /// One frame of the room for one frame of what is played in it, of which it takes a share.
    pub(super) fn next(&mut self, (left, right): (f32, f32), feed: f32) -> (f32, f32) {
        let input = left.abs().max(right.abs());
        if self.asleep && (input == 0.0 || feed == 0.0) {
            return (0.0, 0.0);
        }
        self.asleep = false;
        let gain = self.input_gain * feed;
        let (left, right) = self.diffuse(left * gain, right * gain);
        let mut values = self.read_lines();
        let wet = outputs(&values);
        for (value, gain) in values.iter_mut().zip(&self.gains) {
            *value *= gain;
        }
        hadamard(&mut values);
        for (index, (line, value)) in self.lines.iter_mut().zip(values).enumerate() {
            let fed = if index % 2 == 0 { left } else { right };
            line.write(value + fed);
        }
        self.loudest = self.loudest.max(input).max(wet.0.abs()).max(wet.1.abs());
        wet
    }

    /// At every grid line: a room that has been silent for long enough sleeps, before its numbers become denormal.
    pub(super) fn end_stretch(&mut self) {
        let loudest = std::mem::take(&mut self.loudest);
        if loudest > SILENT {
            self.silent_stretches = 0;
        } else if !self.asleep {
            self.silent_stretches += 1;
            let longest = self.lines[NUM_LINES - 1].samples.len() as u32 / 64;
            if self.silent_stretches > longest.max(STRETCHES_TO_SLEEP) {
                self.clear();
            }
        }
    }

    fn diffuse(&mut self, left: f32, right: f32) -> (f32, f32) {
        let [first, second, third, fourth] = &mut self.diffusers;
        let left = all_pass(second, all_pass(first, left));
        let right = all_pass(fourth, all_pass(third, right));
        (left, right)
    }

    fn read_lines(&mut self) -> [f32; NUM_LINES] {
        let mut values: [f32; NUM_LINES] = std::array::from_fn(|line| self.lines[line].oldest());
        for (index, (line, _)) in MOVING_LINES.into_iter().enumerate() {
            let (sine, _) = sin_cos(self.phases[index]);
            self.phases[index] = self.phases[index].wrapping_add(self.phase_steps[index]);
            values[line] = self.lines[line].younger(self.move_frames * (1.0 + sine));
        }
        for (damped, value) in self.damped.iter_mut().zip(&mut values) {
            *damped = *value + self.damping * (*damped - *value);
            *value = *damped;
        }
        values
    }
}

/// Schroeder's all-pass.
fn all_pass(line: &mut Line, input: f32) -> f32 {
    let delayed = line.oldest();
    let fed = input - DIFFUSER_GAIN * delayed;
    line.write(fed);
    delayed + DIFFUSER_GAIN * fed
}

/// Two rows of the matrix that have nothing in common: left and right are independent.
fn outputs(values: &[f32; NUM_LINES]) -> (f32, f32) {
    let [a, b, c, d, e, f, g, h] = *values;
    (
        0.5 * (((a + b) - (c + d)) + ((e + f) - (g + h))),
        0.5 * (((a - b) + (c - d)) + ((e - f) + (g - h))),
    )
}

/// Hadamard's matrix of order 8 over its square root: keeps the power.
fn hadamard(values: &mut [f32; NUM_LINES]) {
    const SCALE: f32 = 0.353_553_4;
    for step in [1, 2, 4] {
        for start in 0..NUM_LINES {
            if start & step == 0 {
                let (a, b) = (values[start], values[start + step]);
                (values[start], values[start + step]) = (a + b, a - b);
            }
        }
    }
    for value in values {
        *value *= SCALE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The room's answer to one impulse, left and right.
    fn impulse_response(size: f32, frames: usize) -> Vec<(f32, f32)> {
        let mut room = Reverb::new(48_000.0);
        let frame = |n: usize| {
            if n.is_multiple_of(64) {
                room.start_stretch(size);
            }
            room.next(if n == 0 { (1.0, 1.0) } else { (0.0, 0.0) }, 1.0)
        };
        (0..frames).map(frame).collect()
    }

    fn level_db(response: &[(f32, f32)]) -> f64 {
        let power: f64 = response.iter().map(|(l, r)| f64::from(l * l + r * r)).sum();
        10.0 * power.log10()
    }

    #[test]
    fn the_room_decays_as_long_as_its_size_says() {
        // Treble dies sooner: the whole spectrum's slope is at most the decay time's and not below 60 % of it.
        for (size, decay_s) in [(0.0, 0.4), (0.5, 2.19), (1.0, 12.0)] {
            let response = impulse_response(size, 96_000);
            let span = 19_200;
            let early = level_db(&response[9_600..9_600 + span]);
            let late = level_db(&response[9_600 + span..9_600 + 2 * span]);
            let found_s = 60.0 * 0.4 / (early - late);
            assert!(
                found_s < 1.1 * decay_s && found_s > 0.35 * decay_s,
                "size {size}: {found_s} s for {decay_s} s"
            );
        }
    }

    #[test]
    fn left_and_right_are_independent_and_the_first_echo_comes_after_30_ms() {
        let response = impulse_response(0.6, 96_000);
        let first = response.iter().position(|(l, r)| l.abs() + r.abs() > 1e-4);
        assert!(
            first.is_some_and(|frame| (1_300..2_000).contains(&frame)),
            "{first:?}"
        );
        let product: f64 = response.iter().map(|(l, r)| f64::from(l * r)).sum();
        let power: f64 = response
            .iter()
            .map(|(l, r)| 0.5 * f64::from(l * l + r * r))
            .sum();
        assert!((product / power).abs() < 0.1, "{}", product / power);
    }

    #[test]
    fn a_room_that_has_rung_out_sleeps_and_wakes_with_the_next_sound() {
        let mut room = Reverb::new(48_000.0);
        let mut stretch = |input: f32| {
            room.start_stretch(0.0);
            for _ in 0..64 {
                room.next((input, -input), 1.0);
            }
            room.end_stretch();
            room.is_asleep()
        };
        assert!(!stretch(0.5));
        assert!((0..3_000).any(|_| stretch(0.0)), "still awake after 4 s");
        assert!(!stretch(0.5));
    }
}
