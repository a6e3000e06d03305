//! What a painting is measured against: the maps of a recording, each cell with the weight that it has for the ear. Worker
//! threads; pure.
//!
//! Three views of one note, in dB and cents: the third octaves that would be heard, the levels of the harmonics, the noise. A cell
//! below its floor wants nothing but to stay below it. Loudness is free: the painting is first moved by the gain at
//! which the third octaves agree on the mean.

use models::SoundGrid;

use super::band_error::AUDIBLE_DB;
use super::recorded::RecordedNote;
use super::third_octaves::{EDGES_HZ, NUM_BANDS, ThirdOctaves};
use crate::note::NoteLayout;

/// Harmonics weaker than this below the loudest cell are not told apart, dB.
const LEVEL_RANGE_DB: f32 = 60.0;
/// The same for noise, whose power is spread over many bands.
const NOISE_RANGE_DB: f32 = 85.0;
/// Shares of the views in the sum of squares. Bands count most, for they are what is heard; levels keep apart what one band holds.
const BAND_SHARE: f32 = 4.0;
const LEVEL_SHARE: f32 = 0.25;
const NOISE_SHARE: f32 = 0.1;
/// Cents of a harmonic's deviation that count as much as 1 dB of a level, and the share of that view: the pitch must not waver
/// where the recording's does not, but a vibrato need not be met beat by beat.
const CENTS_PER_DB: f32 = 10.0;
const DEVIATION_SHARE: f32 = 0.05;
/// Harmonics whose deviation is heard as pitch.
const PITCH_ROWS: usize = 8;
/// Short columns of the attack count for no less than this share of a long one.
const LEAST_WEIGHT: f32 = 0.4;

/// One number of a map and what it should be.
#[derive(Clone, Copy)]
struct Cell {
    index: usize,
    wanted: f32,
    /// Square root of its share in the sum of squares.
    weight: f32,
}

/// A recording as a target.
pub struct Target {
    bands: ThirdOctaves,
    band_cells: Vec<Cell>,
    level_cells: Vec<Cell>,
    noise_cells: Vec<Cell>,
    deviation_cells: Vec<Cell>,
    /// Of bands, levels and noise, dB re the recording's loudest cell.
    floors_db: [f32; 3],
}

/// How far a painting is from the recording's own maps, apart for what is harmonic and what is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapError {
    /// Mean absolute distance of the harmonics' levels, dB, over those of the recording within 60 dB of its loudest cell.
    pub level_db: f64,
    /// The same of the noise bands; `None` when the recording's noise lies below 60 dB everywhere.
    pub noise_db: Option<f64>,
}

