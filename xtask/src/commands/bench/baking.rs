//! How soon a new sound is heard: the workers of the instrument, a player that plays in time, a key held all the while. By the
//! clock on the wall, for that is what hands wait for.

use std::path::Path;
use std::time::{Duration, Instant};

use engine::worker::{BakingInstance, ModelSource, SlotState, SoundBase, SoundRequest, WorkerPool};
use engine::{Event, LAYER_VELOCITIES, Player, PlayerConfig, SoundChange, layer_of_velocity};
use models::SoundGenerator;

use super::{Figure, figure, median, worst};
use crate::failure::Failure;

/// What hosts ask for at their shortest.
const BLOCK: usize = 64;
const RATE_HZ: f64 = 48_000.0;
const KEY: u8 = 60;
const NUM_SOUNDS: u32 = 7;
const VOICES: usize = 32;
/// A model that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// Changes the sound under a held key, again and again.
///
/// # Errors
/// A model that gives no notes.
pub fn figures(model: &Path, seed: u32) -> Result<Vec<Figure>, Failure> {
    let model = model.to_path_buf();
    let source = ModelSource::of_model("bench", move || SoundGenerator::load(&model));
    let instance = BakingInstance::new(&WorkerPool::of_the_process());
    let mut player = instance.new_player(&PlayerConfig {
        sample_rate_hz: RATE_HZ,
        max_voices: VOICES,
        seed,
        num_sounds: 1,
    })?;
    ask(&instance, &source, seed);
    play_until(&instance, &mut player, is_ready)?;
    player.handle(&Event::NoteOn {
        channel: 0,
        key: KEY,
        velocity: LAYER_VELOCITIES[1],
        note_id: None,
        seed: None,
    });
    let (mut heard_ms, mut ready_s) = (Vec::new(), Vec::new());
    for number in 1..=NUM_SOUNDS {
        let started = Instant::now();
        ask(&instance, &source, seed.wrapping_add(number));
        play_until(&instance, &mut player, is_held_key_baked)?;
        heard_ms.push(1e3 * started.elapsed().as_secs_f64());
        play_until(&instance, &mut player, is_ready)?;
        ready_s.push(started.elapsed().as_secs_f64());
    }
    Ok(vec![
        figure(
            "new sound on a held key, median",
            median(&mut heard_ms),
            "ms by the clock",
        ),
        figure(
            "new sound on a held key, worst of 7",
            worst(&heard_ms),
            "ms by the clock",
        ),
        figure(
            "new sound, every key and layer, median",
            median(&mut ready_s),
            "s by the clock",
        ),
        figure(
            "new sound, every key and layer, worst of 7",
            worst(&ready_s),
            "s by the clock",
        ),
    ])
}

fn ask(instance: &BakingInstance, source: &ModelSource, seed: u32) {
    let request = SoundRequest {
        model: source.clone(),
        base: SoundBase::Seed {
            seed,
            truncation: models::DEFAULT_TRUNCATION,
        },
        controls: Vec::new(),
    };
    instance.set_sound(0, Some(request), SoundChange::Replaced);
}

fn is_ready(instance: &BakingInstance) -> bool {
    instance.status().state(0) == SlotState::Ready
}

fn is_held_key_baked(instance: &BakingInstance) -> bool {
    let layer = layer_of_velocity(LAYER_VELOCITIES[1]);
    instance.status().is_baked(0, layer, KEY)
}

/// Plays block by block as a sound card asks for them, and one more: a note that was sent is heard with the next.
fn play_until(
    instance: &BakingInstance,
    player: &mut Player,
    is_so: impl Fn(&BakingInstance) -> bool,
) -> Result<(), Failure> {
    let block_time = Duration::from_secs_f64(BLOCK as f64 / RATE_HZ);
    let started = Instant::now();
    let mut is_last = false;
    while !is_last {
        if instance.status().state(0) == SlotState::Failed || started.elapsed() > PATIENCE {
            let message = instance.status().try_message();
            let reason =
                message.map_or_else(|| "no reason given".to_owned(), |text| text.to_string());
            return Err(Failure::input_file(format!(
                "the model gives no notes: {reason}"
            )));
        }
        is_last = is_so(instance);
        let mut block = [[0.0; BLOCK]; 2];
        let [left, right] = &mut block;
        player.render_into(left, right);
        std::thread::sleep(block_time);
    }
    Ok(())
}
