//! Numbers from a seed: the hash and the normal numbers of CONTRACT.md (sections 3 and 5). Any thread; holds no state.
//!
//! A number is a pure function of seed, stream and index, so that it can be had in any order and on any machine.

/// The streams of one seed. Numbers are the contract's; a stream is never used for two things.
pub mod stream {
    /// Start phases of partials.
    pub const PARTIAL_PHASE: u32 = 0;
    /// Stereo positions of partials.
    pub const PARTIAL_POSITION: u32 = 1;
    /// Noise, cosine parts.
    pub const NOISE_COSINE: u32 = 2;
    /// Noise, sine parts.
    pub const NOISE_SINE: u32 = 3;
    /// Noise of the stereo side signal, cosine parts.
    pub const SIDE_NOISE_COSINE: u32 = 4;
    /// Noise of the stereo side signal, sine parts.
    pub const SIDE_NOISE_SINE: u32 = 5;
    /// Coarse noise of a picture.
    pub const PICTURE_NOISE: u32 = 8;
    /// Medium noise of a picture.
    pub const PICTURE_MEDIUM: u32 = 9;
    /// Fine noise of a picture.
    pub const PICTURE_DETAIL: u32 = 10;
    /// What a picture chooses by its seed: 0 its style, 1 and 2 the seeds that it moves by.
    pub const PICTURE_CHOICE: u32 = 11;
    /// Film grain of a picture.
    pub const PICTURE_GRAIN: u32 = 12;
    /// Dither of a picture.
    pub const PICTURE_DITHER: u32 = 13;
    /// Stars of a picture.
    pub const PICTURE_STARS: u32 = 14;
    /// Attributes of a sound.
    pub const ATTRIBUTES: u32 = 15;
    /// Latent of a sound; redraws use the streams after it.
    pub const LATENT: u32 = 16;
}

/// 2^32 as a real number: what a hash is divided by.
const HASH_COUNT: f64 = 4_294_967_296.0;
/// 2^32 divided by the golden ratio: keeps neighbouring streams apart.
const GOLDEN: u32 = 0x9E37_79B9;

/// Mixes all bits of a number (the `lowbias32` constants of C. Wellons' hash prospector).
pub const fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// The contract's `h(seed, stream, index)`: uniform over all `u32`.
pub const fn hash(seed: u32, stream: u32, index: u32) -> u32 {
    mix(stream_start(seed, stream).wrapping_add(index))
}

/// What all indices of a stream share: `hash(seed, stream, index)` is `mix(stream_start(seed, stream) + index)`.
pub const fn stream_start(seed: u32, stream: u32) -> u32 {
    mix(seed.wrapping_add(GOLDEN.wrapping_mul(stream.wrapping_add(1))))
}

/// A uniform number, 0 <= u < 1.
pub fn unit(seed: u32, stream: u32, index: u32) -> f64 {
    f64::from(hash(seed, stream, index)) / HASH_COUNT
}

/// A standard normal number by Box-Muller (Box and Muller 1958), from the uniform numbers 2i and 2i + 1 of the stream.
pub fn normal(seed: u32, stream: u32, index: u32) -> f64 {
    let a = unit(seed, stream, index.wrapping_mul(2));
    let b = unit(seed, stream, index.wrapping_mul(2).wrapping_add(1));
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
