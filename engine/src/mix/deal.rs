//! Dealing: which lane sounds which note of a bed. Pure of the bed and its mix; worker threads.
//!
//! It looks at the whole bed at once, so that the deal is the same wherever playing begins.

use std::sync::Arc;

use super::lane::{Lane, LaneNote, LaneSound};
use super::renderer::{frame_of, length_frames};
use super::settings::{MixSettings, PartMix};
use crate::error::Result;
use crate::note::Note;
use crate::realtime::{Wish, layer_of_velocity};
use crate::score::compose::{Bed, BedNote, BedPart};
use crate::worker::bake::BakedNote;

/// Deals the notes of each part and line out to lanes, first come, first free.
pub(super) fn deal(bed: &Bed, baked: &[BakedNote], settings: &MixSettings) -> Result<Vec<Lane>> {
    let rate_hz = settings.sample_rate_hz;
    let mut lanes = Vec::new();
    for part in BedPart::ALL {
        let mix = &settings.parts[part.index()];
        let notes: Vec<&BedNote> = bed.part(part).collect();
        let num_lines = notes.iter().map(|note| note.line + 1).max().unwrap_or(0);
        for line in 0..num_lines {
            let on_line: Vec<LaneNote> = placed(bed, part, line, rate_hz);
            for lane_notes in without_overlap(&on_line, f64::from(rate_hz)) {
                let sound = LaneSound {
                    notes: notes_of(&lane_notes, part, baked),
                    pan: pan(mix, line, num_lines),
                    width: mix.width,
                    sample_rate_hz: f64::from(rate_hz),
                };
                lanes.push(Lane::new(part.index(), sound, lane_notes)?);
            }
        }
    }
    Ok(lanes)
}

/// The notes of a line on their frames; of a loop also the rounds before, as far as they reach.
fn placed(bed: &Bed, part: BedPart, line: u8, rate_hz: u32) -> Vec<LaneNote> {
    let round = length_frames(bed, rate_hz).max(1);
    let rounds_before = if bed.is_loop {
        1 + (LOOP_REACH_S * f64::from(rate_hz)) as i64 / round
    } else {
        0
    };
    let on_line = || bed.part(part).filter(move |note| note.line == line);
    (-rounds_before..=0)
        .flat_map(|index| {
            on_line().map(move |note| LaneNote {
                on_frame: frame_of(note.start_s, rate_hz) + index * round,
                off_frame: frame_of(note.end_s, rate_hz) + index * round,
                key: note.key,
                velocity: note.velocity,
                attack_ms: note.attack_ms,
                release_ms: note.release_ms,
                seed: note.seed,
            })
        })
        .collect()
}

/// Longer than any note with its release, and the hall after it: what may still sound from an earlier round.
const LOOP_REACH_S: f64 = 40.0;

fn without_overlap(notes: &[LaneNote], sample_rate_hz: f64) -> Vec<Vec<LaneNote>> {
    let mut lanes: Vec<Vec<LaneNote>> = Vec::new();
    for note in notes {
        let free = lanes.iter_mut().find(|lane| {
            lane.last()
                .is_none_or(|last| last.free_frame(sample_rate_hz) <= note.on_frame)
        });
        match free {
            Some(lane) => lane.push(*note),
            None => lanes.push(vec![*note]),
        }
    }
    lanes
}

fn notes_of(
    lane_notes: &[LaneNote],
    part: BedPart,
    baked: &[BakedNote],
) -> Vec<(usize, Arc<Note>)> {
    let is_needed = |place: &Wish| {
        lane_notes.iter().any(|note| {
            note.key == place.key && layer_of_velocity(note.velocity) == usize::from(place.layer)
        })
    };
    baked
        .iter()
        .filter(|baked| usize::from(baked.place.slot) == part.index() && is_needed(&baked.place))
        .map(|baked| (usize::from(baked.place.layer), baked.note.clone()))
        .collect()
}

/// Lines from left to right, alternating so that neighbours in pitch stand apart.
fn pan(mix: &PartMix, line: u8, num_lines: u8) -> f32 {
    if num_lines < 2 {
        return mix.pan;
    }
    let place = f32::from((line * 3) % num_lines) / f32::from(num_lines - 1);
    (mix.pan + mix.spread * (2.0 * place - 1.0)).clamp(-1.0, 1.0)
}
