//! What the rows, bands and columns of a model's notes mean, ready for the player. Any thread; built once per note.
//!
//! Holds no levels (that is `Note`) and reads no file: it is a checked copy of the manifest's grid.

use models::Grid;

use crate::error::{Error, Result};

/// Most rows or noise bands of a note. A grid with more is refused: the player's scratch has this size.
pub const MAX_ROWS: usize = 256;
/// Most partials of a note (CONTRACT.md 3.2). Higher harmonics are left out.
pub const MAX_PARTIALS: usize = 256;

/// The axes and ranges of a note's three maps (CONTRACT.md, section 2), checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteLayout {
    /// First harmonic of each row, ascending, from 1.
    pub row_first_harmonic: Vec<u32>,
    /// Last harmonic of each row, inclusive.
    pub row_last_harmonic: Vec<u32>,
    /// Centre of each column after note-on, s, ascending.
    pub column_times_s: Vec<f64>,
    /// Length of the whole note, s.
    pub duration_s: f64,
    /// When its key was released, s.
    pub release_start_s: f64,
    /// Start of the part that a held note walks to and fro in, s.
    pub sustain_start_s: f64,
    /// End of that part, s.
    pub sustain_end_s: f64,
    /// Level that means silence, dB re the loudest cell.
    pub level_floor_db: f32,
    /// Noise level that means silence, dB re the loudest cell.
    pub noise_floor_db: f32,
    /// Edges of the noise bands, Hz, ascending; one more than bands.
    pub noise_band_edges_hz: Vec<f64>,
    /// Nothing above is played, Hz.
    pub max_frequency_hz: f64,
    /// Frequency of key 69, Hz.
    pub tuning_hz: f64,
}

/// A place between two columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColumnPlace {
    /// The column at or before the place.
    pub(crate) column: usize,
    /// The column after it; the same at the ends.
    pub(crate) next: usize,
    /// 0 at `column`, 1 at `next`.
    pub(crate) fraction: f32,
}