impl Target {
    /// The target of a recorded note.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn of(recorded: &RecordedNote, layout: &NoteLayout) -> Self {
        let maps = &recorded.analysis.maps;
        let bands = ThirdOctaves::of(layout, recorded.key);
        let bands_db = bands.levels_db(maps);
        let loudest_db = bands_db.iter().copied().fold(f32::MIN, f32::max);
        let floors_db = [
            loudest_db - AUDIBLE_DB as f32,
            -LEVEL_RANGE_DB,
            -NOISE_RANGE_DB,
        ];
        let grid = KnownCells::of(recorded, layout);
        let f0_hz = layout.frequency_hz(recorded.key);
        let row_hz = |row: usize| f64::from(layout.row_last_harmonic[row]) * f0_hz;
        let rows = (0..layout.num_valid_rows(f0_hz))
            .filter(|&row| row == 0 || row_hz(row) <= recorded.known.below_hz);
        let rows: Vec<usize> = rows.collect();
        let below = |edges_hz: &[f64], band: usize| edges_hz[band + 1] <= recorded.known.below_hz;
        let noise =
            (0..layout.num_bands()).filter(|&band| below(&layout.noise_band_edges_hz, band));
        let audible = |cell: &Cell| cell.wanted > LEVEL_RANGE_DB * -0.7;
        let pitch_rows = rows.iter().copied().take(PITCH_ROWS);
        let mut deviation_cells = grid.cells(pitch_rows, &maps.deviation_cents);
        deviation_cells.retain(|cell| {
            audible(&Cell {
                wanted: maps.level_db[cell.index],
                ..*cell
            })
        });
        Self {
            band_cells: grid.cells(
                (0..NUM_BANDS).filter(|&band| below(&EDGES_HZ, band)),
                &bands_db,
            ),
            level_cells: grid.cells(rows.into_iter(), &maps.level_db),
            noise_cells: grid.cells(noise, &maps.noise_db),
            deviation_cells,
            bands,
            floors_db,
        }
    }

    /// Weighted distances of a painting from the recording; their sum of squares is what [`super::find()`] makes small.
    pub(super) fn residuals(&self, painted: &SoundGrid) -> Vec<f32> {
        let bands_db = self.bands.levels_db(painted);
        let offset_db = self.offset_db(&bands_db);
        let views = [
            (&self.band_cells, &bands_db, BAND_SHARE),
            (&self.level_cells, &painted.level_db, LEVEL_SHARE),
            (&self.noise_cells, &painted.noise_db, NOISE_SHARE),
        ];
        let mut residuals = Vec::with_capacity(
            self.band_cells.len()
                + self.level_cells.len()
                + self.noise_cells.len()
                + self.deviation_cells.len(),
        );
        for ((cells, found, share), floor_db) in views.into_iter().zip(self.floors_db) {
            let scale = scale(cells, share);
            residuals.extend(cells.iter().map(|cell| {
                let found_db = (found[cell.index] - offset_db).max(floor_db);
                scale * cell.weight * (found_db - cell.wanted.max(floor_db))
            }));
        }
        let scale = scale(&self.deviation_cells, DEVIATION_SHARE) / CENTS_PER_DB;
        residuals.extend(
            self.deviation_cells.iter().map(|cell| {
                scale * cell.weight * (painted.deviation_cents[cell.index] - cell.wanted)
            }),
        );
        residuals
    }

    /// How near a painting comes, harmonics and noise apart.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn map_error(&self, painted: &SoundGrid) -> MapError {
        let offset_db = self.offset_db(&self.bands.levels_db(painted));
        let mean = |cells: &[Cell], found: &[f32]| {
            let heard = cells.iter().filter(|cell| cell.wanted > -LEVEL_RANGE_DB);
            let (sum, weight) = heard.fold((0.0, 0.0), |(sum, weight), cell| {
                let distance_db = f64::from((found[cell.index] - offset_db - cell.wanted).abs());
                let share = f64::from(cell.weight).powi(2);
                (sum + share * distance_db, weight + share)
            });
            (weight > 0.0).then(|| sum / weight)
        };
        MapError {
            level_db: mean(&self.level_cells, &painted.level_db).unwrap_or(0.0),
            noise_db: mean(&self.noise_cells, &painted.noise_db),
        }
    }

    /// How much louder the painting is than the recording, dB: the mean over the bands that are heard in the recording.
    fn offset_db(&self, bands_db: &[f32]) -> f32 {
        let heard = self
            .band_cells
            .iter()
            .filter(|cell| cell.wanted > self.floors_db[0]);
        let (sum, weight) = heard.fold((0.0, 0.0), |(sum, weight), cell| {
            let share = cell.weight * cell.weight;
            let found_db = bands_db[cell.index].max(self.floors_db[0] - 20.0);
            (sum + share * (found_db - cell.wanted), weight + share)
        });
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

/// Makes a view's mean square, times its share, the sum of its squares.
fn scale(cells: &[Cell], share: f32) -> f32 {
    let weight: f32 = cells.iter().map(|cell| cell.weight * cell.weight).sum();
    (share / weight.max(f32::MIN_POSITIVE)).sqrt()
}

/// The columns that are known, each with its weight.
struct KnownCells {
    columns: Vec<(usize, f32)>,
    num_columns: usize,
}

impl KnownCells {
    fn of(recorded: &RecordedNote, layout: &NoteLayout) -> Self {
        let times_s = &layout.column_times_s;
        let last = times_s.len() - 1;
        let longest_s = times_s[last] - times_s[last - 1];
        let known = (0..=last).filter(|&column| times_s[column] <= recorded.known.until_s);
        let columns = known.map(|column| {
            let width_s = if column == 0 {
                times_s[1] - times_s[0]
            } else {
                times_s[column] - times_s[column - 1]
            };
            let share = ((width_s / longest_s) as f32).clamp(LEAST_WEIGHT, 1.0);
            (column, share.sqrt())
        });
        Self {
            columns: columns.collect(),
            num_columns: times_s.len(),
        }
    }

    fn cells(&self, rows: impl Iterator<Item = usize>, map: &[f32]) -> Vec<Cell> {
        let of_row = |row: usize| {
            self.columns.iter().map(move |&(column, weight)| {
                let index = row * self.num_columns + column;
                Cell {
                    index,
                    wanted: map[index],
                    weight,
                }
            })
        };
        rows.flat_map(of_row).collect()
    }
}
