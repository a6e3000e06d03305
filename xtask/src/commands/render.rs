//! `render`: a MIDI file as a WAV file, and its parts as stems.

mod order;

use std::path::{Path, PathBuf};

use clap::Args;
use engine::fingerprint::fingerprint;
use engine::score::Score;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, rounded};
use crate::workshop::Workshop;

pub use order::{PlayedSong, Song, SongOrder};

/// What to play.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The MIDI file (format 0 or 1).
    #[arg(value_name = "SONG.mid")]
    song: PathBuf,
    /// One sound for all parts: a seed or a name. Without it every General MIDI program has its own, made from --seed.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    sound: Option<String>,
    /// Moves a control of that sound, as in brightness=1.0; may be given more than once.
    #[arg(
        long,
        value_name = "CONTROL=VALUE",
        requires = "sound",
        allow_hyphen_values = true
    )]
    set: Vec<String>,
    /// Frames per second.
    #[arg(long, default_value_t = 48_000)]
    rate: u32,
    /// Bits of a sample: 16, 24 or 32f.
    #[arg(long, default_value = "24")]
    bits: String,
    /// Also write each channel alone into this folder.
    #[arg(long, value_name = "DIR")]
    stems: Option<PathBuf>,
    /// Also draw it: spectrogram and wave as PNG beside the WAV.
    #[arg(long)]
    picture: bool,
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
    let order = SongOrder::read(arguments, common)?;
    order.check_sounds(workshop.stage(arguments.model.as_deref())?)
}

/// Renders the song and writes the files.
///
/// # Errors
/// Exit code 3 for a MIDI file that cannot be played, else whatever model or disk refuse.
pub fn run(
    arguments: &Arguments,
    common: &Common,
    workshop: &mut Workshop,
) -> Result<Outcome, Failure> {
    let order = SongOrder::read(arguments, common)?;
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| arguments.song.with_extension("wav"));
    let file = OutputFile::create(&path, common.force)?;
    let picture = arguments
        .picture
        .then(|| OutputFile::create(&path.with_extension("png"), common.force))
        .transpose()?;
    let stems = create_stems(arguments, common, order.score())?;

    let stage = workshop.stage(arguments.model.as_deref())?;
    let song = order.play(common, stage)?;
    let recipe = order.recipe(stage, &song.performance);
    let rendering = &song.performance.rendering;
    performance::save(file, &path, rendering, order.storage, &recipe)?;
    if let Some(picture) = picture {
        let name = arguments.song.file_stem().unwrap_or_default();
        picture.write_and_commit(&stage.draw(&song.performance, &name.to_string_lossy())?)?;
    }
    let stems = write_stems(stems, common, &order, &song, &recipe)?;
    Ok(outcome(&path, order.score(), &song, &stems))
}

/// A stem's channel, path and file, made before the work so that a wrong folder is told at once.
type StemFile = (u8, PathBuf, OutputFile);

fn create_stems(
    arguments: &Arguments,
    common: &Common,
    score: &Score,
) -> Result<Vec<StemFile>, Failure> {
    let Some(folder) = &arguments.stems else {
        return Ok(Vec::new());
    };
    output_file::create_folder(folder)?;
    let name = arguments
        .song
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    score
        .parts
        .iter()
        .map(|part| {
            let path = folder.join(format!("{name}-channel-{:02}.wav", part.channel + 1));
            let file = OutputFile::create(&path, common.force)?;
            Ok((part.channel, path, file))
        })
        .collect()
}

fn write_stems(
    stems: Vec<StemFile>,
    common: &Common,
    order: &SongOrder,
    song: &PlayedSong,
    recipe: &Value,
) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for (channel, path, file) in stems {
        let stem = order.stem(song, channel)?;
        let mut recipe = recipe.clone();
        recipe["channel"] = json!(channel + 1);
        recipe["fingerprint"] = json!(fingerprint(&stem.left, &stem.right));
        if !common.json {
            eprintln!("{}", path.display());
        }
        paths.push(performance::save(
            file,
            &path,
            &stem,
            order.storage,
            &recipe,
        )?);
    }
    Ok(paths)
}

fn outcome(path: &Path, score: &Score, song: &PlayedSong, stems: &[PathBuf]) -> Outcome {
    let PlayedSong { baked, performance } = song;
    let duration_s = performance.rendering.duration_s();
    let mut warnings = score.warnings.clone();
    if performance.rendering.num_stolen_voices > 0 {
        warnings.push(format!(
            "{} notes ended early because all voices were in use",
            performance.rendering.num_stolen_voices
        ));
    }
    if performance.rendering.left.is_empty() {
        warnings.push(
            "nothing is heard: volume or expression is 0 throughout, or the sound is silent"
                .to_owned(),
        );
    }
    let loudness = performance.loudness;
    let json = json!({
        "file": path, "stems": stems, "duration_s": rounded(duration_s, 4),
        "realtime_factor": rounded(duration_s / (baked.bake_s + performance.render_s), 2),
        "realtime_factor_baked": rounded(duration_s / performance.render_s, 2),
        "baked_notes": baked.notes.len(), "bake_s": rounded(baked.bake_s, 4), "render_s": rounded(performance.render_s, 4),
        "lufs": loudness.integrated_lufs.map(|lufs| rounded(lufs, 2)),
        "true_peak_db": loudness.true_peak_db.map(|peak_db| rounded(peak_db, 2)),
        "gain_db": rounded(performance.gain_db, 3), "stolen_voices": performance.rendering.num_stolen_voices,
        "fingerprint": performance.fingerprint(), "warnings": warnings,
    });
    let mut words: Vec<String> = warnings
        .iter()
        .map(|warning| format!("warning: {warning}"))
        .collect();
    words.push(format!(
        "{}: {duration_s:.1} s, {} LUFS, {} notes baked in {:.1} s, played in {:.1} s ({:.0} times faster than real time), fingerprint {}",
        path.display(),
        loudness.integrated_lufs.map_or("no".to_owned(), |lufs| format!("{lufs:.1}")),
        baked.notes.len(),
        baked.bake_s,
        performance.render_s,
        duration_s / (baked.bake_s + performance.render_s),
        performance.fingerprint()
    ));
    if performance.gain_db < 0.0 {
        words.push(format!(
            "lowered by {:.1} dB to stay below -1 dBTP",
            -performance.gain_db
        ));
    }
    Outcome::done(words.join("\n"), json)
}
