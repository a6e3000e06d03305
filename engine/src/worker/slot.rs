//! One sound slot of an instance: what was asked for, which of its notes are made. Worker threads, under the instance's lock.

use std::sync::Arc;

use models::SoundPoint;

use super::generator::SoundRequest;
use crate::note::Note;
use crate::realtime::{NUM_KEYS, VELOCITY_LAYERS, Wish};

/// Keys baked before any model has said what its range is.
pub(super) const USUAL_KEYS: [u8; 2] = [24, 96];
/// Notes in a row that a model may fail at before it is given up.
const MAX_REFUSED_IN_ROW: u8 = 3;

/// How far one note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Missing,
    InWork,
    Baked,
    Refused,
}

/// A slot.
pub(super) struct Slot {
    pub(super) request: Option<SoundRequest>,
    /// Counts changes; a note that was begun under another number is dropped.
    pub(super) revision: u64,
    /// The request's point, once a worker has placed it.
    pub(super) point: Option<Arc<SoundPoint>>,
    /// Whether no more notes are tried.
    pub(super) failed: bool,
    pub(super) key_range: [u8; 2],
    refused_in_row: u8,
    marks: Box<[Mark]>,
    /// The newest note of each place, which may be of an older revision.
    notes: Box<[Option<Arc<Note>>]>,
}

impl Slot {
    pub(super) fn new() -> Self {
        let places = || 0..VELOCITY_LAYERS * NUM_KEYS;
        Self {
            request: None,
            revision: 0,
            point: None,
            failed: false,
            key_range: USUAL_KEYS,
            refused_in_row: 0,
            marks: places().map(|_| Mark::Missing).collect(),
            notes: places().map(|_| None).collect(),
        }
    }

    /// Everything is to be made anew.
    pub(super) fn start_over(&mut self) {
        self.revision += 1;
        self.point = None;
        self.failed = false;
        self.refused_in_row = 0;
        self.marks.fill(Mark::Missing);
    }

    /// Whether a note can and should be baked.
    pub(super) fn is_missing(&self, wish: &Wish) -> bool {
        self.request.is_some() && !self.failed && self.marks[index_of(wish)] == Mark::Missing
    }

    /// The same without being asked for: only keys of the model's range.
    pub(super) fn is_missing_in_range(&self, wish: &Wish) -> bool {
        (self.key_range[0]..=self.key_range[1]).contains(&wish.key) && self.is_missing(wish)
    }

    pub(super) fn mark(&mut self, wish: &Wish, mark: Mark) {
        self.marks[index_of(wish)] = mark;
    }

    pub(super) fn mark_of(&self, wish: &Wish) -> Mark {
        self.marks[index_of(wish)]
    }

    pub(super) fn keep(&mut self, wish: &Wish, note: Arc<Note>) {
        self.refused_in_row = 0;
        self.mark(wish, Mark::Baked);
        self.notes[index_of(wish)] = Some(note);
    }

    /// Marks a note that the model could not make; says whether the model is to be given up.
    pub(super) fn refuse(&mut self, wish: &Wish) -> bool {
        self.mark(wish, Mark::Refused);
        self.refused_in_row += 1;
        self.failed |= self.refused_in_row >= MAX_REFUSED_IN_ROW;
        self.failed
    }

    /// Notes with their places, those of the present revision or those before.
    pub(super) fn notes(&self, slot: u8, present: bool) -> impl Iterator<Item = (Wish, Arc<Note>)> {
        let entries = self.notes.iter().zip(&self.marks).enumerate();
        entries.filter_map(move |(index, (note, mark))| {
            let wish = Wish {
                slot,
                layer: (index / NUM_KEYS) as u8,
                key: (index % NUM_KEYS) as u8,
            };
            let note = note.as_ref()?;
            ((*mark == Mark::Baked) == present).then(|| (wish, Arc::clone(note)))
        })
    }

    /// Whether all keys of the range were tried.
    pub(super) fn is_ready(&self) -> bool {
        let keys = self.key_range[0]..=self.key_range[1];
        let marks = (0..VELOCITY_LAYERS).flat_map(|layer| {
            keys.clone()
                .map(move |key| layer * NUM_KEYS + usize::from(key))
        });
        marks
            .into_iter()
            .all(|index| matches!(self.marks[index], Mark::Baked | Mark::Refused))
    }

    /// Layers and keys that are made without being asked for.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (usize, u8)> + use<> {
        let [lowest, highest] = self.key_range;
        (0..VELOCITY_LAYERS).flat_map(move |layer| (lowest..=highest).map(move |key| (layer, key)))
    }
}

fn index_of(wish: &Wish) -> usize {
    usize::from(wish.layer).min(VELOCITY_LAYERS - 1) * NUM_KEYS
        + usize::from(wish.key).min(NUM_KEYS - 1)
}
