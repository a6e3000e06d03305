//! What a note's maps say at one instant: rows at a place of the walk, and the partials between them. Audio thread.
//!
//! Decides nothing about time (that is the voice and its walk) and makes no samples.

use multiversion::multiversion;

use super::approximations::{amplitude, power};
use crate::note::{ColumnPlace, MAX_PARTIALS, MAX_ROWS, Note};

/// One number per row or band; only the note's own rows are written.
pub(super) type Rows = [f32; MAX_ROWS];
/// One number per partial; only the note's own partials are written.
pub(super) type Partials = [f32; MAX_PARTIALS];

/// A tilt changes nothing at 700 Hz, in the middle of what ears hear best: log2 of it.
const TILT_MIDDLE_LOG2: f32 = 9.451;
/// Octaves from there beyond which a tilt goes no farther.
const TILT_REACH: f32 = 3.0;

/// Where in a note the voice stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Position of the walk in the note, s.
    pub(super) position_s: f64,
    /// Time since the key was released, s.
    pub(super) released_s: Option<f64>,
    /// Whether the sustain part is held level; not so in straight decoding.
    pub(super) held: bool,
}

/// Level of each partial at a place, dB, before any gain. `rows` is scratch.
pub(super) fn levels_into(note: &Note, place: Place, rows: &mut Rows, out: &mut Partials) {
    let layout = note.layout();
    let height = note.num_rows();
    at_place(
        &note.levels_db,
        height,
        layout.place(place.position_s),
        rows,
    );
    if place.held {
        take_off_trend(note, &note.hold.level_slopes, place.position_s, rows);
    }
    if let Some(released_s) = place.released_s {
        let later = layout.place(layout.release_start_s + released_s);
        add_release(
            &note.levels_db,
            height,
            later,
            &note.release.levels_db,
            rows,
        );
    }
    expand(rows, height, &note.partial_row, &note.partial_weight, out);
}

/// Levels to amplitudes; what lies at the floor is silent (CONTRACT.md 3.4).
pub(super) fn to_amplitudes(levels_db: &mut [f32], floor_db: f32) {
    levels_to_amplitudes(levels_db, amplitude(floor_db));
}

/// Multiplies each partial by a tilt of the spectrum. `octaves` is each partial's distance from the middle of the tilt.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn tilt(amplitudes: &mut [f32], log2_harmonics: &[f32], log2_f0: f32, tilt_db: f32) {
    for (value, log2_harmonic) in amplitudes.iter_mut().zip(log2_harmonics) {
        *value *= amplitude(tilt_db * octaves_from_middle(log2_f0 + log2_harmonic));
    }
}

/// How far a frequency lies from where a tilt changes nothing, octaves; bounded, so that no tilt runs away.
#[inline(always)]
pub(super) fn octaves_from_middle(log2_frequency: f32) -> f32 {
    (log2_frequency - TILT_MIDDLE_LOG2).clamp(-TILT_REACH, TILT_REACH)
}

/// Adds `weight` times one list to another.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn add_weighted(sums: &mut [f32], values: &[f32], weight: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Deviation of each partial at a place, cents. `rows` is scratch.
pub(super) fn deviations_into(note: &Note, place: Place, rows: &mut Rows, out: &mut Partials) {
    let height = note.num_rows();
    at_place(
        &note.deviations_cents,
        height,
        note.layout().place(place.position_s),
        rows,
    );
    expand(rows, height, &note.partial_row, &note.partial_weight, out);
}

/// Level of each noise band at a place, dB, before any gain.
pub(super) fn noise_levels_into(note: &Note, place: Place, out: &mut Rows) {
    let layout = note.layout();
    let height = layout.num_bands();
    at_place(&note.noise_db, height, layout.place(place.position_s), out);
    if place.held {
        take_off_trend(note, &note.hold.noise_slopes, place.position_s, out);
    }
    if let Some(released_s) = place.released_s {
        let later = layout.place(layout.release_start_s + released_s);
        add_release(&note.noise_db, height, later, &note.release.noise_db, out);
    }
}

/// Levels of bands to mean squares; what lies at the floor is silent (CONTRACT.md 3.4).
pub(super) fn to_powers(levels_db: &mut [f32], floor_db: f32) {
    levels_to_powers(levels_db, power(floor_db));
}

/// Interpolates a map `[columns, height]` between two columns.
fn at_place(map: &[f32], height: usize, place: ColumnPlace, out: &mut Rows) {
    let from = &map[place.column * height..][..height];
    let to = &map[place.next * height..][..height];
    for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
        *out = from + place.fraction * (to - from);
    }
}

/// Holds a decaying or swelling note level inside the sustain part; see `note/hold.rs`.
fn take_off_trend(note: &Note, slopes: &[f32], position_s: f64, rows: &mut Rows) {
    let layout = note.layout();
    let inside_s = position_s.clamp(layout.sustain_start_s, layout.sustain_end_s);
    let after_start_s = (inside_s - layout.sustain_start_s) as f32;
    let place = layout.place(inside_s);
    let (from, to) = (
        note.hold.offsets_db[place.column],
        note.hold.offsets_db[place.next],
    );
    let offset_db = from + place.fraction * (to - from);
    for (row, slope) in rows.iter_mut().zip(slopes) {
        *row += offset_db - slope * after_start_s;
    }
}

/// Adds what the release changes, never upwards: a released key does not swell.
fn add_release(map: &[f32], height: usize, later: ColumnPlace, start: &[f32], rows: &mut Rows) {
    let from = &map[later.column * height..][..height];
    let to = &map[later.next * height..][..height];
    for (((row, from), to), start) in rows.iter_mut().zip(from).zip(to).zip(start) {
        *row += (from + later.fraction * (to - from) - start).min(0.0);
    }
}

/// Rows to partials, linear over ln k (CONTRACT.md 3.2).
fn expand(
    rows: &mut Rows,
    height: usize,
    partial_row: &[u8],
    partial_weight: &[f32],
    out: &mut Partials,
) {
    // The row after the last is looked at with weight 0.
    if height < MAX_ROWS {
        rows[height] = rows[height - 1];
    }
    interpolate(rows, partial_row, partial_weight, out);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn interpolate(rows: &Rows, partial_row: &[u8], partial_weight: &[f32], out: &mut Partials) {
    for ((out, &row), weight) in out.iter_mut().zip(partial_row).zip(partial_weight) {
        let below = rows[usize::from(row)];
        let above = rows[usize::from(row.saturating_add(1))];
        *out = below + weight * (above - below);
    }
}

/// CONTRACT.md 3.4: the floor is silence, without a step.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn levels_to_amplitudes(levels: &mut [f32], floor: f32) {
    for level in levels {
        *level = (amplitude(*level) - floor).max(0.0);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl", "x86_64+avx2"))]
fn levels_to_powers(levels: &mut [f32], floor: f32) {
    for level in levels {
        *level = (power(*level) - floor).max(0.0);
    }
}
