//! What `bed` was asked for, read and checked before anything is composed.

use engine::cues::timecode::FrameRate;
use engine::mix::MixSettings;
use engine::mix::master::{TARGETS, Target};
use engine::score::compose::{Bed, BedPart, BedSettings, Key, Metre, Mood, PlacedHit};

use super::{Arguments, length};
use crate::bed_production::{self, BedOrder};
use crate::failure::Failure;
use crate::flags::Common;
use crate::sound_choice::SoundChoice;

/// A checked request.
pub struct Request {
    /// What to make.
    pub order: BedOrder,
    /// Of the video.
    pub frame_rate: FrameRate,
}

impl Request {
    /// Reads the arguments and the files they name.
    ///
    /// # Errors
    /// Exit code 2 for values out of range, 3 for files that cannot be read.
    pub fn read(arguments: &Arguments, common: &Common) -> Result<Self, Failure> {
        let frame_rate = FrameRate::from_text(&arguments.fps)?;
        let length_s = length::seconds(&arguments.length, frame_rate)?;
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
        settings.check()?;
        let target = target(arguments)?;
        target.check()?;
        let named = named_sounds(&arguments.parts)?;
        Ok(Request {
            order: BedOrder {
                sounds: bed_production::choose(&settings, &named)?,
                mix: mix(arguments)?,
                ducking: None,
                target,
                settings,
            },
            frame_rate,
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

fn target(arguments: &Arguments) -> Result<Target, Failure> {
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

fn mix(arguments: &Arguments) -> Result<MixSettings, Failure> {
    let mut mix = MixSettings {
        sample_rate_hz: arguments.rate,
        num_threads: bed_production::num_threads(),
        ..MixSettings::default()
    };
    for name in &arguments.mute {
        mix.parts[part(name, "--mute")?.index()].is_muted = true;
    }
    Ok(mix)
}
