//! A song as it is to be played: checked, played, remembered in the file and read back from there.

use std::path::Path;

use engine::offline::{self, MAX_TAIL_S, RenderSettings, Rendering};
use engine::score::Score;
use engine::wav::{self, SampleStorage};
use serde_json::{Value, json};

use super::Arguments;
use crate::checksum;
use crate::failure::Failure;
use crate::flags::Common;
use crate::performance::{self, BakedScore, Performance, Sounds, Stage};
use crate::recorded::Recorded;
use crate::sound_choice::SoundChoice;

/// Largest MIDI file read: 10 million events fit.
const MAX_MIDI_BYTES: u64 = 256 << 20;

/// A MIDI file in memory.
pub struct Song {
    /// File name without its folder.
    name: String,
    score: Score,
    sha256: String,
}

impl Song {
    /// Reads and checks a MIDI file.
    ///
    /// # Errors
    /// Exit code 3 with its path.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::input_file(format!("{}: {error}", path.display()))
        };
        let length = std::fs::metadata(path)
            .map_err(|error| unreadable(&error))?
            .len();
        if length > MAX_MIDI_BYTES {
            return Err(unreadable(&format!(
                "{length} bytes are too many for a MIDI file; the most is {MAX_MIDI_BYTES}"
            )));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::from_bytes(&name, &bytes).map_err(|error| unreadable(&error))
    }

    /// The same from a file in memory.
    ///
    /// # Errors
    /// When it cannot be played.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> engine::Result<Self> {
        Ok(Song {
            name: name.to_owned(),
            score: Score::from_midi(bytes)?,
            sha256: checksum::of_bytes(bytes),
        })
    }
}

/// Everything a rendered song depends on, but the model.
pub struct SongOrder {
    song: Song,
    sounds: Sounds,
    seed: u32,
    rate_hz: u32,
    /// How samples are stored.
    pub storage: SampleStorage,
}

/// A played song.
pub struct PlayedSong {
    /// Its notes.
    pub baked: BakedScore,
    /// Its samples.
    pub performance: Performance,
}

impl SongOrder {
    /// Reads and checks the flags and the song.
    ///
    /// # Errors
    /// Exit code 2 for values out of range, 3 for a song that cannot be played.
    pub fn read(arguments: &Arguments, common: &Common) -> Result<Self, Failure> {
        let order = SongOrder {
            song: Song::read(&arguments.song)?,
            sounds: match &arguments.sound {
                Some(text) => {
                    Sounds::One(SoundChoice::from_text(text)?.with_settings(&arguments.set)?)
                }
                None => Sounds::ByProgram { seed: common.seed },
            },
            seed: common.seed,
            rate_hz: arguments.rate,
            storage: SampleStorage::from_name(&arguments.bits)?,
        };
        order.check()?;
        Ok(order)
    }

    /// A song with a sound for every General MIDI program, in the usual form.
    pub fn by_program(song: Song, seed: u32) -> Self {
        SongOrder {
            song,
            sounds: Sounds::ByProgram { seed },
            seed,
            rate_hz: RenderSettings::default().sample_rate_hz,
            storage: SampleStorage::Integer24,
        }
    }

    /// The performance that a file remembers; `song` finds the MIDI file by name and SHA-256.
    ///
    /// # Errors
    /// Exit code 3 when the recipe lacks something, or the song is not found.
    pub fn from_recipe(
        recipe: Recorded<'_>,
        song: &dyn Fn(&str, &str) -> Result<Song, Failure>,
    ) -> Result<Self, Failure> {
        let sounds = recipe.part("sounds")?;
        let order = SongOrder {
            song: song(recipe.text("midi")?, recipe.text("midi_sha256")?)?,
            sounds: match sounds.whole("by_program_from_seed") {
                Ok(seed) => Sounds::ByProgram { seed },
                Err(_) => Sounds::One(SoundChoice::from_recipe(sounds)?),
            },
            seed: recipe.whole("seed")?,
            rate_hz: recipe.whole("rate")?,
            storage: SampleStorage::from_name(recipe.text("bits")?)?,
        };
        order.check()?;
        Ok(order)
    }

    /// What the file must remember.
    pub fn recipe(&self, stage: &Stage, performance: &Performance) -> Value {
        let sounds = match &self.sounds {
            Sounds::One(sound) => sound.recipe(),
            Sounds::ByProgram { seed } => json!({ "by_program_from_seed": seed }),
        };
        json!({
            "command": "render", "midi": self.song.name, "midi_sha256": self.song.sha256, "seed": self.seed,
            "sounds": sounds, "model": stage.model_recipe(), "rate": self.rate_hz, "bits": self.storage.name(),
            "gain_db": performance.gain_db, "fingerprint": performance.fingerprint(),
        })
    }

    /// What is played.
    pub fn score(&self) -> &Score {
        &self.song.score
    }

    /// Refuses sounds that the model cannot make.
    ///
    /// # Errors
    /// Exit code 2 with the control.
    pub fn check_sounds(&self, stage: &mut Stage) -> Result<(), Failure> {
        if let Sounds::One(sound) = &self.sounds {
            sound.point(stage.generator().manifest())?;
        }
        Ok(())
    }

    /// Bakes and plays it.
    ///
    /// # Errors
    /// Whatever the model refuses.
    pub fn play(&self, common: &Common, stage: &mut Stage) -> Result<PlayedSong, Failure> {
        let baked = stage.bake(common, &self.song.score, &self.sounds)?;
        let performance = performance::play(common, &self.song.score, &baked, &self.settings())?;
        Ok(PlayedSong { baked, performance })
    }

    /// One channel alone (0 is the first), with the length and the gain of the whole, so that together they are the whole;
    /// but a voice that was stolen there sounds on in its stem.
    ///
    /// # Errors
    /// As [`SongOrder::play`].
    pub fn stem(&self, whole: &PlayedSong, channel: u8) -> Result<Rendering, Failure> {
        let score = self.song.score.channel_alone(channel);
        let baked = &whole.baked;
        let settings = self.settings();
        let mut stem =
            offline::render_score(&score, &baked.slots, &baked.notes, &settings, &mut |_| {})?;
        let length = whole.performance.rendering.left.len();
        stem.left.resize(length, 0.0);
        stem.right.resize(length, 0.0);
        stem.apply_gain(whole.performance.gain_db);
        Ok(stem)
    }

    fn settings(&self) -> RenderSettings {
        RenderSettings {
            sample_rate_hz: self.rate_hz,
            seed: self.seed,
            ..RenderSettings::default()
        }
    }

    fn check(&self) -> Result<(), Failure> {
        engine::check_sample_rate(f64::from(self.rate_hz))?;
        let max_frames = (self.song.score.duration_s + MAX_TAIL_S) * f64::from(self.rate_hz);
        Ok(wav::check_size(max_frames as u64, self.storage)?)
    }
}
