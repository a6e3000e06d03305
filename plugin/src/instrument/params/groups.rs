//! The parameters by group. Any thread; values only.
//!
//! Times in ms, levels in dB, shares 0..1, pitch in cents or semitones. An id is at most six letters, for ever.

use nice_plug::prelude::*;

use crate::parameter_text as text;

/// Timbre slots: as many controls of a model can be automated.
pub const NUM_TIMBRES: usize = 12;
/// Longest envelope stage.
const MAX_STAGE_MS: f32 = 10_000.0;
/// Longest glide.
const MAX_GLIDE_MS: f32 = 5_000.0;
/// Shortest release; shorter ones click.
const MIN_RELEASE_MS: f32 = 3.0;
/// Lowest output level: silence.
const LOWEST_OUTPUT_DB: f32 = -60.0;
/// Makes the short times, where ears differ most, most of a slider's way.
const TIME_SKEW: f32 = 0.3;

/// One slot per control of the model, in the order of its manifest. The names are those of the shipped model; the editor
/// shows those of the model that plays. Units: standard deviations of the training data.
#[derive(Params)]
pub struct TimbreParams {
    /// First control.
    #[id = "tim1"]
    pub first: FloatParam,
    /// Second control.
    #[id = "tim2"]
    pub second: FloatParam,
    /// Third control.
    #[id = "tim3"]
    pub third: FloatParam,
    /// Fourth control.
    #[id = "tim4"]
    pub fourth: FloatParam,
    /// Fifth control.
    #[id = "tim5"]
    pub fifth: FloatParam,
    /// Sixth control.
    #[id = "tim6"]
    pub sixth: FloatParam,
    /// Seventh control.
    #[id = "tim7"]
    pub seventh: FloatParam,
    /// Eighth control.
    #[id = "tim8"]
    pub eighth: FloatParam,
    /// Ninth control.
    #[id = "tim9"]
    pub ninth: FloatParam,
    /// Tenth control.
    #[id = "tim10"]
    pub tenth: FloatParam,
    /// Eleventh control.
    #[id = "tim11"]
    pub eleventh: FloatParam,
    /// Twelfth control.
    #[id = "tim12"]
    pub twelfth: FloatParam,
}

impl TimbreParams {
    /// The slots in order.
    pub fn slots(&self) -> [&FloatParam; NUM_TIMBRES] {
        [
            &self.first,
            &self.second,
            &self.third,
            &self.fourth,
            &self.fifth,
            &self.sixth,
            &self.seventh,
            &self.eighth,
            &self.ninth,
            &self.tenth,
            &self.eleventh,
            &self.twelfth,
        ]
    }
}

impl Default for TimbreParams {
    fn default() -> Self {
        let slot = |name| {
            linear(name, 0.0, (-2.0, 2.0))
                .with_value_to_string(text::write_signed(2, ""))
                .with_string_to_value(text::read_unit(""))
        };
        Self {
            first: slot("Brightness"),
            second: slot("Attack Character"),
            third: slot("Noisiness"),
            fourth: slot("Decay Character"),
            fifth: slot("Warmth"),
            sixth: slot("Movement"),
            seventh: slot("Breath"),
            eighth: slot("Hollowness"),
            ninth: slot("Body"),
            tenth: slot("Timbre 10"),
            eleventh: slot("Timbre 11"),
            twelfth: slot("Timbre 12"),
        }
    }
}

/// Place between the corner sounds: A left above, B right above, C left below, D right below.
#[derive(Params)]
pub struct MorphParams {
    /// 0 is A (and C), 1 is B (and D).
    #[id = "morphx"]
    pub x: FloatParam,
    /// 0 is A and B, 1 is C and D.
    #[id = "morphy"]
    pub y: FloatParam,
    /// Place along the recorded path, when there is one; at 0 the pad decides.
    #[id = "path"]
    pub path: FloatParam,
}

impl Default for MorphParams {
    fn default() -> Self {
        Self {
            x: share("Morph X", 0.0),
            y: share("Morph Y", 0.0),
            path: share("Path Position", 0.0),
        }
    }
}

/// Attack, decay, sustain, release.
#[derive(Params)]
pub struct EnvelopeParams {
    /// ms, on top of the note's own attack.
    #[id = "att"]
    pub attack_ms: FloatParam,
    /// ms from full level to the sustain level.
    #[id = "dec"]
    pub decay_ms: FloatParam,
    /// Share of full level, 0..1.
    #[id = "sus"]
    pub sustain_level: FloatParam,
    /// ms from note-off to silence.
    #[id = "rel"]
    pub release_ms: FloatParam,
}

impl Default for EnvelopeParams {
    fn default() -> Self {
        let usual = engine::EnvelopeSettings::default();
        let stage = (0.0, MAX_STAGE_MS);
        Self {
            attack_ms: time("Attack", usual.attack_ms, stage),
            decay_ms: time("Decay", usual.decay_ms, stage),
            sustain_level: share("Sustain", usual.sustain_level),
            release_ms: time("Release", usual.release_ms, (MIN_RELEASE_MS, MAX_STAGE_MS)),
        }
    }
}

/// How keys become notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum KeyMode {
    /// Every key its own voice.
    #[id = "poly"]
    Poly,
    /// One voice, struck again by every key.
    #[id = "mono"]
    Mono,
    /// One voice; keys played while another is held only change its pitch.
    #[id = "legato"]
    Legato,
}

