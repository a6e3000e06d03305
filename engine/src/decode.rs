//! Straight decoding of a note (CONTRACT.md section 3): what parity tests, evaluation and experts compare. Any thread.
//!
//! Runs the same partial bank and noise as a voice of the player, without envelope, gain, hold, bend or width.

use std::sync::Arc;

use models::{Manifest, Painting};

use crate::controller::check_sample_rate;
use crate::error::Result;
use crate::note::{Note, painted};
use crate::realtime::notes::ReadyNote;
use crate::realtime::{NoiseBins, StraightVoice};

/// Samples of a note from its start to its end (mono, `duration_s` rounded to frames), gain 1.
///
/// # Errors
/// [`crate::Error::Request`] when the sample rate is outside 16000..=384000 Hz.
///
/// # Real-time
/// Not safe: allocates.
pub fn decode_straight(note: &Note, sample_rate_hz: f64, seed: u32) -> Result<Vec<f32>> {
    check_sample_rate(sample_rate_hz)?;
    let bins = Arc::new(NoiseBins::new(
        &note.layout().noise_band_edges_hz,
        sample_rate_hz,
    ));
    let ready = Arc::new(ReadyNote {
        note: Arc::new(note.clone()),
        bins,
    });
    let mut voice = StraightVoice::new(ready, sample_rate_hz, seed);
    let num_frames = (note.layout().duration_s * sample_rate_hz).round() as usize;
    let mut samples = Vec::with_capacity(num_frames);
    while samples.len() < num_frames {
        let tick = voice.next_tick();
        let wanted = (num_frames - samples.len()).min(tick.len());
        samples.extend_from_slice(&tick[..wanted]);
    }
    Ok(samples)
}

/// Samples that a painting stands for and their rate in Hz, without the player: straight decoding for the contract's own
/// maps, the format's own decoder for GANSynth's picture, samples as they are.
///
/// # Errors
/// As [`Note::baked`]; [`crate::Error::Grid`] when the painting is not of the manifest's kind.
///
/// # Real-time
/// Not safe: allocates.
pub fn decode_painting(
    painting: &Painting,
    manifest: &Manifest,
    key: u8,
    seed: u32,
) -> Result<(Vec<f32>, f64)> {
    let Painting::Maps(maps) = painting else {
        return painted::samples(painting, manifest);
    };
    let rate_hz = manifest.grid.sample_rate_hz;
    let note = Note::baked(maps, &manifest.grid, key)?;
    Ok((decode_straight(&note, rate_hz, seed)?, rate_hz))
}
