//! `note`: one note as a WAV file, with its figures.

mod keep;
mod like;
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
use crate::workshop::Workshop;

pub use order::NoteOrder;

/// A note's first 5 ms are left out of the click figure: a start is a jump, and meant.
const ONSET_S: f64 = 0.005;
/// Where the note goes when nothing is said.
const DEFAULT_PATH: &str = "note.wav";

/// What to play.
#[derive(Args, Debug)]
pub struct Arguments {
    /// MIDI key, 0 to 127; 60 is middle C. With --like the key of the recording, which is estimated when not given.
    #[arg(long, allow_negative_numbers = true)]
    key: Option<i64>,
    /// How hard the key is struck, above 0 up to 1.
    #[arg(long, default_value_t = 0.8, allow_negative_numbers = true)]
    velocity: f64,
    /// Seconds until the key is released, at most 600.
    #[arg(long, default_value_t = 2.0, allow_negative_numbers = true)]
    hold: f64,
    /// A seed (number or seed:N), the name of a sound or its file; without it, the sound of --seed.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    sound: Option<String>,
    /// The sound of the model that comes nearest to this recording of one note (WAV).
    #[arg(long, value_name = "RECORDING.wav", conflicts_with_all = ["sound", "set", "sfz"])]
    like: Option<PathBuf>,
    /// Play the recording's own analysis instead of what the model makes of it.
    #[arg(long, requires = "like", conflicts_with = "keep")]
    analysed: bool,
    /// Keep the sound as one of your own: a name for --sound and the plugin's browser, or a file NAME.json.
    #[arg(long, value_name = "NAME")]
    keep: Option<String>,
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
    if let Some(recording) = &arguments.like {
        like::recorded_note(recording, arguments, stage)?;
    }
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
    let mut order = NoteOrder::read(arguments, common)?;
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_PATH));
    let file = OutputFile::create(&path, common.force)?;
    let picture = arguments
        .picture
        .then(|| OutputFile::create(&path.with_extension("png"), common.force))
        .transpose()?;
    let kept = arguments.keep.as_deref();
    let kept = kept
        .map(|name| keep::Kept::create(name, common.force))
        .transpose()?;

    let stage = workshop.stage(arguments.model.as_deref())?;
    let recording = arguments.like.as_deref();
    let likeness = recording
        .map(|recording| like::take(recording, arguments, common, stage, &mut order))
        .transpose()?;
    let performance = order.play(common, stage)?;
    let figures = Figures::of(
        &performance,
        order.key,
        stage.generator().manifest().grid.tuning_hz,
    );
    let recipe = order.recipe(stage, &performance)?;
    performance::save(file, &path, &performance.rendering, order.storage, &recipe)?;
    if let Some(picture) = picture {
        let title = format!("{}, key {}", order.sound.name(), order.key);
        picture.write_and_commit(&match &likeness {
            Some(likeness) => likeness.draw()?,
            None => stage.draw(&performance, &title)?,
        })?;
    }
    let mut words = figures.words(&path);
    let mut json = figures.json(&path, &order, &performance);
    if let Some(likeness) = &likeness {
        words = format!("{words}\n{}", likeness.words());
        json["like"] = likeness.json();
    }
    if let Some(kept) = kept {
        let path = kept.write(&order.sound, stage)?;
        words = format!("{words}\n{}: kept", path.display());
        json["kept"] = json!(path);
    }
    Ok(Outcome::done(words, json))
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
    fn of(performance: &Performance, key: u8, tuning_hz: f64) -> Self {
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
            cents: f0_hz.map(|f0_hz| descriptors::cents_from_key(f0_hz, f64::from(key), tuning_hz)),
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

    fn json(&self, path: &Path, order: &NoteOrder, performance: &Performance) -> Value {
        json!({
            "file": path, "sample_rate": performance.rendering.sample_rate_hz, "frames": performance.rendering.left.len(),
            "peak_db": rounded(self.peak_db, 3), "dc_db": rounded(self.dc_db, 1),
            "click_db": rounded(self.click_db, 2), "f0_hz": self.f0_hz.map(|f0_hz| rounded(f0_hz, 4)),
            "cents": self.cents.map(|cents| rounded(cents, 3)), "gain_db": rounded(performance.gain_db, 3),
            "lufs": performance.loudness.integrated_lufs.map(|lufs| rounded(lufs, 2)),
            "true_peak_db": performance.loudness.true_peak_db.map(|peak_db| rounded(peak_db, 2)),
            "sound": order.sound.recipe(), "fingerprint": self.fingerprint,
        })
    }
}
