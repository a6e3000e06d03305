//! Which model plays, and which files the user points at. Editor thread.
//!
//! A model is taken over once the doctor has found it fit: until then the one before plays on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nice_plug::context::gui::GuiContext;

use super::super::super::placing;
use super::super::super::scale::Scale;
use super::super::super::shelf::{self, ChosenModel};
use super::super::Window;
use super::super::files::{Browsing, Wanted};
use crate::doctor::{self, Opinion};
use crate::editor::action::Action;
use crate::model_facts::ModelFacts;
use crate::resources;

/// Longest text of a Scala file that is read; scales of thousands of notes are shorter.
const MOST_SCALA_BYTES: u64 = 1 << 20;

impl Window {
    /// Everything about models, scales and the files that they come from.
    pub(super) fn change_models(&mut self, host: &GuiContext, action: Action) {
        self.complaint = None;
        match action {
            Action::ChooseModel(row) => {
                if let Some(path) = self.model_path(row) {
                    self.choose_model_file(&path);
                }
            }
            Action::CheckModel(row) => self.check_model(row),
            Action::PlayShippedModel => self.play_model(host, None),
            Action::BrowseModels => self.browse(Wanted::Model, resources::user_models_folder()),
            Action::BrowseScales => self.browse(Wanted::Scale, None),
            Action::BrowseMappings => self.browse(Wanted::Mapping, None),
            Action::ClearScale => self.set_scale(host, None),
            Action::LeaveFolder => {
                self.browsing = self.browsing.as_ref().map(Browsing::leave);
            }
            Action::CloseFiles => self.browsing = None,
            Action::TakeFile(row) => self.take_file(host, row),
            _ => {}
        }
    }

    /// Takes over the model that waits for the doctor, once he has spoken.
    pub(in super::super) fn settle_candidate(&mut self) {
        let (Some(facts), Some(host)) = (self.candidate.clone(), self.host.clone()) else {
            return;
        };
        match doctor::opinion(&facts) {
            Opinion::Pending => {}
            Opinion::Known(verdict) if verdict.is_usable => {
                self.candidate = None;
                self.play_model(&host, Some(&facts));
            }
            Opinion::Known(verdict) => {
                self.candidate = None;
                self.complaint = Some(refused(&facts, &verdict.sentence));
            }
            Opinion::None => {
                self.candidate = None;
                self.complaint = Some(refused(&facts, "the file was changed meanwhile"));
            }
        }
    }

    fn choose_model_file(&mut self, path: &Path) {
        match ModelFacts::of_file(path) {
            Ok(facts) => {
                if doctor::opinion(&facts) == Opinion::None {
                    self.examine(&facts);
                }
                self.candidate = Some(facts);
                self.settle_candidate();
            }
            Err(unfit) => self.complaint = Some(unfit.in_words(path)),
        }
    }

    /// Tries again what failed, and has models that are not shipped examined again.
    fn check_model(&mut self, row: usize) {
        let path = self.model_path(row);
        let facts = path.and_then(|path| ModelFacts::of_file(&path).ok());
        if let Some(facts) = facts.filter(|facts| !facts.is_shipped()) {
            self.examine(&facts);
        }
        let hub = &self.hub;
        hub.sounding().retry(&hub.persisted, &hub.corners);
    }

    fn examine(&self, facts: &Arc<ModelFacts>) {
        let hub = Arc::downgrade(&self.hub);
        doctor::examine(facts, move || {
            if let Some(hub) = hub.upgrade() {
                hub.repaint.request_repaint();
            }
        });
    }

    /// Plays a model from now on; `None` is the newest that came with the plugin.
    fn play_model(&mut self, host: &GuiContext, facts: Option<&Arc<ModelFacts>>) {
        let shipped = ModelFacts::of_shipped();
        let is_newest = |facts: &ModelFacts| {
            shipped
                .as_ref()
                .is_ok_and(|shipped| shipped.path() == facts.path())
        };
        let chosen = facts.filter(|facts| !is_newest(facts));
        let mut next = self.knobs.snapshot();
        next.settings.model = chosen.map(|facts| ChosenModel::of(facts));
        let plays = facts.or(shipped.as_ref().ok());
        if let Some(model) = plays {
            for sound in next.settings.corners.iter_mut().flatten() {
                *sound = placing::moved_over(sound, &model.manifest, &model.fingerprint);
            }
        }
        self.go_to("model", host, &next);
        self.read_shelf();
    }

    /// Has the models that can be chosen read again.
    pub(in super::super) fn read_shelf(&self) {
        let hub = Arc::downgrade(&self.hub);
        shelf::refresh(move || {
            if let Some(hub) = hub.upgrade() {
                hub.repaint.request_repaint();
            }
        });
    }

    fn model_path(&self, row: usize) -> Option<PathBuf> {
        self.offered.get(row).cloned()
    }

    /// Opens the folder where the last file was found, else this one, else the user's own.
    fn browse(&mut self, wanted: Wanted, folder: Option<PathBuf>) {
        let home = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let folder = self
            .last_folder
            .clone()
            .or(folder)
            .or(home.map(PathBuf::from));
        self.browsing = Some(Browsing::open(wanted, &folder.unwrap_or_default()));
    }

    fn take_file(&mut self, host: &GuiContext, row: usize) {
        let Some(browsing) = &self.browsing else {
            return;
        };
        let (Some(path), wanted) = (browsing.path(row).map(Path::to_path_buf), browsing.wanted)
        else {
            return;
        };
        if path.is_dir() {
            self.browsing = Some(Browsing::open(wanted, &path));
            return;
        }
        self.browsing = None;
        self.last_folder = path.parent().map(Path::to_path_buf);
        match wanted {
            Wanted::Model => self.choose_model_file(&path),
            Wanted::Scale | Wanted::Mapping => match self.scale_with(wanted, &path) {
                Ok(scale) => self.set_scale(host, Some(scale)),
                Err(complaint) => self.complaint = Some(complaint),
            },
        }
    }

    /// The present scale with another of its two files.
    fn scale_with(&self, wanted: Wanted, path: &Path) -> Result<Scale, String> {
        let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let length = std::fs::metadata(path).map_err(|error| said(&error))?.len();
        if length > MOST_SCALA_BYTES {
            return Err(said(&"longer than any Scala file"));
        }
        let bytes = std::fs::read(path).map_err(|error| said(&error))?;
        // Old files are Latin-1; only their comments are.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let now = self.hub.persisted.settings().scale;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let scale = match (wanted, now) {
            (Wanted::Mapping, Some(now)) => Scale {
                kbm: Some(text),
                ..now
            },
            (_, now) => Scale {
                name: name.into_owned(),
                scl: text,
                kbm: now.and_then(|now| now.kbm),
            },
        };
        scale.table().map_err(|words| said(&words))?;
        Ok(scale)
    }

    fn set_scale(&mut self, host: &GuiContext, scale: Option<Scale>) {
        let mut next = self.knobs.snapshot();
        next.settings.scale = scale;
        self.go_to("scale", host, &next);
    }
}

fn refused(facts: &ModelFacts, why: &str) -> String {
    format!("{} is not played: {why}", facts.manifest.name)
}
