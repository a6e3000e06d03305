//! What must hold inside the grid of a manifest beyond its types. Any thread; changes nothing.

use super::Grid;
use super::checks::{LONGEST_LIST, require};
use crate::error::Result;

/// Refuses the first field of the grid that is impossible or does not fit the others.
pub(super) fn check_grid(grid: &Grid) -> Result<()> {
    require(
        (8_000.0..=384_000.0).contains(&grid.sample_rate_hz),
        "grid.sample_rate_hz",
        || format!("is {}, must be 8000 to 384000", grid.sample_rate_hz),
    )?;
    check_rows(grid)?;
    check_ascending(&grid.column_times_s, "grid.column_times_s")?;
    check_ascending(&grid.noise_band_edges_hz, "grid.noise_band_edges_hz")?;
    check_times(grid)?;
    check_range(grid.level_range_db, "grid.level_range_db")?;
    check_range(grid.deviation_range_cents, "grid.deviation_range_cents")?;
    check_range(grid.noise_range_db, "grid.noise_range_db")?;
    let nyquist_hz = grid.sample_rate_hz / 2.0;
    require(
        grid.max_frequency_hz > 0.0 && grid.max_frequency_hz <= nyquist_hz,
        "grid.max_frequency_hz",
        || {
            format!(
                "is {}, must be above 0 and at most {nyquist_hz}",
                grid.max_frequency_hz
            )
        },
    )?;
    require(
        (200.0..=900.0).contains(&grid.tuning_hz),
        "grid.tuning_hz",
        || {
            format!(
                "is {}, must be 200 to 900 (the frequency of key 69)",
                grid.tuning_hz
            )
        },
    )
}

fn check_rows(grid: &Grid) -> Result<()> {
    let (first, last) = (&grid.row_first_harmonic, &grid.row_last_harmonic);
    require(
        (1..=LONGEST_LIST).contains(&first.len()),
        "grid.row_first_harmonic",
        || format!("has {} rows, must have 1 to {LONGEST_LIST}", first.len()),
    )?;
    require(last.len() == first.len(), "grid.row_last_harmonic", || {
        format!(
            "has {} rows, row_first_harmonic has {}",
            last.len(),
            first.len()
        )
    })?;
    let mut lowest_allowed = 1;
    for (row, (&first, &last)) in first.iter().zip(last).enumerate() {
        require(first >= lowest_allowed, "grid.row_first_harmonic", || {
            format!("is {first} in row {row}, must be at least {lowest_allowed}")
        })?;
        require(
            last >= first && last < u32::MAX,
            "grid.row_last_harmonic",
            || format!("is {last} in row {row}, which starts at {first}"),
        )?;
        lowest_allowed = last + 1;
    }
    Ok(())
}

fn check_ascending(values: &[f64], field: &str) -> Result<()> {
    require((2..=LONGEST_LIST).contains(&values.len()), field, || {
        format!(
            "has {} numbers, must have 2 to {LONGEST_LIST}",
            values.len()
        )
    })?;
    require(values[0] >= 0.0, field, || {
        format!("starts at {}, must not be negative", values[0])
    })?;
    for (index, pair) in values.windows(2).enumerate() {
        require(pair[0] < pair[1], field, || {
            format!(
                "does not ascend: {} then {} at index {index}",
                pair[0], pair[1]
            )
        })?;
    }
    Ok(())
}

fn check_times(grid: &Grid) -> Result<()> {
    let last_column_s = grid.column_times_s.last().copied().unwrap_or_default();
    require(
        grid.duration_s > 0.0 && grid.duration_s <= 60.0,
        "grid.duration_s",
        || format!("is {}, must be above 0 and at most 60", grid.duration_s),
    )?;
    require(
        grid.release_start_s > 0.0 && grid.release_start_s <= grid.duration_s,
        "grid.release_start_s",
        || {
            format!(
                "is {}, must be above 0 and at most duration_s = {}",
                grid.release_start_s, grid.duration_s
            )
        },
    )?;
    require(
        grid.sustain_start_s >= 0.0 && grid.sustain_start_s < grid.sustain_end_s,
        "grid.sustain_start_s",
        || {
            format!(
                "is {}, must not be negative and below sustain_end_s = {}",
                grid.sustain_start_s, grid.sustain_end_s
            )
        },
    )?;
    let latest_s = grid.release_start_s.min(last_column_s);
    require(grid.sustain_end_s <= latest_s, "grid.sustain_end_s", || {
        format!(
            "is {}, must be at most {latest_s} (release_start_s and the last column)",
            grid.sustain_end_s
        )
    })
}

fn check_range([low, high]: [f64; 2], field: &str) -> Result<()> {
    require(low < high, field, || {
        format!("is [{low}, {high}], must ascend")
    })
}
