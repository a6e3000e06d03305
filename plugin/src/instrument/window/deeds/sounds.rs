//! Which sounds there are, which play, what is kept of them. Editor thread.

use nice_plug::context::gui::GuiContext;

use super::super::super::placing;
use super::super::super::session::{MOST_PATH_POINTS, NUM_CORNERS, more_like};
use super::super::super::sound::Sound;
use super::super::Window;
use super::chance;
use crate::editor::action::{Action, PathPoint};
use crate::editor::model::{Corner, ParameterId, SoundId};

impl Window {
    /// Everything about which sounds there are and which one plays.
    pub(super) fn change_sounds(&mut self, host: &GuiContext, action: Action) {
        self.complaint = None;
        self.word = None;
        self.faces.forget_looks();
        match action {
            Action::ChooseSound(id) => self.choose(host, id),
            Action::StepSound(step) => self.step(host, step),
            Action::SetSeed(seed) => {
                let sound = Sound::of_recipe(&models::SoundRecipe::from_seed(seed));
                self.set_corner(host, "seed", 0, sound);
            }
            Action::Nudge { is_more } => self.nudge(host, is_more),
            Action::SetCorner(corner, id) => {
                if let Some(sound) = self.sound(id) {
                    self.set_corner(host, "corner", corner_index(corner), sound);
                }
            }
            Action::Arithmetic { a, b, c } => self.arithmetic(host, [a, b, c]),
            Action::RecordPath(points) => self.set_path(host, evenly_spaced(&points)),
            Action::ClearPath => self.set_path(host, Vec::new()),
            Action::ToggleSeedLock => self
                .hub
                .persisted
                .change(|settings| settings.seed_is_locked = !settings.seed_is_locked),
            Action::ToggleLock(id) => self.toggle_lock(id),
            Action::ToggleFavourite(SoundId(row)) => {
                let done = self.library().toggle_favourite(row as usize);
                self.complaint = done.err();
            }
            Action::SaveSound(name) => self.save_sound(host, &name),
            Action::DeleteSound(SoundId(row)) => {
                let done = self.library().delete(row as usize);
                self.complaint = done.err();
            }
            Action::ToggleKeptNotes => {
                let mut next = self.knobs.snapshot();
                next.settings.keeps_notes ^= true;
                self.go_to("keep notes", host, &next);
            }
            Action::WritePicture => self.write_picture(),
            Action::OpenSoundFolder => self.complaint = self.show_sound_folder().err(),
            _ => {}
        }
    }

    pub(super) fn sound(&mut self, SoundId(row): SoundId) -> Option<Sound> {
        let entry = self.library().entries.get(row as usize)?;
        Some(entry.sound.clone())
    }

    fn choose(&mut self, host: &GuiContext, id: SoundId) {
        if let Some(sound) = self.sound(id) {
            self.set_corner(host, "sound", 0, sound);
        }
    }

    fn step(&mut self, host: &GuiContext, step: i32) {
        let name = self
            .hub
            .persisted
            .settings()
            .sound()
            .map(|sound| sound.name.clone());
        let library = self.library();
        let length = library.entries.len() as i32;
        let row = name
            .and_then(|name| library.row_of(&name))
            .map_or(0, |row| row as i32 + step);
        if length > 0 {
            self.choose(host, SoundId(row.rem_euclid(length) as u32));
        }
    }

    /// A corner's new sound; the first corner's starts with its timbre slots at rest.
    fn set_corner(&mut self, host: &GuiContext, what: &str, corner: usize, sound: Sound) {
        let mut next = self.knobs.snapshot();
        if corner == 0 {
            for (id, value) in &mut next.parameters {
                if id.starts_with("tim") {
                    *value = 0.5;
                }
            }
        }
        if let Some(slot) = next.settings.corners.get_mut(corner.min(NUM_CORNERS - 1)) {
            *slot = Some(sound);
        }
        self.go_to(what, host, &next);
    }

    fn nudge(&mut self, host: &GuiContext, is_more: bool) {
        if let Some(sound) = self.hub.persisted.settings().sound() {
            let share = if is_more { 1.0 } else { -1.0 };
            let near = more_like(sound, share, chance());
            self.set_corner(host, "nearby sound", 0, near);
        }
    }

    /// a - b + c, in the latent space of the model that plays.
    fn arithmetic(&mut self, host: &GuiContext, terms: [SoundId; 3]) {
        let sounds = terms.map(|id| self.sound(id));
        let model = self.hub.sounding().model();
        if let ([Some(a), Some(b), Some(c)], Some(model)) = (&sounds, model) {
            match placing::sum([a, b, c], &model.manifest, &model.fingerprint) {
                Ok(sum) => self.set_corner(host, "arithmetic", 0, sum),
                Err(error) => self.complaint = Some(error.to_string()),
            }
        }
    }

    fn set_path(&mut self, host: &GuiContext, path: Vec<[f32; 2]>) {
        let mut next = self.knobs.snapshot();
        next.settings.path = path;
        self.go_to("path", host, &next);
    }

    fn toggle_lock(&mut self, id: ParameterId) {
        let Some(id) = self.id_of(id) else {
            return;
        };
        self.hub.persisted.change(|settings| {
            if !settings.locked.remove(&id) {
                settings.locked.insert(id);
            }
        });
    }

    /// Keeps the sound as it is heard: with what the timbre slots move.
    fn save_sound(&mut self, host: &GuiContext, name: &str) {
        let settings = self.hub.persisted.settings();
        let (Some(sound), Some(model)) = (settings.sound(), self.hub.sounding().model()) else {
            return;
        };
        let timbre = self
            .hub
            .persisted
            .params
            .timbre
            .slots()
            .map(|slot| slot.value());
        let place = placing::place_of(sound, &model.manifest, &model.fingerprint)
            .and_then(|place| placing::moved(&place, &timbre, &model.manifest));
        let saved = place.map_err(|error| error.to_string()).and_then(|place| {
            let sound = Sound {
                name: name.to_owned(),
                place: Some(place),
                ..sound.clone()
            };
            self.library().save(&sound)?;
            Ok(sound)
        });
        match saved {
            Ok(sound) => self.set_corner(host, "save", 0, sound),
            Err(complaint) => self.complaint = Some(complaint),
        }
    }

    fn show_sound_folder(&self) -> Result<(), String> {
        let folder = crate::resources::user_sounds_folder().ok_or("the home folder is unknown")?;
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let program = match std::env::consts::OS {
            "windows" => "explorer",
            "macos" => "open",
            _ => "xdg-open",
        };
        let started = std::process::Command::new(program).arg(&folder).spawn();
        started
            .map(|_| ())
            .map_err(|error| format!("{}: {program} cannot show it: {error}", folder.display()))
    }
}

fn corner_index(corner: Corner) -> usize {
    Corner::ALL
        .iter()
        .position(|other| *other == corner)
        .unwrap_or(0)
}

/// Points as they were drawn, at even steps of time.
fn evenly_spaced(points: &[PathPoint]) -> Vec<[f32; 2]> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let length_s = (last.time_s - first.time_s).max(f32::EPSILON);
    let count = points.len().clamp(2, MOST_PATH_POINTS);
    let at = |step: usize| {
        let time_s = first.time_s + length_s * step as f32 / (count - 1) as f32;
        let after = points
            .iter()
            .find(|point| point.time_s >= time_s)
            .unwrap_or(last);
        [
            after.position.x.clamp(0.0, 1.0),
            (1.0 - after.position.y).clamp(0.0, 1.0),
        ]
    };
    (0..count).map(at).collect()
}
