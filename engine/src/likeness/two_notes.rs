//! Whether two notes sound together although one pitch was found: the pitch is then the one that both are harmonics of, and
//! most of its own harmonics are missing. Any thread; pure.

use models::SoundGrid;

use super::recorded::Known;
use crate::note::NoteLayout;

/// Intervals as ratios: fifth, fourth, thirds, sixths, and the tenths that fit.
const RATIOS: [(usize, usize); 7] = [(2, 3), (3, 4), (4, 5), (5, 6), (3, 5), (5, 8), (2, 5)];
/// Harmonics that are looked at.
const NUM_HARMONICS: usize = 24;
/// Of all power, this may lie outside both notes' harmonics, and each note must have at least that alone.
const OUTSIDE: f64 = 0.005;
const OWN: f64 = 0.05;
/// The attack has the harmonics of neither.
const START_S: f64 = 0.1;

/// The ratio of the two pitches.
pub(super) fn two_notes(
    maps: &SoundGrid,
    layout: &NoteLayout,
    known: &Known,
) -> Option<(usize, usize)> {
    let columns = layout.num_columns();
    let held = START_S..known.until_s.min(layout.release_start_s).max(START_S);
    let power = |row: usize| -> f64 {
        let cells = layout.column_times_s.iter().enumerate();
        let heard = cells.filter(|(_, time_s)| held.contains(time_s));
        heard
            .map(|(column, _)| 10f64.powf(f64::from(maps.level_db[row * columns + column]) / 10.0))
            .sum()
    };
    let single = (0..layout.num_rows().min(NUM_HARMONICS))
        .take_while(|&row| layout.row_first_harmonic[row] == layout.row_last_harmonic[row]);
    let powers: Vec<f64> = single.map(power).collect();
    let total: f64 = powers.iter().sum();
    let share = |counts: &dyn Fn(usize) -> bool| -> f64 {
        let chosen = powers.iter().enumerate();
        let chosen = chosen.filter(|(row, _)| counts(row + 1));
        chosen.map(|(_, power)| power).sum::<f64>() / total.max(f64::MIN_POSITIVE)
    };
    RATIOS.into_iter().find(|&(lower, upper)| {
        let (of_lower, of_upper) = (
            move |harmonic: usize| harmonic.is_multiple_of(lower),
            move |harmonic: usize| harmonic.is_multiple_of(upper),
        );
        share(&|harmonic| !of_lower(harmonic) && !of_upper(harmonic)) < OUTSIDE
            && share(&|harmonic| of_lower(harmonic) && !of_upper(harmonic)) > OWN
            && share(&|harmonic| of_upper(harmonic) && !of_lower(harmonic)) > OWN
    })
}
