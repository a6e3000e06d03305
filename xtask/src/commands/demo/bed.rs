//! The demo's bed: thirty seconds of music that make room for a spoken line.
//!
//! The line is spoken by espeak-ng where it is installed; elsewhere noise in the rhythm and band of speech stands in for it,
//! and the report says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::mix::MixSettings;
use engine::mix::duck::DuckSettings;
use engine::mix::master::Target;
use engine::mix::render::Ducking;
use engine::score::compose::{BedSettings, Mood};
use engine::wav::SampleStorage;
use engine::wav::read::{self, Recording};
use models::seeded::unit;
use serde_json::{Value, json};

use crate::bed_production::{self, BedOrder, BedProduction};
use crate::dialogue::{self, Dialogue};
use crate::failure::Failure;
use crate::flags::Common;
use crate::output_file::OutputFile;
use crate::performance::{self, Stage, rounded};
use crate::picture;

const LENGTH_S: f64 = 30.0;
const SAMPLE_RATE_HZ: u32 = 48_000;
/// When the line begins, seconds.
const LINE_START_S: f64 = 7.0;
const LINE: &str = "Nobody planted this forest. It grew in the shade of another one, slowly, and it waited for the light.";
/// Loudness of the bed below that of the voice, LU: music under speech, as broadcasters mix it.
const UNDER_LU: f64 = 9.0;
/// Voices are brought to this loudness, LUFS.
const VOICE_LUFS: f64 = -18.0;

/// The bed's files and figures.
pub struct DemoBed {
    /// What was written.
    pub files: Vec<PathBuf>,
    /// For the report.
    pub json: Value,
    /// One line for people.
    pub words: String,
}

/// Composes, plays and writes the bed, alone and with the line.
///
/// # Errors
/// Whatever model or disk refuse.
pub fn make(common: &Common, stage: &mut Stage, folder: &Path) -> Result<DemoBed, Failure> {
    let spoken = spoken_line();
    let speaker = if spoken.is_some() {
        "espeak-ng"
    } else {
        "noise that stands in for a voice"
    };
    let recording = placed(spoken.unwrap_or_else(|| stand_in(common.seed)));
    let mut dialogue = dialogue::from_recording(&recording, SAMPLE_RATE_HZ)?;
    level_voice(&mut dialogue);
    let order = order(common, &dialogue)?;
    let production = bed_production::produce(common, stage, &order)?;
    let storage = SampleStorage::Integer24;
    let recipe = super::super::bed::recipe_of(&order, storage, stage, &production);
    let mut files = Vec::new();
    let mut save = |name: &str, rendering, recipe: &Value| -> Result<(), Failure> {
        let path = folder.join(name);
        let file = OutputFile::create(&path, true)?;
        files.push(performance::save(file, &path, rendering, storage, recipe)?);
        Ok(())
    };
    save("bed.wav", &production.rendering, &recipe)?;
    if let Some(voice) = &dialogue.voice {
        let mut recipe = recipe.clone();
        recipe["with_dialogue"] = json!(true);
        save(
            "bed-with-voice.wav",
            &voice.over(&production.rendering),
            &recipe,
        )?;
    }
    let roll = picture::roll_png(&production.bed).map_err(Failure::other)?;
    files.push(OutputFile::write_whole(
        &folder.join("bed-notes.png"),
        true,
        &roll,
    )?);
    let drawn = stage.draw_bed(&production)?;
    files.push(OutputFile::write_whole(
        &folder.join("bed.png"),
        true,
        &drawn,
    )?);
    Ok(report(files, speaker, &order, &production))
}

