//! What the parts of one instance share: settings, figures, the worker's desk. Made with the instance, and cheap: sound
//! comes later.

use std::sync::{Arc, OnceLock};

use nice_plug_egui::RepaintNotifier;

use super::live::Live;
use super::persisted::Shared;
use super::worker::{Desk, Worker};

/// One per instance.
pub(super) struct Hub {
    /// Parameters and settings.
    pub(super) persisted: Shared,
    /// Figures between callback, worker and editor.
    pub(super) live: Arc<Live>,
    /// Where the worker finds its work and leaves word.
    pub(super) desk: Arc<Desk>,
    /// Asks the window to draw again; never waits.
    pub(super) repaint: RepaintNotifier,
    worker: OnceLock<Worker>,
}

impl Hub {
    /// Nothing is composed yet.
    pub(super) fn new(persisted: Shared) -> Self {
        let live = Arc::new(Live::default());
        Self {
            desk: Arc::new(Desk::new(Arc::clone(&persisted), Arc::clone(&live))),
            persisted,
            live,
            repaint: RepaintNotifier::new(),
            worker: OnceLock::new(),
        }
    }

    /// The worker runs from the first call on. Not on the audio thread.
    pub(super) fn start_worker(&self) {
        self.worker
            .get_or_init(|| Worker::start(Arc::clone(&self.desk)));
    }
}
