//! The third octaves that a painted note would be heard in, out of its maps, without making its samples. Any thread; pure.
//!
//! The same bands as `band_error`, for each column: partials by rules 2 and 4 of CONTRACT.md's section 3, noise by the
//! share of each noise band that lies in the third octave. Beating between partials of one band is left out.

use models::SoundGrid;

use crate::note::{MAX_PARTIALS, NoteLayout, map_partials};

/// Edges of the bands, Hz: all below 100 Hz in one, then third octaves.
pub(super) const EDGES_HZ: [f64; 24] = edges_hz();

/// 2^(1/3), the ratio of a third octave's edges.
const THIRD_OCTAVE: f64 = 1.259_921_049_894_873_2;

const fn edges_hz() -> [f64; 24] {
    let mut edges_hz = [20.0; 24];
    let mut edge_hz = 100.0;
    let mut band = 1;
    while band < 24 {
        edges_hz[band] = edge_hz;
        edge_hz *= THIRD_OCTAVE;
        band += 1;
    }
    edges_hz
}

/// Count of the bands.
pub(super) const NUM_BANDS: usize = EDGES_HZ.len() - 1;

/// What a key's rows and noise bands have to do with the bands.
pub(super) struct ThirdOctaves {
    num_columns: usize,
    level_floor: f32,
    noise_floor: f32,
    /// Of each partial: its row, how far it lies towards the next, its band.
    partials: Vec<(usize, f32, usize)>,
    num_rows: usize,
    /// Noise band, third octave, share of the noise band in it.
    shares: Vec<(usize, usize, f32)>,
}

impl ThirdOctaves {
    pub(super) fn of(layout: &NoteLayout, key: u8) -> Self {
        let f0_hz = layout.frequency_hz(key);
        let num_rows = layout.num_valid_rows(f0_hz);
        let num_partials = ((layout.max_frequency_hz / f0_hz) as usize).min(MAX_PARTIALS);
        let (rows, weights) = map_partials(layout, num_rows, num_partials);
        let partials = rows.iter().zip(&weights).enumerate();
        let placed = partials.filter_map(|(index, (&row, &weight))| {
            let hz = (index + 1) as f64 * f0_hz;
            let band = EDGES_HZ.windows(2).position(|edges| hz < edges[1])?;
            Some((usize::from(row), weight, band))
        });
        Self {
            num_columns: layout.num_columns(),
            level_floor: amplitude(layout.level_floor_db),
            noise_floor: amplitude(layout.noise_floor_db).powi(2),
            partials: placed.collect(),
            num_rows,
            shares: shares(layout),
        }
    }

    /// Levels in dB, `[bands, columns]`, row-major; 0 dB is the mean square of a partial of amplitude 1.4.
    pub(super) fn levels_db(&self, maps: &SoundGrid) -> Vec<f32> {
        let columns = self.num_columns;
        let mut powers = vec![0.0f32; NUM_BANDS * columns];
        let row = |row: usize| &maps.level_db[row * columns..(row + 1) * columns];
        for &(below, weight, band) in &self.partials {
            let above = (below + 1).min(self.num_rows - 1);
            let sums = &mut powers[band * columns..(band + 1) * columns];
            for ((sum, from), to) in sums.iter_mut().zip(row(below)).zip(row(above)) {
                let heard = (amplitude(from + weight * (to - from)) - self.level_floor).max(0.0);
                *sum += 0.5 * heard * heard;
            }
        }
        for &(noise, band, share) in &self.shares {
            let sums = &mut powers[band * columns..(band + 1) * columns];
            let cells = &maps.noise_db[noise * columns..(noise + 1) * columns];
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum += share * (amplitude(*cell).powi(2) - self.noise_floor).max(0.0);
            }
        }
        powers
            .iter()
            .map(|power| 10.0 * power.max(1e-20).log10())
            .collect()
    }
}

fn shares(layout: &NoteLayout) -> Vec<(usize, usize, f32)> {
    let mut shares = Vec::new();
    for (noise, edges) in layout.noise_band_edges_hz.windows(2).enumerate() {
        for (band, wanted) in EDGES_HZ.windows(2).enumerate() {
            let inside = edges[1].min(wanted[1]) - edges[0].max(wanted[0]);
            if inside > 0.0 {
                shares.push((noise, band, (inside / (edges[1] - edges[0])) as f32));
            }
        }
    }
    shares
}

fn amplitude(level_db: f32) -> f32 {
    /// log2(10) / 20.
    const OCTAVES_PER_DB: f32 = 0.166_096_4;
    (level_db * OCTAVES_PER_DB).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> NoteLayout {
        NoteLayout {
            row_first_harmonic: (1..=40).collect(),
            row_last_harmonic: (1..=40).collect(),
            column_times_s: vec![0.0, 0.1],
            duration_s: 0.2,
            release_start_s: 0.1,
            sustain_start_s: 0.0,
            sustain_end_s: 0.1,
            level_floor_db: -120.0,
            noise_floor_db: -150.0,
            noise_band_edges_hz: vec![0.0, 1_000.0, 2_000.0],
            max_frequency_hz: 20_000.0,
            tuning_hz: 440.0,
        }
    }

    fn silence() -> SoundGrid {
        SoundGrid {
            level_db: vec![-120.0; 80],
            deviation_cents: vec![0.0; 80],
            noise_db: vec![-150.0; 4],
        }
    }

    fn band_of(hz: f64) -> usize {
        EDGES_HZ
            .windows(2)
            .position(|edges| (edges[0]..edges[1]).contains(&hz))
            .unwrap()
    }

    #[test]
    fn a_single_partial_is_in_its_band_alone_with_half_its_amplitude_squared() {
        let mut maps = silence();
        maps.level_db[2 * 2] = -6.0;
        let levels_db = ThirdOctaves::of(&layout(), 69).levels_db(&maps);
        let band = band_of(1_320.0);
        let wanted_db = -6.0 - 10.0 * 2f32.log10();
        assert!((levels_db[band * 2] - wanted_db).abs() < 0.01);
        let others = (0..NUM_BANDS).filter(|other| *other != band);
        assert!(
            others
                .map(|other| levels_db[other * 2])
                .all(|level_db| level_db < -100.0)
        );
    }

    #[test]
    fn noise_is_shared_out_by_width_and_keeps_its_power() {
        let mut maps = silence();
        maps.noise_db[2] = -20.0;
        let levels_db = ThirdOctaves::of(&layout(), 69).levels_db(&maps);
        let power = |band: usize| 10f32.powf(levels_db[band * 2] / 10.0);
        let sum: f32 = (0..NUM_BANDS).map(power).sum();
        assert!((10.0 * sum.log10() + 20.0).abs() < 0.01);
        let (low, high) = (band_of(1_100.0), band_of(1_400.0)); // both wholly inside the noise band
        let width = |band: usize| (EDGES_HZ[band + 1] - EDGES_HZ[band]) as f32;
        assert!((power(high) / power(low) - width(high) / width(low)).abs() < 0.01);
    }
}
