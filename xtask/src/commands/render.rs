//! `render`: a MIDI file as a WAV file, and its parts as stems.

use std::path::{Path, PathBuf};

use clap::Args;
use engine::offline::{MAX_TAIL_S, RenderSettings};
use engine::score::Score;
use engine::wav::{self, SampleStorage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, BakedScore, Performance, Sounds, Stage, rounded};
use crate::sound_choice::SoundChoice;

/// Largest MIDI file read: 10 million events fit.
const MAX_MIDI_BYTES: u64 = 256 << 20;

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
    model: Option<PathBuf>,
}

/// Renders the song and writes the files.
///
/// # Errors
/// Exit code 3 for a MIDI file that cannot be played, else whatever model or disk refuse.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    let (score, song_sha256) = read_song(&arguments.song)?;
    let storage = SampleStorage::from_name(&arguments.bits)?;
    let max_frames = (score.duration_s + MAX_TAIL_S) * f64::from(arguments.rate);
    wav::check_size(max_frames as u64, storage)?;
    let sounds = match &arguments.sound {
        Some(text) => Sounds::One(SoundChoice::from_text(text)?.with_settings(&arguments.set)?),
        None => Sounds::ByProgram { seed: common.seed },
    };
    let path = common
        .out
        .clone()
        .unwrap_or_else(|| arguments.song.with_extension("wav"));
    let file = OutputFile::create(&path, common.force)?;
    let picture = arguments
        .picture
        .then(|| OutputFile::create(&path.with_extension("png"), common.force))
        .transpose()?;
    let stems = create_stems(arguments, common, &score)?;

    let mut stage = Stage::open(arguments.model.as_deref())?;
    let baked = stage.bake(common, &score, &sounds)?;
    let settings = RenderSettings {
        sample_rate_hz: arguments.rate,
        seed: common.seed,
        ..RenderSettings::default()
    };
    let performance = performance::play(common, &score, &baked, &settings)?;
    let recipe = json!({
        "command": "render", "midi_sha256": song_sha256, "seed": common.seed, "sounds": sounds_recipe(&sounds),
        "model": stage.model_recipe(), "rate": arguments.rate, "bits": storage.name(),
        "gain_db": performance.gain_db, "fingerprint": performance.fingerprint(),
    });
    performance::save(file, &path, &performance.rendering, storage, &recipe)?;
    if let Some(picture) = picture {
        let name = arguments.song.file_stem().unwrap_or_default();
        picture.write_and_commit(&stage.draw(&performance, &name.to_string_lossy())?)?;
    }
    let stems = Stems {
        score: &score,
        baked: &baked,
        settings: &settings,
        storage,
        recipe,
    }
    .write(stems, common, &performance)?;
    Ok(outcome(&path, &score, &baked, &performance, &stems))
}

/// Reads and checks a MIDI file; also gives its SHA-256 in hex, for the recipe.
fn read_song(path: &Path) -> Result<(Score, String), Failure> {
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::input_file(format!("{}: {error}", path.display()));
    let length = std::fs::metadata(path)
        .map_err(|error| unreadable(&error))?
        .len();
    if length > MAX_MIDI_BYTES {
        return Err(unreadable(&format!(
            "{length} bytes are too many for a MIDI file; the most is {MAX_MIDI_BYTES}"
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let score = Score::from_midi(&bytes).map_err(|error| unreadable(&error))?;
    let digest = Sha256::digest(&bytes);
    Ok((
        score,
        digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    ))
}

fn sounds_recipe(sounds: &Sounds) -> Value {
    match sounds {
        Sounds::One(sound) => sound.recipe(),
        Sounds::ByProgram { seed } => json!({ "by_program_from_seed": seed }),
    }
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

struct Stems<'a> {
    score: &'a Score,
    baked: &'a BakedScore,
    settings: &'a RenderSettings,
    storage: SampleStorage,
    recipe: Value,
}

impl Stems<'_> {
    /// Every stem has the length and the gain of the whole, so that together they are the whole; but a voice that was stolen
    /// there sounds on in its stem.
    fn write(
        &self,
        stems: Vec<StemFile>,
        common: &Common,
        whole: &Performance,
    ) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for (channel, path, file) in stems {
            let score = self.score.channel_alone(channel);
            let mut stem = engine::offline::render_score(
                &score,
                &self.baked.slots,
                &self.baked.notes,
                self.settings,
                &mut |_| {},
            )?;
            stem.left.resize(whole.rendering.left.len(), 0.0);
            stem.right.resize(whole.rendering.left.len(), 0.0);
            stem.apply_gain(whole.gain_db);
            let mut recipe = self.recipe.clone();
            recipe["channel"] = json!(channel + 1);
            recipe["fingerprint"] =
                json!(engine::fingerprint::fingerprint(&stem.left, &stem.right));
            if !common.json {
                eprintln!("{}", path.display());
            }
            paths.push(performance::save(
                file,
                &path,
                &stem,
                self.storage,
                &recipe,
            )?);
        }
        Ok(paths)
    }
}

fn outcome(
    path: &Path,
    score: &Score,
    baked: &BakedScore,
    performance: &Performance,
    stems: &[PathBuf],
) -> Outcome {
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
