//! A bed rendered ahead of whoever plays it: pages made by a worker, played at any frame of the timeline by the audio
//! thread. Two halves from [`new`]; this file holds the worker's.
//!
//! A page is a function of the bed and its number, so it does not matter when or in which order pages are made. The
//! callback keeps those that were sent until they are asked back: what it goes back to plays at once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rtrb::{Consumer, Producer, RingBuffer};

use super::renderer::{BedRenderer, Layers, PAGE_FRAMES};
use crate::error::Result;
use crate::realtime::pages::{Delivery, Page};
use crate::realtime::playhead::Heard;
use crate::realtime::{Edition, Playhead};
use crate::score::compose::MAX_LENGTH_S;

/// Pages made ahead of the playhead: 22 s at 48 kHz.
const AHEAD_PAGES: i64 = 256;
/// Pages that the callback keeps, at most: 43 s and 50 MB at 48 kHz. When there are more, the farthest goes.
const MOST_PAGES: usize = 512;
/// Deliveries on their way. When it is full the worker waits for the callback.
const DELIVERIES: usize = 64;
/// Pages on their way back. Two editions can be there at once, and the callback takes nothing while it is full.
const RETURNS: usize = 2 * MOST_PAGES + 2;

/// Both halves, for a sample rate.
pub fn new(sample_rate_hz: f64) -> (Feeder, Playhead) {
    let (deliveries, arrivals) = RingBuffer::new(DELIVERIES);
    let (trash, returns) = RingBuffer::new(RETURNS);
    let heard = Arc::new(Heard::default());
    let num_pages = (MAX_LENGTH_S * sample_rate_hz / PAGE_FRAMES as f64).ceil() as usize + 1;
    let playhead = Playhead::new(arrivals, trash, Arc::clone(&heard), num_pages);
    let feeder = Feeder {
        deliveries,
        returns,
        heard,
        outbox: VecDeque::new(),
        edition: None,
        sent: [BTreeSet::new(), BTreeSet::new()],
        renderer: None,
        next_index: 0,
    };
    (feeder, playhead)
}

/// What a call of [`Feeder::feed`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// Made a page; there may be more to make.
    Page,
    /// All is there.
    Nothing,
    /// The callback has to take something first.
    Full,
}

/// The worker's half.
pub struct Feeder {
    deliveries: Producer<Delivery>,
    returns: Consumer<Box<Page>>,
    heard: Arc<Heard>,
    /// What did not fit into the ring yet, in order.
    outbox: VecDeque<Delivery>,
    edition: Option<Edition>,
    /// Numbers of the pages that the callback has, of editions of even and odd numbers.
    sent: [BTreeSet<usize>; 2],
    renderer: Option<BedRenderer>,
    /// The page that the renderer stands before.
    next_index: usize,
}

impl Feeder {
    /// The edition that is being made.
    pub fn edition(&self) -> Option<&Edition> {
        self.edition.as_ref()
    }

    /// Whether another edition can begin without tearing one that is being faded to.
    pub fn can_begin(&self) -> bool {
        let is_settled = |edition: &Edition| {
            self.heard.settled.load(Ordering::Acquire) == edition.number
                || !self.heard.is_sounding.load(Ordering::Acquire)
        };
        self.edition.as_ref().is_none_or(is_settled)
    }

    /// From now on pages of this bed are made; `tag` is what the caller knows it by. What plays goes on until the first
    /// pages are there.
    pub fn begin(&mut self, tag: u64, renderer: BedRenderer) {
        let last = self.edition.map_or(0, |edition| edition.number);
        let edition = Edition {
            number: last + 1,
            tag,
            length_frames: (renderer.length_frames() as i64).max(1),
            is_loop: renderer.is_loop(),
        };
        self.take_back(edition.number);
        self.outbox.push_back(Delivery::Begin(edition));
        self.edition = Some(edition);
        self.renderer = Some(renderer);
        self.next_index = 0;
    }

