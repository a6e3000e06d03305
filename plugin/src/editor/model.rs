//! What the instrument's editor shows: plain values, taken as a snapshot once per repaint by the plugin, on the editor
//! thread. Knows no host, no engine and no widget. The editor never changes it; it answers with [`super::action::Action`]s.

use std::sync::Arc;

use super::action::Action;
use super::palette::Palette;

/// A parameter, by the number that the plugin gave it. The editor only hands it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub u32);

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
    /// Size of the window, percent of the design size.
    pub scale_percent: u32,
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

/// Where a parameter stands in the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterGroup {
    /// A control of the model's manifest.
    Control,
    /// Attack, decay, sustain, release, in this order.
    Envelope,
    /// Width, detune, glide, reverb, output and what else shapes the whole.
    Shape,
    /// Reachable by the host only; not drawn.
    Hidden,
}

/// One parameter as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What actions name it by.
    pub id: ParameterId,
    /// What the user reads.
    pub name: String,
    /// Where it stands.
    pub group: ParameterGroup,
    /// Now, 0..=1.
    pub normalized: f32,
    /// After a double click, 0..=1.
    pub default_normalized: f32,
    /// The value in words, with its unit: `-6.0 dB`.
    pub text: String,
    /// The ends of its range in words, for the tooltip: `-60 dB`, `+12 dB`.
    pub range_text: [String; 2],
    /// Number of steps between the ends; `None` when continuous.
    pub steps: Option<u32>,
    /// Whether `randomise` leaves it alone; `None` when it can never be randomised.
    pub is_locked: Option<bool>,
    /// True when the neutral value lies in the middle: the bar then grows from there.
    pub is_bipolar: bool,
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

/// A place on the map; both axes 0..=1, y up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapPosition {
    /// Left to right.
    pub x: f32,
    /// Bottom to top.
    pub y: f32,
}

/// The four corner sounds of the map, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Top left.
    A,
    /// Top right.
    B,
    /// Bottom left.
    C,
    /// Bottom right.
    D,
}

impl Corner {
    /// All four, in the order of `MapView::corner_names`.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];
    /// The letter on the map.
    pub fn letter(self) -> &'static str {
        ["A", "B", "C", "D"][self as usize]
    }
}

/// The map of the latent space.
#[derive(Clone, Debug, Default)]
pub struct MapView {
    /// Sounds that can be heard by pressing them.
    pub points: Vec<MapPoint>,
    /// Where the sound is now.
    pub puck: MapPosition,
    /// Where it came from, oldest first; fades.
    pub trail: Vec<MapPosition>,
    /// Names of the corner sounds, in the order of [`Corner::ALL`].
    pub corner_names: [String; 4],
    /// The recorded path; empty when there is none.
    pub path: Vec<MapPosition>,
}

/// A sound on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapPoint {
    /// Its row in `EditorModel::presets`.
    pub sound: SoundId,
    /// Where it lies.
    pub position: MapPosition,
}

/// The pitch-aligned spectrogram of one note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotePicture {
    /// Another number for another note: the picture is painted once.
    pub revision: u64,
    /// MIDI number.
    pub key: u8,
    /// Centre of each column, ascending, s after note-on.
    pub column_times_s: Vec<f32>,
    /// Rows of `level_db`.
    pub num_rows: usize,
    /// `[rows, columns]`, row-major, lowest harmonic first, dB re the loudest cell.
    pub level_db: Vec<f32>,
    /// Rows of `noise_db`.
    pub num_bands: usize,
    /// `[bands, columns]`, row-major, lowest band first, dB.
    pub noise_db: Vec<f32>,
    /// What a held key walks to and fro in: start, end, s.
    pub loop_s: [f32; 2],
    /// When the key of the recording was released, s.
    pub release_s: f32,
}

/// What the keyboard knows of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyBaking {
    /// Nobody asked for it.
    #[default]
    Absent,
    /// Asked for, not ready.
    Pending,
    /// Ready to play.
    Baked,
}

/// One key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyView {
    /// Whether its note is ready.
    pub baking: KeyBaking,
    /// True while it is held, by hand or by the host.
    pub is_held: bool,
}

/// The keyboard with its two strips.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyboardView {
    /// MIDI number of the first entry of `keys`.
    pub lowest_key: u8,
    /// One per key, ascending.
    pub keys: Vec<KeyView>,
    /// Pitch bend, -1..=1.
    pub bend: f32,
    /// Mod wheel, 0..=1.
    pub modulation: f32,
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

/// One sentence that answers "why is there no sound?", with at most one way out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// How it is coloured.
    pub tone: StatusTone,
    /// The sentence.
    pub sentence: String,
    /// The way out: what the button says and does.
    pub remedy: Option<(String, Action)>,
    /// Figures at the right: `61/61 keys`, `4 voices`, `3 % CPU`.
    pub figures: Vec<String>,
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
