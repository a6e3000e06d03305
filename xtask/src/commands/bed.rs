//! `bed`: a score bed of exactly the length asked for. Arguments, the order of steps, the report.

mod files;
mod length;
mod request;

use std::path::PathBuf;

use clap::Args;
use engine::wav::{self, SampleStorage};
use serde_json::{Value, json};

use crate::bed_production::{self, BedOrder, BedProduction};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::performance::{Stage, rounded};
use request::Request;

/// What to compose and how to hand it over.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Exact length: 90s, 1:30, 00:01:30:00 or 2250f.
    #[arg(long, value_name = "TIME")]
    length: String,
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
    /// Also draw spectrogram and wave as PNG beside the WAV.
    #[arg(long)]
    picture: bool,
    /// Also draw the notes as PNG.
    #[arg(long, value_name = "FILE")]
    roll: Option<PathBuf>,
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Where the bed goes when nothing is said.
const DEFAULT_FILE: &str = "bed.wav";

/// Composes, plays and writes the bed.
///
/// # Errors
/// Exit code 2 for a request that cannot be met, 3 for files that cannot be read, else whatever model or disk refuse.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    let request = Request::read(arguments, common)?;
    let storage = SampleStorage::from_name(&arguments.bits)?;
    let num_frames = request.order.settings.length_s * f64::from(arguments.rate);
    wav::check_size(num_frames as u64, storage)?;
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let files = files::BedFiles::create(arguments, common, &path)?;
    let mut stage = Stage::open(arguments.model.as_deref())?;
    let production = bed_production::produce(common, &mut stage, &request.order)?;
    let recipe = recipe(arguments, &request, &stage, &production);
    let written = files.write(&files::Finished {
        common,
        stage: &stage,
        order: &request.order,
        production: &production,
        storage,
        recipe,
    })?;
    Ok(outcome(&request, &production, &written))
}

/// Everything needed to make the file again.
fn recipe(
    arguments: &Arguments,
    request: &Request,
    stage: &Stage,
    production: &BedProduction,
) -> Value {
    let settings = &request.order.settings;
    let hits: Vec<Value> = settings
        .hits
        .iter()
        .map(|hit| json!({ "time_s": hit.time_s, "name": hit.name }))
        .collect();
    json!({
        "command": "bed", "seed": settings.seed, "length_s": settings.length_s, "mood": arguments.mood,
        "valence": settings.mood.valence, "energy": settings.mood.energy, "tempo": arguments.tempo,
        "key": arguments.key, "metre": arguments.metre, "density": arguments.density, "fps": arguments.fps,
        "loop": arguments.is_loop, "hits": hits, "sounds": sounds_recipe(&request.order),
        "muted": arguments.mute, "lufs": request.order.target.lufs, "true_peak_db": request.order.target.true_peak_db,
        "model": stage.model_recipe(), "rate": arguments.rate, "bits": arguments.bits,
        "fingerprint": production.fingerprint(),
    })
}

fn sounds_recipe(order: &BedOrder) -> Value {
    let sounds = engine::score::compose::BedPart::ALL
        .iter()
        .map(|part| (part.name().to_owned(), order.sounds[part.index()].recipe()));
    Value::Object(sounds.collect())
}

fn outcome(request: &Request, production: &BedProduction, written: &files::Written) -> Outcome {
    let bed = &production.bed;
    let loudness = production.mastering.loudness;
    let duration_s = production.rendering.duration_s();
    let sections: Vec<Value> = bed
        .sections
        .iter()
        .map(|section| {
            json!({
                "kind": section.kind.name(), "start_s": rounded(section.start_s, 6), "end_s": rounded(section.end_s, 6),
                "bars": section.bars.len(), "beats": rounded(section.beats(), 4),
                "tempo_bpm": rounded(section.tempo_bpm, 3), "energy": rounded(section.energy.0, 3),
            })
        })
        .collect();
    let hits: Vec<Value> = bed
        .hits
        .iter()
        .map(|hit| {
            json!({
                "name": hit.name, "wanted": rounded(hit.wanted_s, 6), "placed": rounded(hit.placed_s, 6),
                "miss_frames": rounded((hit.placed_s - hit.wanted_s) / request.frame_rate.frame_s(), 2),
                "remedy": hit.remedy,
            })
        })
        .collect();
    let realtime_factor = duration_s / production.work_s();
    let json = json!({
        "file": written.path, "files": written.others, "duration_s": rounded(duration_s, 6),
        "frames": production.rendering.left.len(), "realtime_factor": rounded(realtime_factor, 2),
        "compose_s": rounded(production.compose_s, 4), "bake_s": rounded(production.bake_s, 4),
        "render_s": rounded(production.render_s, 4), "master_s": rounded(production.master_s, 4),
        "baked_notes": production.num_baked, "notes": bed.notes.len(),
        "lufs": loudness.integrated_lufs.map(|lufs| rounded(lufs, 3)),
        "true_peak_db": loudness.true_peak_db.map(|peak_db| rounded(peak_db, 3)),
        "gain_db": rounded(production.mastering.gain_db, 3),
        "limited_db": rounded(production.mastering.most_held_db(), 2),
        "tempo_bpm": rounded(bed.tempo_bpm, 3), "key": bed.key.to_string(), "sections": sections, "hits": hits,
        "sounds": sounds_recipe(&request.order), "fingerprint": production.fingerprint(),
        "warnings": warnings(request, production),
    });
    let mut words: Vec<String> = warnings(request, production)
        .iter()
        .map(|warning| format!("warning: {warning}"))
        .collect();
    words.push(format!(
        "{}: {duration_s:.3} s in {}, {} at {:.1} beats a minute, {} of {} hits on their frame, {}, made {realtime_factor:.0} times faster than real time, fingerprint {}",
        written.path.display(),
        bed.key,
        form_in_words(production),
        bed.tempo_bpm,
        request.num_met(bed),
        bed.hits.len(),
        loudness.integrated_lufs.map_or("silent".to_owned(), |lufs| format!("{lufs:.1} LUFS")),
        production.fingerprint()
    ));
    Outcome::done(words.join("\n"), json)
}

fn form_in_words(production: &BedProduction) -> String {
    let mut kinds: Vec<&str> = production
        .bed
        .sections
        .iter()
        .map(|section| section.kind.name())
        .collect();
    kinds.dedup();
    kinds.join(" ")
}

fn warnings(request: &Request, production: &BedProduction) -> Vec<String> {
    let bed = &production.bed;
    let misses = bed
        .hits
        .iter()
        .filter(|hit| !request.is_met(hit))
        .map(|hit| {
            let remedy = hit.remedy.clone().unwrap_or_default();
            format!(
                "the hit at {:.3} s falls on {:.3} s; {remedy}",
                hit.wanted_s, hit.placed_s
            )
        });
    misses.collect()
}
