//! How a note is held for ever and how it is let go: what the player adds to the levels. Any thread; pure.
//!
//! The walk itself (which column sounds when) is `realtime/sustain.rs`.

use super::Note;

/// Window of the smoothing of the overall level, s: longer than a tremolo's period, so that tremolo stays.
const SMOOTHING_S: f64 = 0.3;
/// Most that the overall level is lifted or lowered beyond the rows' own trends, dB.
const MAX_OFFSET_DB: f64 = 24.0;
/// Steepest trend that is taken off, dB/s. Steeper is a note that ends inside the loop; following it would lift silence.
const MAX_SLOPE_DB_PER_S: f64 = 48.0;

/// What is subtracted inside the sustain part: a trend of each row and band, and a common offset per column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hold {
    /// Trend of each row, dB/s, `[rows]`.
    pub(crate) level_slopes: Box<[f32]>,
    /// Trend of each noise band, dB/s, `[bands]`.
    pub(crate) noise_slopes: Box<[f32]>,
    /// Added to all levels and bands, dB, `[columns]`; 0 up to the first column of the loop.
    pub(crate) offsets_db: Box<[f32]>,
}

/// Levels where the release starts, from which its changes count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Release {
    /// dB, `[rows]`.
    pub(crate) levels_db: Box<[f32]>,
    /// dB, `[bands]`.
    pub(crate) noise_db: Box<[f32]>,
}

impl Hold {
    pub(super) fn of(note: &Note) -> Self {
        let layout = note.layout();
        let columns = loop_columns(note);
        let bands = layout.num_bands();
        let mut hold = Self {
            level_slopes: slopes(note, &columns, &note.levels_db, note.num_rows()),
            noise_slopes: slopes(note, &columns, &note.noise_db, bands),
            offsets_db: layout.column_times_s.iter().map(|_| 0.0).collect(),
        };
        let overall_db: Vec<f64> = columns
            .iter()
            .map(|&column| hold.overall_level_db(note, column))
            .collect();
        let times_s: Vec<f64> = columns
            .iter()
            .map(|&column| layout.column_times_s[column])
            .collect();
        let smooth_db: Vec<f64> = times_s
            .iter()
            .map(|&time_s| smoothed(&times_s, &overall_db, time_s))
            .collect();
        for (&column, level_db) in columns.iter().zip(&smooth_db) {
            hold.offsets_db[column] =
                (smooth_db[0] - level_db).clamp(-MAX_OFFSET_DB, MAX_OFFSET_DB) as f32;
        }
        hold.keep_last_offset(&columns);
        hold
    }

    /// Columns behind the loop are never reached by the walk, but the one just after it is interpolated towards.
    fn keep_last_offset(&mut self, columns: &[usize]) {
        if let Some(&last) = columns.last() {
            let offset_db = self.offsets_db[last];
            self.offsets_db[last..].fill(offset_db);
        }
    }

    /// Power of all partials and noise in a column, trends taken off, dB.
    fn overall_level_db(&self, note: &Note, column: usize) -> f64 {
        let after_start_s = note.layout().column_times_s[column] - note.layout().sustain_start_s;
        let trend_free = |values: &[f32], slopes: &[f32], index: usize| {
            10f64.powf((f64::from(values[index]) - f64::from(slopes[index]) * after_start_s) / 10.0)
        };
        let levels = row_values(&note.levels_db, note.num_rows(), column);
        let bands = row_values(&note.noise_db, note.layout().num_bands(), column);
        let partials = note
            .partial_row
            .iter()
            .map(|&row| 0.5 * trend_free(levels, &self.level_slopes, usize::from(row)));
        let noise = (0..bands.len()).map(|band| trend_free(bands, &self.noise_slopes, band));
        10.0 * (partials.sum::<f64>() + noise.sum::<f64>())
            .max(f64::MIN_POSITIVE)
            .log10()
    }
}

impl Release {
    pub(super) fn of(note: &Note) -> Self {
        let place = note.layout().place(note.layout().release_start_s);
        let between = |map: &[f32], height: usize| -> Box<[f32]> {
            let (from, to) = (
                row_values(map, height, place.column),
                row_values(map, height, place.next),
            );
            from.iter()
                .zip(to)
                .map(|(from, to)| from + place.fraction * (to - from))
                .collect()
        };
        Self {
            levels_db: between(&note.levels_db, note.num_rows()),
            noise_db: between(&note.noise_db, note.layout().num_bands()),
        }
    }
}

fn row_values(map: &[f32], height: usize, column: usize) -> &[f32] {
    &map[column * height..(column + 1) * height]
}

/// Columns inside the sustain part.
fn loop_columns(note: &Note) -> Vec<usize> {
    let layout = note.layout();
    let inside = |time_s: f64| (layout.sustain_start_s..=layout.sustain_end_s).contains(&time_s);
    (0..layout.num_columns())
        .filter(|&column| inside(layout.column_times_s[column]))
        .collect()
}

/// Least-squares slope of each row over the loop's columns, dB/s, `[height]`.
fn slopes(note: &Note, columns: &[usize], map: &[f32], height: usize) -> Box<[f32]> {
    let times_s: Vec<f64> = columns
        .iter()
        .map(|&column| note.layout().column_times_s[column])
        .collect();
    let mean_s = times_s.iter().sum::<f64>() / times_s.len().max(1) as f64;
    let spread = times_s
        .iter()
        .map(|time_s| (time_s - mean_s).powi(2))
        .sum::<f64>();
    let slope_of = |row: usize| {
        let along = times_s
            .iter()
            .zip(columns)
            .map(|(time_s, &column)| (time_s - mean_s) * f64::from(map[column * height + row]));
        let slope = if spread > 0.0 {
            along.sum::<f64>() / spread
        } else {
            0.0
        };
        slope.clamp(-MAX_SLOPE_DB_PER_S, MAX_SLOPE_DB_PER_S) as f32
    };
    (0..height).map(slope_of).collect()
}

/// Mean of the values within half a window of a time, each weighted by its distance (a triangle).
fn smoothed(times_s: &[f64], values: &[f64], time_s: f64) -> f64 {
    let weight = |at_s: f64| (1.0 - (at_s - time_s).abs() / SMOOTHING_S).max(0.0);
    let sum: f64 = times_s
        .iter()
        .zip(values)
        .map(|(&at_s, value)| weight(at_s) * value)
        .sum();
    sum / times_s.iter().map(|&at_s| weight(at_s)).sum::<f64>()
}
