//! A note as pictures: its maps row by row, for whoever draws them. Any thread but the audio thread.

use super::Note;

impl Note {
    /// Levels of the rows that this key uses, `[rows, columns]`, lowest harmonic first, dB re the loudest cell; and the
    /// noise, `[bands, columns]`, lowest band first, dB.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn pictures(&self) -> (Vec<f32>, Vec<f32>) {
        let num_columns = self.layout.num_columns();
        let rows_first = |map: &[f32], num_rows: usize| {
            let cells = (0..num_rows).flat_map(|row| {
                (0..num_columns).map(move |column| map.get(column * num_rows + row).copied())
            });
            cells.map(Option::unwrap_or_default).collect()
        };
        (
            rows_first(&self.levels_db, self.num_rows),
            rows_first(&self.noise_db, self.layout.num_bands()),
        )
    }
}
