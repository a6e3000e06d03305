//! A voice's noise: white noise from the seed, shaped by the band powers, by inverse FFT and overlap-add (CONTRACT.md
//! 3.7). Audio thread.
//!
//! Which powers sound when is the voice's affair. Plans and scratch are made before the first callback.

use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use models::seeded::{mix, stream, stream_start};
use multiversion::multiversion;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

use super::TICK_FRAMES;
use super::approximations::power;
use super::shape::{Rows, octaves_from_middle};

/// Block length at [`REFERENCE_RATE_HZ`], frames.
const REFERENCE_LENGTH: f64 = 512.0;
const REFERENCE_RATE_HZ: f64 = 48_000.0;

/// Block length at a sample rate: the power of two nearest, in log, to 512 frames at 48 kHz.
pub(super) fn block_frames(sample_rate_hz: f64) -> usize {
    1 << (REFERENCE_LENGTH * sample_rate_hz / REFERENCE_RATE_HZ)
        .log2()
        .round() as u32
}

/// How the noise bands of a model fall into the bins of a sample rate.
pub(crate) struct NoiseBins {
    band_edges_hz: Box<[f64]>,
    /// How far each band lies from the middle of a tilt, octaves.
    octaves: Box<[f32]>,
    /// Bands and shares of all bins, one bin after the other.
    parts: Box<[(u16, f32)]>,
    /// Where the parts of bin b start; one more than bins, `[N/2 + 1]`.
    starts: Box<[u32]>,
}

impl NoiseBins {
    /// Shares of each band in each bin.
    #[allow(
        clippy::disallowed_methods,
        reason = "called by the controller, off the audio thread"
    )]
    pub(crate) fn new(band_edges_hz: &[f64], sample_rate_hz: f64) -> Self {
        let length = block_frames(sample_rate_hz);
        let bin_hz = sample_rate_hz / length as f64;
        let mut parts = Vec::new();
        let mut starts = Vec::new();
        for bin in 0..length / 2 {
            starts.push(parts.len() as u32);
            let (low_hz, high_hz) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
            for (band, edge) in band_edges_hz.windows(2).enumerate() {
                let inside_hz = edge[1].min(high_hz) - edge[0].max(low_hz);
                if bin > 0 && inside_hz > 0.0 {
                    parts.push((band as u16, (inside_hz / (edge[1] - edge[0])) as f32));
                }
            }
        }
        starts.push(parts.len() as u32);
        let octaves = band_edges_hz.windows(2).map(|edge| {
            let middle_hz = (0.5 * (edge[0] + edge[1])).max(1.0);
            octaves_from_middle(middle_hz.log2() as f32)
        });
        Self {
            octaves: octaves.collect(),
            band_edges_hz: band_edges_hz.into(),
            parts: parts.into(),
            starts: starts.into(),
        }
    }

    /// Whether these bins were made for such bands.
    pub(crate) fn fit(&self, band_edges_hz: &[f64]) -> bool {
        *self.band_edges_hz == *band_edges_hz
    }

    /// Multiplies each band's power by a tilt of the spectrum.
    pub(super) fn tilt(&self, band_powers: &mut Rows, tilt_db: f32) {
        for (value, octaves) in band_powers.iter_mut().zip(&self.octaves) {
            *value *= power(tilt_db * octaves);
        }
    }

    /// Adds the power of each bin times `factor`. `[N/2]`; bin 0 stays silent.
    pub(super) fn add_bin_powers(&self, band_powers: &Rows, factor: f32, out: &mut [f32]) {
        for (bounds, out) in self.starts.windows(2).zip(out) {
            let mut power = 0.0;
            for &(band, share) in &self.parts[bounds[0] as usize..bounds[1] as usize] {
                power += band_powers[usize::from(band)] * share;
            }
            *out += power * factor;
        }
    }
}

/// Which hash streams a noise is drawn from.
#[derive(Clone, Copy)]
pub(super) struct NoiseStreams {
    cosine: u32,
    sine: u32,
}

/// The noise in the middle.
pub(super) const MID: NoiseStreams = NoiseStreams {
    cosine: stream::NOISE_COSINE,
    sine: stream::NOISE_SINE,
};
/// The independent noise of the side signal.
pub(super) const SIDE: NoiseStreams = NoiseStreams {
    cosine: stream::SIDE_NOISE_COSINE,
    sine: stream::SIDE_NOISE_SINE,
};

/// Plan, window and scratch, shared by all voices of a player.
pub(crate) struct NoiseShaper {
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Box<[f32]>,
    spectrum: Box<[Complex<f32>]>,
    scratch: Box<[Complex<f32>]>,
    block: Box<[f32]>,
    /// Power of each bin of the block being made, `[N/2]`; written by the voice.
    pub(super) bin_powers: Box<[f32]>,
}

