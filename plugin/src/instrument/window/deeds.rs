//! What the user did, carried out: parameters by the host's gestures, sounds by the settings, keys by the callback's ring.
//! Editor thread.

use engine::Event;
use nice_plug::context::gui::GuiContext;

use super::super::params::MAX_REVISION;
use super::super::placing;
use super::super::session::{MOST_PATH_POINTS, NUM_CORNERS, Snapshot, more_like, randomised};
use super::super::sound::Sound;
use super::super::sounding::PREVIEW_SLOT;
use super::Window;
use crate::editor::action::{Action, GestureTarget, PathPoint};
use crate::editor::model::{Corner, MapPosition, ParameterId, SoundId};

/// The channel of keys played by hand.
const HAND_CHANNEL: u8 = 0;
/// The channel of sounds pressed on the map: one that is rarely played.
const PREVIEW_CHANNEL: u8 = 15;
/// The key and the strength that a sound on the map is heard with.
const PRESSED: (u8, f32) = (60, 0.7);
/// The modulation wheel's controller.
const MODULATION: u8 = 1;
/// Names of the pad's parameters.
const PAD: [&str; 2] = ["morphx", "morphy"];

impl Window {
    /// Carries out what the user did, in order.
    pub(super) fn carry_out(&mut self, actions: Vec<Action>) {
        let Some(host) = self.host.clone() else {
            return;
        };
        for action in actions {
            self.carry_out_one(&host, action);
        }
    }

    fn carry_out_one(&mut self, host: &GuiContext, action: Action) {
        match action {
            Action::BeginGesture(target) => self.begin(host, target),
            Action::SetParameter(id, value) => self.knobs.set(host, id, value),
            Action::EnterText(id, text) => self.knobs.enter(host, id, &text),
            Action::MovePuck(position) => self.move_puck(host, position),
            Action::EndGesture(target) => {
                self.each(target, |window, id| window.knobs.end(host, id))
            }
            Action::PressSound(id) => self.press_sound(id),
            Action::ReleaseSound(_) => self.release_sound(),
            Action::PressKey(key, velocity) => self.strike(HAND_CHANNEL, key, velocity),
            Action::ReleaseKey(key) => self.lift(HAND_CHANNEL, key),
            Action::SetBend(value) => self.hub.live.send(Event::PitchBend {
                channel: HAND_CHANNEL,
                value,
            }),
            Action::SetModulation(value) => self.hub.live.send(Event::Controller {
                channel: HAND_CHANNEL,
                number: MODULATION,
                value,
            }),
            Action::Panic => self.hub.live.send(Event::AllNotesOff),
            Action::Undo => self.take_back(host),
            Action::Redo => self.do_again(host),
            Action::ChooseSide(side) => self.choose_side(host, side),
            Action::CopyToOtherSide => self.history.copy_to_other_side(self.knobs.snapshot()),
            Action::Randomise => {
                let next = randomised(&self.knobs.snapshot(), chance());
                self.go_to("randomise", host, &next);
            }
            Action::SetScale(percent) => {
                let percent = u16::try_from(percent).unwrap_or(100);
                self.hub
                    .persisted
                    .change(|settings| settings.scale_percent = percent);
            }
            other => self.change_sounds(host, other),
        }
    }

    /// Everything about which sounds there are and which one plays.
    fn change_sounds(&mut self, host: &GuiContext, action: Action) {
        self.complaint = None;
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
            Action::OpenSoundFolder => self.complaint = self.show_sound_folder().err(),
            Action::CheckModel(_) | Action::ChooseModel(_) | Action::BrowseModels => {
                let hub = &self.hub;
                hub.sounding().retry(&hub.persisted, &hub.corners);
            }
            _ => {}
        }
    }

    fn begin(&mut self, host: &GuiContext, target: GestureTarget) {
        let name = match target {
            GestureTarget::Puck => "morph".to_owned(),
            GestureTarget::Parameter(id) => self
                .knobs
                .read(id)
                .map_or_else(String::new, |reading| reading.name),
        };
        self.history.remember(name, self.knobs.snapshot());
        self.each(target, |window, id| window.knobs.begin(host, id));
    }

    /// Every parameter of a gesture.
    fn each(&self, target: GestureTarget, act: impl Fn(&Self, ParameterId)) {
        match target {
            GestureTarget::Parameter(id) => act(self, id),
            GestureTarget::Puck => {
                for id in PAD.iter().filter_map(|id| self.knobs.number_of(id)) {
                    act(self, id);
                }
            }
        }
    }

    fn move_puck(&self, host: &GuiContext, position: MapPosition) {
        for (id, value) in PAD.into_iter().zip([position.x, 1.0 - position.y]) {
            if let Some(number) = self.knobs.number_of(id) {
                self.knobs.set(host, number, value);
            }
        }
    }

    fn strike(&self, channel: u8, key: u8, velocity: f32) {
        self.hub.live.send(Event::NoteOn {
            channel,
            key,
            velocity,
            note_id: None,
            seed: None,
        });
    }

    fn lift(&self, channel: u8, key: u8) {
        self.hub.live.send(Event::NoteOff {
            channel,
            key,
            velocity: 0.5,
        });
    }

    /// The sound plays in a slot of its own, so that nothing that sounds changes.
    fn press_sound(&mut self, id: SoundId) {
        let Some(sound) = self.sound(id) else {
            return;
        };
        self.hub.sounding().preview(&sound);
        self.hub.live.send(Event::Sound {
            channel: PREVIEW_CHANNEL,
            slot: PREVIEW_SLOT as u8,
        });
        self.strike(PREVIEW_CHANNEL, PRESSED.0, PRESSED.1);
    }

    fn release_sound(&mut self) {
        self.lift(PREVIEW_CHANNEL, PRESSED.0);
    }

    fn sound(&mut self, SoundId(row): SoundId) -> Option<Sound> {
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

    fn take_back(&mut self, host: &GuiContext) {
        if let Some(before) = self.history.undo(self.knobs.snapshot()) {
            self.apply(host, &before);
        }
    }

    fn do_again(&mut self, host: &GuiContext) {
        if let Some(after) = self.history.redo(self.knobs.snapshot()) {
            self.apply(host, &after);
        }
    }

    fn choose_side(&mut self, host: &GuiContext, side: crate::editor::model::Side) {
        use super::super::session::Side as Ours;
        let wanted = match side {
            crate::editor::model::Side::A => Ours::A,
            crate::editor::model::Side::B => Ours::B,
        };
        if self.history.side() != wanted {
            let other = self.history.switch_side(self.knobs.snapshot());
            self.apply(host, &other);
        }
    }

    /// A gesture of its own: one undo step.
    fn go_to(&mut self, what: &str, host: &GuiContext, next: &Snapshot) {
        self.history
            .remember(what.to_owned(), self.knobs.snapshot());
        self.apply(host, next);
    }

    fn apply(&mut self, host: &GuiContext, next: &Snapshot) {
        self.knobs.go_to(host, next);
        let hub = &self.hub;
        hub.sounding().follow(&hub.persisted, &hub.corners);
        // Settings are no parameters: a parameter that counts their changes makes the host notice them.
        if let Some(number) = self.knobs.number_of("rev") {
            let count = (hub.persisted.generation() % (MAX_REVISION as u64 + 1)) as f32;
            self.knobs
                .move_to(host, number, count / MAX_REVISION as f32);
        }
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

/// A seed that nobody has chosen: the clock's.
fn chance() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.subsec_nanos() ^ now.as_secs() as u32)
}
