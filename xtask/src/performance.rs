//! From a score to a finished file: bake, play, measure, save. What `note`, `render`, `demo` and `bench` share.

use std::path::{Path, PathBuf};
use std::time::Instant;

use engine::Wish;
use engine::fingerprint::fingerprint;
use engine::loudness::{self, Loudness};
use engine::offline::{self, RenderSettings, Rendering, SlotMap};
use engine::score::{Score, general_midi};
use engine::wav::{self, Recipe, SampleStorage};
use engine::worker::bake::{self, BakedNote};
use models::{SoundGenerator, SoundPoint};
use serde_json::{Value, json};

use crate::bed_production::BedProduction;
use crate::failure::Failure;
use crate::flags::Common;
use crate::output_file::OutputFile;
use crate::sound_choice::SoundChoice;
use crate::{picture, places, progress};

/// Most threads that bake: each holds its own copy of the model.
const MAX_BAKING_THREADS: usize = 4;
/// Fewer notes than this are baked before another copy of the model is loaded.
const NOTES_WORTH_A_THREAD: usize = 16;

/// Which sounds a score is played with.
#[derive(Clone, Debug, PartialEq)]
pub enum Sounds {
    /// The same for all parts.
    One(SoundChoice),
    /// A seed per General MIDI program, leaning towards its family; see `engine::score::general_midi`.
    ByProgram {
        /// The seed of program 0, from which those of the others follow.
        seed: u32,
    },
}

/// Loaded copies of one model.
pub struct Stage {
    path: PathBuf,
    max_threads: usize,
    generators: Vec<SoundGenerator>,
}

/// Baked notes and where the score's programs find them.
pub struct BakedScore {
    /// Slots of the note table.
    pub slots: SlotMap,
    /// The notes.
    pub notes: Vec<BakedNote>,
    /// How long baking took.
    pub bake_s: f64,
}

/// A finished render with its figures.
pub struct Performance {
    /// The samples, already lowered by `gain_db`.
    pub rendering: Rendering,
    /// After the gain.
    pub loudness: Loudness,
    /// 0, or what the whole was lowered by to stay below -1 dBTP.
    pub gain_db: f64,
    /// How long the player took.
    pub render_s: f64,
}

