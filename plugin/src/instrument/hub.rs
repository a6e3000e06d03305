//! What the parts of one instance share: settings, notes, figures. Made with the instance, and cheap: sound comes later.

use std::sync::{Arc, OnceLock, Weak};

use nice_plug_egui::RepaintNotifier;

use super::corners::Corners;
use super::kept_notes::KeptNotes;
use super::live::Live;
use super::persisted::{Player, Shared};
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
    pub(super) fn new(persisted: Shared) -> Arc<Self> {
        let hub = Arc::new(Self {
            persisted,
            live: Live::default(),
            corners: Corners::new(),
            repaint: RepaintNotifier::new(),
            sounding: OnceLock::new(),
        });
        let player: Weak<Self> = Arc::downgrade(&hub);
        hub.persisted.set_player(player);
        hub
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

impl Player for Hub {
    fn kept_notes(&self) -> Option<Arc<KeptNotes>> {
        match self.try_sounding() {
            Some(sounding) => sounding.kept_notes(&self.persisted),
            None => self.persisted.kept_notes(),
        }
    }

    fn state_loaded(&self) {
        if let Some(sounding) = self.try_sounding() {
            sounding.follow(&self.persisted, &self.corners);
        }
        self.repaint.request_repaint();
    }
}
