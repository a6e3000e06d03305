//! The callback's half of a bed that is rendered ahead: plays it at any frame of the timeline from the pages that have
//! come. Audio thread; the worker's half is `mix::ahead`.
//!
//! A page that is there plays as it is, to the bit, from its first frame: a jump is a cut, as on any track, also to another
//! edition. Only what comes late fades in, what stops or runs out fades out, and where the timeline runs on another edition
//! is faded over to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rtrb::{Consumer, Producer};

use super::pages::{Deck, Delivery, Edition, Found, Page};
use crate::mix::Layers;

/// Length of every fade, frames: 11 ms at 48 kHz, and a power of two so that gains are exact.
pub(crate) const FADE_FRAMES: usize = 512;
const FADE_STEP: f32 = 1.0 / FADE_FRAMES as f32;
/// A timeline that is further off than this has jumped; less may be a host's rounding.
const LARGEST_ROUNDING_FRAMES: u64 = FADE_FRAMES as u64;

/// What the worker may know of the callback.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Number of the edition that plays alone; 0 for none.
    pub(crate) settled: AtomicU64,
    /// Whether anything of a page sounds.
    pub(crate) is_sounding: AtomicBool,
}

/// A reading of a deck, and its gain.
#[derive(Clone, Copy, Debug)]
struct Reading {
    deck: usize,
    /// The next frame of the timeline.
    frame: i64,
    gain: f32,
}

/// Plays pages.
pub struct Playhead {
    arrivals: Consumer<Delivery>,
    trash: Producer<Box<Page>>,
    heard: Arc<Heard>,
    /// Editions of even and odd numbers.
    decks: [Deck; 2],
    /// Number of the edition that began last.
    newest: u64,
    playing: Option<Reading>,
    ending: Option<Reading>,
    /// Whether frames were wanted that had not come.
    is_late: bool,
}

impl Playhead {
    pub(crate) fn new(
        arrivals: Consumer<Delivery>,
        trash: Producer<Box<Page>>,
        heard: Arc<Heard>,
        num_pages: usize,
    ) -> Self {
        Self {
            arrivals,
            trash,
            heard,
            decks: [Deck::new(num_pages), Deck::new(num_pages)],
            newest: 0,
            playing: None,
            ending: None,
            is_late: false,
        }
    }

    /// Forgets what sounds: what plays next begins to the bit, wherever and of which edition it is. Pages stay.
    ///
    /// # Real-time
    /// Safe.
    pub fn reset(&mut self) {
        self.playing = None;
        self.ending = None;
        self.is_late = false;
        self.tell();
    }

    /// Takes what the worker has sent. Call it once a block.
    ///
    /// # Real-time
    /// Safe.
    pub fn take_arrivals(&mut self) {
        // A full trash ring leaves the rest where it is until the worker has emptied it.
        while self.trash.slots() > 0
            && let Ok(delivery) = self.arrivals.pop()
        {
            let returned = match delivery {
                Delivery::Begin(edition) => {
                    self.newest = edition.number;
                    self.decks[deck_of(edition.number)].edition = Some(edition);
                    None
                }
                Delivery::Page(page) => {
                    let pages = &mut self.decks[deck_of(self.newest)].pages;
                    match pages.get_mut(page.index) {
                        Some(place) => place.replace(page),
                        None => Some(page),
                    }
                }
                Delivery::Return { edition, index } => {
                    let pages = &mut self.decks[deck_of(edition)].pages;
                    pages.get_mut(index).and_then(Option::take)
                }
            };
            if let Some(page) = returned {
                // There is room, as was just seen.
                let _kept = self.trash.push(page);
            }
        }
    }

    /// The edition that began last.
    ///
    /// # Real-time
    /// Safe.
    pub fn newest(&self) -> Option<&Edition> {
        self.decks[deck_of(self.newest)].edition.as_ref()
    }

