//! Notes and hits of a score as the timeline shows them. Pure functions; editor thread.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::cues::timecode::FrameRate;
use engine::score::compose::{Bed, PlacedHit};

use crate::editor::bed::model::{HitFlag, Miss, NoteMark};

/// Width of the timeline in an editor of the usual size.
const TIMELINE_PIXELS: f64 = 672.0;

/// A hit as a flag: met, or by how many frames not.
pub(super) fn of_hit(hit: &PlacedHit, rate: FrameRate) -> HitFlag {
    let miss_s = hit.placed_s - hit.wanted_s;
    let is_met = miss_s.abs() <= 0.5 * rate.frame_s();
    let remedy = hit.remedy.as_deref().unwrap_or("move it, or the tempo");
    HitFlag {
        name: hit.name.clone(),
        time_s: hit.wanted_s as f32,
        frame_text: rate.timecode(rate.frame(hit.wanted_s)),
        miss: (!is_met).then(|| Miss {
            frames: (miss_s / rate.frame_s()).round() as i32,
            remedy: remedy.to_owned(),
        }),
    }
}

/// The score for the timeline. What would lie within one of its pixels is drawn once.
pub(super) fn of_notes(bed: &Bed) -> Arc<[NoteMark]> {
    let keys = || bed.notes.iter().map(|note| note.key);
    let (low, high) = (keys().min().unwrap_or(0), keys().max().unwrap_or(0));
    let span = f32::from((high - low).max(1));
    let pixel = |time_s: f64| (time_s / bed.length_s * TIMELINE_PIXELS) as u32;
    let mut drawn = BTreeSet::new();
    let notes = bed.notes.iter().filter(|note| {
        let foreground = note.part.is_foreground();
        drawn.insert((pixel(note.start_s), pixel(note.end_s), note.key, foreground))
    });
    notes
        .map(|note| NoteMark {
            start_s: note.start_s as f32,
            end_s: note.end_s as f32,
            height: f32::from(note.key - low) / span,
            is_foreground: note.part.is_foreground(),
        })
        .collect()
}
