//! Generators that are slow, broken or mad on purpose, and instances that play them. Used by the tests of the worker pool.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use engine::worker::{
    BakingInstance, ModelSource, NoteGenerator, SlotState, SoundBase, SoundRequest, WorkerPool,
};
use engine::{Note, Player, PlayerConfig};
use models::SoundPoint;

use super::fixture::{self, ClosedForm, maps, render};

/// Longer than anything in here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(20);
pub const MANY_BLOCKS: usize = 200;

/// What a test generator was asked, in order: (latent 0, layer, key).
pub type Log = Arc<Mutex<Vec<(f32, usize, u8)>>>;

/// Makes sines whose second partial is as loud as the point's first latent number says, dB.
pub struct TestGenerator {
    pub log: Log,
    pub takes: Duration,
    pub behave: fn(u8) -> Behaviour,
}

pub enum Behaviour {
    Good,
    NotFinite,
    Panic,
}

impl NoteGenerator for TestGenerator {
    fn key_range(&self) -> [u8; 2] {
        [58, 66]
    }

    fn point(&self, request: &SoundRequest, timbre: &[f32]) -> engine::Result<SoundPoint> {
        let SoundBase::Point(point) = &request.base else {
            return Err(engine::Error::request("base", "a seed", "give a point"));
        };
        let mut point = point.clone();
        point.latent[0] += timbre[0];
        Ok(point)
    }

    fn note(&mut self, point: &SoundPoint, layer: usize, key: u8) -> engine::Result<Note> {
        self.log.lock().unwrap().push((point.latent[0], layer, key));
        thread::sleep(self.takes);
        let mut maps = maps(&ClosedForm {
            level_db: |k, _| if k < 1.5 { 0.0 } else { -100.0 },
            ..ClosedForm::default()
        });
        match (self.behave)(key) {
            Behaviour::Good => maps.level_db[128..256].fill(point.latent[0]),
            Behaviour::NotFinite => maps.level_db[5] = f32::NAN,
            Behaviour::Panic => panic!("planted"),
        }
        Note::from_maps(&maps, fixture::layout(), key)
    }
}

/// A model of that id whose notes take that long.
pub fn model(id: &str, log: &Log, takes_ms: u64, behave: fn(u8) -> Behaviour) -> ModelSource {
    let log = Arc::clone(log);
    ModelSource::new(id, move || {
        Ok(Box::new(TestGenerator {
            log: Arc::clone(&log),
            takes: Duration::from_millis(takes_ms),
            behave,
        }))
    })
}

pub fn good(id: &str, log: &Log) -> ModelSource {
    model(id, log, 1, |_| Behaviour::Good)
}

pub fn sound(model: &ModelSource, second_partial_db: f32) -> Option<SoundRequest> {
    Some(SoundRequest {
        model: model.clone(),
        base: SoundBase::Point(SoundPoint {
            latent: vec![second_partial_db],
            attributes: Vec::new(),
            style_offset: Vec::new(),
        }),
        controls: Vec::new(),
    })
}

pub fn instance_with_player() -> (BakingInstance, Player) {
    let instance = BakingInstance::new(&WorkerPool::new(1).unwrap());
    let player = instance.new_player(&PlayerConfig::default()).unwrap();
    (instance, player)
}

pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        thread::sleep(Duration::from_millis(1));
    }
}

pub fn wait_for_state(instance: &BakingInstance, state: SlotState) {
    wait_until(&format!("{state:?}"), || {
        instance.status().state(0) == state
    });
}

/// Upward zero crossings of a quarter second: twice as many when the second partial is the louder one.
pub fn crossings(player: &mut Player) -> usize {
    let (left, _) = render(player, 12_000);
    let crosses = |pair: &&[f32]| pair[0] < 0.0 && pair[1] >= 0.0;
    left.windows(2).filter(crosses).count()
}
