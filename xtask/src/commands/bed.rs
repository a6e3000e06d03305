//! `bed`: a score bed of exactly the length asked for. Arguments and the order of steps.

mod files;
mod learning;
mod length;
mod pair;
mod recipe;
mod report;
mod request;

use std::path::PathBuf;

use clap::Args;
use engine::mix::duck::DuckSettings;
use engine::score::compose::compose;
use engine::wav::{self, SampleStorage};

use crate::bed_production;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::workshop::Workshop;

use pair::Pair;
pub use recipe::{of as recipe_of, order_of};
use request::Request;

/// What to compose and how to hand it over.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Exact length: 90s, 1:30, 00:01:30:00 or 2250f.
    #[arg(long, value_name = "TIME", required_unless_present = "learn")]
    length: Option<String>,
    /// How it feels: a name such as calm, hopeful, tense; a wrong one shows them all.
    #[arg(long, default_value = "calm", value_name = "NAME")]
    mood: String,
    /// -1 dark to 1 bright, instead of the mood's own.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    valence: Option<f64>,
    /// 0 still to 1 driving, instead of the mood's own.
    #[arg(long, value_name = "N")]
    energy: Option<f64>,
    /// Beats a minute, 30 to 240.
    #[arg(long, value_name = "N")]
    tempo: Option<f64>,
    /// As in Am, C, "F# dorian", "D harmonic minor".
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// As in 4/4, 3/4, 6/8.
    #[arg(long, value_name = "N/N")]
    metre: Option<String>,
    /// How much is played, 0 to 1.
    #[arg(long, value_name = "N")]
    density: Option<f64>,
    /// Frames a second of the video: 23.976, 24, 25, 29.97, 29.97df, 30, 50, 59.94, 59.94df, 60.
    #[arg(long, default_value = "25", value_name = "RATE")]
    fps: String,
    /// The end runs into the start.
    #[arg(long = "loop")]
    is_loop: bool,
    /// Moments to mark: CSV with time_s,name, Premiere or Resolve markers, EDL, FCPXML, OTIO; subtitles give speech.
    #[arg(long, value_name = "FILE")]
    markers: Option<PathBuf>,
    /// Who speaks when: a WAV recording, or SRT or VTT subtitles. The bed makes room there.
    #[arg(long, value_name = "FILE")]
    dialogue: Option<PathBuf>,
    /// How far the bed falls under speech, dB.
    #[arg(long, value_name = "DB", default_value_t = DuckSettings::default().depth_db)]
    duck_depth: f64,
    /// How much further pulse, motif and lift fall, dB.
    #[arg(long, value_name = "DB", default_value_t = DuckSettings::default().thin_db)]
    duck_thin: f64,
    /// How much deeper 1 to 4 kHz go, dB.
    #[arg(long, value_name = "DB", default_value_t = DuckSettings::default().darken_db)]
    duck_darken: f64,
    /// Time to the full depth, ms; it is reached with the first word.
    #[arg(long, value_name = "MS", default_value_t = DuckSettings::default().attack_ms)]
    duck_attack: f64,
    /// Time back after the last word, ms.
    #[arg(long, value_name = "MS", default_value_t = DuckSettings::default().release_ms)]
    duck_release: f64,
    /// Loudness of the bed below that of the recorded dialogue, LU, instead of a loudness of its own.
    #[arg(long, value_name = "LU", requires = "dialogue", conflicts_with_all = ["lufs", "target"])]
    under: Option<f64>,
    /// Sound of a part, as in pad=canopy or motif=seed:7; may be given more than once.
    #[arg(long = "part", value_name = "PART=SOUND")]
    parts: Vec<String>,
    /// Leaves a part out; may be given more than once.
    #[arg(long, value_name = "PART")]
    mute: Vec<String>,
    /// Integrated loudness, LUFS.
    #[arg(
        long,
        value_name = "LUFS",
        allow_hyphen_values = true,
        conflicts_with = "target"
    )]
    lufs: Option<f64>,
    /// Loudness by destination: youtube, podcast, ebu, atsc.
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Highest true peak, dBTP.
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    true_peak: Option<f64>,
    /// Frames per second of the sound.
    #[arg(long, default_value_t = 48_000)]
    rate: u32,
    /// Bits of a sample: 16, 24 or 32f.
    #[arg(long, default_value = "24")]
    bits: String,
    /// Also write each part alone into this folder.
    #[arg(long, value_name = "DIR")]
    stems: Option<PathBuf>,
    /// Also write the notes as a MIDI file.
    #[arg(long, value_name = "FILE")]
    midi: Option<PathBuf>,
    /// Also write the tempo of every section as a table.
    #[arg(long, value_name = "FILE")]
    tempo_map: Option<PathBuf>,
    /// Also write sections and hits as markers (time_s,name).
    #[arg(long, value_name = "FILE")]
    markers_out: Option<PathBuf>,
    /// Also write a cue sheet.
    #[arg(long, value_name = "FILE")]
    cue_sheet: Option<PathBuf>,
    /// Also write bed and dialogue together.
    #[arg(long, value_name = "FILE", requires = "dialogue")]
    together: Option<PathBuf>,
    /// Timecode of the first frame, for the file's broadcast chunk and the cue sheet.
    #[arg(long, value_name = "TIMECODE", default_value = "00:00:00:00")]
    tc_start: String,
    /// Chord and rhythm tables counted by --learn.
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// Count chord and rhythm tables from the MIDI files of a folder into --out, and compose nothing.
    #[arg(long, value_name = "DIR")]
    learn: Option<PathBuf>,
    /// Also draw spectrogram and wave as PNG beside the WAV.
    #[arg(long)]
    picture: bool,
    /// Also draw the notes as PNG.
    #[arg(long, value_name = "FILE")]
    roll: Option<PathBuf>,
    /// Also paint the picture that belongs to it, in the colours of its mood.
    #[arg(long, value_name = "FILE")]
    backdrop: Option<PathBuf>,
    /// Size of that picture, as `backdrop` has them.
    #[arg(long, value_name = "SIZE", default_value = "1080p")]
    backdrop_size: String,
    /// Makes that picture a closed loop of this length, such as 10s: a folder of frames, or .mov, .mp4, .gif, .apng.
    #[arg(long, value_name = "LENGTH", requires = "backdrop")]
    backdrop_loop: Option<String>,
    /// Another picture model than the shipped one.
    #[arg(long, value_name = "FILE", requires = "backdrop")]
    backdrop_model: Option<PathBuf>,
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
}

