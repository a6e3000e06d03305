//! The parameters by group. Any thread; values only.
//!
//! Times in ms, levels in dB, shares 0..1. An id is at most six letters, for ever.

use engine::mix::MixSettings;
use engine::mix::duck::DuckSettings;
use engine::score::compose::{BedPart, MAX_LENGTH_S, MAX_TEMPO_BPM, MIN_LENGTH_S, MIN_TEMPO_BPM};
use nice_plug::prelude::*;

use super::{MetreChoice, ModeChoice, TonicChoice};
use crate::parameter_text as text;

/// Largest seed: a float holds every whole number up to here.
const MAX_SEED: i32 = 999_999;
/// Latest start on the host's timeline, ms: four hours.
const MAX_START_MS: i32 = 14_400_000;
/// Length of a new bed, ms.
const FIRST_LENGTH_MS: i32 = 90_000;
/// Lowest level: silence.
const LOWEST_DB: f32 = -60.0;
/// Level of a new bed under a voice, dB.
const FIRST_BED_DB: f32 = -6.0;
/// Levels that are turned while something sounds move this long.
const SMOOTHING_MS: f32 = 20.0;
/// Below the slowest tempo: mood and seed choose.
const AUTO_TEMPO_BPM: f32 = MIN_TEMPO_BPM as f32 - 1.0;
/// Below no density at all: the mood chooses.
const AUTO_DENSITY: i32 = -1;
/// What stands for the composer's own choice.
const AUTO: &str = "auto";

/// How it feels.
#[derive(Params)]
pub struct MoodParams {
    /// -1 dark .. 1 bright.
    #[id = "val"]
    pub valence: FloatParam,
    /// 0 still .. 1 driving.
    #[id = "energy"]
    pub energy: FloatParam,
    /// The whole number that makes everything else repeatable.
    #[id = "seed"]
    pub seed: IntParam,
}

impl Default for MoodParams {
    fn default() -> Self {
        Self {
            // The place of the mood "calm".
            valence: linear("Valence", 0.4, (-1.0, 1.0))
                .with_value_to_string(text::write_signed(2, ""))
                .with_string_to_value(text::read_unit("")),
            energy: share("Energy", 0.2),
            seed: whole("Seed", 1, (0, MAX_SEED)),
        }
    }
}

/// How long, in which key, how fast.
#[derive(Params)]
pub struct FormParams {
    /// ms.
    #[id = "length"]
    pub length_ms: IntParam,
    /// Where on the host's timeline the bed begins, ms.
    #[id = "start"]
    pub start_ms: IntParam,
    /// Whether the end runs into the start.
    #[id = "loop"]
    pub is_loop: BoolParam,
    /// Beats a minute; the lowest value is the composer's choice.
    #[id = "tempo"]
    pub tempo_bpm: FloatParam,
    /// The tonic.
    #[id = "tonic"]
    pub tonic: EnumParam<TonicChoice>,
    /// The mode.
    #[id = "mode"]
    pub mode: EnumParam<ModeChoice>,
    /// The metre.
    #[id = "metre"]
    pub metre: EnumParam<MetreChoice>,
    /// How much is played, percent; the lowest value is the composer's choice.
    #[id = "dens"]
    pub density_percent: IntParam,
}

impl Default for FormParams {
    fn default() -> Self {
        let lengths = ((1e3 * MIN_LENGTH_S) as i32, (1e3 * MAX_LENGTH_S) as i32);
        Self {
            length_ms: clock("Length", FIRST_LENGTH_MS, lengths),
            start_ms: clock("Start", 0, (0, MAX_START_MS)),
            is_loop: BoolParam::new("Loop", true),
            tempo_bpm: linear(
                "Tempo",
                AUTO_TEMPO_BPM,
                (AUTO_TEMPO_BPM, MAX_TEMPO_BPM as f32),
            )
            .with_step_size(0.5)
            .with_value_to_string(text::write_or(AUTO, AUTO_TEMPO_BPM, 1, " bpm"))
            .with_string_to_value(text::read_or(AUTO, AUTO_TEMPO_BPM, "bpm")),
            tonic: EnumParam::new("Tonic", TonicChoice::Auto),
            mode: EnumParam::new("Mode", ModeChoice::Auto),
            metre: EnumParam::new("Metre", MetreChoice::Auto),
            density_percent: whole("Density", AUTO_DENSITY, (AUTO_DENSITY, 100))
                .with_value_to_string(std::sync::Arc::new(|percent| {
                    if percent == AUTO_DENSITY {
                        AUTO.to_owned()
                    } else {
                        format!("{percent} %")
                    }
                }))
                .with_string_to_value(std::sync::Arc::new(|typed| {
                    let typed = typed.trim().trim_end_matches('%').trim();
                    if typed == AUTO {
                        return Some(AUTO_DENSITY);
                    }
                    typed.parse().ok()
                })),
        }
    }
}

