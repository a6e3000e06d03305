//! What a window remembers between two passes and no project saves: what is being typed, filtered, held, and the textures.
//! Editor thread. One per window; a new window starts with a fresh one.

use std::collections::BTreeSet;

use super::action::{Action, GestureTarget, PathPoint};
use super::as_action;
use super::instrument::field::BackdropTexture;
use super::instrument::spectrum::NoteTexture;
use super::model::{PresetOwner, SoundId};
use super::widgets::hands::Hands;

/// A path being drawn on the map.
#[derive(Debug)]
pub(crate) struct Recording {
    /// When it began, s of the window's clock.
    pub(crate) since_s: f64,
    /// What was drawn so far.
    pub(crate) points: Vec<PathPoint>,
}

/// A page of the lower right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// What shapes the whole.
    #[default]
    Shape,
    /// How keys are played.
    Playing,
    /// Concert pitch.
    Tuning,
}

/// The memory of one window.
#[derive(Default)]
pub struct EditorLocal {
    pub(crate) hands: Hands<GestureTarget>,
    pub(crate) search: String,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) favourites_only: bool,
    pub(crate) shelf: PresetOwner,
    /// Which page of the lower right is shown.
    pub(crate) page: Page,
    /// The name being typed for a sound to be saved.
    pub(crate) save_name: String,
    /// The seed being typed.
    pub(crate) seed_text: Option<String>,
    /// a, b and c of the arithmetic row.
    pub(crate) terms: [Option<SoundId>; 3],
    /// The term whose list of sounds is open.
    pub(crate) open_term: Option<usize>,
    /// True when all tags are shown.
    pub(crate) shows_all_tags: bool,
    /// The sound on the map that the pointer holds.
    pub(crate) pressed_sound: Option<SoundId>,
    /// The key that the pointer or the space bar holds.
    pub(crate) pressed_key: Option<u8>,
    /// Where the arrow keys stand on the keyboard.
    pub(crate) cursor_key: Option<u8>,
    pub(crate) recording: Option<Recording>,
    pub(crate) backdrop: BackdropTexture,
    pub(crate) note: NoteTexture,
}

impl EditorLocal {
    /// Lets go of everything that is held and frees the textures: the window is closing. The actions must be carried out.
    #[must_use]
    pub fn close(&mut self) -> Vec<Action> {
        self.hands.close();
        let changes = self.hands.take_changes();
        let mut actions: Vec<_> = changes.into_iter().filter_map(as_action).collect();
        actions.extend(self.pressed_sound.take().map(Action::ReleaseSound));
        actions.extend(self.pressed_key.take().map(Action::ReleaseKey));
        self.recording = None;
        self.backdrop = BackdropTexture::default();
        self.note = NoteTexture::default();
        actions
    }
}
