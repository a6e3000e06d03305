//! Levels without corners: short columns are averaged with their neighbours (CONTRACT.md 3.3). Any thread; pure.
//!
//! The straight lines between columns meet at corners, and many partials that turn at one instant make a small click.
//! Columns of 8 ms are shorter than the window they were analysed with, so little of an attack is lost.

use super::NoteLayout;

/// Columns whose neighbours are both nearer than this are short, s.
const SHORT_COLUMN_S: f64 = 0.010;
/// Share of each neighbour; the column itself keeps the rest.
const NEIGHBOUR_SHARE: f32 = 0.25;

/// `[rows, columns]`, row-major, with every short column averaged.
pub(super) fn smoothed(levels_db: &[f32], layout: &NoteLayout) -> Vec<f32> {
    let num_columns = layout.num_columns();
    let short = short_columns(&layout.column_times_s);
    let mut smooth_db = levels_db.to_vec();
    let rows = levels_db.chunks_exact(num_columns);
    for (row, smooth_row) in rows.zip(smooth_db.chunks_exact_mut(num_columns)) {
        for &column in &short {
            let neighbours = row[column - 1] + row[column + 1];
            smooth_row[column] =
                (1.0 - 2.0 * NEIGHBOUR_SHARE) * row[column] + NEIGHBOUR_SHARE * neighbours;
        }
    }
    smooth_db
}

fn short_columns(times_s: &[f64]) -> Vec<usize> {
    let is_near = |a: usize, b: usize| times_s[b] - times_s[a] < SHORT_COLUMN_S;
    (1..times_s.len() - 1)
        .filter(|&column| is_near(column - 1, column) && is_near(column, column + 1))
        .collect()
}
