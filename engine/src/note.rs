//! One baked key, laid out for the audio thread. Made on a worker thread, read by any; never changes once made.
//!
//! Holds the three maps of CONTRACT.md (tuning correction and smoothing applied), how loud to play them and how to hold them.
//! It makes no sound itself: that is `realtime` for the ear and `decode` for comparisons.

mod gain;
mod hold;
mod layout;
pub(crate) mod painted;
mod pictures;
mod rounding;
mod rows;
mod smoothing;
mod tuning;

use models::{Grid, SoundGrid};

use crate::error::Result;
pub(crate) use layout::ColumnPlace;
use layout::require;
pub use layout::{MAX_PARTIALS, MAX_ROWS, NoteLayout};
use rounding::Cells;
pub(crate) use rounding::RoundedMaps;
pub(crate) use rows::map_partials;

/// Deviations beyond half an octave are damage, not vibrato; the player's arithmetic is exact up to here.
pub(crate) const MAX_DEVIATION_CENTS: f64 = 600.0;

/// A rendered key: levels, deviations and noise over time. About 100 kB. Share it by `Arc`.
#[derive(Clone, Debug)]
pub struct Note {
    key: u8,
    f0_hz: f64,
    num_partials: usize,
    num_rows: usize,
    gain: f32,
    layout: NoteLayout,
    /// dB re the loudest cell, short columns averaged, `[columns, rows]`, row-major: all rows of a column lie together.
    pub(crate) levels_db: Box<[f32]>,
    /// Cents, tuning correction applied, `[columns, rows]`.
    pub(crate) deviations_cents: Box<[f32]>,
    /// dB re the loudest cell, `[columns, bands]`.
    pub(crate) noise_db: Box<[f32]>,
    /// Row below each partial, `[partials]`.
    pub(crate) partial_row: Box<[u8]>,
    /// How far each partial lies from that row to the next, 0..1, `[partials]`.
    pub(crate) partial_weight: Box<[f32]>,
    /// What is taken off in the sustain part, so that it holds its level.
    pub(crate) hold: hold::Hold,
    /// What the release changes.
    pub(crate) release: hold::Release,
}

impl Note {
    /// Lays out a generator's output for one key.
    ///
    /// # Errors
    /// [`crate::Error::Grid`] when the maps do not have the grid's sizes, hold a number that is not finite, or the grid
    /// is beyond the player's capacities.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn from_grid(maps: &SoundGrid, grid: &Grid, key: u8) -> Result<Self> {
        Self::from_maps(maps, NoteLayout::from_grid(grid)?, key)
    }

    /// As [`Note::from_grid`], and rounded as all baked notes are: what is kept and what is packed is exactly what plays.
    ///
    /// # Errors
    /// As [`Note::from_grid`].
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn baked(maps: &SoundGrid, grid: &Grid, key: u8) -> Result<Self> {
        Self::baked_from_maps(maps, NoteLayout::from_grid(grid)?, key)
    }

    /// As [`Note::baked`], for maps that no model made.
    ///
    /// # Errors
    /// As [`Note::from_grid`].
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn baked_from_maps(maps: &SoundGrid, layout: NoteLayout, key: u8) -> Result<Self> {
        let cells = cells_of(maps, &layout, key)?;
        Ok(Self::from_cells(cells.rounded().cells(), layout, key))
    }

    /// As [`Note::from_grid`], for maps that no model made (closed forms, analysed samples).
    ///
    /// # Errors
    /// As [`Note::from_grid`].
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn from_maps(maps: &SoundGrid, layout: NoteLayout, key: u8) -> Result<Self> {
        let cells = cells_of(maps, &layout, key)?;
        Ok(Self::from_cells(cells, layout, key))
    }

    /// The note that these steps were taken from.
    ///
    /// # Errors
    /// [`crate::Error::Grid`] when there are more or fewer steps than the layout has cells for the key.
    pub(crate) fn from_rounded(maps: &RoundedMaps, layout: NoteLayout, key: u8) -> Result<Self> {
        let [rows, bands] = layout.heights(key);
        let columns = layout.num_columns();
        let lengths = [maps.levels.len(), maps.deviations.len(), maps.noise.len()];
        require(
            lengths == [rows * columns, rows * columns, bands * columns],
            || {
                format!(
                    "{lengths:?} cells are kept for {rows} rows, {bands} bands, {columns} columns"
                )
            },
        )?;
        Ok(Self::from_cells(maps.cells(), layout, key))
    }

    /// The note in whole steps; `None` when it was not rounded.
    pub(crate) fn rounded_maps(&self) -> Option<RoundedMaps> {
        rounding::exact_steps(&self.levels_db, &self.deviations_cents, &self.noise_db)
    }

    fn from_cells(cells: Cells, layout: NoteLayout, key: u8) -> Self {
        let f0_hz = layout.frequency_hz(key);
        let num_rows = layout.num_valid_rows(f0_hz);
        let num_partials = ((layout.max_frequency_hz / f0_hz) as usize).min(MAX_PARTIALS);
        let (partial_row, partial_weight) = rows::map_partials(&layout, num_rows, num_partials);
        let mut note = Self {
            key,
            f0_hz,
            num_partials,
            num_rows,
            gain: 0.0,
            levels_db: cells.levels_db,
            deviations_cents: cells.deviations_cents,
            noise_db: cells.noise_db,
            partial_row,
            partial_weight,
            hold: hold::Hold::default(),
            release: hold::Release::default(),
            layout,
        };
        note.hold = hold::Hold::of(&note);
        note.release = hold::Release::of(&note);
        note.gain = gain::playing_gain(&note);
        note
    }

    /// MIDI key, 0..=127.
    ///
    /// # Real-time
    /// Safe.
    pub fn key(&self) -> u8 {
        self.key
    }

    /// Frequency of the key, Hz.
    ///
    /// # Real-time
    /// Safe.
    pub fn f0_hz(&self) -> f64 {
        self.f0_hz
    }

    /// Count of partials below the model's highest frequency, at most [`MAX_PARTIALS`].
    ///
    /// # Real-time
    /// Safe.
    pub fn num_partials(&self) -> usize {
        self.num_partials
    }

    /// Count of rows that this key uses.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// Factor that brings the note to the common loudness at velocity 1; see `note/gain.rs` for the rule.
    ///
    /// # Real-time
    /// Safe.
    pub fn gain(&self) -> f32 {
        self.gain
    }

    /// The same as a power of two, for mixtures; that of a silent note is that of -120 dB.
    pub(crate) fn gain_log2(&self) -> f32 {
        self.gain.max(1e-6).log2()
    }

    /// Axes and ranges of the maps.
    ///
    /// # Real-time
    /// Safe.
    pub fn layout(&self) -> &NoteLayout {
        &self.layout
    }
}

