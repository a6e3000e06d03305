//! How far apart two notes are as heard: third octaves over time, dB. Any thread; pure.
//!
//! Both notes are cut into frames of 85 ms (Hann window), and the power of each frame is summed in third octaves from 100 Hz to
//! 16 kHz (the bands of IEC 61260, laid from 100 Hz on) and in one band of what lies below, from 20 Hz. Wherever the recording's
//! band lies within [`AUDIBLE_DB`] of the loudest one of the whole note, the distance of both levels in dB counts; the
//! band error is the mean of those distances. Loudness is not timbre, and the player sets it anyway: before that, the
//! answer is moved as a whole by the one gain that makes the mean signed distance nothing.

use realfft::RealFftPlanner;

use super::recorded::Known;
use super::third_octaves::EDGES_HZ;

/// How far below the loudest band a band still counts, dB.
pub(super) const AUDIBLE_DB: f64 = 60.0;
/// Length of a frame, s: 4096 samples at 48 kHz.
const FRAME_S: f64 = 4_096.0 / 48_000.0;
/// What stands for nothing at all: 200 dB below full scale.
const SMALLEST_POWER: f64 = 1e-20;

/// How far apart two notes are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandError {
    /// Mean absolute distance, dB.
    pub mean_db: f64,
    /// Root of the mean square of the distances, dB: large where few bands are far off.
    pub rms_db: f64,
    /// What the answer was moved by, dB.
    pub gain_db: f64,
    /// Bands of frames that were compared.
    pub num_compared: usize,
}

/// Compares an answer with what is known of a recording; both mono, both at this rate, both from the note's start.
/// `None` when there is nothing to compare.
///
/// # Real-time
/// Not safe: allocates.
pub fn band_error(
    recording: &[f32],
    answer: &[f32],
    sample_rate_hz: f64,
    known: &Known,
) -> Option<BandError> {
    let recorded = spectra(recording, sample_rate_hz, known.until_s);
    let answered = spectra(answer, sample_rate_hz, known.until_s);
    let bands = EDGES_HZ.windows(2).map(|edges| edges[1] <= known.below_hz);
    let is_known: Vec<bool> = bands.collect();
    let loudest = recorded.iter().flatten().copied().fold(0.0, f64::max);
    let audible = loudest * 10f64.powf(-AUDIBLE_DB / 10.0);
    let mut distances = Vec::new();
    for (frame, recorded) in recorded.iter().enumerate() {
        for (band, &power) in recorded.iter().enumerate() {
            let answered = answered.get(frame).map_or(0.0, |bands| bands[band]);
            if is_known[band] && power > audible {
                distances.push(10.0 * (answered.max(SMALLEST_POWER) / power).log10());
            }
        }
    }
    if distances.is_empty() {
        return None;
    }
    let share = 1.0 / distances.len() as f64;
    let offset_db = share * distances.iter().sum::<f64>();
    let apart = || distances.iter().map(|distance| distance - offset_db);
    Some(BandError {
        mean_db: share * apart().map(f64::abs).sum::<f64>(),
        rms_db: (share * apart().map(|distance| distance.powi(2)).sum::<f64>()).sqrt(),
        gain_db: -offset_db,
        num_compared: distances.len(),
    })
}

/// Power per band, `[frames][bands]`, of the frames that end before a time. A last frame without its end is left out.
fn spectra(samples: &[f32], sample_rate_hz: f64, until_s: f64) -> Vec<Vec<f64>> {
    let length = (FRAME_S * sample_rate_hz).round() as usize;
    let end = samples.len().min((until_s * sample_rate_hz) as usize);
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(length);
    let window: Vec<f64> = (0..length)
        .map(|n| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / length as f64).cos())
        .collect();
    let bin = |hz: f64| (hz / sample_rate_hz * length as f64).round() as usize;
    let spectrum = |frame: &[f32]| {
        let pairs = frame.iter().zip(&window);
        let mut input: Vec<f64> = pairs.map(|(&x, weight)| f64::from(x) * weight).collect();
        let mut output = plan.make_output_vec();
        // Both lengths are the plan's own: it cannot refuse.
        let _ = plan.process(&mut input, &mut output);
        let scale = (2.0 / length as f64).powi(2);
        let bands = EDGES_HZ.windows(2).map(|edges| {
            let (low, high) = (bin(edges[0]), bin(edges[1]));
            let bins = output.iter().take(high.max(low + 1)).skip(low);
            scale * bins.map(|bin| bin.norm_sqr()).sum::<f64>()
        });
        bands.collect()
    };
    samples[..end].chunks_exact(length).map(spectrum).collect()
}