    /// Whether the request of this tag has begun and these frames of it can be played without a fade.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_ready(&self, tag: u64, frame: i64, num_frames: usize) -> bool {
        let deck = &self.decks[deck_of(self.newest)];
        let to = frame + (num_frames + FADE_FRAMES) as i64;
        deck.edition.is_some_and(|edition| edition.tag == tag) && deck.has_all(frame, to)
    }

    /// Whether anything of the bed sounds.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_sounding(&self) -> bool {
        self.playing.is_some() || self.ending.is_some()
    }

    /// Whether the last frames that were wanted had not come.
    ///
    /// # Real-time
    /// Safe.
    pub fn is_late(&self) -> bool {
        self.is_late
    }

    /// Overwrites the first frames of the layers with the bed from this frame of the timeline on; `None` while nothing
    /// plays. It never writes more than the layers hold.
    ///
    /// # Real-time
    /// Safe.
    pub fn render_into(&mut self, frame: Option<i64>, out: &mut Layers, num_frames: usize) {
        let num_frames = num_frames.min(out.num_frames());
        let mut done = 0;
        while done < num_frames {
            self.aim(frame.map(|frame| frame + done as i64));
            let run = self.run(num_frames - done);
            for channel in out.channels_mut() {
                channel[done..done + run].fill(0.0);
            }
            self.playing = self
                .playing
                .map(|reading| self.read(reading, FADE_STEP, out, (done, run)));
            self.ending = self
                .ending
                .map(|reading| self.read(reading, -FADE_STEP, out, (done, run)))
                .filter(|reading| reading.gain > 0.0);
            done += run;
        }
        self.tell();
    }

    /// Decides what plays at a frame.
    fn aim(&mut self, frame: Option<i64>) {
        let Some(frame) = frame else {
            self.let_go();
            self.is_late = false;
            return;
        };
        let Some(deck) = self.best_deck(frame) else {
            self.let_go();
            self.is_late = true;
            return;
        };
        if self.has_jumped_to(frame) {
            self.playing = None;
            self.ending = None;
        }
        match &mut self.playing {
            Some(reading) if reading.deck == deck => reading.frame = frame,
            before => {
                let is_cut = before.is_none() && !self.is_late;
                self.let_go();
                let gain = if is_cut { 1.0 } else { 0.0 };
                self.playing = Some(Reading { deck, frame, gain });
                self.is_late = false;
            }
        }
    }

    fn has_jumped_to(&self, frame: i64) -> bool {
        let off = |reading: Reading| reading.frame.abs_diff(frame) > LARGEST_ROUNDING_FRAMES;
        self.playing.is_some_and(off)
    }

    /// The deck that can play from here for a fade's length at least, the newest first.
    fn best_deck(&self, frame: i64) -> Option<usize> {
        let newest = deck_of(self.newest);
        [newest, 1 - newest].into_iter().find(|&deck| {
            let deck = &self.decks[deck];
            deck.has(frame) && deck.has(frame + FADE_FRAMES as i64)
        })
    }

    /// What plays begins to end.
    fn let_go(&mut self) {
        if let Some(reading) = self.playing.take() {
            self.ending = Some(reading);
        }
    }

    /// Frames until something has to be decided again, at most `most`.
    fn run(&self, most: usize) -> usize {
        let mut run = most;
        for reading in [&self.playing, &self.ending].into_iter().flatten() {
            run = match self.decks[reading.deck].at(reading.frame) {
                Found::Missing => run.min(FADE_FRAMES),
                Found::Silence(frames) => run.min(frames),
                // The end of a page is looked at while there is time to fade out.
                Found::Samples(_, _, frames) if frames > FADE_FRAMES => {
                    run.min(frames - FADE_FRAMES)
                }
                Found::Samples(_, _, frames) => run.min(frames),
            };
            let is_fading = reading.gain < 1.0 || self.ending.is_some();
            if is_fading {
                run = run.min(FADE_FRAMES);
            }
        }
        if let Some(ending) = &self.ending {
            run = run.min((ending.gain / FADE_STEP) as usize);
        }
        run.max(1)
    }

    /// Adds a reading's samples and moves it on.
    fn read(
        &self,
        reading: Reading,
        step: f32,
        out: &mut Layers,
        (done, run): (usize, usize),
    ) -> Reading {
        if let Found::Samples(layers, offset, frames) = self.decks[reading.deck].at(reading.frame) {
            let frames = frames.min(run);
            let is_whole = reading.gain >= 1.0 && step > 0.0;
            for (out, page) in out.channels_mut().into_iter().zip(layers.channels()) {
                let out = &mut out[done..done + frames];
                let page = &page[offset..offset + frames];
                if is_whole {
                    add(out, page);
                } else {
                    add_fading(out, page, reading.gain, step);
                }
            }
        }
        Reading {
            frame: reading.frame + run as i64,
            gain: (reading.gain + run as f32 * step).clamp(0.0, 1.0),
            ..reading
        }
    }

    fn tell(&self) {
        if let (Some(playing), None) = (&self.playing, &self.ending)
            && let Some(edition) = &self.decks[playing.deck].edition
        {
            self.heard.settled.store(edition.number, Ordering::Release);
        }
        self.heard
            .is_sounding
            .store(self.is_sounding(), Ordering::Release);
    }
}

fn deck_of(number: u64) -> usize {
    (number % 2) as usize
}

fn add(out: &mut [f32], page: &[f32]) {
    for (out, sample) in out.iter_mut().zip(page) {
        *out += sample;
    }
}

fn add_fading(out: &mut [f32], page: &[f32], gain: f32, step: f32) {
    let mut gain = gain;
    for (out, sample) in out.iter_mut().zip(page) {
        gain = (gain + step).clamp(0.0, 1.0);
        *out += gain * sample;
    }
}