fn check_maps(maps: &SoundGrid, layout: &NoteLayout, key: u8) -> Result<()> {
    require(key <= 127, || {
        format!("key {key} asked for, keys are 0 to 127")
    })?;
    let (rows, bands, columns) = (layout.num_rows(), layout.num_bands(), layout.num_columns());
    let sizes = [
        ("level_db", &maps.level_db, rows),
        ("deviation_cents", &maps.deviation_cents, rows),
        ("noise_db", &maps.noise_db, bands),
    ];
    for (name, values, height) in sizes {
        require(values.len() == height * columns, || {
            format!(
                "{name} holds {} numbers, the grid says {height} x {columns}",
                values.len()
            )
        })?;
        let broken = values.iter().position(|value| !value.is_finite());
        require(broken.is_none(), || {
            format!(
                "{name} holds a number that is not finite at index {}",
                broken.unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

/// Checks the maps and makes of them what plays: levels smoothed, the tuning corrected, columns together.
fn cells_of(maps: &SoundGrid, layout: &NoteLayout, key: u8) -> Result<Cells> {
    layout.check()?;
    check_maps(maps, layout, key)?;
    let num_rows = layout.num_valid_rows(layout.frequency_hz(key));
    let num_columns = layout.num_columns();
    let offsets_cents = tuning::offsets_cents(maps, layout);
    let offsets = offsets_cents.iter().cycle();
    let deviations = maps.deviation_cents.iter().zip(offsets);
    let deviations = deviations.map(|(&cents, &offset_cents)| {
        (f64::from(cents) - offset_cents).clamp(-MAX_DEVIATION_CENTS, MAX_DEVIATION_CENTS) as f32
    });
    let deviations: Vec<f32> = deviations.collect();
    let levels_db = smoothing::smoothed(&maps.level_db, layout);
    Ok(Cells {
        levels_db: columns_first(&levels_db, num_rows, num_columns),
        deviations_cents: columns_first(&deviations, num_rows, num_columns),
        noise_db: columns_first(&maps.noise_db, layout.num_bands(), num_columns),
    })
}

/// `[rows, columns]` to `[columns, rows]`, keeping the first `num_rows` rows.
fn columns_first(map: &[f32], num_rows: usize, num_columns: usize) -> Box<[f32]> {
    let cells = (0..num_columns)
        .flat_map(|column| (0..num_rows).map(move |row| map[row * num_columns + column]));
    cells.collect()
}
