//! A bed's pages on their way to the callback, and the table in which it keeps them. The table is the audio thread's; pages
//! are made by a worker (`mix::ahead`) and go back to it to be freed.

use crate::mix::Layers;
use crate::mix::renderer::PAGE_FRAMES;

/// A bed as it was asked for once: another request is another edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Counts editions from 1.
    pub(crate) number: u64,
    /// What the caller knows the request by.
    pub tag: u64,
    /// Frames of the bed, at least 1.
    pub length_frames: i64,
    /// Whether its end runs into its start.
    pub is_loop: bool,
}

impl Edition {
    /// The bed's frame at a frame of the timeline; `None` where the bed is silent, before its start and after its end.
    pub(crate) fn place(&self, frame: i64) -> Option<i64> {
        if self.is_loop {
            return Some(frame.rem_euclid(self.length_frames));
        }
        (0..self.length_frames).contains(&frame).then_some(frame)
    }
}

/// Some frames of an edition.
pub(crate) struct Page {
    /// Counts pages from the bed's start.
    pub(crate) index: usize,
    /// `PAGE_FRAMES`, or fewer at the end.
    pub(crate) layers: Layers,
}

/// What a worker sends.
pub(crate) enum Delivery {
    /// Pages that follow are of this edition.
    Begin(Edition),
    /// A page of the edition that began last.
    Page(Box<Page>),
    /// The page of this number is to be given back.
    Return { edition: u64, index: usize },
}

/// The pages of one edition.
pub(super) struct Deck {
    pub(super) edition: Option<Edition>,
    /// By number.
    pub(super) pages: Box<[Option<Box<Page>>]>,
}

/// What lies at a frame.
pub(super) enum Found<'a> {
    /// Nothing yet.
    Missing,
    /// The bed is silent for so many frames at least.
    Silence(usize),
    /// Samples from a frame of the layers on, and how many.
    Samples(&'a Layers, usize, usize),
}

impl Deck {
    /// An empty table for beds of at most so many pages.
    #[allow(
        clippy::disallowed_methods,
        reason = "makes the table, before the first callback"
    )]
    pub(super) fn new(num_pages: usize) -> Self {
        Self {
            edition: None,
            pages: (0..num_pages).map(|_| None).collect(),
        }
    }

    /// What lies at a frame of the timeline.
    pub(super) fn at(&self, frame: i64) -> Found<'_> {
        let Some(edition) = &self.edition else {
            return Found::Missing;
        };
        let Some(place) = edition.place(frame) else {
            let until_start = usize::try_from(-frame).unwrap_or(usize::MAX);
            return Found::Silence(until_start.max(1));
        };
        let place = place as usize;
        let (index, offset) = (place / PAGE_FRAMES, place % PAGE_FRAMES);
        match self.pages.get(index) {
            Some(Some(page)) if offset < page.layers.num_frames() => {
                Found::Samples(&page.layers, offset, page.layers.num_frames() - offset)
            }
            _ => Found::Missing,
        }
    }

    /// Whether a frame of the timeline can be played.
    pub(super) fn has(&self, frame: i64) -> bool {
        !matches!(self.at(frame), Found::Missing)
    }

    /// Whether all of these frames can be played.
    pub(super) fn has_all(&self, from: i64, to: i64) -> bool {
        let mut frame = from;
        while frame < to {
            let run = match self.at(frame) {
                Found::Missing => return false,
                Found::Silence(run) | Found::Samples(_, _, run) => run,
            };
            frame = frame.saturating_add(i64::try_from(run).unwrap_or(i64::MAX));
        }
        true
    }
}
