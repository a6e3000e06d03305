//! How long the player takes, for `cargo xtask bench`. Any thread but the audio thread; changes no player of others.
//!
//! Reports shares of one core, with the 99.9th percentile: a mean hides the block that crackles. Counted is the
//! processor time of this thread, so that other programs on a busy machine do not pass for the player's load; the wall
//! clock stands beside it.

use std::sync::Arc;
use std::time::Instant;

use cpu_time::ThreadTime;

use models::SoundGrid;

use crate::controller::{PlayerConfig, new};
use crate::error::Result;
use crate::note::{Note, NoteLayout};
use crate::realtime::{Event, NUM_CORNERS, PlayerParameters, VELOCITY_LAYERS};

/// Keys that the voices are spread over.
const LOWEST_KEY: usize = 36;
const HIGHEST_KEY: usize = 84;
const SAMPLE_RATE_HZ: f64 = 48_000.0;
/// Blocks before the measurement: caches fill, attacks pass.
const WARM_UP_BLOCKS: usize = 200;

/// Processor time of blocks as shares of the time that their sound lasts: 1 is one core in full.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayerLoad {
    /// Mean over all blocks.
    pub mean_share: f64,
    /// 99.9th percentile.
    pub p999_share: f64,
    /// Worst block.
    pub worst_share: f64,
    /// 99.9th percentile by the wall clock: what other programs took is in it.
    pub wall_p999_share: f64,
}

/// What the voices are asked beside playing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// One sound each, nothing moves.
    Plain,
    /// A mixture of four sounds each, moving; pressure tilts the spectrum, the room and the limiter are on.
    Everything,
    /// The same, and two detuned copies of every partial.
    EverythingDetuned,
}

/// Plays `num_voices` held notes with all partials and all noise bands sounding, spread evenly over MIDI 36 to 84,
/// at 48 kHz, and measures each block.
///
/// # Errors
/// [`crate::Error::Request`] when the count of voices is out of range.
///
/// # Real-time
/// Not safe: allocates.
pub fn player_load(
    num_voices: usize,
    block_frames: usize,
    num_blocks: usize,
    kind: LoadKind,
) -> Result<PlayerLoad> {
    let config = PlayerConfig {
        sample_rate_hz: SAMPLE_RATE_HZ,
        max_voices: num_voices,
        seed: 1,
        num_sounds: NUM_CORNERS,
    };
    let (mut controller, mut player) = new(&config)?;
    player.set_parameters(&parameters(kind, 0));
    let block_frames = block_frames.max(1);
    let span = HIGHEST_KEY - LOWEST_KEY;
    for voice in 0..num_voices {
        let key = (LOWEST_KEY + voice * span / num_voices.saturating_sub(1).max(1)) as u8;
        for slot in 0..NUM_CORNERS {
            let note = Arc::new(full_note(key)?);
            for layer in 0..VELOCITY_LAYERS {
                controller.send_note(slot, layer, Arc::clone(&note))?;
            }
        }
        // A key strikes only once per channel: with more voices than keys the other channels play too.
        player.take_arrivals();
        player.handle(&Event::NoteOn {
            channel: (voice % 16) as u8,
            key,
            velocity: 0.8,
            note_id: None,
            seed: None,
        });
    }
    let (mut left, mut right) = (vec![0.0; block_frames], vec![0.0; block_frames]);
    for _ in 0..WARM_UP_BLOCKS {
        player.render_into(&mut left, &mut right);
    }
    let block_s = block_frames as f64 / SAMPLE_RATE_HZ;
    let (mut shares, mut wall_shares) = (Vec::new(), Vec::new());
    for block in 0..num_blocks.max(1) {
        let (start, wall_start) = (ThreadTime::now(), Instant::now());
        player.set_parameters(&parameters(kind, block));
        player.handle(&Event::ChannelPressure {
            channel: (block % 16) as u8,
            pressure: (block % 7) as f32 / 6.0,
        });
        player.render_into(&mut left, &mut right);
        shares.push(start.elapsed().as_secs_f64() / block_s);
        wall_shares.push(wall_start.elapsed().as_secs_f64() / block_s);
    }
    Ok(PlayerLoad {
        mean_share: shares.iter().sum::<f64>() / shares.len() as f64,
        p999_share: percentile(&mut shares, 0.999),
        worst_share: percentile(&mut shares, 1.0),
        wall_p999_share: percentile(&mut wall_shares, 0.999),
    })
}

/// What the player is set to in a block: everything that moves is on its way.
fn parameters(kind: LoadKind, block: usize) -> PlayerParameters {
    if kind == LoadKind::Plain {
        return PlayerParameters::default();
    }
    let swing = (block as f32 * 0.01).sin() * 0.4 + 0.5;
    PlayerParameters {
        corners: Some(std::array::from_fn(|slot| slot as u8)),
        morph_x: swing,
        morph_y: 1.0 - swing,
        touch_tilt_db: 3.0,
        tilt_db: swing,
        width: swing,
        detune_cents: if kind == LoadKind::EverythingDetuned {
            12.0
        } else {
            0.0
        },
        reverb_mix: 0.4,
        limiter: true,
        ..PlayerParameters::default()
    }
}

/// The value that this share of the values does not exceed. Sorts them.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).ceil() as usize]
}

/// A note that leaves the player nothing to skip: every partial and band sounds, with vibrato.
fn full_note(key: u8) -> Result<Note> {
    const ROWS: u32 = 64;
    const COLUMNS: u32 = 128;
    const BANDS: u32 = 64;
    let layout = NoteLayout {
        row_first_harmonic: (0..ROWS).map(|row| 1 + row * 4).collect(),
        row_last_harmonic: (0..ROWS).map(|row| 4 + row * 4).collect(),
        column_times_s: (0..COLUMNS)
            .map(|column| 0.03 * f64::from(column))
            .collect(),
        duration_s: 4.0,
        release_start_s: 3.0,
        sustain_start_s: 0.9,
        sustain_end_s: 2.8,
        level_floor_db: -80.0,
        noise_floor_db: -115.0,
        noise_band_edges_hz: (0..=BANDS)
            .map(|band| 20_000.0 * (f64::from(band) / f64::from(BANDS)).powi(2))
            .collect(),
        max_frequency_hz: 20_000.0,
        tuning_hz: 440.0,
    };
    let cells = |height: u32, value: fn(u32, u32) -> f32| {
        (0..height).flat_map(move |row| (0..COLUMNS).map(move |column| value(row, column)))
    };
    let maps = SoundGrid {
        level_db: cells(ROWS, |row, column| -0.5 * row as f32 - (column % 5) as f32).collect(),
        deviation_cents: cells(ROWS, |row, column| {
            10.0 * (0.7 * column as f32 + 0.1 * row as f32).sin()
        })
        .collect(),
        noise_db: cells(BANDS, |_, column| -50.0 - (column % 3) as f32).collect(),
    };
    Note::from_maps(&maps, layout, key)
}
