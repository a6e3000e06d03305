//! The player with its worker and the shipped model, driven as a host would, only faster. Used by the soak.

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;
use std::time::{Duration, Instant};

use engine::worker::{BakingInstance, ModelSource, SlotState, SoundBase, SoundRequest, WorkerPool};
use engine::{
    Event, KeyMode, Player, PlayerConfig, PlayerParameters, SoundChange, VELOCITY_LAYERS, Wish,
};
use models::{DEFAULT_TRUNCATION, SoundGenerator, newest_sound_model};

use super::dice::Dice;
use super::ledger::{Circumstances, KeyState, Ledger};
use super::scene::{Act, KEYS, NUM_SLOTS, NUM_SOUNDS, SCENE_S};

/// Longer than baking takes on a busy machine.
const LONG: Duration = Duration::from_secs(120);
/// Longest block of any host here, frames.
const LONGEST_BLOCK: usize = 4_096;
/// Voices of the player.
const MOST_VOICES: usize = 32;
/// A stolen or reset voice fades within 5 ms; twice that is calm.
const CALM_S: f64 = 0.01;
/// Length of what is played to see whether anything has changed, s.
const PROBE_S: f64 = 1.0;
/// Its first note, frames after its start.
const PROBE_ONSET: usize = 37;
/// A tick of the player, frames: rooms keep their own grid of them.
const TICK_FRAMES: u64 = 64;

/// Everything that plays.
pub struct Rig {
    instance: BakingInstance,
    player: Player,
    source: ModelSource,
    pub ledger: Ledger,
    /// Whether the player has heard of the slot's last change.
    is_settled: [bool; NUM_SLOTS as usize],
    rate_hz: f64,
    /// Since the player was made.
    frame: u64,
    /// When a voice was last told to fade, and when a key was last struck.
    fade_frame: u64,
    strike_frame: u64,
    left: Vec<f32>,
    right: Vec<f32>,
    /// Audio of all players, s.
    pub played_s: f64,
    /// Voices times seconds.
    pub voice_s: f64,
    /// Loudest sample.
    pub peak: f32,
}

impl Rig {
    /// Loads the shipped model and bakes three sounds, those keys too that it bakes only when asked for.
    pub fn new(rate_hz: f64) -> Self {
        let pool = WorkerPool::new(1).unwrap();
        let instance = BakingInstance::new(&pool);
        let player = instance.new_player(&config(rate_hz)).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped");
        let path = newest_sound_model(&folder).expect("the shipped model");
        let mut rig = Self {
            instance,
            player,
            source: ModelSource::of_model("shipped", move || SoundGenerator::load(&path)),
            ledger: Ledger::default(),
            is_settled: [true; NUM_SLOTS as usize],
            rate_hz,
            frame: 0,
            fade_frame: 0,
            strike_frame: 0,
            left: vec![0.0; LONGEST_BLOCK],
            right: vec![0.0; LONGEST_BLOCK],
            played_s: 0.0,
            voice_s: 0.0,
            peak: 0.0,
        };
        for slot in 0..NUM_SOUNDS {
            rig.change_sound(slot, u32::from(slot) + 1, SoundChange::Replaced);
        }
        rig.wait_until_baked();
        rig.bake_outer_keys();
        rig
    }

    fn bake_outer_keys(&mut self) {
        for slot in 0..NUM_SOUNDS {
            for layer in 0..VELOCITY_LAYERS as u8 {
                let keys = KEYS
                    .iter()
                    .flat_map(|&key| [key.saturating_sub(12), key, key + 12]);
                for key in keys.map(|key| key.min(127)) {
                    let wish = Wish { slot, layer, key };
                    assert!(self.instance.bake_waiting(wish, LONG), "{wish:?}");
                    self.render_block(512);
                }
            }
        }
    }

    /// Another sample rate: a new player, with all notes.
    pub fn change_rate(&mut self, rate_hz: f64) {
        self.player = self.instance.new_player(&config(rate_hz)).unwrap();
        self.rate_hz = rate_hz;
        (self.frame, self.fade_frame, self.strike_frame) = (0, 0, 0);
        self.is_settled = [true; NUM_SLOTS as usize];
        self.ledger.new_player();
    }

