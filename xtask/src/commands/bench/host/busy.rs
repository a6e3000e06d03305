//! One instance as in the middle of a session: 32 voices in small blocks, three parameters automated in every block, one of
//! them such that the workers bake all the while. Blocks come in real time.

use std::time::{Duration, Instant};

use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOnEvent, ParamValueEvent};
use clack_host::prelude::*;
use cpu_time::{ProcessTime, ThreadTime};

use super::window::{Display, Window};
use super::yardstick::Yardstick;
use super::{Figure, Playing, RATE_HZ, figure, median};
use crate::failure::Failure;

const FRAMES: usize = 64;
const NUM_BLOCKS: usize = 22_500;
/// Blocks of the beginning that are not counted: the chord is struck, the first notes arrive.
const NUM_FIRST: usize = 1_500;
const NUM_VOICES: u8 = 32;
const LOWEST_KEY: u8 = 40;
/// Automation goes to and fro once in so many blocks, four seconds.
const PERIOD: usize = 3_000;
/// Names. A move of the first is another timbre: the workers bake.
const AUTOMATED: [&str; 3] = ["Brightness", "Morph X", "Width"];

/// Plays for half a minute, where there is a display with the instrument's window open on it.
///
/// # Errors
/// An instrument without these parameters, or one whose window does not open.
pub fn figures(mut playing: Playing, display: Option<&Display>) -> Result<Vec<Figure>, Failure> {
    let window = display.map(|display| Window::open(display, &mut playing));
    let window = window.transpose()?;
    let figures = played(&mut playing, window.is_some());
    if let Some(window) = window {
        window.close(&mut playing);
    }
    figures
}

fn played(playing: &mut Playing, with_window: bool) -> Result<Vec<Figure>, Failure> {
    let automated = AUTOMATED.map(|name| find(playing, name));
    let [first, second, third] = automated;
    let automated = [first?, second?, third?];
    let block_s = FRAMES as f64 / RATE_HZ;
    let mut shares = Vec::with_capacity(NUM_BLOCKS);
    let mut of_machine = Vec::with_capacity(NUM_BLOCKS);
    let mut yardstick = None;
    let (start, all, ours) = (Instant::now(), ProcessTime::now(), ThreadTime::now());
    for block in 0..NUM_FIRST + NUM_BLOCKS {
        let mut events = EventBuffer::new();
        if block == 0 {
            strike(&mut events);
        }
        let along = (std::f64::consts::TAU * block as f64 / PERIOD as f64).sin();
        for parameter in &automated {
            let value = parameter.middle + 0.9 * parameter.half * along;
            events.push(&ParamValueEvent::new(
                0,
                parameter.id,
                Pckn::match_all(),
                value,
            ));
        }
        let due = start + Duration::from_secs_f64(block as f64 * block_s);
        playing.pump();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let before = ThreadTime::now();
        playing.process_frames::<FRAMES>(&events)?;
        let share = before.elapsed().as_secs_f64() / block_s;
        if block == NUM_FIRST {
            yardstick = Some(Yardstick::lasting(block_s * median(&mut shares)));
            shares.clear();
        }
        shares.push(share);
        of_machine.extend(yardstick.map(|yardstick| yardstick.time_s() / block_s));
    }
    let with = if with_window { ", window open" } else { "" };
    let name = format!(
        "one instance, {NUM_VOICES} voices, blocks of {FRAMES} frames, automated, baking{with}"
    );
    let others_s = all.elapsed().as_secs_f64() - ours.elapsed().as_secs_f64();
    let mut figures = ends(&name, &mut shares);
    figures.push(figure(
        format!("{name}, all other threads meanwhile"),
        100.0 * others_s / start.elapsed().as_secs_f64(),
        "% of one core",
    ));
    let name = format!("{name}; plain arithmetic as long beside it");
    figures.extend(ends(&name, &mut of_machine));
    Ok(figures)
}

fn ends(name: &str, shares: &mut [f64]) -> Vec<Figure> {
    shares.sort_by(f64::total_cmp);
    let at = |part: f64| 100.0 * shares[(part * (shares.len() - 1) as f64) as usize];
    [
        ("median", 0.5),
        ("99.9th percentile", 0.999),
        ("worst", 1.0),
    ]
    .map(|(word, part)| figure(format!("{name}, {word}"), at(part), "% of a block"))
    .into()
}

/// The chord: as many keys as the instrument plays at once by itself.
fn strike(events: &mut EventBuffer) {
    for index in 0..NUM_VOICES {
        let key = Pckn::new(0_u16, 0_u16, u16::from(LOWEST_KEY + index), Match::All);
        events.push(&NoteOnEvent::new(0, key, 0.6));
    }
}

/// A parameter and its range.
#[derive(Clone, Copy)]
struct Parameter {
    id: ClapId,
    middle: f64,
    half: f64,
}

fn find(playing: &mut Playing, name: &str) -> Result<Parameter, Failure> {
    let handle = playing.instance.plugin_handle();
    let missing = || Failure::input_file(format!("the instrument has no parameter {name}"));
    let params: PluginParams = handle.get_extension().ok_or_else(missing)?;
    let mut buffer = ParamInfoBuffer::new();
    (0..params.count(&handle))
        .find_map(|index| {
            let info = params.get_info(&handle, index, &mut buffer)?;
            (info.name == name.as_bytes()).then_some(Parameter {
                id: info.id,
                middle: 0.5 * (info.min_value + info.max_value),
                half: 0.5 * (info.max_value - info.min_value),
            })
        })
        .ok_or_else(missing)
}
