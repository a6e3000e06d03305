//! From curve values 0..1 to whole numbers. Eight bits are dithered, or a dark gradient would show its steps.

use multiversion::multiversion;

use models::seeded::{hash, stream};

/// The R2 sequence (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018) in 2^32nds: 1/p and 1/p^2,
/// p^3 = p + 1. Along a row neighbours differ by a quarter turn almost exactly, so that of any five in a row one falls into
/// each quarter: a run of equal values stays short, which white or blue noise cannot promise.
const ACROSS: u32 = 3_242_174_889;
const DOWN: u32 = 2_447_445_414;
/// The channels' noise differs by thirds of a turn, so that grey does not flicker in step.
const CHANNEL: u32 = 1_431_655_765;
/// 2^23: adding it rounds to a whole number in the low bits.
const ROUNDING: f32 = 8_388_608.0;
const LARGEST_8: f32 = 255.0;
const LARGEST_16: f32 = 65_535.0;

pub(super) struct Dither {
    start: u32,
}

impl Dither {
    pub(super) fn new(seed: u32) -> Self {
        Self {
            start: hash(seed, stream::PICTURE_DITHER, 0),
        }
    }

    /// Adds triangular noise of plus and minus one step (Lipshitz, Wannamaker and Vanderkooy 1992: it leaves the mean and
    /// the variance of the error independent of the picture) and rounds.
    pub(super) fn quantize_8(
        &self,
        y: u32,
        coded: &[Vec<f32>; 3],
        alpha: Option<&[f32]>,
        bytes: &mut Vec<u8>,
    ) {
        let channels = if alpha.is_some() { 4 } else { 3 };
        bytes.resize(coded[0].len() * channels, 0);
        let row = self.start.wrapping_add(DOWN.wrapping_mul(y));
        for (channel, values) in (0u32..).zip(coded) {
            let start = row.wrapping_add(CHANNEL.wrapping_mul(channel));
            quantize_channel(values, start, channels, &mut bytes[channel as usize..]);
        }
        for (pixel, alpha) in bytes.chunks_exact_mut(4).zip(alpha.into_iter().flatten()) {
            pixel[3] = round(alpha * LARGEST_8) as u8;
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn quantize_channel(values: &[f32], start: u32, channels: usize, bytes: &mut [u8]) {
    const BLOCK: usize = 64;
    let mut rounded = [0u8; BLOCK];
    for (block, values) in values.chunks(BLOCK).enumerate() {
        let first = start.wrapping_add(ACROSS.wrapping_mul((block * BLOCK) as u32));
        for (index, (rounded, value)) in (0u32..).zip(rounded.iter_mut().zip(values)) {
            let turn = first.wrapping_add(ACROSS.wrapping_mul(index));
            *rounded = round((value * LARGEST_8 + triangular(turn)).clamp(0.0, LARGEST_8)) as u8;
        }
        let target = bytes[block * BLOCK * channels..]
            .iter_mut()
            .step_by(channels);
        target
            .zip(&rounded[..values.len()])
            .for_each(|(byte, rounded)| *byte = *rounded);
    }
}

/// A uniform turn to triangular noise between -1 and 1, by the inverse of its distribution.
#[inline(always)]
fn triangular(turn: u32) -> f32 {
    // 24 bits, all that a float holds.
    let uniform = (turn >> 8) as i32 as f32 * (1.0 / 16_777_216.0);
    let low = (2.0 * uniform).sqrt() - 1.0;
    let high = 1.0 - (2.0 * (1.0 - uniform)).max(0.0).sqrt();
    if uniform < 0.5 { low } else { high }
}

/// Nearest whole number of 0 .. 2^22.
#[inline(always)]
fn round(value: f32) -> u32 {
    (value + ROUNDING).to_bits() & 0x007f_ffff
}

/// Sixteen bits need no dither: their steps are below what any screen shows.
pub(super) fn quantize_16(coded: &[Vec<f32>; 3], alpha: Option<&[f32]>, words: &mut Vec<u16>) {
    weave(coded, alpha, words, |value| {
        round(value.clamp(0.0, 1.0) * LARGEST_16) as u16
    });
}

/// Light as it is.
pub(super) fn interleave(linear: &[Vec<f32>; 3], alpha: Option<&[f32]>, floats: &mut Vec<f32>) {
    weave(linear, alpha, floats, |value| value);
}

fn weave<T>(
    channels: &[Vec<f32>; 3],
    alpha: Option<&[f32]>,
    target: &mut Vec<T>,
    convert: impl Fn(f32) -> T,
) {
    target.clear();
    let [red, green, blue] = channels;
    for index in 0..red.len() {
        target.extend([
            convert(red[index]),
            convert(green[index]),
            convert(blue[index]),
        ]);
        if let Some(alpha) = alpha {
            target.push(convert(alpha[index]));
        }
    }
}