impl FormParams {
    /// Beats a minute, in halves; `None` for the composer's choice.
    pub fn tempo_halves(&self) -> Option<u16> {
        let tempo_bpm = self.tempo_bpm.value();
        (tempo_bpm >= MIN_TEMPO_BPM as f32).then(|| (2.0 * tempo_bpm).round() as u16)
    }

    /// Percent; `None` for the composer's choice.
    pub fn density(&self) -> Option<u8> {
        u8::try_from(self.density_percent.value()).ok()
    }
}

/// One part of the score.
#[derive(Params)]
pub struct PartParams {
    /// dB.
    #[id = "lvl"]
    pub level_db: FloatParam,
    /// Silenced.
    #[id = "mute"]
    pub is_muted: BoolParam,
    /// Only parts like it are heard.
    #[id = "solo"]
    pub is_soloed: BoolParam,
}

impl PartParams {
    /// The balance that the command line has.
    pub fn new(part: BedPart) -> Self {
        let usual_db = MixSettings::default().parts[part.index()].gain_db as f32;
        let name = part.name();
        let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        Self {
            level_db: level(&format!("{title} Level"), usual_db),
            is_muted: BoolParam::new(format!("{title} Mute"), false),
            is_soloed: BoolParam::new(format!("{title} Solo"), false),
        }
    }
}

/// The room.
#[derive(Params)]
pub struct HallParams {
    /// Against the dry sound, dB.
    #[id = "hall"]
    pub level_db: FloatParam,
    /// s.
    #[id = "decay"]
    pub decay_s: FloatParam,
}

impl Default for HallParams {
    fn default() -> Self {
        let usual = MixSettings::default().hall;
        Self {
            level_db: level("Hall Level", usual.level_db as f32),
            decay_s: linear("Hall Decay", usual.decay_s as f32, (0.2, 6.0))
                .with_value_to_string(text::write_plain(1, " s"))
                .with_string_to_value(text::read_unit("s")),
        }
    }
}

/// How the bed makes room for a voice.
#[derive(Params)]
pub struct DuckParams {
    /// How far the bed falls, dB.
    #[id = "depth"]
    pub depth_db: FloatParam,
    /// ms to the full depth.
    #[id = "dukatt"]
    pub attack_ms: FloatParam,
    /// ms back.
    #[id = "dukrel"]
    pub release_ms: FloatParam,
    /// How much further pulse, motif and lift fall, dB.
    #[id = "thin"]
    pub thin_db: FloatParam,
    /// How much deeper 1 to 4 kHz go, dB.
    #[id = "darken"]
    pub darken_db: FloatParam,
    /// Whether the level dips.
    #[id = "levon"]
    pub does_dip: BoolParam,
    /// Whether voices thin out.
    #[id = "thinon"]
    pub does_thin: BoolParam,
    /// Whether the band of words darkens.
    #[id = "darkon"]
    pub does_darken: BoolParam,
}

impl Default for DuckParams {
    fn default() -> Self {
        let usual = DuckSettings::default();
        Self {
            depth_db: in_db("Duck Depth", usual.depth_db as f32, (0.0, 24.0)),
            attack_ms: time("Duck Attack", usual.attack_ms as f32, (5.0, 5_000.0)),
            release_ms: time("Duck Release", usual.release_ms as f32, (20.0, 20_000.0)),
            thin_db: in_db("Duck Thin", usual.thin_db as f32, (0.0, 40.0)),
            darken_db: in_db("Duck Darken", usual.darken_db as f32, (0.0, 24.0)),
            does_dip: BoolParam::new("Duck by Level", true),
            does_thin: BoolParam::new("Duck by Thinning", true),
            does_darken: BoolParam::new("Duck by Darkening", true),
        }
    }
}

