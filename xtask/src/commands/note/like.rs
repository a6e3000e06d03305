//! `--like`: the sound that comes nearest to a recording, and how near that is. What is looked for and how is
//! `engine::likeness`; this reads the file and tells.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::decode::decode_straight;
use engine::likeness::{self, BandError, Effort, Found, MapError, RecordedNote, Target};
use engine::wav::read;
use engine::{LAYER_VELOCITIES, Note, NoteLayout, layer_of_velocity};
use models::{DEFAULT_TRUNCATION, Place, Representation, SoundGrid, SoundRecipe};
use serde_json::{Value, json};

use super::{Arguments, NoteOrder};
use crate::failure::Failure;
use crate::flags::Common;
use crate::performance::{Stage, rounded};
use crate::sound_choice::SoundChoice;
use crate::{picture, progress};

/// Seed of the noise and phases that answers are compared with.
const LISTENING_SEED: u32 = 1;

/// A recording, the answer to it, and how far apart they are.
pub struct Likeness {
    recording: PathBuf,
    recorded: RecordedNote,
    rate_hz: f64,
    found: Found,
    /// Samples of what is played: the model's note, or the analysis.
    answer: Vec<f32>,
    is_analysed: bool,
    model: Errors,
    analysed: Errors,
}

/// How far a note is from the recording.
struct Errors {
    bands: Option<BandError>,
    maps: MapError,
}

/// Reads a recording and makes it ready.
///
/// # Errors
/// Exit code 3 for a file that is no recording of one note, 2 for a key or model that cannot be.
pub fn recorded_note(
    path: &Path,
    arguments: &Arguments,
    stage: &mut Stage,
) -> Result<RecordedNote, Failure> {
    let at_file = |error: engine::Error| match error.fault() {
        engine::Fault::File => Failure::input_file(format!("{}: {error}", path.display())),
        _ => error.into(),
    };
    let manifest = stage.generator().manifest();
    if manifest.representation != Representation::PitchAligned {
        return Err(Failure::request(format!(
            "--like: the model {} is of the kind {}, sounds can be looked for in pitch_aligned ones",
            manifest.name,
            manifest.representation.name()
        )));
    }
    let file = File::open(path)
        .map_err(|error| Failure::input_file(format!("{}: {error}", path.display())))?;
    let recording = read::read(BufReader::new(file)).map_err(at_file)?;
    let layout = NoteLayout::from_grid(&manifest.grid)?;
    let key = arguments.key.and_then(|key| u8::try_from(key).ok());
    let recorded = RecordedNote::new(&recording, key, &layout, manifest.grid.sample_rate_hz)
        .map_err(at_file)?;
    if key.is_none() {
        recorded.check_one_note(&layout).map_err(at_file)?;
    }
    let [lowest, highest] = manifest.key_range;
    if !(lowest..=highest).contains(&recorded.key) {
        return Err(Failure::request(format!(
            "{}: the recording is at key {}, the model {} knows {lowest} to {highest}; record another note",
            path.display(),
            recorded.key,
            manifest.name
        )));
    }
    Ok(recorded)
}

/// Finds the sound and makes the order play it, or the analysis, at the recording's key.
///
/// # Errors
/// As [`recorded_note`]; what the model refuses.
pub fn take(
    path: &Path,
    arguments: &Arguments,
    common: &Common,
    stage: &mut Stage,
    order: &mut NoteOrder,
) -> Result<Likeness, Failure> {
    let recorded = recorded_note(path, arguments, stage)?;
    let generator = stage.generator();
    let layout = NoteLayout::from_grid(&generator.manifest().grid)?;
    let rate_hz = generator.manifest().grid.sample_rate_hz;
    let target = Target::of(&recorded, &layout);
    let velocity = LAYER_VELOCITIES[layer_of_velocity(order.velocity())];
    let bar = progress::share(common, "looking for the sound");
    let found = likeness::find(
        generator,
        &target,
        recorded.key,
        velocity,
        Effort::default(),
        &mut |done| progress::set_share(&bar, done),
    )?;
    bar.finish_and_clear();
    let note_of = |maps: &SoundGrid| Note::baked_from_maps(maps, layout.clone(), recorded.key);
    let listen = |note: &Note, maps: &SoundGrid| -> Result<_, Failure> {
        let mut samples = decode_straight(note, rate_hz, LISTENING_SEED)?;
        let errors = Errors {
            bands: likeness::band_error(&recorded.samples, &samples, rate_hz, &recorded.known),
            maps: target.map_error(maps),
        };
        let gain_db = errors.bands.map_or(0.0, |bands| bands.gain_db);
        // In a picture both are to be as loud as each other.
        let gain = 10_f64.powf(gain_db / 20.0) as f32;
        samples.iter_mut().for_each(|sample| *sample *= gain);
        Ok((samples, errors))
    };
    let analysed_note = note_of(&recorded.analysis.maps)?;
    let (heard, model) = listen(&note_of(&found.painted)?, &found.painted)?;
    let (heard_analysed, analysed) = listen(&analysed_note, &recorded.analysis.maps)?;
    let manifest = generator.manifest();
    order.key = recorded.key;
    order.sound = SoundChoice::one(SoundRecipe {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        seed: found.seed,
        truncation: DEFAULT_TRUNCATION,
        controls: Vec::new(),
        tags: Vec::new(),
        place: Some(Place::of(
            &found.point,
            &manifest.name,
            generator.fingerprint(),
        )),
    });
    order.analysed = arguments.analysed.then(|| Arc::new(analysed_note));
    Ok(Likeness {
        recording: path.to_path_buf(),
        answer: if arguments.analysed {
            heard_analysed
        } else {
            heard
        },
        is_analysed: arguments.analysed,
        recorded,
        rate_hz,
        found,
        model,
        analysed,
    })
}