impl Stage {
    /// The performance as PNG bytes: spectrogram and wave, with what made it.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn draw(&self, performance: &Performance, title: &str) -> Result<Vec<u8>, Failure> {
        let rendering = &performance.rendering;
        let manifest = self.generators[0].manifest();
        let subtitle = format!(
            "{:.1} s   ·   model {} {}   ·   {}   ·   fingerprint {}",
            rendering.duration_s(),
            manifest.name,
            manifest.version,
            performance.lufs_in_words(),
            performance.fingerprint()
        );
        picture::png_bytes(&picture::Sound {
            title,
            subtitle: &subtitle,
            channels: (&rendering.left, &rendering.right),
            sample_rate_hz: rendering.sample_rate_hz,
        })
        .map_err(Failure::other)
    }

    /// A bed as PNG bytes, like [`Stage::draw`].
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn draw_bed(&self, production: &BedProduction) -> Result<Vec<u8>, Failure> {
        let manifest = self.generators[0].manifest();
        let bed = &production.bed;
        let subtitle = format!(
            "{:.1} s   ·   {:.1} beats a minute   ·   model {} {}   ·   fingerprint {}",
            bed.length_s,
            bed.tempo_bpm,
            manifest.name,
            manifest.version,
            production.fingerprint()
        );
        picture::png_bytes(&picture::Sound {
            title: &format!("Bed in {}", bed.key),
            subtitle: &subtitle,
            channels: (&production.rendering.left, &production.rendering.right),
            sample_rate_hz: production.rendering.sample_rate_hz,
        })
        .map_err(Failure::other)
    }

    /// Loads the named model or the shipped one, to bake with at most so many threads.
    ///
    /// # Errors
    /// As [`places::load_sound_generator`].
    pub fn open(model: Option<&Path>, max_threads: usize) -> Result<Self, Failure> {
        let path = match model {
            Some(path) => path.to_path_buf(),
            None => places::shipped_sound_model()?,
        };
        let generators = vec![places::load_sound_generator(Some(&path))?];
        Ok(Stage {
            path,
            max_threads: max_threads.clamp(1, MAX_BAKING_THREADS),
            generators,
        })
    }

    /// The model's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The model's first copy.
    pub fn generator(&mut self) -> &mut SoundGenerator {
        &mut self.generators[0]
    }

    /// Name, fingerprint and licence of the model, for a file's recipe.
    pub fn model_recipe(&self) -> Value {
        let manifest = self.generators[0].manifest();
        json!({
            "name": manifest.name, "version": manifest.version, "licence": manifest.licence,
            "attribution": manifest.attribution, "fingerprint": self.generators[0].fingerprint(),
        })
    }

    /// Bakes every note the score needs.
    ///
    /// # Errors
    /// Unknown controls, broken models.
    pub fn bake(
        &mut self,
        common: &Common,
        score: &Score,
        sounds: &Sounds,
    ) -> Result<BakedScore, Failure> {
        let start = Instant::now();
        let slots = match sounds {
            Sounds::One(_) => SlotMap::of_one_sound(score),
            Sounds::ByProgram { .. } => SlotMap::of(score),
        };
        let points = self.points(&slots, sounds)?;
        let wishes = slots.wishes(score);
        let notes = self.bake_wishes(common, &points, &wishes)?;
        Ok(BakedScore {
            slots,
            notes,
            bake_s: start.elapsed().as_secs_f64(),
        })
    }

    /// Bakes notes of sounds that are known by their slots.
    ///
    /// # Errors
    /// Broken models.
    pub fn bake_wishes(
        &mut self,
        common: &Common,
        points: &[SoundPoint],
        wishes: &[Wish],
    ) -> Result<Vec<BakedNote>, Failure> {
        self.load_copies_for(wishes.len())?;
        let bar = progress::counted(common, "baking notes", wishes.len());
        let notes = bake::bake(&mut self.generators, points, wishes, &|done| {
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        Ok(notes)
    }

    /// The sound of every slot.
    ///
    /// # Errors
    /// Unknown controls.
    pub fn points(&self, slots: &SlotMap, sounds: &Sounds) -> Result<Vec<SoundPoint>, Failure> {
        let programs = slots.programs().iter();
        programs
            .map(|&program| self.point(sounds, program))
            .collect()
    }

    fn load_copies_for(&mut self, num_notes: usize) -> Result<(), Failure> {
        let wanted = (num_notes / NOTES_WORTH_A_THREAD).clamp(1, self.max_threads);
        while self.generators.len() < wanted {
            self.generators
                .push(places::load_sound_generator(Some(&self.path))?);
        }
        Ok(())
    }

    fn point(&self, sounds: &Sounds, program: u8) -> Result<SoundPoint, Failure> {
        let manifest = self.generators[0].manifest();
        match sounds {
            Sounds::One(sound) => sound.point(manifest),
            Sounds::ByProgram { seed } => {
                let seed = general_midi::seed_of_program(*seed, program);
                let mut point = SoundChoice::from_seed(seed).point(manifest)?;
                for (name, value) in general_midi::family(program).controls {
                    if manifest.control(name).is_ok() {
                        point.add_control(name, *value, manifest)?;
                    }
                }
                Ok(point)
            }
        }
    }
}

/// Plays a baked score and lowers it as a whole when its true peak would pass -1 dBTP.
///
/// # Errors
/// Settings that the player refuses.
pub fn play(
    common: &Common,
    score: &Score,
    baked: &BakedScore,
    settings: &RenderSettings,
) -> Result<Performance, Failure> {
    let start = Instant::now();
    let bar = progress::share(common, "playing");
    let mut rendering =
        offline::render_score(score, &baked.slots, &baked.notes, settings, &mut |done| {
            progress::set_share(&bar, done);
        })?;
    bar.finish_and_clear();
    let render_s = start.elapsed().as_secs_f64();
    let measured = loudness::measure(&rendering.left, &rendering.right, settings.sample_rate_hz)?;
    let gain_db = offline::safe_gain_db(measured.true_peak_db);
    rendering.apply_gain(gain_db);
    Ok(Performance {
        rendering,
        loudness: Loudness {
            integrated_lufs: measured.integrated_lufs.map(|lufs| lufs + gain_db),
            true_peak_db: measured.true_peak_db.map(|peak_db| peak_db + gain_db),
        },
        gain_db,
        render_s,
    })
}

impl Performance {
    /// Its loudness as a reader wants it: `−19.6 LUFS` or `silent`.
    pub fn lufs_in_words(&self) -> String {
        self.loudness
            .integrated_lufs
            .map_or("silent".to_owned(), |lufs| {
                format!("{lufs:.1} LUFS").replace('-', "−")
            })
    }

    /// Fingerprint of the samples.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.rendering.left, &self.rendering.right)
    }
}

/// Writes the samples and their recipe, and gives the file its name.
///
/// # Errors
/// Exit code 4 when the disk is full or fails.
pub fn save(
    mut file: OutputFile,
    path: &Path,
    rendering: &Rendering,
    storage: SampleStorage,
    recipe: &Value,
) -> Result<PathBuf, Failure> {
    let recipe = self::recipe(recipe);
    let channels = (&rendering.left[..], &rendering.right[..]);
    wav::write(
        &mut file,
        channels,
        rendering.sample_rate_hz,
        storage,
        &recipe,
    )
    .map_err(|error| at_file(path, error))?;
    file.commit()
}

/// A recipe as it goes into a WAV file.
pub fn recipe(recipe: &Value) -> Recipe {
    Recipe {
        software: format!("Understory {}", env!("CARGO_PKG_VERSION")),
        comment: recipe.to_string(),
    }
}

/// A disk's refusal with the file's name.
pub fn at_file(path: &Path, error: engine::Error) -> Failure {
    match error {
        engine::Error::Write(cause) => Failure::at_path(path, &cause),
        other => other.into(),
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        match error.fault() {
            engine::Fault::Request => Self::request(error),
            engine::Fault::File => Self::input_file(error),
            engine::Fault::System => Self::system(error),
        }
    }
}

/// A figure for JSON, rounded so that nobody takes noise for news; `null` when there is none.
pub fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10_f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    // -0.0 would be printed with its sign.
    json!(if rounded == 0.0 { 0.0 } else { rounded })
}
