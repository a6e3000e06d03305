//! `bench`: the project's figures on this machine, with the machine named. Processor time of this thread, so that other
//! programs do not count; the load of the machine stands beside the figures.

mod backdrops;
mod baking;
mod bed;
mod host;
mod machine;

use std::path::PathBuf;

use clap::Args;
use cpu_time::ThreadTime;
use engine::measure::{LoadKind, player_load};
use engine::offline::{RenderSettings, SlotMap, render_score};
use engine::score::Score;
use engine::score::write::midi_bytes;
use engine::worker::bake::{BakedNote, bake};
use engine::{LAYER_VELOCITIES, Note};
use models::{SoundGenerator, SoundGrid, SoundPoint, SoundRequest};
use serde_json::{Value, json};

use crate::bed_production;
use crate::commands::demo::tune;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::performance::{Sounds, Stage, rounded};
use crate::progress;

/// Notes run and decoded, spread over the keyboard.
const NUM_NOTES: usize = 48;
const FIRST_KEY: usize = 28;
const NUM_KEYS: usize = 69;
/// Voices, frames of a block and what is asked of the player, whose load is measured.
const LOAD: [(usize, usize, LoadKind); 5] = [
    (32, 64, LoadKind::Plain),
    (32, 480, LoadKind::Plain),
    (8, 64, LoadKind::Plain),
    (32, 64, LoadKind::Everything),
    (32, 64, LoadKind::EverythingDetuned),
];
const NUM_BLOCKS: usize = 3000;
/// The best of this many: the first one also warms the caches.
const NUM_RENDERS: usize = 3;

/// Which model to measure.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Also measure this built CLAP file in a host: making instances, eight of them playing.
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// How long they play, minutes of audio.
    #[arg(long, value_name = "N", default_value_t = 0.25)]
    plugin_minutes: f64,
}

/// A measured number.
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
}

/// Measures everything, one thing after the other.
///
/// # Errors
/// Whatever setup or model refuse.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    let bar = progress::counted(common, "measuring", 8);
    let mut figures = Vec::new();
    let start = ThreadTime::now();
    let mut stage = Stage::open(arguments.model.as_deref(), bed_production::num_threads())?;
    figures.push(figure(
        "library and model loaded and checked",
        1e3 * seconds(&start),
        "ms",
    ));
    bar.inc(1);
    figures.extend(note_figures(stage.generator(), common.seed)?);
    bar.inc(1);
    figures.extend(tune_figures(&mut stage, common.seed)?);
    bar.inc(1);
    figures.extend(bed::figures(common, &mut stage)?);
    bar.inc(1);
    figures.extend(load_figures()?);
    bar.inc(1);
    figures.extend(backdrops::figures(common.seed)?);
    bar.inc(1);
    figures.extend(baking::figures(stage.path(), common.seed)?);
    bar.inc(1);
    if let Some(file) = &arguments.plugin {
        figures.extend(host::figures(file, arguments.plugin_minutes)?);
    }
    bar.finish_and_clear();
    if let Some(peak_mib) = machine::peak_memory_mib() {
        figures.push(figure("peak memory of this command", peak_mib, "MiB"));
    }
    Ok(outcome(&figures, &stage.model_recipe()))
}

fn figure(name: impl Into<String>, value: f64, unit: &'static str) -> Figure {
    Figure {
        name: name.into(),
        value,
        unit,
    }
}

fn seconds(start: &ThreadTime) -> f64 {
    start.elapsed().as_secs_f64()
}

/// Network and decoder, one note at a time.
fn note_figures(generator: &mut SoundGenerator, seed: u32) -> Result<Vec<Figure>, Failure> {
    let point = SoundPoint::from_seed(seed, models::DEFAULT_TRUNCATION, generator.manifest())?;
    let keys: Vec<u8> = (0..NUM_NOTES)
        .map(|index| (FIRST_KEY + index * NUM_KEYS / NUM_NOTES) as u8)
        .collect();
    let requests: Vec<SoundRequest> = keys
        .iter()
        .map(|&key| point.request(f32::from(key), LAYER_VELOCITIES[1]))
        .collect();
    generator.run_one(&requests[0])?;
    let mut run_ms = Vec::new();
    let mut grids: Vec<SoundGrid> = Vec::new();
    for request in &requests {
        let start = ThreadTime::now();
        grids.push(generator.run_one(request)?);
        run_ms.push(1e3 * seconds(&start));
    }
    let mut layout_ms = Vec::new();
    let mut notes = Vec::new();
    for (maps, &key) in grids.iter().zip(&keys) {
        let start = ThreadTime::now();
        notes.push(Note::from_grid(maps, &generator.manifest().grid, key)?);
        layout_ms.push(1e3 * seconds(&start));
    }
    Ok(vec![
        figure(
            "network, one note, median",
            median(&mut run_ms),
            "ms of one core",
        ),
        figure(
            "network, one note, worst of 48",
            worst(&run_ms),
            "ms of one core",
        ),
        figure(
            "decoding to a playable note, median",
            median(&mut layout_ms),
            "ms of one core",
        ),
        figure(
            "decoding to a playable note, worst of 48",
            worst(&layout_ms),
            "ms of one core",
        ),
    ])
}

