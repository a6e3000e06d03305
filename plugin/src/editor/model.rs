//! What the instrument's editor shows: plain values, taken as a snapshot once per repaint by the plugin, on the editor
//! thread. Knows no host, no engine and no widget. The editor never changes it; it answers with [`super::action::Action`]s.

mod files;
mod map;
mod parameter;
mod sounding;

use std::sync::Arc;

use super::action::Action;
use super::palette::Palette;

pub use files::{FileList, FileRow};
pub use map::{Corner, MapPoint, MapPosition, MapView};
pub use parameter::{Parameter, ParameterGroup, ParameterId};
pub use sounding::{KeyBaking, KeyView, KeyboardView, NotePicture};

/// A sound in the browser or on the map, by the number that the plugin gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SoundId(pub u32);

/// Everything the editor draws.
#[derive(Clone, Debug, Default)]
pub struct EditorModel {
    /// The sound that is being played.
    pub sound: SoundFace,
    /// All parameters, those of one group in the order in which they are to appear.
    pub parameters: Vec<Parameter>,
    /// Sounds of the browser, factory and own.
    pub presets: Vec<Preset>,
    /// The map of the latent space.
    pub map: MapView,
    /// The note shown below the map, the last one played or middle C; `None` while no note is baked.
    pub note: Option<Arc<NotePicture>>,
    /// Seconds into the shown note of each voice that sounds it.
    pub playheads_s: Vec<f32>,
    /// The keyboard.
    pub keyboard: KeyboardView,
    /// Output levels.
    pub meters: Meters,
    /// What can be taken back.
    pub history: History,
    /// The sentence at the bottom.
    pub status: Status,
    /// Models that are here, with what the doctor says of each.
    pub models: Vec<ModelEntry>,
    /// Name of the tuning; `None` for twelve equal steps.
    pub scale: Option<String>,
    /// The folder in which the user looks for a file; `None` while none is looked for.
    pub files: Option<FileList>,
    /// Whether the project keeps the baked notes.
    pub kept_notes: KeptNotes,
    /// Size of the window, percent of the design size.
    pub scale_percent: u32,
}

/// Baked notes in the project, so that it sounds without its model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptNotes {
    /// Whether they are kept.
    pub is_on: bool,
    /// What they added to the project when it was saved last, bytes; 0 as long as it was not.
    pub size_bytes: usize,
}

/// The sound that is being played, as the header names it.
#[derive(Clone, Debug, Default)]
pub struct SoundFace {
    /// Its row in `EditorModel::presets`; `None` for one that was never saved.
    pub id: Option<SoundId>,
    /// Its name, or `Seed 48213`.
    pub name: String,
    /// True when it was changed since it was chosen.
    pub is_modified: bool,
    /// True when it is a favourite.
    pub is_favourite: bool,
    /// Its seed.
    pub seed: u32,
    /// True when `randomise` leaves the seed alone.
    pub is_seed_locked: bool,
    /// Its five colours.
    pub palette: Palette,
    /// Its picture; the editor paints a quiet field of the palette while there is none.
    pub backdrop: Option<Arc<BackdropPicture>>,
}

/// A picture behind the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackdropPicture {
    /// Another number for another picture: the editor uploads it once.
    pub revision: u64,
    /// Pixels per row and rows.
    pub size: [usize; 2],
    /// `[height, width, 4]`, sRGB, alpha not premultiplied.
    pub rgba: Vec<u8>,
}

/// Whose a preset is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PresetOwner {
    /// Shipped.
    #[default]
    Factory,
    /// Saved by the user.
    Mine,
}

/// A row of the browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preset {
    /// What actions name it by.
    pub id: SoundId,
    /// Its name.
    pub name: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// True when it is a favourite.
    pub is_favourite: bool,
    /// Whose it is.
    pub owner: PresetOwner,
    /// The middle colour of its palette, for its dot on the map.
    pub palette: Palette,
}

impl Default for SoundId {
    /// A number that no sound has unless the plugin gives it.
    fn default() -> Self {
        Self(u32::MAX)
    }
}

/// Output levels, dBFS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meters {
    /// Left and right, RMS or peak as the plugin measures it.
    pub level_db: [f32; 2],
    /// Highest peak held.
    pub peak_db: [f32; 2],
    /// Voices that sound.
    pub num_voices: usize,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            level_db: [f32::NEG_INFINITY; 2],
            peak_db: [f32::NEG_INFINITY; 2],
            num_voices: 0,
        }
    }
}

/// Which of the two states is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The first.
    #[default]
    A,
    /// The second.
    B,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What can be taken back, in words for the tooltip; `None` greys the arrow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What `undo` would take back: `brightness`.
    pub undo: Option<String>,
    /// What `redo` would do again.
    pub redo: Option<String>,
    /// Which state is heard.
    pub side: Side,
}

/// How the status line is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusTone {
    /// All is well.
    #[default]
    Fine,
    /// Something is under way.
    Working,
    /// There is no sound, or soon none, and the sentence says why.
    Fault,
}

/// One sentence that answers "why is there no sound?", with at most one way out, which is an action of the editor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Status<A = Action> {
    /// How it is coloured.
    pub tone: StatusTone,
    /// The sentence.
    pub sentence: String,
    /// The way out: what the button says and does.
    pub remedy: Option<(String, A)>,
    /// Figures at the right: `61/61 keys`, `4 voices`, `3 % CPU`.
    pub figures: Vec<String>,
}

impl<A> Default for Status<A> {
    fn default() -> Self {
        Self {
            tone: StatusTone::default(),
            sentence: String::new(),
            remedy: None,
            figures: Vec::new(),
        }
    }
}

/// What the doctor says of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerdictTone {
    /// Fit to play.
    #[default]
    Good,
    /// Plays, with a flaw.
    Doubtful,
    /// Not played.
    Refused,
}

/// A model file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelEntry {
    /// What actions name it by.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// One short line: version, licence, size.
    pub facts: String,
    /// Fit or not.
    pub tone: VerdictTone,
    /// The doctor's sentence.
    pub verdict: String,
    /// True for the one in use.
    pub is_current: bool,
}

impl EditorModel {
    /// The parameter of that number.
    pub fn parameter(&self, id: ParameterId) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.id == id)
    }

    /// Parameters of a group, in order.
    pub fn group(&self, group: ParameterGroup) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.group == group)
    }

    /// The preset of that number.
    pub fn preset(&self, id: SoundId) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.id == id)
    }

    /// True while something on screen moves by itself: the plugin then repaints up to 60 times a second, otherwise not at all
    /// until something changes.
    pub fn is_moving(&self) -> bool {
        self.meters.num_voices > 0
            || self.meters.level_db.iter().any(|level| *level > -90.0)
            || !self.playheads_s.is_empty()
            || self
                .keyboard
                .keys
                .iter()
                .any(|key| key.baking == KeyBaking::Pending)
    }
}
