//! What the audio callback works on: player, pace, ring from the editor. Made, started and dropped off the audio thread.

use std::sync::Arc;
use std::time::Duration;

use engine::{
    Event, LAYER_VELOCITIES, Player, PlayerConfig, PlayerParameters, Wish, layer_of_velocity,
};
use nice_plug::prelude::*;
use rtrb::Consumer;

use super::corners::EMPTY_SLOT;
use super::hub::Hub;
use super::pace::Pace;

/// Seed of everything random in the player: the command line's default.
const PLAYER_SEED: u32 = 1;
/// How long `activate` waits for the middle of the keyboard. Hosts call it off the audio thread, and some play at once and
/// faster than time.
const HEAD_START: Duration = Duration::from_millis(300);
/// How long a bounce waits for a model to be examined, which happens once per model.
const LONGEST_EXAMINATION: Duration = Duration::from_secs(60);
/// The key that is waited for.
const MIDDLE_KEY: u8 = 60;

/// What a window shows of what host and project set: when it changes, the window is drawn again.
#[derive(Default, PartialEq)]
pub(super) struct Shown {
    pub(super) parameters: PlayerParameters,
    /// Revision of the timbre slots.
    pub(super) timbre: u32,
    /// Revision of the settings.
    pub(super) generation: u64,
}

/// What plays, from `activate` on.
pub(super) struct Playback {
    pub(super) player: Player,
    pub(super) hub: Arc<Hub>,
    pub(super) pace: Pace,
    /// The right side of a mono output.
    pub(super) unheard: Box<[f32]>,
    /// Keys played in the editor.
    pub(super) hands: Consumer<Event>,
    pub(super) shown: Shown,
    sample_rate_hz: f32,
}

impl Playback {
    /// Makes a player; `None` for a sample rate that nobody has.
    pub(super) fn new(config: &BufferConfig, hub: &Arc<Hub>) -> Option<Self> {
        let player = hub.sounding().baking.new_player(&PlayerConfig {
            sample_rate_hz: f64::from(config.sample_rate),
            max_voices: engine::MAX_VOICES,
            seed: PLAYER_SEED,
            num_sounds: usize::from(EMPTY_SLOT) + 1,
        });
        Some(Self {
            player: player.ok()?,
            hub: Arc::clone(hub),
            pace: Pace::new(config.sample_rate),
            unheard: vec![0.0; config.max_buffer_size.max(1) as usize].into_boxed_slice(),
            hands: hub.live.connect(),
            shown: Shown::default(),
            sample_rate_hz: config.sample_rate,
        })
    }

    /// Whether it can go on under this configuration.
    pub(super) fn fits(&self, config: &BufferConfig) -> bool {
        self.sample_rate_hz == config.sample_rate
    }

    /// Gets ready for the first block.
    pub(super) fn start(&mut self, mode: ProcessMode) {
        self.pace.set_offline(mode == ProcessMode::Offline);
        let sounding = self.hub.sounding();
        sounding.follow(&self.hub.persisted, &self.hub.corners);
        if mode == ProcessMode::Offline {
            // What is written to a file cannot wait for a second take.
            sounding.wait_for_the_doctor(&self.hub.persisted, LONGEST_EXAMINATION);
            sounding.follow(&self.hub.persisted, &self.hub.corners);
        }
        let middle = Wish {
            slot: 0,
            layer: layer_of_velocity(LAYER_VELOCITIES[1]) as u8,
            key: MIDDLE_KEY,
        };
        sounding.baking.bake_waiting(middle, HEAD_START);
        self.player.take_arrivals();
    }

    /// Silences everything and forgets what channels were told.
    ///
    /// # Real-time
    /// Safe.
    pub(super) fn reset(&mut self) {
        self.player.handle(&Event::Reset);
        self.pace.start_again();
        self.hub.live.lift_all();
    }
}
