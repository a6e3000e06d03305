//! What the bed's callback works on: playhead, detector and ducker, position, pace. Made, started and dropped off the audio
//! thread.

use std::sync::Arc;
use std::time::Duration;

use engine::mix::{Layers, ahead};
use engine::realtime::{CHUNK_FRAMES, Playhead, UnderVoice};
use nice_plug::prelude::*;

use super::hub::Hub;
use super::order::Order;
use super::pace::Pace;
use super::position::Position;
use super::waiting::{self, Wanted};

/// How long `activate` waits for the bed's first pages. Hosts call it off the audio thread, and some play at once and
/// faster than time.
const HEAD_START: Duration = Duration::from_secs(1);
/// Sample rates that beds can be rendered at, Hz.
const RATES_HZ: std::ops::RangeInclusive<f32> = 16_000.0..=384_000.0;

/// What plays, from `activate` on.
pub(super) struct Playback {
    pub(super) hub: Arc<Hub>,
    pub(super) playhead: Playhead,
    pub(super) under: UnderVoice,
    pub(super) position: Position,
    pub(super) pace: Pace,
    /// A chunk of the bed.
    pub(super) layers: Layers,
    /// What the parameters asked for in the last block, and its tag.
    pub(super) order: Order,
    pub(super) tag: u64,
    pub(super) sample_rate_hz: u32,
}

impl Playback {
    /// Starts the worker; `None` for a sample rate that no bed can have.
    pub(super) fn new(config: &BufferConfig, hub: &Arc<Hub>) -> Option<Self> {
        if !RATES_HZ.contains(&config.sample_rate) {
            return None;
        }
        let sample_rate_hz = config.sample_rate.round() as u32;
        let (feeder, playhead) = ahead::new(f64::from(config.sample_rate));
        let params = &hub.persisted.params;
        let under = UnderVoice::new(&params.duck.settings(), f64::from(config.sample_rate)).ok()?;
        let order = Order::of(params, hub.persisted.generation(), sample_rate_hz);
        hub.live.set_sample_rate_hz(sample_rate_hz);
        hub.start_worker();
        hub.desk.connect(feeder, sample_rate_hz);
        Some(Self {
            hub: Arc::clone(hub),
            playhead,
            under,
            position: Position::new(config.sample_rate),
            pace: Pace::new(config.sample_rate),
            layers: Layers::new(CHUNK_FRAMES),
            tag: order.tag(),
            order,
            sample_rate_hz,
        })
    }

    /// Whether it can go on under this configuration.
    pub(super) fn fits(&self, config: &BufferConfig) -> bool {
        self.sample_rate_hz == config.sample_rate.round() as u32
    }

    /// Gets ready for the first block.
    pub(super) fn start(&mut self, mode: ProcessMode) {
        self.pace.set_offline(mode == ProcessMode::Offline);
        self.follow_order();
        let wanted = Wanted {
            tag: self.tag,
            frame: self.hub.live.frame(),
            num_frames: CHUNK_FRAMES,
        };
        waiting::wait_for(&mut self.playhead, &self.hub.desk, &wanted, HEAD_START);
    }

    /// Reads what the parameters ask for.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn follow_order(&mut self) {
        let persisted = &self.hub.persisted;
        let order = Order::of(
            &persisted.params,
            persisted.generation(),
            self.sample_rate_hz,
        );
        if order != self.order {
            self.order = order;
            self.tag = order.tag();
        }
    }

    /// Forgets what was heard, and counts from the start.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn reset(&mut self) {
        self.playhead.reset();
        self.under.reset();
        self.position.reset();
        self.pace.start_again();
    }
}