/// Where the bed goes when nothing is said.
const DEFAULT_FILE: &str = "bed.wav";

/// Everything that can be known before it is made, the composition too; writes nothing.
///
/// # Errors
/// As [`run`].
pub fn check(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<(), Failure> {
    let request = Request::read(arguments, common, workshop.num_threads())?;
    checked_storage(arguments, &request)?;
    let manifest = workshop
        .stage(arguments.model.as_deref())?
        .generator()
        .manifest()
        .clone();
    for sound in &request.order.sounds {
        sound.point(&manifest)?;
    }
    compose(&request.order.settings)?;
    Pair::of(arguments, common, &request, workshop)?;
    Ok(())
}

/// Bits of a sample, when a file can hold the whole bed so.
fn checked_storage(arguments: &Arguments, request: &Request) -> Result<SampleStorage, Failure> {
    let storage = SampleStorage::from_name(&arguments.bits)?;
    let num_frames = request.order.settings.length_s * f64::from(arguments.rate);
    wav::check_size(num_frames as u64, storage)?;
    Ok(storage)
}

/// Composes, plays and writes the bed.
///
/// # Errors
/// Exit code 2 for a request that cannot be met, 3 for files that cannot be read, else whatever model or disk refuse.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    if let Some(folder) = &arguments.learn {
        return learning::learn(folder, common);
    }
    let request = Request::read(arguments, common, workshop.num_threads())?;
    let storage = checked_storage(arguments, &request)?;
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let pair = Pair::of(arguments, common, &request, workshop)?;
    if let Some(pair) = &pair {
        pair.check_place()?;
    }
    let files = files::BedFiles::create(arguments, common, &path)?;
    let stage = workshop.stage(arguments.model.as_deref())?;
    let production = bed_production::produce(common, stage, &request.order)?;
    let recipe = recipe::of(&request.order, storage, stage, &production);
    let written = files.write(&files::Finished {
        common,
        stage,
        request: &request,
        production: &production,
        storage,
        recipe,
    })?;
    let outcome = report::outcome(&request, &production, &written);
    match pair {
        Some(pair) => pair.add_to(outcome, workshop),
        None => Ok(outcome),
    }
}