    /// Another sound in a slot. Slot 0 keeps its own, or there would be nothing to compare.
    pub fn change_sound(&mut self, slot: u8, seed: u32, change: SoundChange) {
        let request = SoundRequest {
            model: self.source.clone(),
            base: SoundBase::Seed {
                seed,
                truncation: DEFAULT_TRUNCATION,
            },
            controls: Vec::new(),
        };
        self.is_settled[usize::from(slot)] = false;
        self.instance
            .set_sound(usize::from(slot), Some(request), change);
    }

    /// Renders until every sound is baked and has arrived.
    pub fn wait_until_baked(&mut self) {
        let start = Instant::now();
        let is_ready = |rig: &Self| {
            let states = (0..usize::from(NUM_SOUNDS)).map(|slot| rig.instance.status().state(slot));
            states.into_iter().all(|state| state == SlotState::Ready)
                && rig.instance.num_waiting() == 0
        };
        while !is_ready(self) {
            assert!(
                start.elapsed() < LONG,
                "{:?}",
                self.instance.status().try_message()
            );
            std::thread::sleep(Duration::from_millis(2));
            self.render_block(512);
        }
        self.is_settled = [true; NUM_SLOTS as usize];
    }

    /// Has the worker's side of the player empty its rings now.
    pub fn collect_trash(&mut self) {
        let wish = Wish {
            slot: 0,
            layer: 1,
            key: 60,
        };
        assert!(self.instance.bake_waiting(wish, LONG));
    }

    /// Plays a scene, cut into blocks of random lengths.
    pub fn play(&mut self, scene: &[(f64, Act)], dice: &mut Dice) {
        let start = self.frame;
        let frame_of = |time_s: f64| start + (time_s * self.rate_hz) as u64;
        let acts: Vec<(u64, &Act)> = scene
            .iter()
            .map(|(time_s, act)| (frame_of(*time_s), act))
            .collect();
        let end = frame_of(SCENE_S);
        let size = dice.of(&[512, 512, 64, 480, 1_024, LONGEST_BLOCK, 441, 0]);
        let mut next = 0;
        while self.frame < end {
            while next < acts.len() && acts[next].0 <= self.frame {
                self.act(acts[next].1);
                next += 1;
            }
            let until = acts.get(next).map_or(end, |(frame, _)| *frame).min(end);
            let block = if size == 0 {
                1 + dice.below(2_000) as usize
            } else {
                size
            };
            self.render_block(block.min((until - self.frame) as usize));
        }
    }

    /// Does one thing and sees that the counters say so and no more.
    pub fn act(&mut self, act: &Act) {
        let before = *self.player.parameters();
        let expected = {
            let (instance, is_settled) = (&self.instance, &mut self.is_settled);
            let mut now = Circumstances {
                player: &self.player,
                most_voices: MOST_VOICES,
                is_calm: self.frame > self.strike_frame
                    && (self.frame - self.fade_frame) as f64 > CALM_S * self.rate_hz,
                key_state: &mut |wish| key_state(instance, is_settled, wish),
            };
            self.ledger.expect(act, &mut now)
        };
        match act {
            Act::Event(event) => self.player.handle(event),
            Act::Set(parameters) => self.player.set_parameters(parameters),
        }
        let lost_before = self.num_lost();
        let fault = self
            .ledger
            .settle(Some(act), expected, self.instance.counts());
        assert!(
            fault.is_none(),
            "at {} s: {}",
            self.played_s,
            fault.unwrap_or_default()
        );
        let may_fade = self.num_lost() > lost_before
            || before.key_mode != KeyMode::Poly
            || matches!(
                act,
                Act::Event(
                    Event::Choke { .. } | Event::Reset | Event::Controller { number: 120, .. }
                )
            );
        if may_fade {
            self.fade_frame = self.frame;
        }
        if matches!(act, Act::Event(Event::NoteOn { .. })) {
            self.strike_frame = self.frame;
        }
        if matches!(act, Act::Event(Event::Reset)) {
            // A reset sets the parameters back, the limiter too: hosts send them again.
            self.player.set_parameters(&before);
        }
    }

    fn num_lost(&self) -> u64 {
        self.ledger.totals.stolen_voices + self.ledger.totals.skipped_notes
    }