impl NoiseShaper {
    /// Makes the plan for a sample rate.
    pub(crate) fn new(sample_rate_hz: f64) -> Self {
        let length = block_frames(sample_rate_hz);
        let inverse = RealFftPlanner::<f32>::new().plan_fft_inverse(length);
        Self {
            window: window(length).collect(),
            spectrum: inverse.make_input_vec().into(),
            scratch: inverse.make_scratch_vec().into(),
            block: inverse.make_output_vec().into(),
            bin_powers: (0..length / 2).map(|_| 0.0).collect(),
            inverse,
        }
    }

    /// Frames from block to block.
    pub(super) fn hop_frames(&self) -> usize {
        self.window.len() / 2
    }

    /// Makes block `index` of a noise from `bin_powers`, windowed.
    fn make_block(&mut self, seed: u32, streams: NoiseStreams, index: u32) -> &[f32] {
        let first = index.wrapping_mul(self.hop_frames() as u32);
        fill_spectrum(
            stream_start(seed, streams.cosine),
            stream_start(seed, streams.sine),
            first,
            &self.bin_powers,
            &mut self.spectrum,
        );
        let made = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.block,
            &mut self.scratch,
        );
        if made.is_err() {
            self.block.fill(0.0);
        }
        for (sample, window) in self.block.iter_mut().zip(&self.window) {
            *sample *= window;
        }
        &self.block
    }
}

/// Powers of two overlapping ones add up to 1 (Vorbis I specification, 4.3.1). A sine does that too, but begins with a
/// corner, and a corner per hop puts a buzz 30 dB above what is left of a dark noise at 4 to 8 kHz.
fn window(length: usize) -> impl Iterator<Item = f32> {
    let sine = move |frame: usize| (PI * (frame as f64 + 0.5) / length as f64).sin();
    (0..length).map(move |frame| (FRAC_PI_2 * sine(frame).powi(2)).sin() as f32)
}

/// g (u cos - the inverse FFT doubles real parts and turns imaginary ones round - v sin), CONTRACT.md 3.7.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn fill_spectrum(cosine: u32, sine: u32, first: u32, powers: &[f32], out: &mut [Complex<f32>]) {
    for (bin, (out, power)) in out.iter_mut().zip(powers).enumerate() {
        let half_gain = 0.5 * (3.0 * power).sqrt();
        let index = first.wrapping_add(bin as u32);
        out.re = half_gain * signed_unit(mix(cosine.wrapping_add(index)));
        out.im = -half_gain * signed_unit(mix(sine.wrapping_add(index)));
    }
    if let Some(dc) = out.first_mut() {
        *dc = Complex::new(0.0, 0.0);
    }
    if let Some(nyquist) = out.get_mut(powers.len()) {
        *nyquist = Complex::new(0.0, 0.0);
    }
}

/// 2 h / 2^32 - 1, by way of a signed number so that no 64-bit arithmetic is needed.
#[inline(always)]
fn signed_unit(hash: u32) -> f32 {
    (hash ^ 0x8000_0000) as i32 as f32 * (1.0 / 2_147_483_648.0)
}

/// One voice's overlap-add of one noise.
pub(super) struct NoiseStream {
    streams: NoiseStreams,
    /// Second half of the last block, `[hop]`.
    tail: Box<[f32]>,
    /// First half and second half of the block made ahead, `[N]`.
    ahead: Box<[f32]>,
    /// What sounds during this hop, `[hop]`.
    hop: Box<[f32]>,
}

impl NoiseStream {
    /// Silence.
    pub(super) fn new(streams: NoiseStreams, sample_rate_hz: f64) -> Self {
        let length = block_frames(sample_rate_hz);
        let silence = |frames: usize| (0..frames).map(|_| 0.0).collect();
        Self {
            streams,
            tail: silence(length / 2),
            ahead: silence(length),
            hop: silence(length / 2),
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.tail.fill(0.0);
        self.ahead.fill(0.0);
        self.hop.fill(0.0);
    }

    /// Makes the block that [`NoiseStream::next_hop`] will overlap next, from the shaper's bin powers.
    pub(super) fn make_ahead(&mut self, shaper: &mut NoiseShaper, seed: u32, index: u32) {
        self.ahead
            .copy_from_slice(shaper.make_block(seed, self.streams, index));
    }

    /// Makes a silent block.
    pub(super) fn make_silence_ahead(&mut self) {
        self.ahead.fill(0.0);
    }

    /// Overlaps the block made ahead; its first half and the one before sound from now on.
    pub(super) fn next_hop(&mut self) {
        let (first, second) = self.ahead.split_at(self.tail.len());
        for ((hop, tail), first) in self.hop.iter_mut().zip(&self.tail).zip(first) {
            *hop = tail + first;
        }
        self.tail.copy_from_slice(second);
    }

    /// The samples of one tick of the hop.
    pub(super) fn tick(&self, index: usize) -> &[f32] {
        &self.hop[index * TICK_FRAMES..][..TICK_FRAMES]
    }
}
