//! Magenta's matrix from mel bands back to bins, with the aliasing that is part of the format (CONTRACT.md, section 6).
//!
//! Built once per decoder. A matrix as a textbook has it differs in most columns and decodes to another signal.

/// The mel scale.
const MEL_BREAK_HZ: f64 = 700.0;
const MEL_SCALE: f64 = 1_127.0;
/// No band is narrower than this many bins.
const NARROWEST_BAND_BINS: f64 = 1.5;

/// Bands to bins; only entries that are not zero are kept, two per bin on the average.
pub(super) struct MelToLinear {
    /// For each bin: band and weight.
    bins: Vec<Vec<(usize, f64)>>,
}

impl MelToLinear {
    /// The transpose of the way there, scaled so that a flat spectrum stays flat.
    pub(super) fn new(num_bins: usize, sample_rate_hz: f64) -> Self {
        let mut bins = linear_to_mel(num_bins, sample_rate_hz);
        let mut band_sums = vec![0.0; num_bins];
        for &(band, weight) in bins.iter().flatten() {
            band_sums[band] += weight;
        }
        for bin in &mut bins {
            let sum: f64 = bin
                .iter()
                .map(|&(band, weight)| weight * band_sums[band])
                .sum();
            for (_, weight) in bin.iter_mut() {
                *weight = if sum > 0.0 { *weight / sum } else { 0.0 };
            }
        }
        Self { bins }
    }

    /// Values of all bands to values of all bins.
    pub(super) fn apply(&self, bands: &[f64]) -> Vec<f64> {
        self.bins
            .iter()
            .map(|bin| bin.iter().map(|&(band, weight)| weight * bands[band]).sum())
            .collect()
    }
}

/// L, by bins: triangles on the mel scale. The lowest bin belongs to no band.
fn linear_to_mel(num_bins: usize, sample_rate_hz: f64) -> Vec<Vec<(usize, f64)>> {
    let half_hz = 0.5 * sample_rate_hz;
    let edges_hz: Vec<f64> = widened_edges(num_bins, half_hz)
        .into_iter()
        .map(hz)
        .collect();
    let mut bins = vec![Vec::new(); num_bins];
    for (band, edges) in edges_hz.windows(3).enumerate() {
        let (lower_hz, centre_hz, upper_hz) = (edges[0], edges[1], edges[2]);
        for (bin, weights) in bins.iter_mut().enumerate().skip(1) {
            let frequency_hz = half_hz * bin as f64 / (num_bins - 1) as f64;
            let rising = (frequency_hz - lower_hz) / (centre_hz - lower_hz);
            let falling = (upper_hz - frequency_hz) / (upper_hz - centre_hz);
            let weight = rising.min(falling);
            if weight > 0.0 {
                weights.push((band, weight));
            }
        }
    }
    bins
}

/// Edges in mel. Lower and upper edges of all bands are the one list, so a band that is widened moves its neighbours.
fn widened_edges(num_bins: usize, half_hz: f64) -> Vec<f64> {
    let step = mel(half_hz) / (num_bins + 1) as f64;
    let mut edges: Vec<f64> = (0..num_bins + 2).map(|edge| edge as f64 * step).collect();
    let narrowest_hz = NARROWEST_BAND_BINS * half_hz / num_bins as f64;
    for band in 0..num_bins {
        if hz(edges[band + 2]) - hz(edges[band]) < narrowest_hz {
            let centre = edges[band + 1];
            let half = 0.5 * narrowest_hz / (hz(centre) + MEL_BREAK_HZ);
            let widening = MEL_SCALE * half.asinh();
            edges[band] = centre - widening;
            edges[band + 2] = centre + widening;
        }
    }
    edges
}

fn mel(frequency_hz: f64) -> f64 {
    MEL_SCALE * (1.0 + frequency_hz / MEL_BREAK_HZ).ln()
}

fn hz(mel: f64) -> f64 {
    MEL_BREAK_HZ * ((mel / MEL_SCALE).exp() - 1.0)
}
