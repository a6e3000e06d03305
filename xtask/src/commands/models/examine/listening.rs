//! What a few notes of a model sound like, measured: tuning, level, noise floor, tail. No judgement is passed on taste.

use engine::decode::decode_painting;
use engine::descriptors;
use models::{Manifest, Painting};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Frames of the level measurement, s.
const FRAME_S: f64 = 0.05;
/// Farther from its key than this, a listener calls a note out of tune.
const OUT_OF_TUNE_CENTS: f64 = 20.0;
/// Keys farther apart in level than this are heard as such.
const UNEVEN_DB: f64 = 12.0;
/// A note that ends louder than this, re its loudest moment, ends with a cut.
const CUT_DB: f64 = -30.0;
/// Silence, for what has no level.
const SILENCE_DB: f64 = -160.0;

/// One note.
pub struct Heard {
    key: u8,
    /// From the key's pitch; none when no pitch was found.
    cents: Option<f64>,
    /// Root mean square of the loudest frame, dB re full scale.
    level_db: f64,
    /// Quietest frame re the loudest, dB.
    floor_db: f64,
    /// Last frame re the loudest, dB.
    tail_db: f64,
}

impl Heard {
    /// Listens to a note as its format decodes it, before the player corrects anything.
    ///
    /// # Errors
    /// A painting that cannot be decoded.
    pub fn new(
        painting: &Painting,
        manifest: &Manifest,
        key: u8,
        seed: u32,
    ) -> Result<Self, Failure> {
        let (samples, rate_hz) = decode_painting(painting, manifest, key, seed)?;
        let frame = ((FRAME_S * rate_hz) as usize).max(1);
        let levels: Vec<f64> = samples.chunks_exact(frame).map(level_db).collect();
        let loudest = levels.iter().copied().fold(SILENCE_DB, f64::max);
        let quietest = levels.iter().copied().fold(loudest, f64::min);
        let tuning_hz = manifest.grid.tuning_hz;
        let f0_hz = descriptors::f0_hz(&samples, rate_hz as u32);
        Ok(Self {
            key,
            cents: f0_hz.map(|f0_hz| descriptors::cents_from_key(f0_hz, f64::from(key), tuning_hz)),
            level_db: loudest,
            floor_db: quietest - loudest,
            tail_db: levels.last().copied().unwrap_or(SILENCE_DB) - loudest,
        })
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        json!({
            "key": self.key, "cents": self.cents.map(rounded), "level_db": rounded(self.level_db),
            "floor_db": rounded(self.floor_db), "tail_db": rounded(self.tail_db),
        })
    }
}

/// What is worth saying about them, one sentence each.
pub fn remarks(heard: &[Heard]) -> Vec<String> {
    [
        tuning(heard),
        unpitched(heard),
        levels(heard),
        floor(heard),
        tails(heard),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tuning(heard: &[Heard]) -> Option<String> {
    let cents: Vec<(u8, f64)> = heard
        .iter()
        .filter_map(|note| Some((note.key, note.cents?)))
        .collect();
    let (key, worst) = cents
        .iter()
        .copied()
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let words = if worst.abs() < OUT_OF_TUNE_CENTS {
        format!(
            "in tune: the {} keys listened to are at most {:.1} cents off",
            cents.len(),
            worst.abs()
        )
    } else {
        format!(
            "key {key} sounds {worst:+.0} cents off as it is decoded; the player corrects what is steady and within 100 cents"
        )
    };
    Some(words)
}

fn unpitched(heard: &[Heard]) -> Option<String> {
    let keys = keys(heard, |note| note.cents.is_none());
    (!keys.is_empty()).then(|| format!("no pitch is heard on keys {keys}: noise, or a chord"))
}

fn levels(heard: &[Heard]) -> Option<String> {
    let highest = heard
        .iter()
        .map(|note| note.level_db)
        .fold(SILENCE_DB, f64::max);
    let lowest = heard
        .iter()
        .map(|note| note.level_db)
        .fold(highest, f64::min);
    let spread = highest - lowest;
    let more = if spread > UNEVEN_DB {
        "; the player evens that out"
    } else {
        ""
    };
    (!heard.is_empty()).then(|| format!("level: the keys lie within {spread:.1} dB{more}"))
}

fn floor(heard: &[Heard]) -> Option<String> {
    let highest = heard.iter().map(|note| note.floor_db).reduce(f64::max)?;
    Some(format!(
        "noise floor: the quietest moment of every note is at least {:.0} dB below its loudest",
        highest.abs()
    ))
}

fn tails(heard: &[Heard]) -> Option<String> {
    let keys = keys(heard, |note| note.tail_db > CUT_DB);
    (!keys.is_empty()).then(|| {
        format!("keys {keys} end less than {:.0} dB below their loudest moment: they stop rather than fade", -CUT_DB)
    })
}

fn keys(heard: &[Heard], is_meant: impl Fn(&Heard) -> bool) -> String {
    let keys = heard.iter().filter(|note| is_meant(note));
    keys.map(|note| note.key.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

fn level_db(frame: &[f32]) -> f64 {
    let squares: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (10.0 * (squares / frame.len() as f64).log10()).max(SILENCE_DB)
}
