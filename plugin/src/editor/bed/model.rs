//! What the bed's editor shows: plain values, taken as a snapshot once per repaint by the plugin, on the editor thread.
//! Knows no host, no composer and no widget.

use std::sync::Arc;

use crate::editor::model::{Parameter, Preset, Status};
use crate::editor::palette::Palette;

use super::action::BedAction;

/// Everything the editor draws.
#[derive(Clone, Debug, Default)]
pub struct BedModel {
    /// The bed that is being played.
    pub bed: BedFace,
    /// Beds to choose from.
    pub presets: Vec<Preset>,
    /// Where the mood stands.
    pub mood: MoodView,
    /// The timeline.
    pub strip: StripView,
    /// Key, tempo, metre.
    pub score: Vec<Parameter>,
    /// The parts, in the order of the score.
    pub parts: Vec<PartView>,
    /// Depth, attack, release.
    pub duck: Vec<Parameter>,
    /// What the duck does under a voice.
    pub duck_ways: DuckWays,
    /// Voice, bed, reduction.
    pub levels: DuckLevels,
    /// Target loudness and what is measured.
    pub loudness: LoudnessView,
    /// What `undo` would take back, in words; `None` greys the arrow.
    pub undo: Option<String>,
    /// What `redo` would do again.
    pub redo: Option<String>,
    /// The sentence at the bottom.
    pub status: Status<BedAction>,
}

/// The bed as the header names it.
#[derive(Clone, Debug, Default)]
pub struct BedFace {
    /// Its name.
    pub name: String,
    /// Its seed.
    pub seed: u32,
    /// True when `randomise` leaves the seed alone.
    pub is_seed_locked: bool,
    /// Its length as time code: `00:01:30:00`.
    pub length_text: String,
    /// Its five colours.
    pub palette: Palette,
}

/// The plane of moods; both axes 0..=1.
#[derive(Clone, Debug, Default)]
pub struct MoodView {
    /// Sad to glad, calm to driving.
    pub place: [f32; 2],
    /// Moods that have a name.
    pub named: Vec<NamedMood>,
}

/// A mood with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedMood {
    /// What the user reads.
    pub name: String,
    /// Where it lies.
    pub place: [f32; 2],
}

/// The timeline of the bed. Times in seconds from its start.
#[derive(Clone, Debug, Default)]
pub struct StripView {
    /// Length of the bed, s.
    pub length_s: f32,
    /// Sections, in order.
    pub sections: Vec<SectionBlock>,
    /// The notes of all parts.
    pub notes: Arc<[NoteMark]>,
    /// Energy over time, in order of time.
    pub energy: Vec<EnergyPoint>,
    /// Moments that the music must mark.
    pub hits: Vec<HitFlag>,
    /// How much of a voice is heard, 0..=1, evenly spaced over the length.
    pub voice: Vec<f32>,
    /// Where the host plays; `None` outside the bed.
    pub playhead_s: Option<f32>,
}

/// A section on the timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SectionBlock {
    /// What the user reads: `intro`.
    pub name: String,
    /// Where it starts, s.
    pub start_s: f32,
    /// Where it ends, s.
    pub end_s: f32,
}

/// A note on the timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoteMark {
    /// Where it starts, s.
    pub start_s: f32,
    /// Where it ends, s.
    pub end_s: f32,
    /// The lowest key 0, the highest 1.
    pub height: f32,
    /// True for parts that carry time and tune, false for those that lie beneath.
    pub is_foreground: bool,
}

/// A point of the energy curve.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EnergyPoint {
    /// Where it lies, s.
    pub time_s: f32,
    /// How much, 0..=1.
    pub level: f32,
}

/// A hit on the timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HitFlag {
    /// What it marks: `logo`.
    pub name: String,
    /// Where it is wanted, s.
    pub time_s: f32,
    /// The frame, as time code.
    pub frame_text: String,
    /// `None` when it is met.
    pub miss: Option<Miss>,
}

/// By how much the music misses a hit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Miss {
    /// Frames of the video, later if above 0.
    pub frames: i32,
    /// The smallest change that would meet it, in words.
    pub remedy: String,
}

impl HitFlag {
    /// What stands on the flag: the name, and the frames that the music is off.
    pub fn text(&self) -> String {
        match &self.miss {
            Some(miss) => format!("{} {:+}", self.name, miss.frames).trim().to_owned(),
            None => self.name.clone(),
        }
    }

    /// All that is to be known of it.
    pub fn words(&self) -> String {
        let how = match &self.miss {
            Some(miss) => {
                let side = if miss.frames < 0 { "early" } else { "late" };
                let count = miss.frames.unsigned_abs();
                let frames = if count == 1 { "frame" } else { "frames" };
                format!("{count} {frames} {side}; {}", miss.remedy)
            }
            None => "met on its frame".to_owned(),
        };
        format!("{}: {}\n{how}", self.name, self.frame_text)
    }
}

/// One part of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct PartView {
    /// Name of the part: `pad`.
    pub name: String,
    /// Name of its sound.
    pub sound: String,
    /// Its level.
    pub level: Parameter,
    /// True when it is silenced.
    pub is_muted: bool,
    /// True when only parts like it are heard.
    pub is_soloed: bool,
}

/// What happens under a voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DuckWays {
    /// The level dips.
    pub level: bool,
    /// Voices thin out.
    pub thin: bool,
    /// The band of speech darkens.
    pub darken: bool,
}

/// Levels around the duck, dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DuckLevels {
    /// The voice at the input, dBFS.
    pub voice_db: f32,
    /// The bed after ducking, dBFS.
    pub bed_db: f32,
    /// How far the bed is held down, dB, 0 or more.
    pub reduction_db: f32,
}

impl Default for DuckLevels {
    fn default() -> Self {
        Self {
            voice_db: f32::NEG_INFINITY,
            bed_db: f32::NEG_INFINITY,
            reduction_db: 0.0,
        }
    }
}

/// Loudness wanted and measured; of the bed alone, before it is ducked.
#[derive(Clone, Debug, Default)]
pub struct LoudnessView {
    /// The bed's level, and what is aimed at.
    pub sliders: Vec<Parameter>,
    /// Short-term loudness at the playhead in words: `-17.3 LUFS`.
    pub now_text: String,
    /// Integrated loudness of the whole bed in words: `-16.0 LUFS`.
    pub whole_text: String,
    /// Its true peak in words: `-1.2 dBTP`.
    pub peak_text: String,
    /// False until something is measured that the level could be matched to.
    pub can_match: bool,
}

impl BedModel {
    /// True while something on screen moves by itself.
    pub fn is_moving(&self) -> bool {
        self.strip.playhead_s.is_some()
            || self.levels.voice_db > -90.0
            || self.levels.bed_db > -90.0
    }
}
