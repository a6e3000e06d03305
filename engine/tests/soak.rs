//! Hours of random playing in minutes: the real player, its worker and the shipped model. Memory stays flat, no sample is
//! not a number, nothing drifts, and every count of the player is explained.
//!
//! `UNDERSTORY_SOAK_HOURS=24 cargo test --release --package engine --test soak -- --nocapture` plays a day.

#[path = "soak/dice.rs"]
mod dice;
#[path = "soak/ledger.rs"]
mod ledger;
#[path = "soak/memory.rs"]
mod memory;
#[path = "soak/rig.rs"]
mod rig;
#[path = "soak/scene.rs"]
mod scene;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dice::Dice;
use engine::SoundChange;
use memory::Memory;
use rig::Rig;
use scene::{SCENE_S, scene, storm};

/// Says how long, in hours of audio.
const HOURS: &str = "UNDERSTORY_SOAK_HOURS";
/// Without it: long enough to visit every sample rate.
const USUAL_HOURS: f64 = if cfg!(debug_assertions) { 0.05 } else { 0.25 };
/// How far memory may be from flat.
const FLAT: f64 = 0.01;
/// Sample rates in turn, each with its share of the time. One player lives for more than half of it: in a day 2.4
/// thousand million frames, more than 31 bits count.
const STRETCHES: [(f64, f64); 9] = [
    (48_000.0, 0.56),
    (44_100.0, 0.07),
    (96_000.0, 0.05),
    (48_000.0, 0.07),
    (22_050.0, 0.05),
    (192_000.0, 0.02),
    (44_100.0, 0.05),
    (16_000.0, 0.03),
    (48_000.0, 0.10),
];
/// Looks at memory and at the passage that never changes, over the whole.
const NUM_LOOKS: f64 = 48.0;
/// Changes of all sounds before memory is first looked at.
const WARM_UP_ROUNDS: usize = 12;
/// Scenes between changes of sound.
const SCENES_PER_SOUND: u32 = 9;
/// With the limiter on no sample passes it.
const FULL_SCALE: f32 = 1.0;

/// Held by the test that runs: memory is counted for the whole process, and a test runner may start all tests at once.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How it was when a sample rate was first visited.
#[derive(Default)]
struct Firsts(HashMap<u64, (Memory, u64)>);

impl Firsts {
    /// Compares with the first time.
    fn look(&mut self, rig: &mut Rig, rate_hz: f64) {
        rig.wait_until_baked();
        let probe = rig.probe();
        rig.collect_trash();
        let now = Memory::now();
        eprintln!(
            "soak: {:.2} h, {rate_hz} Hz, {now:?}",
            rig.played_s / 3_600.0
        );
        let (memory, first) = self.0.entry(rate_hz as u64).or_insert((now, probe));
        assert_eq!(
            probe, *first,
            "after {} s the passage is another at {rate_hz} Hz",
            rig.played_s
        );
        let fault = now.fault_against(memory, FLAT);
        assert!(
            fault.is_none(),
            "after {} s at {rate_hz} Hz: {}",
            rig.played_s,
            fault.unwrap_or_default()
        );
    }
}

fn num_scenes() -> f64 {
    let hours =
        std::env::var(HOURS).map_or(USUAL_HOURS, |text| text.parse().expect("hours, as in 24"));
    hours * 3_600.0 / SCENE_S
}

/// The acts are gone when it returns: a storm's are a quarter of a megabyte, which is not to be found in the player's memory.
fn play_scene(rig: &mut Rig, dice: &mut Dice) {
    let acts = scene(dice);
    rig.play(&acts, dice);
}

/// Half of all changes of sound are waited for; the others are played over.
fn change_sound(rig: &mut Rig, dice: &mut Dice) {
    let slot = 1 + dice.below(u32::from(scene::NUM_SOUNDS) - 1) as u8;
    let change = dice.of(&[SoundChange::Replaced, SoundChange::Moved]);
    rig.change_sound(slot, dice.below(1 << 20), change);
    if dice.percent(50) {
        rig.wait_until_baked();
    }
}

/// Until everything has happened once that makes allocators and the network's runtime take what they keep: players of every
/// size too, the next one made before the last one goes.
fn warm_up(rig: &mut Rig, dice: &mut Dice) {
    for (rate_hz, _) in STRETCHES {
        rig.change_rate(rate_hz);
    }
    for _ in 0..WARM_UP_ROUNDS {
        for slot in 1..scene::NUM_SOUNDS {
            rig.change_sound(slot, dice.below(1 << 20), SoundChange::Replaced);
        }
        let acts = storm(dice);
        rig.play(&acts, dice);
        rig.wait_until_baked();
    }
}

#[test]
fn hours_of_random_playing_leave_memory_timing_and_sound_as_they_were() {
    let _alone = alone();
    let (started, num_scenes) = (Instant::now(), num_scenes());
    let scenes_per_look = (num_scenes / NUM_LOOKS).ceil() as u32;
    let (mut dice, mut firsts) = (Dice(24), Firsts::default());
    let mut rig = Rig::new(STRETCHES[0].0);
    warm_up(&mut rig, &mut dice);
    let mut scenes = 0;
    for (rate_hz, share) in STRETCHES {
        rig.change_rate(rate_hz);
        firsts.look(&mut rig, rate_hz);
        for number in 1..=(share * num_scenes).ceil() as u32 {
            scenes += 1;
            if scenes % SCENES_PER_SOUND == 0 {
                change_sound(&mut rig, &mut dice);
            }
            play_scene(&mut rig, &mut dice);
            if number % scenes_per_look == 0 {
                firsts.look(&mut rig, rate_hz);
            }
        }
        firsts.look(&mut rig, rate_hz);
    }
    assert!(
        rig.peak <= FULL_SCALE && rig.peak > 0.1,
        "peak {}",
        rig.peak
    );
    let totals = rig.ledger.totals;
    assert!(
        totals.missing_keys > 0 && totals.stolen_voices > 0 && totals.refused_events > 0,
        "{totals:?}"
    );
    eprintln!(
        "soak: {:.2} h of audio in {:.0} s, {:.1} voices on average, {} acts ({} raced with the worker), peak {:.2}, {totals:?}, {:?}",
        rig.played_s / 3_600.0,
        started.elapsed().as_secs_f64(),
        rig.voice_s / rig.played_s,
        rig.ledger.num_acts,
        rig.ledger.num_open,
        rig.peak,
        Memory::now(),
    );
}

#[test]
fn memory_that_grows_by_more_than_a_hundredth_rings() {
    let _alone = alone();
    let before = Memory {
        live: 1_000_000,
        resident: Some(2_000_000),
    };
    let with = |live, resident| Memory {
        live,
        resident: Some(resident),
    };
    assert!(
        with(1_009_000, 2_019_000)
            .fault_against(&before, FLAT)
            .is_none()
    );
    assert!(
        with(1_011_000, 2_000_000)
            .fault_against(&before, FLAT)
            .is_some()
    );
    assert!(
        with(989_000, 2_000_000)
            .fault_against(&before, FLAT)
            .is_some()
    );
    assert!(
        with(1_000_000, 2_021_000)
            .fault_against(&before, FLAT)
            .is_some()
    );
    let kept = black_box(vec![7_u8; 4 << 20]); // nobody reads it: an optimiser may leave it out
    let now = Memory::now().live;
    drop(kept);
    assert!(now - Memory::now().live >= 4 << 20);
}
