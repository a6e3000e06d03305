//! Notes from closed forms, so that expected sounds can be derived. Used by the engine's tests; no model is needed.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::sync::Arc;

use engine::{Controller, Event, Note, NoteLayout, Player, PlayerConfig};
use models::SoundGrid;

/// Level that means silence in these notes, dB.
pub const LEVEL_FLOOR_DB: f32 = -100.0;
/// Noise level that means silence, dB.
pub const NOISE_FLOOR_DB: f32 = -115.0;
/// Single rows 1..=48, then 16 groups to harmonic 255, as the shipped model has them.
const SINGLE_ROWS: u32 = 48;
const NUM_GROUPS: u32 = 16;

/// What a closed form says about one cell, from harmonic (or band's centre, Hz) and time in s.
pub struct ClosedForm {
    pub level_db: fn(f64, f64) -> f64,
    pub deviation_cents: fn(f64, f64) -> f64,
    pub noise_db: fn(f64, f64) -> f64,
}

impl Default for ClosedForm {
    fn default() -> Self {
        Self {
            level_db: |_, _| f64::from(LEVEL_FLOOR_DB),
            deviation_cents: |_, _| 0.0,
            noise_db: |_, _| f64::from(NOISE_FLOOR_DB),
        }
    }
}

/// One partial at 0 dB.
pub fn sine() -> ClosedForm {
    ClosedForm {
        level_db: |k, _| {
            if k < 1.5 {
                0.0
            } else {
                f64::from(LEVEL_FLOOR_DB)
            }
        },
        ..ClosedForm::default()
    }
}

/// All partials falling by 6 dB per octave, with 5 Hz vibrato of 20 cents.
pub fn sawtooth() -> ClosedForm {
    ClosedForm {
        level_db: |k, _| -20.0 * k.log10(),
        deviation_cents: |_, t| 20.0 * (std::f64::consts::TAU * 5.0 * t).sin(),
        ..ClosedForm::default()
    }
}

/// Noise alone, the same mean square in each band.
pub fn noise() -> ClosedForm {
    ClosedForm {
        noise_db: |_, _| -30.0,
        ..ClosedForm::default()
    }
}

/// 128 columns (32 of 8 ms, 96 of 40 ms), 64 rows, 64 mel bands: the shipped model's sizes.
pub fn layout() -> NoteLayout {
    let columns = (0..128).map(|c| {
        if c < 32 {
            0.008 * c as f64
        } else {
            0.256 + 0.04 * (c - 32) as f64
        }
    });
    let ratio = (255.0 / f64::from(SINGLE_ROWS)).powf(1.0 / f64::from(NUM_GROUPS));
    let edge = |g: u32| (f64::from(SINGLE_ROWS) * ratio.powi(g as i32)).round() as u32;
    let first = (1..=SINGLE_ROWS).chain((0..NUM_GROUPS).map(|g| edge(g) + 1));
    let last = (1..=SINGLE_ROWS).chain((0..NUM_GROUPS).map(|g| edge(g + 1)));
    let mel = |m: f64| 700.0 * (10f64.powf(m / 2595.0) - 1.0);
    let top = 2595.0 * (1.0 + 20_000.0 / 700.0f64).log10();
    NoteLayout {
        row_first_harmonic: first.collect(),
        row_last_harmonic: last.collect(),
        column_times_s: columns.collect(),
        duration_s: 4.0,
        release_start_s: 3.0,
        sustain_start_s: 0.9,
        sustain_end_s: 2.8,
        level_floor_db: LEVEL_FLOOR_DB,
        noise_floor_db: NOISE_FLOOR_DB,
        noise_band_edges_hz: (0..=64).map(|b| mel(top * f64::from(b) / 64.0)).collect(),
        max_frequency_hz: 20_000.0,
        tuning_hz: 440.0,
    }
}

/// The maps of a closed form.
pub fn maps(form: &ClosedForm) -> SoundGrid {
    let layout = layout();
    let harmonics: Vec<f64> = (layout
        .row_first_harmonic
        .iter()
        .zip(&layout.row_last_harmonic))
    .map(|(&first, &last)| (f64::from(first) * f64::from(last)).sqrt())
    .collect();
    let centres: Vec<f64> = layout
        .noise_band_edges_hz
        .windows(2)
        .map(|e| 0.5 * (e[0] + e[1]))
        .collect();
    let fill = |axis: &[f64], value: fn(f64, f64) -> f64| -> Vec<f32> {
        axis.iter()
            .flat_map(|&a| {
                layout
                    .column_times_s
                    .iter()
                    .map(move |&t| value(a, t) as f32)
            })
            .collect()
    };
    SoundGrid {
        level_db: fill(&harmonics, form.level_db),
        deviation_cents: fill(&harmonics, form.deviation_cents),
        noise_db: fill(&centres, form.noise_db),
    }
}

/// The note of a closed form at a key.
pub fn note(form: &ClosedForm, key: u8) -> Arc<Note> {
    Arc::new(Note::from_maps(&maps(form), layout(), key).unwrap())
}

/// A player whose slot 0 holds a closed form at all layers of the given keys.
pub fn player_with(config: &PlayerConfig, form: &ClosedForm, keys: &[u8]) -> (Controller, Player) {
    let (mut controller, mut player) = engine::new(config).unwrap();
    for &key in keys {
        let note = note(form, key);
        for layer in 0..engine::VELOCITY_LAYERS {
            controller.send_note(0, layer, note.clone()).unwrap();
        }
    }
    player.take_arrivals();
    (controller, player)
}

/// A note-on on channel 0.
pub fn note_on(key: u8, velocity: f32) -> Event {
    Event::NoteOn {
        channel: 0,
        key,
        velocity,
        note_id: None,
        seed: None,
    }
}

/// A note-off on channel 0.
pub fn note_off(key: u8) -> Event {
    Event::NoteOff {
        channel: 0,
        key,
        velocity: 0.0,
    }
}

/// The next frames of a player, left and right.
pub fn render(player: &mut Player, frames: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    player.render_into(&mut left, &mut right);
    (left, right)
}

/// Peak, dB re full scale.
pub fn peak_db(samples: &[f32]) -> f32 {
    20.0 * samples
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()))
        .log10()
}

/// Root mean square, dB re full scale.
pub fn rms_db(samples: &[f32]) -> f64 {
    let sum: f64 = samples
        .iter()
        .map(|&sample| f64::from(sample).powi(2))
        .sum();
    10.0 * (sum / samples.len() as f64).log10()
}
