//! What the parts of one instance share: settings, notes, figures. Made with the instance, and cheap: sound comes later.

use std::sync::OnceLock;

use nice_plug_egui::RepaintNotifier;

use super::corners::Corners;
use super::live::Live;
use super::persisted::Shared;
use super::sounding::Sounding;

/// One per instance.
pub(super) struct Hub {
    /// Parameters and settings.
    pub(super) persisted: Shared,
    /// Figures between callback and editor.
    pub(super) live: Live,
    /// The morph pad, for the callback.
    pub(super) corners: Corners,
    /// Asks the window to draw again; never waits.
    pub(super) repaint: RepaintNotifier,
    sounding: OnceLock<Sounding>,
}

impl Hub {
    /// Nothing sounds yet.
    pub(super) fn new(persisted: Shared) -> Self {
        Self {
            persisted,
            live: Live::default(),
            corners: Corners::new(),
            repaint: RepaintNotifier::new(),
            sounding: OnceLock::new(),
        }
    }

    /// The notes, from the first call on. Not on the audio thread.
    pub(super) fn sounding(&self) -> &Sounding {
        self.sounding.get_or_init(Sounding::new)
    }

    /// The notes, if there were any yet.
    pub(super) fn try_sounding(&self) -> Option<&Sounding> {
        self.sounding.get()
    }
}
