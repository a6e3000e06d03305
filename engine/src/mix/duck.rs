//! Ducking that is musical: under speech the foreground thins out, 1 to 4 kHz darkens where words live, and the whole
//! dips. Any thread: nothing here allocates, waits or panics; the effect runs it in its callback, the command line ahead.
//!
//! What thinning and darkening take away in level is given back to the rest, so that the whole falls by the depth that was
//! set, whatever plays.

use super::filter::{Bell, BellShape};
use crate::error::{Error, Result};

/// Centre and width of the band of words: 1 to 4 kHz are two octaves.
const BAND_HZ: f64 = 2_000.0;
const BAND_Q: f64 = 0.67;
/// Frames between two looks at gains and shapes.
const STEP_FRAMES: usize = 32;
/// Levels before and after thinning are compared over this time, seconds.
const BALANCE_S: f64 = 0.25;
/// Most that is given back, as a factor.
const MOST_GIVEN_BACK: f64 = 2.0;

/// How the bed makes room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DuckSettings {
    /// How far the whole falls, dB, 0..=40.
    pub depth_db: f64,
    /// How much further pulse, motif and lift fall against pad and bass, dB, 0..=40.
    pub thin_db: f64,
    /// How much deeper the band of 1 to 4 kHz goes, dB, 0..=24.
    pub darken_db: f64,
    /// Time to the full depth, ms, 5..=5000.
    pub attack_ms: f64,
    /// Time back, ms, 20..=20000.
    pub release_ms: f64,
}

impl Default for DuckSettings {
    fn default() -> Self {
        DuckSettings {
            depth_db: 7.0,
            thin_db: 5.0,
            darken_db: 4.0,
            attack_ms: 180.0,
            release_ms: 900.0,
        }
    }
}

impl DuckSettings {
    /// Refuses what cannot be done.
    ///
    /// # Errors
    /// `Error::Request` naming the setting.
    pub fn check(&self) -> Result<()> {
        let all = [
            ("the duck's depth in dB", self.depth_db, (0.0, 40.0)),
            ("the duck's thinning in dB", self.thin_db, (0.0, 40.0)),
            ("the duck's darkening in dB", self.darken_db, (0.0, 24.0)),
            ("the duck's attack in ms", self.attack_ms, (5.0, 5_000.0)),
            (
                "the duck's release in ms",
                self.release_ms,
                (20.0, 20_000.0),
            ),
        ];
        match all
            .iter()
            .find(|(_, value, (least, most))| !(*least..=*most).contains(value))
        {
            None => Ok(()),
            Some((what, value, (least, most))) => Err(Error::request(
                what,
                value,
                format!("choose {least} to {most}"),
            )),
        }
    }
}

