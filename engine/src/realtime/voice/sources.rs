//! The notes that one voice is a mixture of: one per corner of the morph, each exchanged for its successor without a click.
//! Audio thread.
//!
//! It holds notes and says how much of each sounds when; what they sound like is `voice/mixture.rs`.

use super::super::TICK_FRAMES;
use super::super::notes::ReadyNote;
use super::super::parameters::NUM_CORNERS;
use std::sync::Arc;

/// Crossfade between two notes under one voice, ms.
const EXCHANGE_MS: f64 = 20.0;
/// Notes that one source holds at most: the sounding one, its successor and the one after.
const NOTES_PER_SOURCE: usize = 3;
/// Notes that one voice holds at most.
pub(in crate::realtime) const NOTES_PER_VOICE: usize = NUM_CORNERS * NOTES_PER_SOURCE;

/// A note and where the table keeps it.
pub(in crate::realtime) struct HeldNote {
    pub(in crate::realtime) ready: Arc<ReadyNote>,
    pub(in crate::realtime) place: usize,
}

/// The note that a corner starts with.
pub(in crate::realtime) struct SourceStart {
    pub(in crate::realtime) held: HeldNote,
    /// Place in the table that was asked for; the source changes over when a note arrives there.
    pub(in crate::realtime) wanted_place: usize,
}

/// What a voice starts with, per corner; a corner without a note is left out of the mixture.
pub(in crate::realtime) type Starts = [Option<SourceStart>; NUM_CORNERS];

/// One corner's notes.
#[derive(Default)]
struct Source {
    note: Option<HeldNote>,
    incoming: Option<HeldNote>,
    /// Takes its turn when the exchange that runs has ended.
    next: Option<HeldNote>,
    wanted_place: usize,
    /// How far the exchange had come at the start of the tick, 0..1.
    before: f32,
    /// And at its end.
    after: f32,
}

/// Start or end of the tick that is being made.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    Start,
    End,
}

/// All corners' notes of a voice.
#[derive(Default)]
pub(in crate::realtime) struct Sources {
    list: [Source; NUM_CORNERS],
    /// Which source plays for a corner: corners of one sound share one.
    of_corner: [Option<usize>; NUM_CORNERS],
}

impl Sources {
    /// Takes the starting notes; corners that want the same place share one. Gives back what is not needed. The sources
    /// must be empty.
    pub(super) fn start(&mut self, starts: Starts) -> Starts {
        let mut spare = Starts::default();
        self.of_corner = [None; NUM_CORNERS];
        for (corner, start) in starts.into_iter().enumerate() {
            let Some(start) = start else { continue };
            if let Some(same) = self.source_of(start.wanted_place) {
                self.of_corner[corner] = Some(same);
                spare[corner] = Some(start);
                continue;
            }
            self.of_corner[corner] = Some(corner);
            let source = &mut self.list[corner];
            source.note = Some(start.held);
            source.wanted_place = start.wanted_place;
            (source.before, source.after) = (0.0, 0.0);
        }
        spare
    }

    /// Every note that sounds or will.
    pub(super) fn held(&self) -> impl Iterator<Item = &HeldNote> {
        self.list
            .iter()
            .flat_map(|source| [&source.note, &source.incoming, &source.next])
            .flatten()
    }

    /// The note that rules the walk: the first corner's that has one.
    pub(super) fn first(&self) -> Option<&HeldNote> {
        self.list.iter().find_map(|source| source.note.as_ref())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.iter().all(|source| source.note.is_none())
    }

    pub(in crate::realtime) fn wants(&self, place: usize) -> bool {
        self.source_of(place).is_some()
    }

