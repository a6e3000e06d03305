//! The instrument's window: fills the editor's model, draws it, carries out what the user did. Editor thread.

mod deeds;
mod faces;
mod files;
mod gestures;
mod models;
mod picture;
mod status;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::LogicalSize;
use nice_plug_egui::baseview::HandlerError;
use nice_plug_egui::{EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp};

use super::hub::Hub;
use super::library::Library;
use super::model_facts::ModelFacts;
use super::session::History;
use crate::editor::model::StatusTone;
use crate::editor::{self, BASE_SIZE, WHILE_RESTING, local::EditorLocal};
use crate::picture::Easel;
use gestures::Knobs;

/// Repaints while something moves: 60 a second.
const WHILE_MOVING: Duration = Duration::from_millis(16);

/// Repaints while the workers bake, which move nothing but figures and dots.
const WHILE_WORKING: Duration = Duration::from_millis(100);

/// What the host opens.
pub(super) type InstrumentEditor = EguiEditor<Window>;

/// The editor of an instance, closed.
pub(super) fn new(hub: &Arc<Hub>) -> Option<InstrumentEditor> {
    let size = LogicalSize::new(BASE_SIZE.x, BASE_SIZE.y);
    let settings = EguiNiceSettings::new()
        .with_tile("Understory")
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
    pub(super) hub: Arc<Hub>,
    local: EditorLocal,
    /// The host's side of parameters, while a window is open.
    host: Option<GuiContext>,
    knobs: Knobs,
    library: Option<Library>,
    history: History,
    faces: faces::Faces,
    easel: Easel,
    /// A picture on its way into a file.
    written: Option<picture::Writing>,
    /// Files of the models that were shown last, by row.
    offered: Vec<PathBuf>,
    /// A model that is played once the doctor has found it fit.
    candidate: Option<Arc<ModelFacts>>,
    /// The folder in which the user looks for a file.
    browsing: Option<files::Browsing>,
    /// Where the last one was found.
    last_folder: Option<PathBuf>,
    /// What went wrong with a deed, until the next one.
    complaint: Option<String>,
    /// What came of one, until the next one.
    word: Option<String>,
}

impl Window {
    fn new(hub: Arc<Hub>) -> Self {
        Self {
            knobs: Knobs::new(Arc::clone(&hub.persisted)),
            easel: Easel::new(hub.repaint.clone()),
            written: None,
            word: None,
            hub,
            local: EditorLocal::default(),
            host: None,
            library: None,
            history: History::default(),
            faces: faces::Faces::default(),
            offered: Vec::new(),
            candidate: None,
            browsing: None,
            last_folder: None,
            complaint: None,
        }
    }

    /// The sounds, read when a window first needs them.
    fn library(&mut self) -> &mut Library {
        self.library.get_or_insert_with(Library::read)
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
        self.local = EditorLocal::default();
        self.browsing = None;
        self.read_shelf();
        editor::install(&context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let zoom = f32::from(self.hub.persisted.settings().scale_percent) / 100.0;
        if (ui.ctx().zoom_factor() - zoom).abs() > 1e-3 {
            ui.ctx().set_zoom_factor(zoom);
        }
        self.settle_candidate();
        self.settle_picture();
        let model = self.model();
        let actions = editor::show(ui, &model, &mut self.local);
        if !actions.is_empty() {
            ui.ctx().request_repaint();
        }
        self.carry_out(actions);
        if model.is_moving() {
            ui.ctx().request_repaint_after(WHILE_MOVING);
        } else if model.status.tone == StatusTone::Working {
            ui.ctx().request_repaint_after(WHILE_WORKING);
        }
    }

    fn editor_closed(&mut self) {
        let open = self.local.close();
        self.carry_out(open);
        self.host = None;
    }
}
