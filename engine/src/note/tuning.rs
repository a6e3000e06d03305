//! The pitch of a note is its key's, whatever the network says (CONTRACT.md 3.1). Any thread; pure.
//!
//! What all partials deviate by together, as a straight line over the time the key is held, is taken off. What moves
//! faster (vibrato) and what each partial does alone (an ensemble's beating, a string's stiffness) stays.

use models::SoundGrid;

use super::NoteLayout;

/// Rows that say what the pitch is.
const TUNING_ROWS: usize = 16;
/// The attack says nothing about the tuning.
const TUNING_START_S: f64 = 0.1;

/// Cents to take off each column.
pub(super) fn offsets_cents(maps: &SoundGrid, layout: &NoteLayout) -> Vec<f64> {
    let held = TUNING_START_S..=layout.release_start_s;
    let mut sums = LineSums::default();
    for (column, &time_s) in layout.column_times_s.iter().enumerate() {
        if held.contains(&time_s) {
            let (cents, weight) = common_deviation(maps, layout, column);
            let width_s = column_width_s(&layout.column_times_s, column);
            sums.add(time_s, cents, weight.sqrt() * width_s);
        }
    }
    let (start, slope) = sums.line();
    let offset = |&time_s: &f64| start + slope * time_s.clamp(*held.start(), *held.end());
    layout.column_times_s.iter().map(offset).collect()
}

/// Mean deviation of a column's lowest rows in cents, and the sum of its weights. A harmonic counts by its power times its
/// number squared, which is how precisely it fixes the fundamental (its Fisher information).
fn common_deviation(maps: &SoundGrid, layout: &NoteLayout, column: usize) -> (f64, f64) {
    let columns = layout.num_columns();
    let (mut sum, mut weight_sum) = (0.0, 0.0);
    for row in 0..layout.num_rows().min(TUNING_ROWS) {
        let harmonic_squared =
            f64::from(layout.row_first_harmonic[row]) * f64::from(layout.row_last_harmonic[row]);
        let level_db = f64::from(maps.level_db[row * columns + column]);
        let weight = 10f64.powf(level_db / 10.0) * harmonic_squared;
        sum += weight * f64::from(maps.deviation_cents[row * columns + column]);
        weight_sum += weight;
    }
    if weight_sum > 0.0 {
        (sum / weight_sum, weight_sum)
    } else {
        (0.0, 0.0)
    }
}

/// Sums of a weighted least-squares line.
#[derive(Default)]
struct LineSums {
    weight: f64,
    time: f64,
    time_squared: f64,
    cents: f64,
    cents_time: f64,
}

impl LineSums {
    fn add(&mut self, time_s: f64, cents: f64, weight: f64) {
        self.weight += weight;
        self.time += weight * time_s;
        self.time_squared += weight * time_s * time_s;
        self.cents += weight * cents;
        self.cents_time += weight * cents * time_s;
    }

    /// Value at 0 and slope; flat where one column is all there is.
    fn line(&self) -> (f64, f64) {
        if self.weight <= 0.0 {
            return (0.0, 0.0);
        }
        let spread = self.weight * self.time_squared - self.time * self.time;
        let slope = if spread > 1e-9 * self.weight * self.weight {
            (self.weight * self.cents_time - self.time * self.cents) / spread
        } else {
            0.0
        };
        ((self.cents - slope * self.time) / self.weight, slope)
    }
}

/// Half the distance between a column's neighbours; at the ends, the distance to the only one.
fn column_width_s(times_s: &[f64], column: usize) -> f64 {
    let last = times_s.len() - 1;
    let (before, after) = (column.saturating_sub(1), (column + 1).min(last));
    (times_s[after] - times_s[before]) / (after - before).max(1) as f64
}