/// How keys are played.
#[derive(Params)]
pub struct PlayingParams {
    /// One voice per key, or one for all.
    #[id = "mode"]
    pub mode: EnumParam<KeyMode>,
    /// Most voices at once.
    #[id = "voices"]
    pub voices: IntParam,
    /// ms from one pitch to the next.
    #[id = "glide"]
    pub glide_ms: FloatParam,
    /// Semitones of a full pitch bend.
    #[id = "bend"]
    pub bend_range_semitones: IntParam,
    /// Whether every channel is a finger (MPE).
    #[id = "mpe"]
    pub mpe: BoolParam,
    /// How much velocity changes loudness, 0..1.
    #[id = "velsen"]
    pub velocity_share: FloatParam,
    /// dB per octave that full pressure or timbre tilts a note's harmonics by.
    #[id = "touch"]
    pub touch_tilt_db: FloatParam,
    /// How far pressure and timbre move a finger's own note between the corner sounds, 0..1.
    #[id = "tchmor"]
    pub touch_morph: FloatParam,
}

impl Default for PlayingParams {
    fn default() -> Self {
        let whole =
            |name, default, min, max| IntParam::new(name, default, IntRange::Linear { min, max });
        Self {
            mode: EnumParam::new("Key Mode", KeyMode::Poly),
            voices: whole("Voices", 32, 1, engine::MAX_VOICES as i32),
            glide_ms: time("Glide", 0.0, (0.0, MAX_GLIDE_MS)),
            bend_range_semitones: whole("Bend Range", 2, 0, 48).with_unit(" st"),
            mpe: BoolParam::new("MPE", false),
            velocity_share: share("Velocity Sensitivity", 1.0),
            touch_tilt_db: linear("Touch Brightness", 3.0, (0.0, 12.0))
                .with_value_to_string(text::write_plain(1, " dB/oct"))
                .with_string_to_value(text::read_unit("dB/oct")),
            touch_morph: share("Touch Morph", 0.0),
        }
    }
}

/// Tuning.
#[derive(Params)]
pub struct TuningParams {
    /// Frequency of A4, Hz.
    #[id = "a4"]
    pub a4_hz: FloatParam,
    /// Semitones up or down.
    #[id = "transp"]
    pub transpose_semitones: IntParam,
    /// Cents up or down.
    #[id = "fine"]
    pub fine_cents: FloatParam,
}

impl Default for TuningParams {
    fn default() -> Self {
        let two_octaves = IntRange::Linear { min: -24, max: 24 };
        Self {
            a4_hz: linear("A4", 440.0, (415.0, 466.0))
                .with_value_to_string(text::write_plain(1, " Hz"))
                .with_string_to_value(text::read_unit("Hz")),
            transpose_semitones: IntParam::new("Transpose", 0, two_octaves).with_unit(" st"),
            fine_cents: linear("Fine Tune", 0.0, (-100.0, 100.0))
                .with_value_to_string(text::write_signed(1, " cents"))
                .with_string_to_value(text::read_unit("cents")),
        }
    }
}

/// Colour, width, room and level of everything.
#[derive(Params)]
pub struct SpaceParams {
    /// dB per octave that all harmonics are tilted by.
    #[id = "tilt"]
    pub tilt_db: FloatParam,
    /// 0 mono .. 1 as wide as it goes.
    #[id = "width"]
    pub width: FloatParam,
    /// Cents that the two sides are moved apart by.
    #[id = "detune"]
    pub detune_cents: FloatParam,
    /// Size of the room, 0..1.
    #[id = "rvsize"]
    pub reverb_size: FloatParam,
    /// Share of the room in the output, 0..1.
    #[id = "rvmix"]
    pub reverb_mix: FloatParam,
    /// Output level, dB.
    #[id = "output"]
    pub output_db: FloatParam,
}

impl Default for SpaceParams {
    fn default() -> Self {
        Self {
            tilt_db: linear("Tilt", 0.0, (-6.0, 6.0))
                .with_value_to_string(text::write_signed(1, " dB/oct"))
                .with_string_to_value(text::read_unit("dB/oct")),
            width: share("Width", 0.6),
            detune_cents: linear("Detune", 0.0, (0.0, 50.0))
                .with_value_to_string(text::write_plain(1, " cents"))
                .with_string_to_value(text::read_unit("cents")),
            reverb_size: share("Reverb Size", 0.5),
            reverb_mix: share("Reverb Mix", 0.0),
            output_db: linear("Output", 0.0, (LOWEST_OUTPUT_DB, 12.0))
                .with_value_to_string(text::write_level(LOWEST_OUTPUT_DB))
                .with_string_to_value(text::read_level(LOWEST_OUTPUT_DB)),
        }
    }
}

/// The gain of an output level: the lowest is silence.
pub fn output_gain_db(level_db: f32) -> f32 {
    if level_db <= LOWEST_OUTPUT_DB {
        f32::NEG_INFINITY
    } else {
        level_db
    }
}

fn linear(name: &str, default: f32, (min, max): (f32, f32)) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max })
}

fn share(name: &str, default: f32) -> FloatParam {
    linear(name, default, (0.0, 1.0))
        .with_value_to_string(text::write_percent())
        .with_string_to_value(text::read_percent())
}

fn time(name: &str, default_ms: f32, (min, max): (f32, f32)) -> FloatParam {
    let range = FloatRange::Skewed {
        min,
        max,
        factor: TIME_SKEW,
    };
    FloatParam::new(name, default_ms, range)
        .with_value_to_string(text::write_time())
        .with_string_to_value(text::read_time())
}
