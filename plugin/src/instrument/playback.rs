//! What the audio callback works on: player, baker, pace. Made, started and dropped off the audio thread.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use engine::{Event, Player, PlayerConfig};
use nice_plug::prelude::*;

use super::baking::{Baked, Baker};
use super::pace::Pace;
use super::persisted::Shared;
use super::process::Settings;

/// Seed of everything random in the player: the command line's default.
const PLAYER_SEED: u32 = 1;
/// How long `activate` waits for the middle of the keyboard. Hosts call it off the audio thread, and some play at once and
/// faster than time.
const HEAD_START: Duration = Duration::from_millis(300);

/// What plays, from `activate` on.
pub(super) struct Playback {
    pub(super) player: Player,
    pub(super) baked: Arc<Baked>,
    pub(super) pace: Pace,
    /// What the player was told last; `None` after a reset, when it has forgotten.
    pub(super) told: Option<Settings>,
    /// The right side of a mono output.
    pub(super) unheard: Box<[f32]>,
    /// Blocks that held a number that is none, and were silenced.
    pub(super) num_guarded_blocks: Arc<AtomicU64>,
    sample_rate_hz: f32,
    /// Bakes until it is dropped.
    _baker: Baker,
}

impl Playback {
    /// Makes player and baker; `None` for a sample rate that nobody has.
    pub(super) fn new(config: &BufferConfig, persisted: &Shared) -> Option<Self> {
        let (controller, player) = engine::new(&PlayerConfig {
            sample_rate_hz: f64::from(config.sample_rate),
            max_voices: engine::MAX_VOICES,
            seed: PLAYER_SEED,
            num_sounds: 1,
        })
        .ok()?;
        let baker = Baker::start(controller, Arc::clone(persisted));
        Some(Self {
            player,
            baked: baker.baked(),
            pace: Pace::new(config.sample_rate),
            told: None,
            unheard: vec![0.0; config.max_buffer_size.max(1) as usize].into_boxed_slice(),
            num_guarded_blocks: Arc::default(),
            sample_rate_hz: config.sample_rate,
            _baker: baker,
        })
    }

    /// Whether it can go on under this configuration.
    pub(super) fn fits(&self, config: &BufferConfig) -> bool {
        self.sample_rate_hz == config.sample_rate
    }

    /// Gets ready for the first block.
    pub(super) fn start(&mut self, mode: ProcessMode) {
        self.pace.set_offline(mode == ProcessMode::Offline);
        self.baked.wait_for_some(HEAD_START);
        self.player.take_arrivals();
    }

    /// Silences everything and forgets what channels were told.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn reset(&mut self) {
        self.player.handle(&Event::Reset);
        self.told = None;
        self.pace.start_again();
    }
}