impl Likeness {
    /// What was found, for a person.
    pub fn words(&self) -> String {
        let cents = self.recorded.cents;
        let tuning = match cents.abs() < 0.5 {
            true => "in tune".to_owned(),
            false => format!(
                "{:.0} cents {}",
                cents.abs(),
                if cents > 0.0 { "sharp" } else { "flat" }
            ),
        };
        format!(
            "like {} (key {}, {tuning}): the model's note {}; the analysis {}",
            self.recording.display(),
            self.recorded.key,
            self.model.words(),
            self.analysed.words()
        )
    }

    /// What was found, for a script.
    pub fn json(&self) -> Value {
        json!({
            "recording": self.recording, "key": self.recorded.key, "cents": rounded(self.recorded.cents, 1),
            "known_until_s": rounded(self.recorded.known.until_s, 3),
            "known_below_hz": rounded(self.recorded.known.below_hz, 0),
            "model": self.model.json(), "analysed": self.analysed.json(), "plays": if self.is_analysed { "analysed" } else { "model" },
            "seed": self.found.seed, "style_offset_rms": rounded(self.found.offset_rms, 3),
        })
    }

    /// The recording above, the answer below, as PNG bytes.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn draw(&self) -> Result<Vec<u8>, Failure> {
        let errors = if self.is_analysed {
            &self.analysed
        } else {
            &self.model
        };
        let end = ((self.recorded.known.until_s * self.rate_hz) as usize)
            .min(self.recorded.samples.len());
        let name = self
            .recording
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let known = format!("key {}, as far as it is compared", self.recorded.key);
        let title = if self.is_analysed {
            "Its analysis, played"
        } else {
            "The nearest sound of the model"
        };
        let sound = |title, subtitle, samples: &'_ [f32]| {
            (title, subtitle, samples[..end.min(samples.len())].to_vec())
        };
        let recording = format!("Recording: {name}");
        let answer = errors.words();
        let parts = [
            sound(recording.as_str(), known.as_str(), &self.recorded.samples),
            sound(title, answer.as_str(), &self.answer),
        ];
        let sounds = parts
            .each_ref()
            .map(|(title, subtitle, samples)| picture::Sound {
                title,
                subtitle,
                channels: (samples, samples),
                sample_rate_hz: self.rate_hz.round() as u32,
            });
        picture::stacked_png_bytes(&sounds).map_err(Failure::other)
    }
}

impl Errors {
    fn words(&self) -> String {
        let or_none = |error_db: Option<f64>| match error_db {
            Some(error_db) => format!("{error_db:.1} dB"),
            None => "none to hear".to_owned(),
        };
        format!(
            "is off by {} in the bands that are heard (harmonics {:.1} dB, noise {})",
            or_none(self.bands.map(|bands| bands.mean_db)),
            self.maps.level_db,
            or_none(self.maps.noise_db)
        )
    }

    fn json(&self) -> Value {
        let bands = |figure: fn(&BandError) -> f64| {
            self.bands.as_ref().map(|bands| rounded(figure(bands), 2))
        };
        json!({
            "band_error_db": bands(|bands| bands.mean_db), "band_error_rms_db": bands(|bands| bands.rms_db),
            "level_error_db": rounded(self.maps.level_db, 2),
            "noise_error_db": self.maps.noise_db.map(|error_db| rounded(error_db, 2)),
        })
    }
}
