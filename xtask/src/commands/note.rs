//! `note`: one note as a WAV file, with its figures.

mod order;
mod sampler;

use std::path::{Path, PathBuf};

use clap::Args;
use engine::descriptors;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::performance::{self, Performance, rounded};
use crate::sound_choice::SoundChoice;
use crate::workshop::Workshop;

pub use order::NoteOrder;

/// A note's first 5 ms are left out of the click figure: a start is a jump, and meant.
const ONSET_S: f64 = 0.005;
/// Where the note goes when nothing is said.
const DEFAULT_PATH: &str = "note.wav";

/// What to play.
#[derive(Args, Debug)]
pub struct Arguments {
    /// MIDI key, 0 to 127; 60 is middle C.
    #[arg(long, default_value_t = 60, allow_negative_numbers = true)]
    key: i64,
    /// How hard the key is struck, above 0 up to 1.
    #[arg(long, default_value_t = 0.8, allow_negative_numbers = true)]
    velocity: f64,
    /// Seconds until the key is released, at most 600.
    #[arg(long, default_value_t = 2.0, allow_negative_numbers = true)]
    hold: f64,
    /// A seed (number or seed:N) or the name of a sound; without it, the sound of --seed.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    sound: Option<String>,
    /// Moves a control of the sound, as in brightness=1.0; may be given more than once.
    #[arg(long, value_name = "CONTROL=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,
    /// Bits of a sample: 16, 24 or 32f.
    #[arg(long, default_value = "24")]
    bits: String,
    /// Frames per second.
    #[arg(long, default_value_t = 48_000)]
    rate: u32,
    /// Also draw it: spectrogram and wave as PNG beside the WAV.
    #[arg(long)]
    picture: bool,
    /// Instead of one note: the whole sound for samplers, as an SFZ and Decent Sampler folder of looped recordings.
    #[arg(long, value_name = "DIR")]
    sfz: Option<PathBuf>,
    /// Lowest and highest recorded key of that folder; keys between are a minor third apart.
    #[arg(
        long,
        value_name = "LOW-HIGH",
        default_value = "24-96",
        requires = "sfz"
    )]
    sfz_keys: String,
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
}

/// Everything that can be known before it is made; writes nothing.
///
/// # Errors
/// As [`run`].
pub fn check(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<(), Failure> {
    let order = NoteOrder::read(arguments, common)?;
    let stage = workshop.stage(arguments.model.as_deref())?;
    order.sound.point(stage.generator().manifest())?;
    Ok(())
}

/// Renders the note and writes the file.
///
/// # Errors
/// Exit code 2 for arguments out of range, else whatever model or disk refuse.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    if let Some(folder) = &arguments.sfz {
        return sampler::write(arguments, common, folder, workshop);
    }
    let order = NoteOrder::read(arguments, common)?;
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_PATH));
    let file = OutputFile::create(&path, common.force)?;
    let picture = arguments
        .picture
        .then(|| OutputFile::create(&path.with_extension("png"), common.force))
        .transpose()?;

    let stage = workshop.stage(arguments.model.as_deref())?;
    let performance = order.play(common, stage)?;
    let figures = Figures::of(
        &performance,
        arguments.key,
        stage.generator().manifest().grid.tuning_hz,
    );
    let recipe = order.recipe(stage, &performance);
    performance::save(file, &path, &performance.rendering, order.storage, &recipe)?;
    if let Some(picture) = picture {
        let title = format!("{}, key {}", order.sound.name(), order.key);
        picture.write_and_commit(&stage.draw(&performance, &title)?)?;
    }
    Ok(Outcome::done(
        figures.words(&path),
        figures.json(&path, arguments, &order.sound, &performance),
    ))
}

/// What was measured.
struct Figures {
    peak_db: f64,
    dc_db: f64,
    click_db: f64,
    f0_hz: Option<f64>,
    cents: Option<f64>,
    fingerprint: String,
}

impl Figures {
    fn of(performance: &Performance, key: i64, tuning_hz: f64) -> Self {
        let rendering = &performance.rendering;
        let (left, right) = (&rendering.left, &rendering.right);
        let mid: Vec<f32> = left
            .iter()
            .zip(right)
            .map(|(left, right)| 0.5 * (left + right))
            .collect();
        let f0_hz = descriptors::f0_hz(&mid, rendering.sample_rate_hz);
        let onset_frames = (ONSET_S * f64::from(rendering.sample_rate_hz)) as usize;
        let click_db =
            [left, right].map(|samples| descriptors::worst_click(samples, onset_frames).excess_db);
        Figures {
            peak_db: descriptors::peak_db(left, right),
            dc_db: descriptors::dc_db(left, right),
            click_db: click_db[0].max(click_db[1]),
            f0_hz,
            cents: f0_hz.map(|f0_hz| descriptors::cents_from_key(f0_hz, key as f64, tuning_hz)),
            fingerprint: performance.fingerprint(),
        }
    }

    fn words(&self, path: &Path) -> String {
        let pitch = match (self.f0_hz, self.cents) {
            (Some(f0_hz), Some(cents)) => format!("{f0_hz:.2} Hz ({cents:+.1} cents)"),
            _ => "no pitch found".to_owned(),
        };
        format!(
            "{}: {pitch}, peak {:.1} dBFS, fingerprint {}",
            path.display(),
            self.peak_db,
            self.fingerprint
        )
    }

    fn json(
        &self,
        path: &Path,
        arguments: &Arguments,
        sound: &SoundChoice,
        performance: &Performance,
    ) -> Value {
        json!({
            "file": path, "sample_rate": arguments.rate, "frames": performance.rendering.left.len(),
            "peak_db": rounded(self.peak_db, 3), "dc_db": rounded(self.dc_db, 1),
            "click_db": rounded(self.click_db, 2), "f0_hz": self.f0_hz.map(|f0_hz| rounded(f0_hz, 4)),
            "cents": self.cents.map(|cents| rounded(cents, 3)), "gain_db": rounded(performance.gain_db, 3),
            "lufs": performance.loudness.integrated_lufs.map(|lufs| rounded(lufs, 2)),
            "true_peak_db": performance.loudness.true_peak_db.map(|peak_db| rounded(peak_db, 2)),
            "sound": sound.recipe(), "fingerprint": self.fingerprint,
        })
    }
}
