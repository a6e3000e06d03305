//! What `bed` was asked for, read and checked before anything is composed.

use engine::cues::timecode::FrameRate;
use engine::mix::MixSettings;
use engine::mix::duck::DuckSettings;
use engine::mix::master::{TARGETS, Target};
use engine::mix::render::Ducking;
use engine::score::compose::{Bed, BedPart, BedSettings, Key, Metre, Mood, PlacedHit};

use super::{Arguments, learning, length};
use crate::bed_production::{self, BedOrder};
use crate::dialogue::{self, Voice};
use crate::failure::Failure;
use crate::flags::Common;
use crate::sound_choice::SoundChoice;

/// A checked request.
pub struct Request {
    /// What to make.
    pub order: BedOrder,
    /// Of the video.
    pub frame_rate: FrameRate,
    /// Number of the first video frame.
    pub start_frame: u64,
    /// The recorded dialogue.
    pub voice: Option<Voice>,
}

impl Request {
    /// Reads the arguments and the files they name.
    ///
    /// # Errors
    /// Exit code 2 for values out of range, 3 for files that cannot be read.
    pub fn read(
        arguments: &Arguments,
        common: &Common,
        num_threads: usize,
    ) -> Result<Self, Failure> {
        let frame_rate = FrameRate::from_text(&arguments.fps)?;
        let length = arguments.length.as_deref().unwrap_or_default();
        let length_s = length::seconds(length, frame_rate)?;
        let start_frame = frame_rate.frame_of_timecode(&arguments.tc_start)?;
        let mut settings = BedSettings::new(common.seed, length_s, mood(arguments)?);
        settings.tempo_bpm = arguments.tempo;
        settings.density = arguments.density;
        settings.is_loop = arguments.is_loop;
        settings.key = arguments.key.as_deref().map(Key::from_text).transpose()?;
        settings.metre = arguments
            .metre
            .as_deref()
            .map(Metre::from_text)
            .transpose()?;
        if let Some(path) = &arguments.tables {
            settings.tables = learning::load(path)?;
        }
        // What the flags say is checked before files are read, what the files say after.
        settings.check()?;
        let duck = duck(arguments)?;
        if let Some(path) = &arguments.markers {
            let cues = dialogue::markers(path, frame_rate)?;
            settings.hits = cues.hits;
            settings.speech = cues.speech;
            // The file is at fault, not the flags.
            settings
                .check()
                .map_err(|error| Failure::input_file(format!("{}: {error}", path.display())))?;
        }
        let mut voice = None;
        if let Some(path) = &arguments.dialogue {
            let dialogue = dialogue::dialogue(path, frame_rate, arguments.rate)?;
            settings.speech.extend(dialogue.speech);
            voice = dialogue.voice;
        }
        let target = target(arguments, voice.as_ref())?;
        target.check()?;
        let ducking = (!settings.speech.is_empty()).then(|| Ducking {
            settings: duck,
            speech: settings.speech.clone(),
        });
        let named = named_sounds(&arguments.parts)?;
        Ok(Request {
            order: BedOrder {
                sounds: bed_production::choose(&settings, &named)?,
                mix: mix(arguments, num_threads)?,
                ducking,
                target,
                settings,
            },
            frame_rate,
            start_frame,
            voice,
        })
    }

    /// Whether a hit falls on its video frame.
    pub fn is_met(&self, hit: &PlacedHit) -> bool {
        (hit.placed_s - hit.wanted_s).abs() <= 0.5 * self.frame_rate.frame_s()
    }

    /// How many do.
    pub fn num_met(&self, bed: &Bed) -> usize {
        bed.hits.iter().filter(|hit| self.is_met(hit)).count()
    }
}

fn mood(arguments: &Arguments) -> Result<Mood, Failure> {
    let named = Mood::from_name(&arguments.mood)?;
    if arguments.valence.is_none() && arguments.energy.is_none() {
        return Ok(named);
    }
    let mut mood = Mood::new(
        arguments.valence.unwrap_or(named.valence),
        arguments.energy.unwrap_or(named.energy),
    )?;
    // A name's own mode stays as long as its valence does.
    mood.mode = named.mode.filter(|_| arguments.valence.is_none());
    Ok(mood)
}

fn duck(arguments: &Arguments) -> Result<DuckSettings, Failure> {
    let duck = DuckSettings {
        depth_db: arguments.duck_depth,
        thin_db: arguments.duck_thin,
        darken_db: arguments.duck_darken,
        attack_ms: arguments.duck_attack,
        release_ms: arguments.duck_release,
    };
    duck.check()?;
    Ok(duck)
}

fn target(arguments: &Arguments, voice: Option<&Voice>) -> Result<Target, Failure> {
    let name = arguments.target.as_deref().unwrap_or("ebu");
    let mut target = TARGETS
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(name))
        .map(|known| known.target)
        .ok_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|known| known.name).collect();
            Failure::request(format!(
                "--target {name}: choose one of {}, or a number with --lufs",
                names.join(", ")
            ))
        })?;
    if let Some(lufs) = arguments.lufs {
        target.lufs = lufs;
    }
    if let Some(under_lu) = arguments.under {
        let voice_lufs = voice.and_then(|voice| voice.lufs).ok_or_else(|| {
            Failure::request(
                "--under needs a recorded dialogue: give --dialogue a WAV file that is not silent",
            )
        })?;
        target.lufs = voice_lufs - under_lu;
    }
    if let Some(true_peak_db) = arguments.true_peak {
        target.true_peak_db = true_peak_db;
    }
    Ok(target)
}

fn part(name: &str, flag: &str) -> Result<BedPart, Failure> {
    BedPart::ALL
        .into_iter()
        .find(|part| part.name().eq_ignore_ascii_case(name.trim()))
        .ok_or_else(|| {
            let names = BedPart::ALL.map(BedPart::name);
            Failure::request(format!("{flag} {name}: the parts are {}", names.join(", ")))
        })
}

fn named_sounds(named: &[String]) -> Result<[Option<SoundChoice>; 5], Failure> {
    let mut sounds = [const { None }; 5];
    for text in named {
        let (name, sound) = text.split_once('=').ok_or_else(|| {
            Failure::request(format!(
                "--part {text}: write it as part=sound, as in pad=canopy"
            ))
        })?;
        sounds[part(name, "--part")?.index()] = Some(SoundChoice::from_text(sound.trim())?);
    }
    Ok(sounds)
}

fn mix(arguments: &Arguments, num_threads: usize) -> Result<MixSettings, Failure> {
    engine::check_sample_rate(f64::from(arguments.rate))?;
    let mut mix = MixSettings {
        sample_rate_hz: arguments.rate,
        num_threads,
        ..MixSettings::default()
    };
    for name in &arguments.mute {
        mix.parts[part(name, "--mute")?.index()].is_muted = true;
    }
    Ok(mix)
}