impl DuckParams {
    /// What the ducker is told.
    pub fn settings(&self) -> DuckSettings {
        let if_on = |is_on: &BoolParam, param: &FloatParam| {
            if is_on.value() {
                f64::from(param.value())
            } else {
                0.0
            }
        };
        DuckSettings {
            depth_db: if_on(&self.does_dip, &self.depth_db),
            thin_db: if_on(&self.does_thin, &self.thin_db),
            darken_db: if_on(&self.does_darken, &self.darken_db),
            attack_ms: f64::from(self.attack_ms.value()),
            release_ms: f64::from(self.release_ms.value()),
        }
    }
}

/// Voice, bed, both; and how loud an exported file is to be.
#[derive(Params)]
pub struct LevelParams {
    /// Of the input, dB.
    #[id = "voice"]
    pub voice_db: FloatParam,
    /// Of the bed, dB.
    #[id = "bed"]
    pub bed_db: FloatParam,
    /// Of both, dB.
    #[id = "output"]
    pub output_db: FloatParam,
    /// Integrated loudness of exported files, LUFS.
    #[id = "lufs"]
    pub target_lufs: FloatParam,
    /// Highest true peak of exported files, dBTP.
    #[id = "tpeak"]
    pub true_peak_db: FloatParam,
}

impl Default for LevelParams {
    fn default() -> Self {
        Self {
            voice_db: smooth(level("Dialogue Level", 0.0)),
            bed_db: smooth(level("Bed Level", FIRST_BED_DB)),
            output_db: smooth(level("Output", 0.0)),
            target_lufs: linear("Target Loudness", -23.0, (-60.0, -5.0))
                .with_step_size(0.1)
                .with_value_to_string(text::write_plain(1, " LUFS"))
                .with_string_to_value(text::read_unit("LUFS")),
            true_peak_db: linear("True Peak", -1.0, (-20.0, 0.0))
                .with_step_size(0.1)
                .with_value_to_string(text::write_plain(1, " dBTP"))
                .with_string_to_value(text::read_unit("dBTP")),
        }
    }
}

/// The factor of a level; the lowest is silence.
///
/// # Real-time
/// Safe.
pub fn gain(level_db: f32) -> f32 {
    if level_db <= LOWEST_DB {
        0.0
    } else {
        10_f32.powf(0.05 * level_db)
    }
}

/// A level or a difference of levels.
pub fn in_db(name: &str, default: f32, range: (f32, f32)) -> FloatParam {
    linear(name, default, range)
        .with_value_to_string(text::write_plain(1, " dB"))
        .with_string_to_value(text::read_unit("dB"))
}

fn level(name: &str, default: f32) -> FloatParam {
    linear(name, default, (LOWEST_DB, 12.0))
        .with_value_to_string(text::write_level(LOWEST_DB))
        .with_string_to_value(text::read_level(LOWEST_DB))
}

fn smooth(param: FloatParam) -> FloatParam {
    param.with_smoother(SmoothingStyle::Linear(SMOOTHING_MS))
}

fn linear(name: &str, default: f32, (min, max): (f32, f32)) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max })
}

fn whole(name: &str, default: i32, (min, max): (i32, i32)) -> IntParam {
    IntParam::new(name, default, IntRange::Linear { min, max })
}

fn clock(name: &str, default_ms: i32, range: (i32, i32)) -> IntParam {
    whole(name, default_ms, range)
        .with_value_to_string(text::write_clock())
        .with_string_to_value(text::read_clock())
}

fn share(name: &str, default: f32) -> FloatParam {
    linear(name, default, (0.0, 1.0))
        .with_value_to_string(text::write_percent())
        .with_string_to_value(text::read_percent())
}

fn time(name: &str, default_ms: f32, (min, max): (f32, f32)) -> FloatParam {
    /// Makes the short times, where ears differ most, most of a slider's way.
    const TIME_SKEW: f32 = 0.3;
    let range = FloatRange::Skewed {
        min,
        max,
        factor: TIME_SKEW,
    };
    FloatParam::new(name, default_ms, range)
        .with_value_to_string(text::write_time())
        .with_string_to_value(text::read_time())
}