/// The demo's tune: cold (bake and play) and baked, on one thread.
fn tune_figures(stage: &mut Stage, seed: u32) -> Result<Vec<Figure>, Failure> {
    let score = Score::from_midi(&midi_bytes(&tune::tune())?)?;
    let slots = SlotMap::of(&score);
    let points = stage.points(&slots, &Sounds::ByProgram { seed })?;
    let wishes = slots.wishes(&score);
    let start = ThreadTime::now();
    let notes = bake(
        std::slice::from_mut(stage.generator()),
        &points,
        &wishes,
        &|_| {},
    )?;
    let bake_s = seconds(&start);
    let (duration_s, render_s) = best_render(&score, &slots, &notes, seed)?;
    Ok(vec![
        figure("demo tune, length", duration_s, "s"),
        figure("demo tune, notes baked", notes.len() as f64, "notes"),
        figure("demo tune, baking", bake_s, "s of one core"),
        figure("demo tune, playing", render_s, "s of one core"),
        figure(
            "demo tune, baked",
            duration_s / render_s,
            "times real time on one core",
        ),
        figure(
            "demo tune, cold",
            duration_s / (render_s + bake_s),
            "times real time on one core",
        ),
    ])
}

/// (duration of the tune, shortest time to play it), seconds.
fn best_render(
    score: &Score,
    slots: &SlotMap,
    notes: &[BakedNote],
    seed: u32,
) -> Result<(f64, f64), Failure> {
    let settings = RenderSettings {
        seed,
        ..RenderSettings::default()
    };
    let (mut duration_s, mut shortest_s) = (0.0, f64::INFINITY);
    for _ in 0..NUM_RENDERS {
        let start = ThreadTime::now();
        let rendering = render_score(score, slots, notes, &settings, &mut |_| {})?;
        shortest_s = shortest_s.min(seconds(&start));
        duration_s = rendering.duration_s();
    }
    Ok((duration_s, shortest_s))
}

fn load_figures() -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for (num_voices, block_frames, kind) in LOAD {
        let load = player_load(num_voices, block_frames, NUM_BLOCKS, kind)?;
        let asked = match kind {
            LoadKind::Plain => "",
            LoadKind::Everything => ", four-way morph, touch and room",
            LoadKind::EverythingDetuned => ", four-way morph, touch, room and detune",
        };
        let name = format!(
            "player, {num_voices} voices{asked}, blocks of {block_frames} frames at 48 kHz"
        );
        figures.push(figure(
            format!("{name}, mean"),
            100.0 * load.mean_share,
            "% of one core",
        ));
        figures.push(figure(
            format!("{name}, 99.9th percentile"),
            100.0 * load.p999_share,
            "% of one core",
        ));
    }
    Ok(figures)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn outcome(figures: &[Figure], model: &Value) -> Outcome {
    let machine = machine::describe();
    let width = figures
        .iter()
        .map(|figure| figure.name.len())
        .max()
        .unwrap_or_default();
    let mut lines = vec![
        machine.words(),
        format!("model {}", model["name"].as_str().unwrap_or("unnamed")),
    ];
    lines.extend(figures.iter().map(|figure| {
        format!(
            "{:<width$}  {:>9.2} {}",
            figure.name, figure.value, figure.unit
        )
    }));
    let listed: Vec<Value> = figures
        .iter()
        .map(|figure| json!({ "name": figure.name, "value": rounded(figure.value, 4), "unit": figure.unit }))
        .collect();
    let json = json!({ "figures": listed, "machine": machine.json(), "model": model });
    Outcome::done(lines.join("\n"), json)
}