impl NoteLayout {
    /// Copies what the player needs out of a manifest's grid.
    ///
    /// # Errors
    /// [`Error::Grid`] when the grid has no or more than [`MAX_ROWS`] rows or bands, fewer than two columns, or axes that do not ascend.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn from_grid(grid: &Grid) -> Result<Self> {
        let layout = Self {
            row_first_harmonic: grid.row_first_harmonic.clone(),
            row_last_harmonic: grid.row_last_harmonic.clone(),
            column_times_s: grid.column_times_s.clone(),
            duration_s: grid.duration_s,
            release_start_s: grid.release_start_s,
            sustain_start_s: grid.sustain_start_s,
            sustain_end_s: grid.sustain_end_s,
            level_floor_db: grid.level_range_db[0] as f32,
            noise_floor_db: grid.noise_range_db[0] as f32,
            noise_band_edges_hz: grid.noise_band_edges_hz.clone(),
            max_frequency_hz: grid.max_frequency_hz,
            tuning_hz: grid.tuning_hz,
        };
        layout.check()?;
        Ok(layout)
    }

    /// Refuses axes that would lead the player out of its arrays.
    ///
    /// # Errors
    /// As [`NoteLayout::from_grid`].
    ///
    /// # Real-time
    /// Not safe: allocates the message.
    pub fn check(&self) -> Result<()> {
        let rows = self.num_rows();
        let bands = self.num_bands();
        require((1..=MAX_ROWS).contains(&rows), || {
            format!("{rows} rows, the player takes 1 to {MAX_ROWS}")
        })?;
        require((1..=MAX_ROWS).contains(&bands), || {
            format!("{bands} noise bands, the player takes 1 to {MAX_ROWS}")
        })?;
        require(self.row_last_harmonic.len() == rows, || {
            "row_first_harmonic and row_last_harmonic differ in length".into()
        })?;
        require(self.row_first_harmonic[0] >= 1, || {
            "row_first_harmonic starts at 0, must start at 1 or more".into()
        })?;
        let rows_ascend = self
            .row_first_harmonic
            .iter()
            .zip(&self.row_last_harmonic)
            .all(|(first, last)| first <= last)
            && self
                .row_last_harmonic
                .iter()
                .zip(&self.row_first_harmonic[1..])
                .all(|(last, first)| last < first);
        require(rows_ascend, || "the rows' harmonics do not ascend".into())?;
        require(self.column_times_s.len() >= 2, || {
            "fewer than two columns".into()
        })?;
        require(ascends(&self.column_times_s), || {
            "column_times_s does not ascend".into()
        })?;
        require(ascends(&self.noise_band_edges_hz), || {
            "noise_band_edges_hz does not ascend".into()
        })?;
        require(self.noise_band_edges_hz[0] >= 0.0, || {
            "noise_band_edges_hz starts below 0".into()
        })?;
        self.check_scalars()
    }

    fn check_scalars(&self) -> Result<()> {
        let positive = [
            self.duration_s,
            self.release_start_s,
            self.max_frequency_hz,
            self.tuning_hz,
        ];
        require(
            positive
                .iter()
                .all(|value| value.is_finite() && *value > 0.0),
            || {
                "duration_s, release_start_s, max_frequency_hz and tuning_hz must all be above 0"
                    .into()
            },
        )?;
        require(
            0.0 <= self.sustain_start_s
                && self.sustain_start_s <= self.sustain_end_s
                && self.sustain_end_s.is_finite(),
            || {
                format!(
                    "sustain from {} s to {} s is no span",
                    self.sustain_start_s, self.sustain_end_s
                )
            },
        )?;
        require(
            self.level_floor_db.is_finite() && self.noise_floor_db.is_finite(),
            || "a floor is not a number".into(),
        )
    }

    /// Count of harmonic rows.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_rows(&self) -> usize {
        self.row_first_harmonic.len()
    }

    /// Count of noise bands.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_bands(&self) -> usize {
        self.noise_band_edges_hz.len().saturating_sub(1)
    }

    /// Count of columns.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_columns(&self) -> usize {
        self.column_times_s.len()
    }

    /// Frequency of a MIDI key, Hz.
    ///
    /// # Real-time
    /// Safe.
    pub fn frequency_hz(&self, key: u8) -> f64 {
        self.tuning_hz * ((f64::from(key) - 69.0) / 12.0).exp2()
    }

    /// Rows that a note of that pitch uses (CONTRACT.md 3.2), at least one.
    pub(crate) fn num_valid_rows(&self, f0_hz: f64) -> usize {
        let valid = self
            .row_first_harmonic
            .iter()
            .take_while(|&&first| f64::from(first) * f0_hz <= self.max_frequency_hz);
        valid.count().max(1)
    }

    /// Rows and bands of a key's maps.
    pub(crate) fn heights(&self, key: u8) -> [usize; 2] {
        [
            self.num_valid_rows(self.frequency_hz(key)),
            self.num_bands(),
        ]
    }

    /// Where a time falls between the columns; clamped at both ends.
    pub(crate) fn place(&self, time_s: f64) -> ColumnPlace {
        let times = &self.column_times_s;
        let after = times.partition_point(|&column_s| column_s <= time_s);
        if after == 0 {
            return ColumnPlace {
                column: 0,
                next: 0,
                fraction: 0.0,
            };
        }
        if after >= times.len() {
            return ColumnPlace {
                column: times.len() - 1,
                next: times.len() - 1,
                fraction: 0.0,
            };
        }
        let fraction = (time_s - times[after - 1]) / (times[after] - times[after - 1]);
        ColumnPlace {
            column: after - 1,
            next: after,
            fraction: fraction as f32,
        }
    }
}

fn ascends(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite()) && values.windows(2).all(|pair| pair[0] < pair[1])
}

pub(crate) fn require(holds: bool, message: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::Grid(message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> NoteLayout {
        NoteLayout {
            row_first_harmonic: vec![1, 2, 3],
            row_last_harmonic: vec![1, 2, 6],
            column_times_s: vec![0.0, 0.1, 0.3],
            duration_s: 0.4,
            release_start_s: 0.3,
            sustain_start_s: 0.1,
            sustain_end_s: 0.2,
            level_floor_db: -80.0,
            noise_floor_db: -115.0,
            noise_band_edges_hz: vec![0.0, 1_000.0],
            max_frequency_hz: 20_000.0,
            tuning_hz: 440.0,
        }
    }

    #[test]
    fn a_time_between_two_columns_is_placed_by_its_share_of_their_distance() {
        let place = layout().place(0.15);
        assert_eq!((place.column, place.next), (1, 2));
        assert!((place.fraction - 0.25).abs() < 1e-6);
    }

    #[test]
    fn times_outside_the_columns_are_clamped_to_the_ends() {
        assert_eq!(layout().place(-1.0).column, 0);
        assert_eq!(
            layout().place(9.0),
            ColumnPlace {
                column: 2,
                next: 2,
                fraction: 0.0
            }
        );
    }

    #[test]
    fn rows_that_overlap_are_refused_with_their_name() {
        let broken = NoteLayout {
            row_last_harmonic: vec![1, 3, 6],
            ..layout()
        };
        assert!(
            broken
                .check()
                .unwrap_err()
                .to_string()
                .contains("rows' harmonics")
        );
    }

    #[test]
    fn key_69_has_the_tuning_frequency_and_key_81_twice_that() {
        assert_eq!(layout().frequency_hz(69), 440.0);
        assert_eq!(layout().frequency_hz(81), 880.0);
    }
}
