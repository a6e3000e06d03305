//! The worker of one instance: composes what the parameters ask for, bakes its notes, renders pages ahead of the playhead.
//! A thread of its own from the first `activate` on; nothing here runs on the audio thread.

mod desk;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use engine::mix::BedRenderer;
use engine::mix::ahead::{Fed, Feeder};

pub(super) use desk::{Desk, Progress};

use super::composing::{Composed, Composing};
use super::network::Network;
use super::order::Order;

/// Parameters that a hand still turns are left alone this long, unless somebody waits.
const SETTLING: Duration = Duration::from_millis(80);
/// Notes made between two looks at the playhead.
const NOTES_AT_ONCE: usize = 4;
/// How often the callback is looked at when there is nothing to do: it cannot wake a worker without a system call.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(4);
/// The same when no block has come for a while.
const LOOK_AGAIN_IDLE: Duration = Duration::from_millis(40);
/// No block for this long: the host has stopped calling.
const IDLE_AFTER: Duration = Duration::from_millis(500);
/// A bed that nobody fades to is replaced after this long.
const LONGEST_FADE: Duration = Duration::from_millis(250);

/// The thread; it ends with this.
pub(super) struct Worker {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts to work.
    pub(super) fn start(desk: Arc<Desk>) -> Self {
        let own = Arc::clone(&desk);
        let thread = thread::Builder::new()
            .name("understory-bed".into())
            .spawn(move || work(&own));
        if let Err(error) = &thread {
            desk.fail(format!("The system has no thread to spare ({error})"));
        }
        Self {
            desk,
            thread: thread.ok(),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.desk.stop();
        if let Some(thread) = self.thread.take() {
            // A worker that ended by a panic has nothing left to tell.
            let _ended = thread.join();
        }
    }
}

fn work(desk: &Desk) {
    let mut bench = Bench::default();
    while let Some(arrived) = desk.next() {
        if let Some((feeder, sample_rate_hz)) = arrived {
            bench.take(feeder, sample_rate_hz);
        }
        let did = catch_unwind(AssertUnwindSafe(|| bench.turn(desk)));
        match did {
            Ok(true) => {}
            Ok(false) => desk.rest(bench.rest()),
            Err(panic) => {
                bench.break_down(desk, &*panic);
                desk.rest(LOOK_AGAIN_IDLE);
            }
        }
    }
}

/// What lies before the worker.
#[derive(Default)]
struct Bench {
    feeder: Option<Feeder>,
    sample_rate_hz: u32,
    composing: Option<Composing>,
    composed: Option<Arc<Composed>>,
    /// Keeps the network loaded between two beds.
    network: Option<Arc<Network>>,
    /// What the pages are of.
    begun: Option<Order>,
    /// What the parameters said last, and since when.
    seen: Option<(Order, Instant)>,
    /// What could not be done.
    failed: Option<(Order, u32)>,
    /// Blocks seen, and when.
    blocks: Option<(u64, Instant)>,
    is_idle: bool,
}

impl Bench {
    /// A new way to the callback: its pages are to be made anew.
    fn take(&mut self, feeder: Feeder, sample_rate_hz: u32) {
        self.feeder = Some(feeder);
        self.sample_rate_hz = sample_rate_hz;
        self.begun = None;
    }

    /// How long nothing will have to be done.
    fn rest(&self) -> Duration {
        if self.is_idle {
            LOOK_AGAIN_IDLE
        } else {
            LOOK_AGAIN_AFTER
        }
    }

    /// Does the next thing; false when there was none.
    fn turn(&mut self, desk: &Desk) -> bool {
        self.watch_blocks(desk);
        if self.feeder.is_none() {
            return false;
        }
        let generation = desk.persisted.generation();
        let order = Order::of(&desk.persisted.params, generation, self.sample_rate_hz);
        let did_prepare = self.begun != Some(order) && self.prepare(&order, desk);
        self.feed(desk) || did_prepare
    }

    fn watch_blocks(&mut self, desk: &Desk) {
        let num_blocks = desk.live.num_blocks();
        match self.blocks {
            Some((seen, since)) if seen == num_blocks => {
                self.is_idle = since.elapsed() > IDLE_AFTER
            }
            _ => {
                self.blocks = Some((num_blocks, Instant::now()));
                self.is_idle = false;
            }
        }
    }

    /// Goes a step towards an order that is not played yet.
    fn prepare(&mut self, order: &Order, desk: &Desk) -> bool {
        let since = match self.seen {
            Some((seen, since)) if seen == *order => since,
            _ => {
                let now = Instant::now();
                self.seen = Some((*order, now));
                now
            }
        };
        let is_settled =
            since.elapsed() >= SETTLING || self.begun.is_none() || desk.live.is_waiting();
        let is_hopeless = self.failed == Some((*order, desk.num_retries()));
        if !is_settled || is_hopeless {
            return false;
        }
        let done = self.prepare_settled(order, since, desk);
        done.unwrap_or_else(|message| {
            self.composing = None;
            self.failed = Some((*order, desk.num_retries()));
            desk.fail(message);
            false
        })
    }

    fn prepare_settled(
        &mut self,
        order: &Order,
        since: Instant,
        desk: &Desk,
    ) -> Result<bool, String> {
        let composed = self.composed.as_ref();
        if let Some(composed) = composed.filter(|composed| composed.order == order.score) {
            let Some(feeder) = &mut self.feeder else {
                return Ok(false);
            };
            if !feeder.can_begin() && since.elapsed() < LONGEST_FADE {
                return Ok(false);
            }
            let mix = order.mix.mix_settings();
            let renderer = BedRenderer::new(&composed.bed, &composed.notes, &mix)
                .map_err(|error| error.to_string())?;
            feeder.begin(order.tag(), renderer);
            self.begun = Some(*order);
            desk.done();
            return Ok(true);
        }
        let is_begun = self
            .composing
            .as_ref()
            .is_some_and(|composing| *composing.order() == order.score);
        if !is_begun {
            desk.tell((0, 0));
            let before = composed.map(Arc::as_ref);
            self.composing = Some(Composing::begin(&order.score, &desk.persisted, before)?);
        }
        if let Some(composing) = &mut self.composing {
            composing.bake_some(NOTES_AT_ONCE)?;
            desk.tell(composing.progress());
        }
        if let Some(composing) = self.composing.take_if(|composing| composing.is_done()) {
            let (composed, network) = composing.finish();
            let composed = Arc::new(composed);
            desk.put(Arc::clone(&composed));
            self.composed = Some(composed);
            self.network = Some(network);
        }
        Ok(true)
    }

    /// Makes the next page of what plays.
    fn feed(&mut self, desk: &Desk) -> bool {
        let Some(feeder) = &mut self.feeder else {
            return false;
        };
        match feeder.feed(desk.live.frame()) {
            Ok(fed) => fed == Fed::Page,
            Err(error) => {
                desk.fail(error.to_string());
                false
            }
        }
    }

    fn break_down(&mut self, desk: &Desk, panic: &(dyn Any + Send)) {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("no reason given");
        desk.fail(format!(
            "The composer broke down ({text}); choose another seed or mood"
        ));
        Network::give_up();
        self.composing = None;
        self.network = None;
        self.failed = self.seen.map(|(order, _)| (order, desk.num_retries()));
    }
}
