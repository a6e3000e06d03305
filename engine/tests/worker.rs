//! The worker pool through its public door, with generators that are slow, broken or mad on purpose.

#[path = "closed_form/fixture.rs"]
mod fixture;
#[path = "closed_form/generators.rs"]
mod generators;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use engine::worker::{
    BakingInstance, ModelSource, NoteGenerator, SlotState, SoundRequest, WorkerPool,
};
use engine::{Note, Player, PlayerConfig, SoundChange, Wish};
use fixture::{maps, note_on, render};
use generators::*;
use models::SoundPoint;

#[test]
fn an_instance_is_made_in_a_moment_and_loads_nothing_before_a_sound_is_asked_for() {
    let loads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&loads);
    let log = Log::default();
    let source = ModelSource::new("counted", move || {
        counted.fetch_add(1, Ordering::SeqCst);
        good("inner", &log).id();
        Err(engine::Error::request("model", "none", "choose one"))
    });
    let start = Instant::now();
    let (instance, _player) = instance_with_player();
    let took = start.elapsed();
    assert!(took < Duration::from_millis(50), "{took:?}");
    assert_eq!(instance.status().state(0), SlotState::Empty);
    assert_eq!(loads.load(Ordering::SeqCst), 0);
    instance.set_sound(0, sound(&source, 0.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Failed);
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

#[test]
fn a_key_that_is_struck_is_baked_before_the_others_and_its_neighbours_follow() {
    let log = Log::default();
    let slow = model("slow", &log, 5, |_| Behaviour::Good);
    let (instance, mut player) = instance_with_player();
    instance.set_sound(0, sound(&slow, -20.0), SoundChange::Replaced);
    wait_until("a first note", || log.lock().unwrap().len() > 1);
    player.handle(&note_on(66, 0.9));
    let before = log.lock().unwrap().len();
    wait_for_state(&instance, SlotState::Ready);
    let log = log.lock().unwrap();
    let struck = log
        .iter()
        .position(|&(_, layer, key)| (layer, key) == (2, 66));
    assert!(struck.unwrap() <= before + 1, "{log:?}");
    assert_eq!(log[struck.unwrap() + 1], (-20.0, 2, 65));
    assert_eq!(log.len(), 9 * 3, "everything once: {log:?}");
}

#[test]
fn a_held_key_is_the_first_to_hear_a_changed_sound() {
    let log = Log::default();
    let source = model("held", &log, 3, |_| Behaviour::Good);
    let (instance, mut player) = instance_with_player();
    instance.set_sound(0, sound(&source, -60.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    player.take_arrivals();
    player.handle(&note_on(64, 0.3));
    let before = crossings(&mut player);
    instance.set_sound(0, sound(&source, 12.0), SoundChange::Replaced);
    render(&mut player, 64);
    wait_for_state(&instance, SlotState::Ready);
    let first_of_new = {
        let log = log.lock().unwrap();
        let is_new = |entry: &&(f32, usize, u8)| entry.0 == 12.0;
        log.iter()
            .filter(is_new)
            .take(3)
            .any(|&(_, layer, key)| (layer, key) == (0, 64))
    };
    assert!(first_of_new, "{log:?}");
    (0..MANY_BLOCKS).for_each(|_| drop(render(&mut player, 64)));
    let after = crossings(&mut player);
    assert!(after as f64 > 1.8 * before as f64, "{before}, {after}");
}

#[test]
fn the_newest_sound_wins_and_notes_of_the_one_before_are_dropped() {
    let log = Log::default();
    let source = model("newest", &log, 2, |_| Behaviour::Good);
    let (instance, mut player) = instance_with_player();
    let mut round = 0;
    wait_until("a note that comes too late", || {
        let control = -60.0 + (round % 10) as f32;
        instance.set_sound(0, sound(&source, control), SoundChange::Replaced);
        thread::sleep(Duration::from_millis(3));
        round += 1;
        round >= 10 && instance.status().counts().dropped > 0
    });
    instance.set_sound(0, sound(&source, 12.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    player.take_arrivals();
    for key in 58..=66 {
        player.handle(&note_on(key, 0.9));
        let f0_hz = 440.0 * ((f64::from(key) - 69.0) / 12.0).exp2();
        let wanted = 2.0 * f0_hz / 4.0;
        let found = crossings(&mut player) as f64;
        assert!(
            (found - wanted).abs() < 3.0,
            "key {key}: {found}, not {wanted}"
        );
        player.handle(&engine::Event::Reset);
        render(&mut player, 4_800);
    }
    assert_eq!(instance.counts().missing_keys, 0);
}

#[test]
fn a_live_control_bakes_the_sound_again_with_its_value() {
    let log = Log::default();
    let source = good("timbre", &log);
    let (instance, _player) = instance_with_player();
    instance.set_sound(0, sound(&source, -20.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    instance.timbre().set(0, 1.5);
    instance.timbre().set(99, 1.0);
    instance.timbre().set(0, f32::NAN);
    wait_until("a note with the new value", || {
        log.lock().unwrap().iter().any(|entry| entry.0 == -18.5)
    });
    wait_for_state(&instance, SlotState::Ready);
    assert_eq!(instance.point(0).unwrap().latent, [-18.5]);
}

#[test]
fn notes_that_are_not_numbers_are_refused_and_the_message_says_so() {
    let log = Log::default();
    let broken = model("broken", &log, 0, |_| Behaviour::NotFinite);
    let (instance, mut player) = instance_with_player();
    instance.set_sound(0, sound(&broken, -20.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Failed);
    let message = instance.status().try_message().unwrap();
    assert!(message.contains("not finite"), "{message}");
    assert_eq!(log.lock().unwrap().len(), 3, "given up after three notes");
    player.handle(&note_on(60, 0.9));
    assert!(
        render(&mut player, 480)
            .0
            .iter()
            .all(|&sample| sample == 0.0)
    );
    instance.set_sound(
        0,
        sound(&good("mended", &log), -20.0),
        SoundChange::Replaced,
    );
    wait_for_state(&instance, SlotState::Ready);
    assert_eq!(instance.status().try_message(), None);
}

#[test]
fn one_key_that_cannot_be_made_leaves_the_others_alone() {
    let log = Log::default();
    let spotty = model("spotty", &log, 0, |key| match key {
        61 => Behaviour::NotFinite,
        _ => Behaviour::Good,
    });
    let (instance, mut player) = instance_with_player();
    instance.set_sound(0, sound(&spotty, -20.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    assert_eq!(instance.status().counts().refused, 3);
    assert_eq!(instance.status().progress(0), (8 * 3, 0));
    player.take_arrivals();
    player.handle(&note_on(61, 0.9));
    assert!(crossings(&mut player) > 50, "its neighbour plays");
}

#[test]
fn a_model_that_panics_becomes_a_message_and_the_worker_goes_on() {
    let log = Log::default();
    let mad = model("mad", &log, 0, |_| Behaviour::Panic);
    let pool = WorkerPool::new(1).unwrap();
    let (first, second) = (BakingInstance::new(&pool), BakingInstance::new(&pool));
    first.set_sound(0, sound(&mad, -20.0), SoundChange::Replaced);
    wait_for_state(&first, SlotState::Failed);
    let message = first.status().try_message().unwrap();
    assert!(
        message.contains("mad") && message.contains("planted"),
        "{message}"
    );
    assert_eq!(first.status().counts().panics, 1);
    second.set_sound(0, sound(&good("sane", &log), -20.0), SoundChange::Replaced);
    wait_for_state(&second, SlotState::Ready);
    assert_eq!(first.status().state(0), SlotState::Failed);
}

#[test]
fn a_model_that_was_not_there_is_tried_again_when_asked_to() {
    let is_there = Arc::new(AtomicBool::new(false));
    let (seen, log) = (Arc::clone(&is_there), Log::default());
    let source = ModelSource::new("late", move || {
        if seen.load(Ordering::SeqCst) {
            good("late", &log).id();
            let log = Arc::clone(&log);
            return Ok(Box::new(TestGenerator {
                log,
                takes: Duration::ZERO,
                behave: |_| Behaviour::Good,
            }));
        }
        Err(engine::Error::request("model", "not there", "choose it"))
    });
    let (instance, _player) = instance_with_player();
    instance.set_sound(0, sound(&source, -20.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Failed);
    assert!(
        instance
            .status()
            .try_message()
            .unwrap()
            .contains("choose it")
    );
    is_there.store(true, Ordering::SeqCst);
    instance.retry();
    wait_for_state(&instance, SlotState::Ready);
}

#[test]
fn a_new_player_at_another_rate_has_the_notes_at_once() {
    let log = Log::default();
    let (instance, _player) = instance_with_player();
    instance.set_sound(0, sound(&good("rate", &log), -60.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    let config = PlayerConfig {
        sample_rate_hz: 96_000.0,
        ..PlayerConfig::default()
    };
    let mut player = instance.new_player(&config).unwrap();
    player.handle(&note_on(60, 0.9));
    assert!(
        render(&mut player, 9_600)
            .0
            .iter()
            .any(|sample| sample.abs() > 0.01)
    );
    assert_eq!(instance.counts().missing_keys, 0);
    assert_eq!(log.lock().unwrap().len(), 27, "nothing was baked again");
}

#[test]
fn kept_notes_sound_without_their_model_and_are_not_baked_again() {
    let log = Log::default();
    let (instance, _player) = instance_with_player();
    instance.set_sound(0, sound(&good("kept", &log), -60.0), SoundChange::Replaced);
    wait_for_state(&instance, SlotState::Ready);
    let kept = instance.baked_notes(0);
    assert_eq!(kept.len(), 27);

    let (elsewhere, mut player) = instance_with_player();
    let missing = ModelSource::new("missing", || {
        Err(engine::Error::request("model", "missing", "choose it"))
    });
    elsewhere.set_sound_with_notes(0, sound(&missing, -60.0), SoundChange::Replaced, &kept);
    player.take_arrivals();
    player.handle(&note_on(60, 0.9));
    assert!(
        render(&mut player, 4_800)
            .0
            .iter()
            .any(|sample| sample.abs() > 0.01)
    );
    assert_eq!(elsewhere.status().progress(0).0, 27);

    let (again, _player) = instance_with_player();
    again.set_sound_with_notes(
        0,
        sound(&good("kept", &log), -60.0),
        SoundChange::Replaced,
        &kept,
    );
    wait_for_state(&again, SlotState::Ready);
    // Until a first note tells the model's range, each thread may try one key outside it.
    let is_kept = |&(_, layer, key): &(f32, usize, u8)| {
        let places = kept.iter().map(|baked| &baked.place);
        places
            .into_iter()
            .any(|place| (usize::from(place.layer), place.key) == (layer, key))
    };
    let log = log.lock().unwrap();
    assert_eq!(
        log.iter().filter(|entry| is_kept(entry)).count(),
        27,
        "{log:?}"
    );
}

#[test]
fn who_renders_faster_than_time_can_wait_for_a_note() {
    let log = Log::default();
    let slow = model("waited for", &log, 20, |_| Behaviour::Good);
    let (instance, mut player) = instance_with_player();
    instance.set_sound(0, sound(&slow, -60.0), SoundChange::Replaced);
    let wish = Wish {
        slot: 0,
        layer: 2,
        key: 100,
    };
    assert!(instance.bake_waiting(wish, LONG));
    player.take_arrivals();
    player.handle(&note_on(100, 0.9));
    assert_eq!(instance.counts().missing_keys, 0);
    assert!(
        !instance.bake_waiting(Wish { slot: 3, ..wish }, LONG),
        "an empty slot"
    );
    assert!(!instance.bake_waiting(Wish { key: 101, ..wish }, Duration::ZERO));
    for absurd in [
        Wish { slot: 200, ..wish },
        Wish { layer: 9, ..wish },
        Wish { key: 200, ..wish },
    ] {
        assert!(!instance.bake_waiting(absurd, LONG));
    }
}

#[test]
fn the_last_instance_ends_the_threads_and_frees_the_models() {
    struct Told(Arc<AtomicBool>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    impl NoteGenerator for Told {
        fn key_range(&self) -> [u8; 2] {
            [0, 127]
        }
        fn point(&self, _: &SoundRequest, _: &[f32]) -> engine::Result<SoundPoint> {
            Ok(SoundPoint {
                latent: Vec::new(),
                attributes: Vec::new(),
                style_offset: Vec::new(),
            })
        }
        fn note(&mut self, _: &SoundPoint, _: usize, key: u8) -> engine::Result<Note> {
            thread::sleep(Duration::from_millis(2));
            Note::from_maps(&maps(&fixture::sine()), fixture::layout(), key)
        }
    }
    let freed = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&freed);
    let source = ModelSource::new("told", move || Ok(Box::new(Told(Arc::clone(&told)))));
    let pool = WorkerPool::of_the_process();
    let (first, second) = (BakingInstance::new(&pool), BakingInstance::new(&pool));
    drop(pool);
    first.set_sound(0, sound(&source, 0.0), SoundChange::Replaced);
    wait_until("a note", || first.status().counts().baked > 3);
    drop(second);
    assert!(!freed.load(Ordering::SeqCst));
    drop(first);
    assert!(freed.load(Ordering::SeqCst), "joined, so the model is gone");
    let again = BakingInstance::new(&WorkerPool::of_the_process());
    again.set_sound(0, sound(&source, 0.0), SoundChange::Replaced);
    wait_until("a note of the second life", || {
        again.status().counts().baked > 3
    });
}

#[test]
fn sounds_that_change_while_nobody_plays_do_not_pile_up() {
    let log = Log::default();
    let source = model("piling", &log, 0, |_| Behaviour::Good);
    let (instance, mut player) = instance_with_player();
    for round in 0..30 {
        instance.set_sound(0, sound(&source, -60.0 + round as f32), SoundChange::Moved);
        wait_for_state(&instance, SlotState::Ready);
    }
    let mut taken = 0;
    while player_takes(&mut player, &instance) {
        taken += 1;
        assert!(taken < 40, "more than a thousand notes waited");
    }
    player.handle(&note_on(60, 0.9));
    assert_eq!(instance.counts().missing_keys, 0);
}

/// Lets the player take its share of a block; false once nothing is left to take.
fn player_takes(player: &mut Player, instance: &BakingInstance) -> bool {
    let before = instance.num_waiting();
    render(player, 1);
    thread::sleep(Duration::from_millis(10));
    before > 0
}
