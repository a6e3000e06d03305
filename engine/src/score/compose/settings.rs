//! What a bed is asked to be, checked once. Pure data.

use super::key::Key;
use super::mood::Mood;
use super::tables::Tables;
use crate::error::{Error, Result};

/// Shortest bed, seconds: room for one chord and its end.
pub const MIN_LENGTH_S: f64 = 1.0;
/// Longest bed, seconds.
pub const MAX_LENGTH_S: f64 = 3600.0;
/// Slowest tempo, beats a minute.
pub const MIN_TEMPO_BPM: f64 = 30.0;
/// Fastest tempo, beats a minute.
pub const MAX_TEMPO_BPM: f64 = 240.0;
/// Most hits of a bed.
pub const MAX_HITS: usize = 1000;
/// Hits nearer than this cannot be told apart: half a frame of the fastest video.
const SAME_HIT_S: f64 = 0.008;

/// A moment the music must mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Seconds from the start.
    pub time_s: f64,
    /// What happens, may be empty.
    pub name: String,
    /// Where it was asked for, as in `line 3`; for messages.
    pub origin: String,
}

/// A stretch in which somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeechRange {
    /// Seconds from the start.
    pub start_s: f64,
    /// Seconds from the start.
    pub end_s: f64,
}

/// How beats make bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metre {
    /// 2 to 7. The beat of 6/8 is the dotted quarter, two a bar.
    pub beats_per_bar: u32,
    /// Smallest divisions of a beat that notes fall on: 4, or 6 where the beat is in three.
    pub steps_per_beat: u32,
}

impl Metre {
    /// Four quarters.
    pub const COMMON: Metre = Metre {
        beats_per_bar: 4,
        steps_per_beat: 4,
    };

    /// Reads `4/4`, `3/4`, `6/8` and their kin: 2 to 7 quarters, or 6, 9 or 12 eighths.
    ///
    /// # Errors
    /// `Error::Request` for anything else.
    pub fn from_text(text: &str) -> Result<Self> {
        let parts = text.trim().split_once('/').and_then(|(beats, unit)| {
            Some((beats.trim().parse().ok()?, unit.trim().parse().ok()?))
        });
        match parts {
            Some((beats @ 2..=7, 4)) => Ok(Metre {
                beats_per_bar: beats,
                steps_per_beat: 4,
            }),
            Some((eighths @ (6 | 9 | 12), 8)) => Ok(Metre {
                beats_per_bar: eighths / 3,
                steps_per_beat: 6,
            }),
            _ => Err(Error::request(
                "the metre",
                text,
                "choose 2/4 to 7/4, 6/8, 9/8 or 12/8",
            )),
        }
    }
}

/// A point of the energy curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyPoint {
    /// Share of the length, 0..1.
    pub share: f64,
    /// 0..1.
    pub energy: f64,
}

/// Everything a bed depends on. The same settings give the same bed.
#[derive(Clone, Debug, PartialEq)]
pub struct BedSettings {
    /// The whole number that makes everything else repeatable.
    pub seed: u32,
    /// Exact length, seconds.
    pub length_s: f64,
    /// How it feels.
    pub mood: Mood,
    /// `None`: the mood chooses the mode and the seed the tonic.
    pub key: Option<Key>,
    /// Beats a minute; `None`: mood and seed choose.
    pub tempo_bpm: Option<f64>,
    /// `None`: mood and seed choose.
    pub metre: Option<Metre>,
    /// How much is played, 0..1; `None`: the mood chooses.
    pub density: Option<f64>,
    /// In any order.
    pub hits: Vec<Hit>,
    /// Where somebody speaks: the tune waits for the gaps. In any order.
    pub speech: Vec<SpeechRange>,
    /// Ascending by share; empty: the form chooses.
    pub energy_curve: Vec<EnergyPoint>,
    /// Whether the end is to run into the start.
    pub is_loop: bool,
    /// What chords and rhythms are chosen by.
    pub tables: Tables,
}

impl BedSettings {
    /// A bed of this length with nothing else said.
    pub fn new(seed: u32, length_s: f64, mood: Mood) -> Self {
        BedSettings {
            seed,
            length_s,
            mood,
            key: None,
            tempo_bpm: None,
            metre: None,
            density: None,
            hits: Vec::new(),
            speech: Vec::new(),
            energy_curve: Vec::new(),
            is_loop: false,
            tables: Tables::default(),
        }
    }

    /// Refuses what cannot be composed.
    ///
    /// # Errors
    /// `Error::Request` with the value and, for hits, where it came from.
    pub fn check(&self) -> Result<()> {
        check_range(
            "the bed's length in seconds",
            self.length_s,
            (MIN_LENGTH_S, MAX_LENGTH_S),
        )?;
        if let Some(tempo_bpm) = self.tempo_bpm {
            check_range(
                "the tempo in beats a minute",
                tempo_bpm,
                (MIN_TEMPO_BPM, MAX_TEMPO_BPM),
            )?;
        }
        if let Some(density) = self.density {
            check_range("the density", density, (0.0, 1.0))?;
        }
        check_range("the mood's valence", self.mood.valence, (-1.0, 1.0))?;
        check_range("the mood's energy", self.mood.energy, (0.0, 1.0))?;
        for point in &self.energy_curve {
            check_range("a share of the energy curve", point.share, (0.0, 1.0))?;
            check_range("an energy of the energy curve", point.energy, (0.0, 1.0))?;
        }
        self.check_hits()?;
        self.tables.check()
    }

    fn check_hits(&self) -> Result<()> {
        if self.hits.len() > MAX_HITS {
            return Err(Error::request(
                "the number of hits",
                self.hits.len(),
                format!("a bed marks at most {MAX_HITS}"),
            ));
        }
        for hit in &self.hits {
            if !(0.0..self.length_s).contains(&hit.time_s) {
                return Err(Error::request(
                    "a hit",
                    format!("{} s{}", hit.time_s, from(hit)),
                    format!(
                        "the bed is from 0 to {} s: move it or make the bed longer",
                        self.length_s
                    ),
                ));
            }
        }
        let sorted = self.sorted_hits();
        for pair in sorted.windows(2) {
            if pair[1].time_s - pair[0].time_s < SAME_HIT_S {
                return Err(Error::request(
                    "a hit",
                    format!("{} s{}", pair[1].time_s, from(pair[1])),
                    format!(
                        "it falls on another at {} s{}: keep one of them",
                        pair[0].time_s,
                        from(pair[0])
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The hits by time.
    pub(super) fn sorted_hits(&self) -> Vec<&Hit> {
        let mut sorted: Vec<&Hit> = self.hits.iter().collect();
        sorted.sort_by(|one, other| one.time_s.total_cmp(&other.time_s));
        sorted
    }
}

fn from(hit: &Hit) -> String {
    match hit.origin.as_str() {
        "" => String::new(),
        origin => format!(" ({origin})"),
    }
}

fn check_range(what: &'static str, value: f64, (least, most): (f64, f64)) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::request(
        what,
        value,
        format!("choose {least} to {most}"),
    ))
}
