//! What the user did, carried out: parameters by the host's gestures, sounds by the settings, keys by the callback's ring.
//! Editor thread.

mod keys;
mod models;
mod sounds;

use engine::Event;
use nice_plug::context::gui::GuiContext;

use super::super::params::MAX_REVISION;
use super::super::session::{Snapshot, randomised};
use super::Window;
use crate::editor::action::{Action, GestureTarget};
use crate::editor::model::{MapPosition, ParameterId};

/// The channel of keys played by hand.
const HAND_CHANNEL: u8 = 0;
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
            action @ (Action::ChooseModel(_)
            | Action::CheckModel(_)
            | Action::PlayShippedModel
            | Action::BrowseModels
            | Action::BrowseScales
            | Action::BrowseMappings
            | Action::ClearScale
            | Action::TakeFile(_)
            | Action::LeaveFolder
            | Action::CloseFiles) => self.change_models(host, action),
            other => self.change_sounds(host, other),
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

/// A seed that nobody has chosen: the clock's.
fn chance() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.subsec_nanos() ^ now.as_secs() as u32)
}