fn order(common: &Common, dialogue: &Dialogue) -> Result<BedOrder, Failure> {
    let mut settings = BedSettings::new(common.seed, LENGTH_S, Mood::from_name("hopeful")?);
    settings.speech = dialogue.speech.clone();
    Ok(BedOrder {
        sounds: bed_production::choose(&settings, &[const { None }; 5])?,
        mix: MixSettings {
            sample_rate_hz: SAMPLE_RATE_HZ,
            num_threads: bed_production::num_threads(),
            ..MixSettings::default()
        },
        ducking: Some(Ducking {
            settings: DuckSettings::default(),
            speech: dialogue.speech.clone(),
        }),
        target: Target {
            lufs: VOICE_LUFS - UNDER_LU,
            true_peak_db: -1.0,
        },
        settings,
    })
}

fn report(
    files: Vec<PathBuf>,
    speaker: &str,
    order: &BedOrder,
    production: &BedProduction,
) -> DemoBed {
    let realtime_factor = production.rendering.duration_s() / production.work_s();
    let lufs = production.mastering.loudness.integrated_lufs;
    let words = format!(
        "bed: {LENGTH_S:.0} s in {}, ducked under {} stretches of speech ({speaker}), {realtime_factor:.0} times faster than real time",
        production.bed.key,
        order.settings.speech.len()
    );
    let json = json!({
        "duration_s": rounded(production.rendering.duration_s(), 6), "voice": speaker,
        "lufs": lufs.map(|lufs| rounded(lufs, 2)), "realtime_factor": rounded(realtime_factor, 2),
        "fingerprint": production.fingerprint(), "speech_ranges": order.settings.speech.len(),
    });
    DemoBed { files, json, words }
}

/// The line as espeak-ng speaks it; nothing when it is not installed or fails.
fn spoken_line() -> Option<Recording> {
    let folder = tempfile::tempdir().ok()?;
    let path = folder.path().join("line.wav");
    let status = Command::new("espeak-ng")
        .args(["-v", "en", "-s", "140", "-w"])
        .arg(&path)
        .arg(LINE)
        .output()
        .ok()?
        .status;
    let file = std::fs::File::open(&path).ok()?;
    status
        .success()
        .then(|| read::read(std::io::BufReader::new(file)).ok())
        .flatten()
}

/// Noise below 3 kHz in syllables and two sentences.
fn stand_in(seed: u32) -> Recording {
    const STREAM: u32 = 0x7665;
    const SENTENCES_S: [(f64, f64); 2] = [(0.0, 2.6), (3.3, 7.0)];
    const SYLLABLES_HZ: f64 = 4.2;
    let mut low = 0.0;
    let samples = (0..(7.2 * f64::from(SAMPLE_RATE_HZ)) as u32)
        .map(|frame| {
            let time_s = f64::from(frame) / f64::from(SAMPLE_RATE_HZ);
            low += 0.25 * (2.0 * unit(seed, STREAM, frame) - 1.0 - low);
            let is_spoken = SENTENCES_S
                .iter()
                .any(|(start_s, end_s)| (*start_s..*end_s).contains(&time_s));
            let syllable = 0.5 - 0.5 * (std::f64::consts::TAU * SYLLABLES_HZ * time_s).cos();
            if is_spoken {
                (0.4 * syllable * low) as f32
            } else {
                0.0
            }
        })
        .collect();
    Recording {
        channels: vec![samples],
        sample_rate_hz: SAMPLE_RATE_HZ,
        num_not_finite: 0,
    }
}

/// The line at its place in the bed.
fn placed(recording: Recording) -> Recording {
    let ahead = (LINE_START_S * f64::from(recording.sample_rate_hz)) as usize;
    let channels = recording.channels.into_iter().map(|line| {
        let mut channel = vec![0.0; ahead];
        channel.extend(line);
        channel
    });
    Recording {
        channels: channels.collect(),
        ..recording
    }
}

fn level_voice(dialogue: &mut Dialogue) {
    let Some(voice) = &mut dialogue.voice else {
        return;
    };
    let Some(lufs) = voice.lufs else { return };
    let gain = 10_f64.powf((VOICE_LUFS - lufs) / 20.0) as f32;
    for sample in voice.channels.iter_mut().flatten() {
        *sample *= gain;
    }
    voice.lufs = Some(VOICE_LUFS);
}