    /// Places that a note is wanted from.
    pub(in crate::realtime) fn wanted_places(&self) -> impl Iterator<Item = usize> + '_ {
        let busy = self.list.iter().filter(|source| source.note.is_some());
        busy.map(|source| source.wanted_place)
    }

    /// Changes over to a note that arrived at a wanted place. Gives back the one that it overtakes.
    pub(super) fn exchange(&mut self, arrived: HeldNote) -> Option<HeldNote> {
        let Some(index) = self.source_of(arrived.place) else {
            return Some(arrived);
        };
        self.list[index].change_to(arrived)
    }

    /// Changes over to the notes of another key, corner by corner. Gives back what is not needed.
    pub(super) fn change_key(&mut self, starts: Starts) -> [Option<HeldNote>; NUM_CORNERS] {
        let mut spare = [const { None }; NUM_CORNERS];
        for (corner, start) in starts.into_iter().enumerate() {
            let Some(start) = start else { continue };
            let source = &mut self.list[corner];
            spare[corner] = if self.of_corner[corner] == Some(corner) && source.note.is_some() {
                source.wanted_place = start.wanted_place;
                source.change_to(start.held)
            } else {
                Some(start.held)
            };
        }
        spare
    }

    /// Moves the exchanges on by a tick.
    pub(super) fn advance(&mut self, sample_rate_hz: f64) {
        let step = (TICK_FRAMES as f64 / (EXCHANGE_MS * 0.001 * sample_rate_hz)) as f32;
        for source in &mut self.list {
            source.before = source.after;
            if source.incoming.is_some() {
                source.after = (source.after + step).min(1.0);
            }
        }
    }

    /// Notes that ended exchanges left behind; call it after each tick.
    pub(super) fn take_outgoing(&mut self) -> [Option<HeldNote>; NUM_CORNERS] {
        let mut outgoing = [const { None }; NUM_CORNERS];
        for (source, outgoing) in self.list.iter_mut().zip(&mut outgoing) {
            if source.after >= 1.0 && source.incoming.is_some() {
                *outgoing = std::mem::replace(&mut source.note, source.incoming.take());
                source.incoming = source.next.take();
                (source.before, source.after) = (0.0, 0.0);
            }
        }
        outgoing
    }

    /// Empties the sources.
    pub(super) fn take_all(&mut self) -> [Option<HeldNote>; NOTES_PER_VOICE] {
        let mut taken = [const { None }; NOTES_PER_VOICE];
        let chunks = taken.as_chunks_mut::<NOTES_PER_SOURCE>().0;
        for (source, taken) in self.list.iter_mut().zip(chunks) {
            *taken = [
                source.note.take(),
                source.incoming.take(),
                source.next.take(),
            ];
        }
        taken
    }

    /// Calls `play` with every note that sounds and its share; the shares sum to 1. Corners without a note leave their
    /// weight to the others.
    pub(super) fn for_each_sounding<'a>(
        &'a self,
        corner_weights: &[f32; NUM_CORNERS],
        moment: Moment,
        mut play: impl FnMut(&'a HeldNote, f32),
    ) {
        let weights = self.source_weights(corner_weights);
        for (source, weight) in self.list.iter().zip(weights) {
            let Some(note) = source.note.as_ref().filter(|_| weight > 0.0) else {
                continue;
            };
            let Some(incoming) = &source.incoming else {
                play(note, weight);
                continue;
            };
            let share = smooth(match moment {
                Moment::Start => source.before,
                Moment::End => source.after,
            });
            if share < 1.0 {
                play(note, weight * (1.0 - share));
            }
            if share > 0.0 {
                play(incoming, weight * share);
            }
        }
    }

    fn source_weights(&self, corner_weights: &[f32; NUM_CORNERS]) -> [f32; NUM_CORNERS] {
        let mut weights = [0.0; NUM_CORNERS];
        let mut sum = 0.0;
        for (source, weight) in self.of_corner.iter().zip(corner_weights) {
            if let Some(source) = source {
                weights[*source] += weight;
                sum += weight;
            }
        }
        if sum <= 0.0 {
            // The place is all at corners without a sound: the first that has one plays.
            if let Some(first) = self.of_corner.iter().flatten().next() {
                weights[*first] = 1.0;
            }
        } else if sum != 1.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        weights
    }

    fn source_of(&self, place: usize) -> Option<usize> {
        let wants = |source: &Source| source.note.is_some() && source.wanted_place == place;
        self.list.iter().position(wants)
    }
}

impl Source {
    /// Starts an exchange, or queues it behind the one that runs.
    fn change_to(&mut self, arrived: HeldNote) -> Option<HeldNote> {
        if self.incoming.is_some() {
            return self.next.replace(arrived);
        }
        (self.before, self.after) = (0.0, 0.0);
        self.incoming = Some(arrived);
        None
    }
}

/// 3x² - 2x³: levels in dB that are crossfaded would otherwise fall steeply at once.
fn smooth(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}
