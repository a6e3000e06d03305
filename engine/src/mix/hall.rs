//! The hall around a bed: convolution with a room made from a seed. Worker threads.
//!
//! A room of finite length on blocks of an absolute grid: its output at a place depends on the last few seconds of input
//! and on nothing else, to the bit. Rooms that feed back (which the instrument has) depend on all that ever sounded, and a
//! bed entered in the middle would differ from one played from the start.

use std::sync::Arc;

use models::seeded::normal;
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::error::{Error, Result};

/// Frames of a block of the grid.
pub(super) const BLOCK_FRAMES: usize = 4096;
/// The room is as long as its decay takes to fall this far, dB.
const LENGTH_DB: f64 = 66.0;
/// The decay time is that of a fall by 60 dB.
const DECAY_DB: f64 = 60.0;
/// Reflections reach their full density after this long, seconds.
const BUILD_UP_S: f64 = 0.035;
/// Highs at the start of the room and at its end: air and walls take them first.
const BRIGHT_HZ: f64 = 9_000.0;
const DULL_HZ: f64 = 1_400.0;
/// Lows below this stay dry: in a room they are mud.
const HIGH_PASS_HZ: f64 = 180.0;
/// Seed of the room's noise and streams of its channels.
const ROOM_SEED: u32 = 0x4A11;
const ROOM_STREAM: u32 = 0x6861;

/// What the room is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HallSettings {
    /// Time to fall by 60 dB, seconds, 0.2..=6.
    pub decay_s: f64,
    /// Time before the room answers, ms, 0..=200.
    pub predelay_ms: f64,
    /// Level of the room against the dry sound, dB.
    pub level_db: f64,
}

impl Default for HallSettings {
    fn default() -> Self {
        HallSettings {
            decay_s: 2.4,
            predelay_ms: 22.0,
            level_db: -9.0,
        }
    }
}

/// One channel of the room, by overlap-save convolution in equal partitions (Wefers 2015, ch. 5).
pub(super) struct Hall {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Spectra of the room's blocks, first first.
    room: Arc<Vec<Vec<Complex32>>>,
    /// Spectra of the last input blocks; `newest` is where the last one lies.
    inputs: Vec<Vec<Complex32>>,
    newest: usize,
    /// The block before and the current one.
    window: Vec<f32>,
    time: Vec<f32>,
    sum: Vec<Complex32>,
}

/// Left and right.
pub(super) fn stereo(settings: &HallSettings, sample_rate_hz: f64) -> Result<[Hall; 2]> {
    check(settings)?;
    let mut planner = RealFftPlanner::new();
    let forward = planner.plan_fft_forward(2 * BLOCK_FRAMES);
    let inverse = planner.plan_fft_inverse(2 * BLOCK_FRAMES);
    let channel = |stream| {
        let response = response(settings, sample_rate_hz, stream);
        Hall::new(&forward, &inverse, &response)
    };
    Ok([channel(0), channel(1)])
}

fn check(settings: &HallSettings) -> Result<()> {
    let is_known = (0.2..=6.0).contains(&settings.decay_s)
        && (0.0..=200.0).contains(&settings.predelay_ms)
        && (-120.0..=12.0).contains(&settings.level_db);
    if is_known {
        return Ok(());
    }
    Err(Error::request(
        "the hall",
        format!(
            "{} s, {} ms, {} dB",
            settings.decay_s, settings.predelay_ms, settings.level_db
        ),
        "choose a decay of 0.2 to 6 s, a predelay of 0 to 200 ms, a level of -120 to 12 dB",
    ))
}

