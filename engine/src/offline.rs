//! A score as samples, on the same player that the audio thread runs. Worker or command line, one thread per render.
//!
//! It bakes nothing (`worker::bake`), measures nothing (`loudness`) and writes nothing (`wav`).

mod slots;

use crate::controller::{Controller, PlayerConfig};
use crate::error::{Error, Result};
use crate::loudness;
use crate::realtime::{EnvelopeSettings, Event, Player};
use crate::score::{Action, Score};
use crate::worker::bake::BakedNote;
pub use slots::SlotMap;

/// Most frames of one render: 93 minutes at 48 kHz, 2 GiB of samples.
pub const MAX_FRAMES: u64 = 1 << 28;
/// No file rises above this: what would is lowered as a whole, never limited.
pub const TRUE_PEAK_CEILING_DB: f64 = -1.0;
/// Longest time after the last event, seconds: longer than the longest release, which is a minute.
pub const MAX_TAIL_S: f64 = 61.0;
/// Frames between two looks at the progress.
const BLOCK_FRAMES: usize = 4096;
/// Below this a tail is over: far under the last bit of a 24-bit file.
const SILENT_SAMPLE: f32 = 1e-8;

/// How to render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderSettings {
    /// Frames per second, 16000 to 384000.
    pub sample_rate_hz: u32,
    /// Seed of everything random in the player.
    pub seed: u32,
    /// Voices that may sound at once, 1 to 64.
    pub max_voices: usize,
    /// Envelope of every note.
    pub envelope: EnvelopeSettings,
}

impl Default for RenderSettings {
    fn default() -> Self {
        RenderSettings {
            sample_rate_hz: 48_000,
            seed: 1,
            max_voices: 64,
            envelope: EnvelopeSettings::default(),
        }
    }
}

/// A finished render.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendering {
    /// Left samples.
    pub left: Vec<f32>,
    /// Right samples, as many.
    pub right: Vec<f32>,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Voices that ended early because all were in use.
    pub num_stolen_voices: u64,
}

impl Rendering {
    /// Seconds.
    pub fn duration_s(&self) -> f64 {
        self.left.len() as f64 / f64::from(self.sample_rate_hz)
    }

    /// Multiplies every sample by a gain in dB; 0 dB changes no bit.
    pub fn apply_gain(&mut self, gain_db: f64) {
        if gain_db != 0.0 {
            let gain = 10_f64.powf(gain_db / 20.0) as f32;
            for sample in self.left.iter_mut().chain(&mut self.right) {
                *sample *= gain;
            }
        }
    }

    /// The gain in dB, 0 or less, that keeps the true peak at or below [`TRUE_PEAK_CEILING_DB`].
    ///
    /// # Errors
    /// As [`loudness::measure`].
    pub fn safe_gain_db(&self) -> Result<f64> {
        let measured = loudness::measure(&self.left, &self.right, self.sample_rate_hz)?;
        Ok(safe_gain_db(measured.true_peak_db))
    }
}

/// The gain in dB, 0 or less, that brings this true peak to [`TRUE_PEAK_CEILING_DB`] at most.
pub fn safe_gain_db(true_peak_db: Option<f64>) -> f64 {
    true_peak_db.map_or(0.0, |peak_db| (TRUE_PEAK_CEILING_DB - peak_db).min(0.0))
}

