//! What a window of the bed remembers between two passes and no project saves. Editor thread; one per window.

use super::action::{BedAction, BedTarget};
use super::as_action;
use super::mood::NamePlaces;
use crate::editor::widgets::hands::Hands;

/// The memory of one window.
#[derive(Default)]
pub struct BedLocal {
    pub(crate) hands: Hands<BedTarget>,
    /// The seed being typed.
    pub(crate) seed_text: Option<String>,
    /// The length being typed.
    pub(crate) length_text: Option<String>,
    /// Where the names of the moods stand.
    pub(crate) mood_names: NamePlaces,
}

impl BedLocal {
    /// Lets go of everything that is held: the window is closing. The actions must be carried out.
    #[must_use]
    pub fn close(&mut self) -> Vec<BedAction> {
        self.hands.close();
        let changes = self.hands.take_changes();
        // What is closed here only ends; no time is needed.
        changes
            .into_iter()
            .filter_map(|change| as_action(change, 0.0))
            .collect()
    }
}