    /// Makes at most one page: the first one missing from this frame of the timeline on.
    ///
    /// # Errors
    /// As [`BedRenderer::seek`].
    pub fn feed(&mut self, frame: i64) -> Result<Fed> {
        while self.returns.pop().is_ok() {}
        let (Some(edition), Some(_)) = (self.edition, &self.renderer) else {
            return Ok(Fed::Nothing);
        };
        if self.heard.settled.load(Ordering::Acquire) == edition.number {
            self.take_back(edition.number + 1);
        }
        let nearest = frame.clamp(0, edition.length_frames - 1);
        let place = edition.place(frame).unwrap_or(nearest) / PAGE_FRAMES as i64;
        self.make_room(&edition, place);
        if !self.flush() {
            return Ok(Fed::Full);
        }
        let Some(index) = self.missing(&edition, place) else {
            return Ok(Fed::Nothing);
        };
        if self.deliveries.slots() == 0 {
            return Ok(Fed::Full);
        }
        let page = self.make(&edition, index)?;
        self.sent[deck_of(edition.number)].insert(index);
        self.outbox.push_back(Delivery::Page(Box::new(page)));
        self.flush();
        Ok(Fed::Page)
    }

    /// The first page that is missing from a page on.
    fn missing(&self, edition: &Edition, place: i64) -> Option<usize> {
        let num_pages = num_pages(edition);
        let sent = &self.sent[deck_of(edition.number)];
        (place..place + AHEAD_PAGES.min(num_pages))
            .map(|index| {
                if edition.is_loop {
                    index.rem_euclid(num_pages)
                } else {
                    index
                }
            })
            .filter(|&index| index < num_pages)
            .map(|index| index as usize)
            .find(|index| !sent.contains(index))
    }

    fn make(&mut self, edition: &Edition, index: usize) -> Result<Page> {
        let start = index * PAGE_FRAMES;
        let num_frames = PAGE_FRAMES.min(edition.length_frames as usize - start);
        let mut layers = Layers::new(num_frames);
        if let Some(renderer) = &mut self.renderer {
            if index != self.next_index {
                renderer.seek(start as u64)?;
            }
            renderer.render_into(&mut layers)?;
            self.next_index = index + 1;
        }
        Ok(Page { index, layers })
    }

    /// Asks for the farthest page when the callback has too many.
    fn make_room(&mut self, edition: &Edition, place: i64) {
        let deck = deck_of(edition.number);
        let num_pages = num_pages(edition);
        while self.sent[deck].len() >= MOST_PAGES {
            let distance = |index: usize| {
                let straight = (index as i64 - place).abs();
                if edition.is_loop {
                    straight.min(num_pages - straight)
                } else {
                    straight
                }
            };
            let farthest = self.sent[deck].iter().copied();
            let Some(index) = farthest.max_by_key(|&index| distance(index)) else {
                return;
            };
            self.sent[deck].remove(&index);
            self.outbox.push_back(Delivery::Return {
                edition: edition.number,
                index,
            });
        }
    }

    /// Asks for all pages of the deck that this edition lies in, or would.
    fn take_back(&mut self, edition: u64) {
        let sent = std::mem::take(&mut self.sent[deck_of(edition)]);
        let returns = sent
            .into_iter()
            .map(|index| Delivery::Return { edition, index });
        self.outbox.extend(returns);
    }

    /// Sends what waits; true when nothing is left.
    fn flush(&mut self) -> bool {
        while let Some(delivery) = self.outbox.pop_front() {
            if let Err(rtrb::PushError::Full(delivery)) = self.deliveries.push(delivery) {
                self.outbox.push_front(delivery);
                return false;
            }
        }
        true
    }
}

fn deck_of(number: u64) -> usize {
    (number % 2) as usize
}

fn num_pages(edition: &Edition) -> i64 {
    (edition.length_frames as u64).div_ceil(PAGE_FRAMES as u64) as i64
}
