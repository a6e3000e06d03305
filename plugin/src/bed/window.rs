//! The bed's window: fills the editor's model, draws it, carries out what the user did. Editor thread.

mod deeds;
mod faces;
mod files;
mod hits;
mod job;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::LogicalSize;
use nice_plug::prelude::Params;
use nice_plug_egui::baseview::HandlerError;
use nice_plug_egui::{EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp};

use super::hub::Hub;
use super::settings::Settings;
use crate::editor::bed::{BedLocal, show};
use crate::editor::{self, BASE_SIZE, WHILE_RESTING};
use crate::instrument::session::History;
use crate::knobs::Knobs;

/// Repaints while something moves: 60 a second.
const WHILE_MOVING: Duration = Duration::from_millis(16);
/// Repaints while something is made in the background.
const WHILE_MAKING: Duration = Duration::from_millis(100);

/// What the host opens.
pub type BedEditor = EguiEditor<Window>;

/// Everything that a gesture can change, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
struct Snapshot {
    /// Parameters by id, normalised.
    parameters: BTreeMap<String, f32>,
    settings: Settings,
}

/// The editor of an instance, closed.
pub(super) fn new(hub: &Arc<Hub>) -> Option<BedEditor> {
    let size = LogicalSize::new(BASE_SIZE.x, BASE_SIZE.y);
    let settings = EguiNiceSettings::new()
        .with_tile("Understory Bed")
        .with_repaint_poll_interval(WHILE_RESTING);
    nice_plug_egui::create_egui_editor(
        EguiEditorState::from_size(size, 1.0),
        hub.repaint.clone(),
        settings,
        Window::new(Arc::clone(hub)),
    )
}

/// One window at a time; what it knows outlives it.
pub struct Window {
    hub: Arc<Hub>,
    local: BedLocal,
    /// The host's side of parameters, while a window is open.
    host: Option<GuiContext>,
    knobs: Knobs,
    history: History<Snapshot>,
    faces: faces::Faces,
    /// What is made or measured in the background.
    job: Option<job::Job>,
    /// What went wrong with a deed, or came of it, until the next one.
    word: Option<Result<String, String>>,
}

impl Window {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self {
            knobs: Knobs::new(Arc::clone(&hub.persisted) as Arc<dyn Params>),
            hub,
            local: BedLocal::default(),
            host: None,
            history: History::default(),
            faces: faces::Faces::default(),
            job: None,
            word: None,
        }
    }

    /// Draws the window and carries out what was done; without a host it only shows.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        self.look_after_job();
        let model = self.model();
        let actions = show(ui, &model, &mut self.local);
        if !actions.is_empty() {
            ui.ctx().request_repaint();
        }
        self.carry_out(actions);
        if model.is_moving() {
            ui.ctx().request_repaint_after(WHILE_MOVING);
        } else if self.is_making() {
            ui.ctx().request_repaint_after(WHILE_MAKING);
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            parameters: self.knobs.values(),
            settings: self.hub.persisted.settings(),
        }
    }
}

impl NiceEguiApp for Window {
    /// Views are made again and again, and hosts do not always say when one goes: what the last one held is let go here.
    fn build(
        &mut self,
        context: egui::Context,
        host: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.host = Some(host);
        let open = self.local.close();
        self.carry_out(open);
        self.local = BedLocal::default();
        editor::install(&context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let zoom = f32::from(self.hub.persisted.settings().scale_percent) / 100.0;
        if (ui.ctx().zoom_factor() - zoom).abs() > 1e-3 {
            ui.ctx().set_zoom_factor(zoom);
        }
        self.draw(ui);
    }

    fn editor_closed(&mut self) {
        let open = self.local.close();
        self.carry_out(open);
        self.host = None;
    }
}

#[cfg(test)]
mod tests;
