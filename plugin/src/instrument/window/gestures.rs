//! The instrument's parameters with what else a gesture can change. Editor thread.

use std::ops::Deref;
use std::sync::Arc;

use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::Params;

use super::super::persisted::Shared;
use super::super::session::Snapshot;
use crate::knobs;

/// All parameters in a fixed order, and the settings.
pub(super) struct Knobs {
    persisted: Shared,
    knobs: knobs::Knobs,
}

impl Deref for Knobs {
    type Target = knobs::Knobs;

    fn deref(&self) -> &knobs::Knobs {
        &self.knobs
    }
}

impl Knobs {
    pub(super) fn new(persisted: Shared) -> Self {
        Self {
            knobs: knobs::Knobs::new(Arc::clone(&persisted) as Arc<dyn Params>),
            persisted,
        }
    }

    /// Everything that a gesture can change, as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            parameters: self.values(),
            settings: self.persisted.settings(),
        }
    }

    /// Goes to a snapshot. The editor's size stays.
    pub(super) fn go_to(&self, host: &GuiContext, snapshot: &Snapshot) {
        self.go_to_values(host, &snapshot.parameters);
        let scale_percent = self.persisted.settings().scale_percent;
        self.persisted.change(|settings| {
            *settings = snapshot.settings.clone();
            settings.scale_percent = scale_percent;
        });
    }
}