/// The layers of a bed as they come, `[left, right]` each, all of one length.
#[derive(Clone, Copy, Debug)]
pub struct DuckInput<'a> {
    /// Pad and bass.
    pub ground: [&'a [f32]; 2],
    /// Pulse, motif and lift.
    pub foreground: [&'a [f32]; 2],
    /// The room.
    pub hall: [&'a [f32]; 2],
}

/// Gains that hold for a few frames.
#[derive(Clone, Copy, Debug)]
struct Gains {
    level: f64,
    thin: f64,
    shape: BellShape,
}

impl Gains {
    fn open(sample_rate_hz: f64) -> Self {
        Gains {
            level: 1.0,
            thin: 1.0,
            shape: BellShape::new(BAND_HZ, BAND_Q, 0.0, sample_rate_hz),
        }
    }
}

/// Ducks a bed. Output does not depend on how blocks are cut.
#[derive(Clone, Debug)]
pub struct Ducker {
    settings: DuckSettings,
    sample_rate_hz: f64,
    /// 0 open .. 1 ducked, moving in a straight line.
    place: f64,
    bells: [Bell; 2],
    gains: Gains,
    /// Frames until the gains are looked at again.
    left: usize,
    /// Mean squares before and after thinning and darkening.
    before: f64,
    after: f64,
    given_back: f64,
}

impl Ducker {
    /// A ducker that stands open.
    ///
    /// # Errors
    /// `Error::Request` for settings outside their limits.
    pub fn new(settings: &DuckSettings, sample_rate_hz: f64) -> Result<Self> {
        settings.check()?;
        Ok(Ducker {
            settings: *settings,
            sample_rate_hz,
            place: 0.0,
            bells: [Bell::default(); 2],
            gains: Gains::open(sample_rate_hz),
            left: 0,
            before: 0.0,
            after: 0.0,
            given_back: 1.0,
        })
    }

    /// Takes new settings; those outside their limits are kept as they were.
    ///
    /// # Real-time
    /// Safe.
    pub fn set(&mut self, settings: &DuckSettings) {
        if settings.check().is_ok() {
            self.settings = *settings;
        }
    }

    /// Stands open at once, as a new one does.
    ///
    /// # Real-time
    /// Safe.
    pub fn open(&mut self) {
        self.place = 0.0;
        self.bells = [Bell::default(); 2];
        self.gains = Gains::open(self.sample_rate_hz);
        self.left = 0;
        self.before = 0.0;
        self.after = 0.0;
        self.given_back = 1.0;
    }

    /// How far the bed is ducked now, 0..1.
    ///
    /// # Real-time
    /// Safe.
    pub fn amount(&self) -> f64 {
        smooth(self.place)
    }

    /// Overwrites `out` with the ducked sum of the layers; speech is on or off for all of these frames.
    ///
    /// # Real-time
    /// Safe.
    pub fn process_into(&mut self, input: &DuckInput<'_>, is_speech: bool, out: [&mut [f32]; 2]) {
        let [left, right] = out;
        let frames = left
            .len()
            .min(right.len())
            .min(input.ground[0].len())
            .min(input.foreground[0].len())
            .min(input.hall[0].len());
        for frame in 0..frames {
            if self.left == 0 {
                self.look(is_speech);
            }
            self.left -= 1;
            let (mut before, mut after) = (0.0, 0.0);
            let mut samples = [0.0; 2];
            for (channel, sample) in samples.iter_mut().enumerate() {
                let ground = f64::from(input.ground[channel][frame]);
                let foreground = f64::from(input.foreground[channel][frame]);
                let hall = f64::from(input.hall[channel][frame]);
                let full = ground + foreground + hall;
                let thinned = ground + self.gains.thin * foreground + hall;
                let dark = self.bells[channel].process(&self.gains.shape, thinned);
                before += full * full;
                after += dark * dark;
                *sample = dark * self.gains.level * self.given_back;
            }
            self.balance(before, after);
            left[frame] = samples[0] as f32;
            right[frame] = samples[1] as f32;
        }
    }

    /// Moves on by a step towards speech or away from it.
    fn look(&mut self, is_speech: bool) {
        self.left = STEP_FRAMES;
        let step_ms = 1e3 * STEP_FRAMES as f64 / self.sample_rate_hz;
        self.place = if is_speech {
            (self.place + step_ms / self.settings.attack_ms).min(1.0)
        } else {
            (self.place - step_ms / self.settings.release_ms).max(0.0)
        };
        let amount = smooth(self.place);
        let factor = |db: f64| 10_f64.powf(-amount * db / 20.0);
        self.gains = Gains {
            level: factor(self.settings.depth_db),
            thin: factor(self.settings.thin_db),
            shape: BellShape::new(
                BAND_HZ,
                BAND_Q,
                -amount * self.settings.darken_db,
                self.sample_rate_hz,
            ),
        };
        self.given_back = if amount > 0.0 && self.after > 0.0 {
            (self.before / self.after)
                .sqrt()
                .clamp(1.0, MOST_GIVEN_BACK)
        } else {
            1.0
        };
    }

    fn balance(&mut self, before: f64, after: f64) {
        let share = 1.0 / (BALANCE_S * self.sample_rate_hz);
        // Kept off denormal numbers, which are slow.
        const LEAST: f64 = 1e-30;
        self.before += share * (before + LEAST - self.before);
        self.after += share * (after + LEAST - self.after);
    }
}

/// A straight line eased at both ends.
fn smooth(place: f64) -> f64 {
    place * place * (3.0 - 2.0 * place)
}