impl Hall {
    fn new(
        forward: &Arc<dyn RealToComplex<f32>>,
        inverse: &Arc<dyn ComplexToReal<f32>>,
        response: &[f32],
    ) -> Self {
        let spectra: Vec<Vec<Complex32>> = response
            .chunks(BLOCK_FRAMES)
            .map(|block| {
                let mut time = vec![0.0; 2 * BLOCK_FRAMES];
                time[..block.len()].copy_from_slice(block);
                let mut spectrum = forward.make_output_vec();
                // The lengths are the plan's own: it has nothing to refuse.
                let _ = forward.process(&mut time, &mut spectrum);
                spectrum
            })
            .collect();
        let bins = BLOCK_FRAMES + 1;
        Hall {
            forward: Arc::clone(forward),
            inverse: Arc::clone(inverse),
            inputs: vec![vec![Complex32::default(); bins]; spectra.len()],
            room: Arc::new(spectra),
            newest: 0,
            window: vec![0.0; 2 * BLOCK_FRAMES],
            time: vec![0.0; 2 * BLOCK_FRAMES],
            sum: vec![Complex32::default(); bins],
        }
    }

    /// Blocks after which what came before is forgotten.
    pub fn memory_blocks(&self) -> usize {
        self.room.len() + 1
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.window.fill(0.0);
        for input in &mut self.inputs {
            input.fill(Complex32::default());
        }
        self.newest = 0;
    }

    /// Replaces one block of input by the room's answer.
    pub fn process(&mut self, block: &mut [f32]) {
        self.window.copy_within(BLOCK_FRAMES.., 0);
        self.window[BLOCK_FRAMES..].copy_from_slice(block);
        self.newest = (self.newest + 1) % self.inputs.len();
        self.time.copy_from_slice(&self.window);
        // As above: lengths fit.
        let _ = self
            .forward
            .process(&mut self.time, &mut self.inputs[self.newest]);
        self.sum.fill(Complex32::default());
        for (age, room) in self.room.iter().enumerate() {
            let place = (self.newest + self.inputs.len() - age) % self.inputs.len();
            add_product(&mut self.sum, &self.inputs[place], room);
        }
        let _ = self.inverse.process(&mut self.sum, &mut self.time);
        let scale = 1.0 / (2 * BLOCK_FRAMES) as f32;
        for (sample, &answer) in block.iter_mut().zip(&self.time[BLOCK_FRAMES..]) {
            *sample = answer * scale;
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx2+fma", "x86_64+sse4.2"))]
fn add_product(sum: &mut [Complex32], one: &[Complex32], other: &[Complex32]) {
    for ((sum, one), other) in sum.iter_mut().zip(one).zip(other) {
        sum.re += one.re * other.re - one.im * other.im;
        sum.im += one.re * other.im + one.im * other.re;
    }
}

/// Falling noise whose highs fall faster (Moorer 1979), with energy 1 before the level.
fn response(settings: &HallSettings, sample_rate_hz: f64, stream: u32) -> Vec<f32> {
    let delay = (1e-3 * settings.predelay_ms * sample_rate_hz) as usize;
    let length = (settings.decay_s * LENGTH_DB / DECAY_DB * sample_rate_hz) as usize;
    let mut response = vec![0.0_f64; delay + length.max(1)];
    let (mut low, mut rumble) = (0.0, 0.0);
    for (frame, sample) in response.iter_mut().skip(delay).enumerate() {
        let time_s = frame as f64 / sample_rate_hz;
        let share = frame as f64 / length as f64;
        let noise = normal(ROOM_SEED, ROOM_STREAM + stream, frame as u32);
        let cutoff_hz = BRIGHT_HZ * (DULL_HZ / BRIGHT_HZ).powf(share.sqrt());
        low += one_pole(cutoff_hz, sample_rate_hz) * (noise - low);
        rumble += one_pole(HIGH_PASS_HZ, sample_rate_hz) * (low - rumble);
        let fall = 10_f64.powf(-DECAY_DB / 20.0 * time_s / settings.decay_s);
        let build_up = (time_s / BUILD_UP_S).min(1.0);
        *sample = (low - rumble) * fall * build_up;
    }
    let energy: f64 = response.iter().map(|sample| sample * sample).sum();
    let gain = 10_f64.powf(settings.level_db / 20.0) / energy.sqrt().max(1e-12);
    response
        .into_iter()
        .map(|sample| (sample * gain) as f32)
        .collect()
}

fn one_pole(cutoff_hz: f64, sample_rate_hz: f64) -> f64 {
    1.0 - (-std::f64::consts::TAU * (cutoff_hz / sample_rate_hz).min(0.45)).exp()
}
