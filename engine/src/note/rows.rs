//! Which rows a partial lies between (CONTRACT.md 3.2). Any thread; pure.

use super::NoteLayout;

/// For partials 1..=`num_partials`: the row below each, and how far it lies towards the next over ln k, 0..1.
///
/// The row index fits a byte because a grid has at most `MAX_ROWS` = 256 rows.
pub(crate) fn map_partials(
    layout: &NoteLayout,
    num_rows: usize,
    num_partials: usize,
) -> (Box<[u8]>, Box<[f32]>) {
    let centres: Vec<f64> = (0..num_rows).map(|row| ln_centre(layout, row)).collect();
    let places = (1..=num_partials).map(|partial| place_of(&centres, (partial as f64).ln()));
    let (rows, weights): (Vec<u8>, Vec<f32>) = places.unzip();
    (rows.into(), weights.into())
}

fn ln_centre(layout: &NoteLayout, row: usize) -> f64 {
    let (first, last) = (
        f64::from(layout.row_first_harmonic[row]),
        f64::from(layout.row_last_harmonic[row]),
    );
    0.5 * (first * last).ln()
}

fn place_of(centres: &[f64], ln_partial: f64) -> (u8, f32) {
    let after = centres.partition_point(|&centre| centre <= ln_partial);
    if after == 0 {
        return (0, 0.0);
    }
    let row = after - 1;
    if after == centres.len() {
        return (row as u8, 0.0);
    }
    let weight = (ln_partial - centres[row]) / (centres[after] - centres[row]);
    (row as u8, weight as f32)
}