/// Plays a score to its end and on until it is silent. `progress` hears the share done, 0..1.
///
/// # Errors
/// `Error::Request` for settings the player refuses or a score beyond [`MAX_FRAMES`].
pub fn render_score(
    score: &Score,
    slots: &SlotMap,
    notes: &[BakedNote],
    settings: &RenderSettings,
    progress: &mut dyn FnMut(f64),
) -> Result<Rendering> {
    check_length(score, settings)?;
    let (mut controller, player) = crate::new(&PlayerConfig {
        sample_rate_hz: f64::from(settings.sample_rate_hz),
        max_voices: settings.max_voices,
        seed: settings.seed,
        num_sounds: slots.programs().len().max(1),
    })?;
    let mut render = Render {
        player,
        left: Vec::new(),
        right: Vec::new(),
    };
    render.load(&mut controller, notes)?;
    render.player.handle(&Event::Envelope(settings.envelope));
    let end_frame = (score.duration_s * f64::from(settings.sample_rate_hz))
        .ceil()
        .max(1.0);
    let mut channel_slots = [None; crate::score::NUM_CHANNELS];
    for event in &score.events {
        let frame = event.frame(settings.sample_rate_hz) as usize;
        render.play_until(frame, &mut |done| progress(done as f64 / end_frame));
        if let Action::NoteOn { program, .. } = event.action {
            let slot = slots.slot(program);
            let current = &mut channel_slots[usize::from(event.channel)];
            if current.replace(slot) != Some(slot) {
                render.player.handle(&Event::Sound {
                    channel: event.channel,
                    slot,
                });
            }
        }
        render
            .player
            .handle(&player_event(event.channel, event.action));
    }
    render.play_tail((MAX_TAIL_S * f64::from(settings.sample_rate_hz)) as usize);
    progress(1.0);
    Ok(Rendering {
        left: render.left,
        right: render.right,
        sample_rate_hz: settings.sample_rate_hz,
        num_stolen_voices: controller.counts().stolen_voices,
    })
}

fn check_length(score: &Score, settings: &RenderSettings) -> Result<()> {
    let frames = (score.duration_s + MAX_TAIL_S) * f64::from(settings.sample_rate_hz);
    if frames <= MAX_FRAMES as f64 {
        return Ok(());
    }
    Err(Error::request(
        "the render's length",
        format!(
            "{:.0} s at {} Hz",
            score.duration_s, settings.sample_rate_hz
        ),
        format!("at most {MAX_FRAMES} frames fit: choose a lower rate or render the song in parts"),
    ))
}

fn player_event(channel: u8, action: Action) -> Event {
    match action {
        Action::NoteOn { key, velocity, .. } => Event::NoteOn {
            channel,
            key,
            velocity,
            note_id: None,
            seed: None,
        },
        Action::NoteOff { key, velocity } => Event::NoteOff {
            channel,
            key,
            velocity,
        },
        Action::Bend { semitones } => Event::Bend { channel, semitones },
        Action::SustainPedal { down } => Event::SustainPedal { channel, down },
        Action::Gain { gain_db } => Event::Volume { channel, gain_db },
        Action::Pan { position } => Event::Pan { channel, position },
    }
}

/// A player and the samples it has made so far.
struct Render {
    player: Player,
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Render {
    /// Fills the note table before the first frame; whenever the ring is full the player takes what is in it.
    fn load(&mut self, controller: &mut Controller, notes: &[BakedNote]) -> Result<()> {
        for baked in notes {
            let (slot, layer) = (
                usize::from(baked.place.slot),
                usize::from(baked.place.layer),
            );
            if let Err(Error::NoteRingFull { .. }) =
                controller.send_note(slot, layer, baked.note.clone())
            {
                self.player.take_arrivals();
                controller.send_note(slot, layer, baked.note.clone())?;
            }
        }
        self.player.take_arrivals();
        Ok(())
    }

    fn play_until(&mut self, frame: usize, progress: &mut dyn FnMut(usize)) {
        while self.left.len() < frame {
            let block_frames = (frame - self.left.len()).min(BLOCK_FRAMES);
            self.play(block_frames);
            progress(self.left.len());
        }
    }

    fn play(&mut self, num_frames: usize) {
        let start = self.left.len();
        self.left.resize(start + num_frames, 0.0);
        self.right.resize(start + num_frames, 0.0);
        self.player
            .render_into(&mut self.left[start..], &mut self.right[start..]);
    }

    /// Plays on until no voice sounds, and leaves the silence at the end out.
    fn play_tail(&mut self, max_frames: usize) {
        let end = self.left.len() + max_frames;
        while self.left.len() < end && self.player.num_sounding() > 0 {
            self.play(BLOCK_FRAMES.min(end - self.left.len()));
        }
        let sounds =
            |(left, right): (&f32, &f32)| left.abs() > SILENT_SAMPLE || right.abs() > SILENT_SAMPLE;
        let num_frames = self
            .left
            .iter()
            .zip(&self.right)
            .rposition(sounds)
            .map_or(0, |last| last + 1);
        self.left.truncate(num_frames);
        self.right.truncate(num_frames);
    }
}
