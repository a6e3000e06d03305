//! `--sfz`: the sound as an instrument for samplers: looped recordings of keys and velocities, an SFZ and a Decent Sampler
//! file that say where each belongs. What a sampler cannot do (morphs, touch, endless change) stays behind.

use std::fmt::Write as _;
use std::path::Path;

use engine::offline::RenderSettings;
use engine::seamless::seamless;
use engine::wav::{self, loops};
use engine::{LAYER_VELOCITIES, layer_of_velocity};
use serde_json::{Value, json};

use super::{Arguments, NoteOrder};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, Stage};
use crate::progress;
use crate::workshop::Workshop;

/// Recorded keys are a minor third apart, so that no key between is moved by more than a semitone.
const STEP: u8 = 3;
const LAST_KEY: u8 = 127;
/// Where every loop begins, and how long the keys are held for it, seconds.
const LOOP_START_S: f64 = 1.5;
const HOLD_S: f64 = 3.5;
const SAMPLES: &str = "samples";
const HIGHEST_VELOCITY: u8 = 127;

/// One recording.
struct Region {
    file: String,
    key: u8,
    keys: (u8, u8),
    velocities: (u8, u8),
    loop_frames: (usize, usize),
    volume_db: f64,
}

/// Records the sound and writes the folder.
///
/// # Errors
/// Exit code 2 when a file is there already and `--force` is off, else whatever model or disk refuse.
pub fn write(
    arguments: &Arguments,
    common: &Common,
    folder: &Path,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    let order = NoteOrder::read(arguments, common)?;
    let keys = recorded_keys(&arguments.sfz_keys)?;
    let stage = workshop.stage(arguments.model.as_deref())?;
    order.sound.point(stage.generator().manifest())?;
    output_file::create_folder(&folder.join(SAMPLES))?;
    let name = file_name(order.sound.name());
    let sfz_path = folder.join(format!("{name}.sfz"));
    let preset_path = folder.join(format!("{name}.dspreset"));
    let sfz = OutputFile::create(&sfz_path, common.force)?;
    let preset = OutputFile::create(&preset_path, common.force)?;
    let bar = progress::counted(common, "recording", keys.len() * LAYER_VELOCITIES.len());
    let quiet = Common {
        json: true,
        out: None,
        ..*common
    };
    let mut regions = Vec::new();
    for key in &keys {
        for layer in 0..LAYER_VELOCITIES.len() {
            let mut region = record(&order, *key, layer, folder, &quiet, stage)?;
            region.keys = keys_of(*key, &keys);
            regions.push(region);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let title = format!(
        "Understory {}: {}, model {}",
        env!("CARGO_PKG_VERSION"),
        order.sound.name(),
        stage.model_recipe()["name"].as_str().unwrap_or_default()
    );
    let release_s = f64::from(RenderSettings::default().envelope.release_ms) * 1e-3;
    sfz.write_and_commit(sfz_text(&title, release_s, &regions).as_bytes())?;
    preset.write_and_commit(preset_text(release_s, &regions).as_bytes())?;
    let words = format!(
        "{}: {} looped recordings for SFZ and Decent Sampler",
        sfz_path.display(),
        regions.len()
    );
    let json: Value = json!({
        "file": sfz_path, "files": [preset_path], "samples": regions.len(), "sound": order.sound.recipe(),
    });
    Ok(Outcome::done(words, json))
}

fn record(
    order: &NoteOrder,
    key: u8,
    layer: usize,
    folder: &Path,
    common: &Common,
    stage: &mut Stage,
) -> Result<Region, Failure> {
    let note = order.of_key(key, f64::from(LAYER_VELOCITIES[layer]), HOLD_S);
    let mut performance = note.play(common, stage)?;
    let tuning_hz = stage.generator().manifest().grid.tuning_hz;
    let frequency_hz = tuning_hz * ((f64::from(key) - 69.0) / 12.0).exp2();
    let recipe = note.recipe(stage, &performance)?;
    let rendering = &mut performance.rendering;
    let rate_hz = rendering.sample_rate_hz;
    let channels = [&mut rendering.left[..], &mut rendering.right[..]];
    let points = seamless(channels, rate_hz, frequency_hz, LOOP_START_S)?;
    let file = format!("{SAMPLES}/key-{key:03}-layer-{}.wav", layer + 1);
    let path = folder.join(&file);
    let mut wave = OutputFile::create(&path, common.force)?;
    let mut recipe = recipe;
    // The loop is made after the note is: the file is not the note of its recipe.
    recipe["command"] = json!("note --sfz");
    let both = (
        &rendering.left[..points.end_frame],
        &rendering.right[..points.end_frame],
    );
    let recipe = performance::recipe(&recipe);
    wav::write(&mut wave, both, rate_hz, order.storage, &recipe)
        .and_then(|()| loops::append(&mut wave, key, rate_hz, points))
        .map_err(|error| performance::at_file(&path, error))?;
    wave.commit()?;
    Ok(Region {
        file,
        key,
        keys: (key, key),
        velocities: velocities_of(layer),
        loop_frames: (points.start_frame, points.end_frame - 1),
        // What was taken away so that the file does not clip.
        volume_db: -performance.gain_db,
    })
}

/// Every third key of `36-84`.
fn recorded_keys(text: &str) -> Result<Vec<u8>, Failure> {
    let ends = text
        .split_once('-')
        .and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
    match ends {
        Some((low, high)) if low <= high && high <= LAST_KEY => {
            Ok((low..=high).step_by(usize::from(STEP)).collect())
        }
        _ => Err(Failure::request(format!(
            "--sfz-keys {text}: write it as lowest-highest within 0 to {LAST_KEY}, as in 36-84"
        ))),
    }
}

/// The keys nearest to a recorded one; the outermost take what is beyond.
fn keys_of(key: u8, recorded: &[u8]) -> (u8, u8) {
    let is_first = recorded.first() == Some(&key);
    let is_last = recorded.last() == Some(&key);
    let low = if is_first { 0 } else { key - STEP / 2 };
    let high = if is_last { LAST_KEY } else { key + STEP / 2 };
    (low, high)
}

/// The MIDI velocities that the player itself gives to a layer.
fn velocities_of(layer: usize) -> (u8, u8) {
    let is_its = |velocity: &u8| {
        layer_of_velocity(f32::from(*velocity) / f32::from(HIGHEST_VELOCITY)) == layer
    };
    let mut own = (1..=HIGHEST_VELOCITY).filter(is_its);
    let low = own.next().unwrap_or(1);
    (low, own.next_back().unwrap_or(low))
}

fn sfz_text(title: &str, release_s: f64, regions: &[Region]) -> String {
    let mut text = format!(
        "// {title}\n<global>\nloop_mode=loop_continuous\nampeg_release={release_s}\namp_veltrack=0\n"
    );
    for region in regions {
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "<region> sample={} pitch_keycenter={} lokey={} hikey={} lovel={} hivel={} loop_start={} loop_end={} volume={:.3}",
            region.file,
            region.key,
            region.keys.0,
            region.keys.1,
            region.velocities.0,
            region.velocities.1,
            region.loop_frames.0,
            region.loop_frames.1,
            region.volume_db
        );
    }
    text
}

fn preset_text(release_s: f64, regions: &[Region]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DecentSampler>\n  <groups ampVelTrack=\"0\" release=\"{release_s}\">\n    <group>\n"
    );
    for region in regions {
        let _ = writeln!(
            text,
            "      <sample path=\"{}\" rootNote=\"{}\" loNote=\"{}\" hiNote=\"{}\" loVel=\"{}\" hiVel=\"{}\" loopEnabled=\"true\" loopStart=\"{}\" loopEnd=\"{}\" volume=\"{:.3}dB\"/>",
            region.file,
            region.key,
            region.keys.0,
            region.keys.1,
            region.velocities.0,
            region.velocities.1,
            region.loop_frames.0,
            region.loop_frames.1,
            region.volume_db
        );
    }
    text.push_str("    </group>\n  </groups>\n</DecentSampler>\n");
    text
}

/// A sound's name as a file's, in small letters: sums and seeds hold signs that no file should.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    plain.trim_matches('-').to_lowercase()
}
