//! What is asked of the composer and the mix, as whole numbers: two equal orders are the same samples. Any thread.
//!
//! The audio callback and the worker read it from the same parameters, each for itself; its tag says whether a page is of
//! it.

use std::hash::{DefaultHasher, Hash, Hasher};

use engine::mix::MixSettings;
use engine::score::compose::{BedSettings, EnergyPoint, Hit, Key, MOODS, Mode, Mood};

use super::params::{BedParams, MetreChoice};
use super::settings::{NUM_PARTS, Settings};

/// What has to be composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoreOrder {
    /// The seed.
    pub seed: u32,
    /// ms.
    pub length_ms: u32,
    /// Valence and energy, thousandths.
    pub mood: [i32; 2],
    /// Half beats a minute.
    pub tempo_halves: Option<u16>,
    /// Pitch class.
    pub tonic: Option<u8>,
    /// The mode.
    pub mode: Option<Mode>,
    /// The metre.
    pub metre: MetreChoice,
    /// Percent.
    pub density_percent: Option<u8>,
    /// Whether the end runs into the start.
    pub is_loop: bool,
    /// Counts changes of the settings.
    pub generation: u64,
}

/// How it has to be mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MixOrder {
    /// Hundredths of a dB, by number of the part; `None` for one that is not heard.
    pub levels: [Option<i32>; NUM_PARTS],
    /// Level of the hall, hundredths of a dB.
    pub hall_level: i32,
    /// Its decay, hundredths of a second.
    pub hall_decay: i32,
    /// Frames per second.
    pub sample_rate_hz: u32,
}

/// Both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// What has to be composed.
    pub score: ScoreOrder,
    /// How it has to be mixed.
    pub mix: MixOrder,
}

impl Order {
    /// What the parameters ask for now.
    ///
    /// # Real-time
    /// Safe.
    pub fn of(params: &BedParams, generation: u64, sample_rate_hz: u32) -> Self {
        let is_any_soloed = params.parts.iter().any(|part| part.is_soloed.value());
        let levels = params.parts.each_ref().map(|part| {
            let is_silent = part.is_muted.value() || (is_any_soloed && !part.is_soloed.value());
            (!is_silent).then(|| hundredths(part.level_db.value()))
        });
        let thousandths = |value: f32| (1e3 * value).round() as i32;
        Self {
            score: ScoreOrder {
                seed: params.mood.seed.value().unsigned_abs(),
                length_ms: params.form.length_ms.value().unsigned_abs(),
                mood: [&params.mood.valence, &params.mood.energy]
                    .map(|param| thousandths(param.value())),
                tempo_halves: params.form.tempo_halves(),
                tonic: params.form.tonic.value().pitch_class(),
                mode: params.form.mode.value().mode(),
                metre: params.form.metre.value(),
                density_percent: params.form.density(),
                is_loop: params.form.is_loop.value(),
                generation,
            },
            mix: MixOrder {
                levels,
                hall_level: hundredths(params.hall.level_db.value()),
                hall_decay: hundredths(params.hall.decay_s.value()),
                sample_rate_hz,
            },
        }
    }

    /// A number that two orders share only if they are the same.
    ///
    /// # Real-time
    /// Safe.
    pub fn tag(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

fn hundredths(value: f32) -> i32 {
    (1e2 * value).round() as i32
}

impl ScoreOrder {
    /// The mood. At the place of a named one it is that one, mode and all.
    pub fn mood(&self) -> Mood {
        let [valence, energy] = self.mood.map(|value| 1e-3 * f64::from(value));
        let is_here = |mood: &Mood| {
            let near = |one: f64, other: f64| (one - other).abs() < 5e-4;
            near(mood.valence, valence) && near(mood.energy, energy)
        };
        let named = MOODS.iter().map(|named| named.mood).find(is_here);
        let mut mood = named.unwrap_or(Mood {
            valence: valence.clamp(-1.0, 1.0),
            energy: energy.clamp(0.0, 1.0),
            mode: None,
        });
        mood.mode = self.mode.or(mood.mode);
        mood
    }

    /// Exact length, seconds.
    pub fn length_s(&self, settings: &Settings) -> f64 {
        let length_s = 1e-3 * f64::from(self.length_ms);
        settings
            .exact_length_s
            .filter(|exact_s| (exact_s - length_s).abs() < 1e-3)
            .unwrap_or(length_s)
    }

    /// What the composer is told. Hits past the end are left out: the bed may have been shortened since they were set.
    pub fn bed_settings(&self, settings: &Settings) -> BedSettings {
        let length_s = self.length_s(settings);
        let mood = self.mood();
        let mut bed = BedSettings::new(self.seed, length_s, mood);
        bed.tempo_bpm = self.tempo_halves.map(|halves| 0.5 * f64::from(halves));
        bed.key = self.tonic.map(|tonic| Key {
            tonic,
            mode: mood.mode(),
        });
        bed.metre = self.metre.metre();
        bed.density = self
            .density_percent
            .map(|percent| 1e-2 * f64::from(percent));
        bed.is_loop = self.is_loop;
        bed.hits = settings
            .hits
            .iter()
            .filter(|hit| (0.0..length_s).contains(&hit.time_s))
            .map(|hit| Hit {
                time_s: hit.time_s,
                name: hit.name.clone(),
                origin: String::new(),
            })
            .collect();
        bed.energy_curve = settings
            .energy_curve
            .iter()
            .map(|&[share, energy]| EnergyPoint { share, energy })
            .collect();
        bed
    }
}

impl MixOrder {
    /// What the renderer is told.
    pub fn mix_settings(&self) -> MixSettings {
        let mut mix = MixSettings {
            sample_rate_hz: self.sample_rate_hz,
            ..MixSettings::default()
        };
        for (part, level) in mix.parts.iter_mut().zip(self.levels) {
            part.is_muted = level.is_none();
            part.gain_db = level.map_or(part.gain_db, |level| 1e-2 * f64::from(level));
        }
        mix.hall.level_db = 1e-2 * f64::from(self.hall_level);
        mix.hall.decay_s = 1e-2 * f64::from(self.hall_decay);
        mix
    }
}