    /// Renders up to a whole block and looks at every sample.
    fn render_block(&mut self, frames: usize) {
        let (left, right) = (&mut self.left[..frames], &mut self.right[..frames]);
        self.player.render_into(left, right);
        for sample in left.iter().chain(right.iter()) {
            assert!(sample.is_finite(), "at {} s", self.played_s);
            self.peak = self.peak.max(sample.abs());
        }
        let fault =
            self.ledger
                .settle(None, self.ledger.expect_rendering(), self.instance.counts());
        assert!(
            fault.is_none(),
            "at {} s: {}",
            self.played_s,
            fault.unwrap_or_default()
        );
        self.frame += frames as u64;
        self.played_s += frames as f64 / self.rate_hz;
        self.voice_s += self.player.num_sounding() as f64 * frames as f64 / self.rate_hz;
    }

    /// Silence, on the grid of the rooms: where a passage sounds the same whatever was before.
    fn come_to_rest(&mut self) {
        self.act(&Act::Event(Event::Reset));
        while !self.player.is_silent() {
            self.render_block(64);
        }
        self.render_block((TICK_FRAMES - self.frame % TICK_FRAMES) as usize);
    }

    /// A passage in the sound that never changes, as a number that any other sample changes.
    pub fn probe(&mut self) -> u64 {
        self.come_to_rest();
        self.act(&Act::Set(PlayerParameters {
            reverb_mix: 0.2,
            limiter: true,
            ..PlayerParameters::default()
        }));
        let mut hasher = DefaultHasher::new();
        self.render_into(&mut hasher, PROBE_ONSET);
        let is_silent = self.left[..PROBE_ONSET].iter().all(|&sample| sample == 0.0);
        assert!(is_silent, "the passage begins early");
        let chord = [41, 60, 76];
        for key in chord {
            self.act(&Act::Event(strike(key)));
        }
        self.render_into(&mut hasher, TICK_FRAMES as usize);
        let is_heard = self.left[..TICK_FRAMES as usize]
            .iter()
            .any(|&sample| sample != 0.0);
        assert!(is_heard, "the passage begins late");
        let third = (PROBE_S / 3.0 * self.rate_hz) as usize;
        self.render_into(&mut hasher, third);
        self.act(&Act::Event(Event::PitchBend {
            channel: 0,
            value: 0.5,
        }));
        self.render_into(&mut hasher, third);
        self.act(&Act::Event(Event::AllNotesOff));
        self.render_into(&mut hasher, third);
        self.come_to_rest();
        hasher.finish()
    }

    fn render_into(&mut self, hasher: &mut DefaultHasher, frames: usize) {
        let mut left = frames;
        while left > 0 {
            let block = left.min(512);
            self.render_block(block);
            for sample in self.left[..block].iter().chain(&self.right[..block]) {
                hasher.write_u32(sample.to_bits());
            }
            left -= block;
        }
    }
}

fn strike(key: u8) -> Event {
    Event::NoteOn {
        channel: 0,
        key,
        velocity: 0.7,
        note_id: None,
        seed: None,
    }
}

fn config(rate_hz: f64) -> PlayerConfig {
    PlayerConfig {
        sample_rate_hz: rate_hz,
        max_voices: MOST_VOICES,
        seed: 1,
        num_sounds: usize::from(NUM_SLOTS),
    }
}

/// What the player's table holds for a key, as far as it can be known from outside: it changes only while rendering.
fn key_state(instance: &BakingInstance, is_settled: &mut [bool], wish: Wish) -> KeyState {
    if wish.slot >= NUM_SOUNDS {
        return KeyState::Silent;
    }
    let slot = usize::from(wish.slot);
    // In this order: what is baked now and waits nowhere afterwards was taken.
    let is_baked = instance
        .status()
        .is_baked(slot, usize::from(wish.layer), wish.key);
    let is_drained = instance.num_waiting() == 0;
    is_settled[slot] |= is_drained;
    match (is_baked, is_drained, is_settled[slot]) {
        (true, true, _) => KeyState::Fresh,
        (false, _, true) => KeyState::Missing,
        _ => KeyState::Unknown,
    }
}
