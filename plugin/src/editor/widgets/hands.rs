//! What the user is holding. Turns drags, wheel, keys and typed values of any widget into gestures that begin once and end
//! once, also when the widget vanishes in the middle. Editor thread; knows no host.

mod input;

use std::hash::Hash;

use egui::{Key, PointerButton, Response, Ui, Vec2};

use input::{asked_by_assistant, pressed_end, pressed_steps, select_all, wheel_notches};

pub use input::keep_arrows;

/// Part of the range that one notch of the wheel or one press of an arrow key moves.
const NOTCH: f32 = 0.02;
/// With shift everything goes this much slower.
const FINE: f32 = 0.1;
/// A pause of the wheel as long as this ends its gesture, s.
const WHEEL_PAUSE_S: f64 = 0.4;

/// One step of a gesture on a target of the editor's own kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Change<T> {
    /// Taken hold of.
    Begin(T),
    /// Moved, 0..=1.
    Set(T, f32),
    /// Moved on both axes, 0..=1.
    Move(T, [f32; 2]),
    /// A value was typed.
    Enter(T, String),
    /// Let go.
    End(T),
}

/// A value that can be moved.
#[derive(Clone, Copy, Debug)]
pub struct Movable {
    /// Now, 0..=1.
    pub normalized: f32,
    /// After a double click.
    pub default_normalized: f32,
    /// Steps between the ends; `None` when continuous.
    pub steps: Option<u32>,
}

impl Movable {
    fn snapped(&self, value: f32) -> f32 {
        let value = value.clamp(0.0, 1.0);
        match self.steps {
            Some(steps) if steps > 0 => (value * steps as f32).round() / steps as f32,
            _ => value,
        }
    }

    /// What an arrow key moves by: a step where there are steps.
    fn notch(&self) -> f32 {
        self.steps
            .filter(|steps| *steps > 0)
            .map_or(NOTCH, |steps| 1.0 / steps as f32)
    }
}

#[derive(Debug)]
struct Open<T> {
    target: T,
    /// Where the value would be without ends and steps.
    at: [f32; 2],
    /// Set by whoever moved it in this pass; an open gesture that nobody claims is over.
    is_claimed: bool,
    /// When a gesture of the wheel ends, s; `None` for a drag.
    wheel_until_s: Option<f64>,
}

/// A value being typed.
#[derive(Debug)]
struct Entry<T> {
    target: T,
    text: String,
    original: String,
    is_new: bool,
}

/// All open gestures of a window.
#[derive(Debug)]
pub struct Hands<T> {
    open: Vec<Open<T>>,
    entry: Option<Entry<T>>,
    changes: Vec<Change<T>>,
}

impl<T> Default for Hands<T> {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            entry: None,
            changes: Vec::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> Hands<T> {
    /// Takes what happened since the last call.
    pub fn take_changes(&mut self) -> Vec<Change<T>> {
        std::mem::take(&mut self.changes)
    }

    /// True while the target is held.
    pub fn is_holding(&self, target: T) -> bool {
        self.open.iter().any(|open| open.target == target)
    }

    /// Takes hold of a target whose value is `at`. Nothing happens when it is held already.
    pub fn begin(&mut self, target: T, at: [f32; 2]) {
        if !self.is_holding(target) {
            self.changes.push(Change::Begin(target));
            self.open.push(Open {
                target,
                at,
                is_claimed: true,
                wheel_until_s: None,
            });
        }
    }

    /// Moves a held target by `delta` of its range and returns where that leads, before ends and steps.
    pub fn travel(&mut self, target: T, delta: [f32; 2]) -> Option<[f32; 2]> {
        let open = self.open.iter_mut().find(|open| open.target == target)?;
        open.is_claimed = true;
        for (at, delta) in open.at.iter_mut().zip(delta) {
            // A hand that overshoots the end comes back the way it went, but not from further than a tenth outside.
            *at = (*at + delta).clamp(-0.1, 1.1);
        }
        Some(open.at)
    }

    /// Reports a value of a held target.
    pub fn set(&mut self, target: T, value: f32) {
        self.changes.push(Change::Set(target, value));
    }

    /// Reports a place of a held target.
    pub fn place(&mut self, target: T, place: [f32; 2]) {
        self.changes.push(Change::Move(target, place));
    }

    /// Lets go. Nothing happens when it was not held.
    pub fn end(&mut self, target: T) {
        if let Some(index) = self.open.iter().position(|open| open.target == target) {
            self.open.swap_remove(index);
            self.changes.push(Change::End(target));
        }
    }

    /// A whole gesture in one: double click, arrow key.
    pub fn set_at_once(&mut self, target: T, value: f32) {
        if self.is_holding(target) {
            self.set(target, value);
        } else {
            self.begin(target, [value; 2]);
            self.set(target, value);
            self.end(target);
        }
    }

    /// After the last widget of a pass: ends what no widget claimed, and wheels that have paused.
    pub fn end_pass(&mut self, context: &egui::Context) {
        let now_s = context.input(|input| input.time);
        let mut over = Vec::new();
        for open in &mut self.open {
            let is_over = match open.wheel_until_s {
                Some(until_s) => now_s >= until_s,
                None => !std::mem::take(&mut open.is_claimed),
            };
            if is_over {
                over.push(open.target);
            } else if let Some(until_s) = open.wheel_until_s {
                context.request_repaint_after_secs((until_s - now_s) as f32);
            }
        }
        over.into_iter().for_each(|target| self.end(target));
    }

    /// Ends everything: the window is closing.
    pub fn close(&mut self) {
        self.entry = None;
        while let Some(open) = self.open.pop() {
            self.changes.push(Change::End(open.target));
        }
    }

    /// Drag (fine with shift), wheel, double click, arrow keys, home and end on one axis; `length` is the way of the pointer,
    /// points, over the whole range: negative when up is more.
    pub fn handle(
        &mut self,
        ui: &Ui,
        response: &Response,
        target: T,
        value: &Movable,
        travel: Vec2,
    ) {
        self.handle_drag(ui, response, target, value, travel);
        self.handle_wheel(ui, response, target, value);
        self.handle_keys(ui, response, target, value);
        if response.double_clicked() {
            self.set_at_once(target, value.snapped(value.default_normalized));
        }
    }

    /// The drag alone, for a widget that moves several targets at once.
    pub fn handle_drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        target: T,
        value: &Movable,
        travel: Vec2,
    ) {
        if response.drag_started_by(PointerButton::Primary) {
            self.begin(target, [value.normalized; 2]);
        }
        if response.dragged_by(PointerButton::Primary) {
            let moved = response.drag_delta();
            let mut delta = 0.0;
            for (moved, travel) in [(moved.x, travel.x), (moved.y, travel.y)] {
                if travel != 0.0 {
                    delta += moved / travel;
                }
            }
            let slow = if ui.input(|input| input.modifiers.shift) {
                FINE
            } else {
                1.0
            };
            if let Some([at, _]) = self.travel(target, [slow * delta; 2])
                && delta != 0.0
            {
                self.set(target, value.snapped(at));
            }
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            self.end(target);
        }
    }

    fn handle_wheel(&mut self, ui: &Ui, response: &Response, target: T, value: &Movable) {
        if !response.hovered() || response.dragged() {
            return;
        }
        let (notches, now_s) = ui.input(|input| (wheel_notches(&input.events), input.time));
        // The list around the widget must not scroll under the hand.
        ui.input_mut(|input| input.smooth_scroll_delta = Vec2::ZERO);
        if notches == 0.0 {
            return;
        }
        self.begin(target, [value.normalized; 2]);
        if let Some([at, _]) = self.travel(target, [notches * value.notch(); 2]) {
            self.set(target, value.snapped(at));
        }
        if let Some(open) = self.open.iter_mut().find(|open| open.target == target) {
            open.wheel_until_s = Some(now_s + WHEEL_PAUSE_S);
        }
    }

    fn handle_keys(&mut self, ui: &Ui, response: &Response, target: T, value: &Movable) {
        let asked = asked_by_assistant(ui, response.id);
        if let Some(asked) = asked.value {
            self.set_at_once(target, value.snapped(asked));
        }
        let mut steps = asked.steps;
        if response.has_focus() {
            keep_arrows(ui, response);
            steps += pressed_steps(ui);
            if let Some(end) = pressed_end(ui) {
                self.set_at_once(target, end);
            }
        }
        if steps != 0.0 {
            self.set_at_once(
                target,
                value.snapped(value.normalized + steps * value.notch()),
            );
        }
    }

    /// Opens the typed entry of a target with the text it shows now.
    pub fn open_entry(&mut self, target: T, text: &str) {
        self.entry = Some(Entry {
            target,
            text: text.to_owned(),
            original: text.to_owned(),
            is_new: true,
        });
    }

    /// True while a value is being typed for this target.
    pub fn is_entering(&self, target: T) -> bool {
        self.entry
            .as_ref()
            .is_some_and(|entry| entry.target == target)
    }

    /// Draws the typed entry in `rect`; return or leaving it takes the value, escape drops it.
    pub fn show_entry(&mut self, ui: &mut Ui, rect: egui::Rect, target: T, name: &str) {
        let Some(entry) = self.entry.as_mut().filter(|entry| entry.target == target) else {
            return;
        };
        let edit = egui::TextEdit::singleline(&mut entry.text)
            .font(super::super::theme::small())
            .margin(egui::Margin::symmetric(4, 2))
            .desired_width(rect.width());
        let response = ui.put(rect, edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("{name}, typed value"))
        });
        if std::mem::take(&mut entry.is_new) {
            response.request_focus();
            select_all(ui, response.id, entry.text.chars().count());
        } else if response.lost_focus() {
            let is_dropped = ui.input(|input| input.key_pressed(Key::Escape));
            let typed = (!is_dropped && entry.text != entry.original).then(|| entry.text.clone());
            self.entry = None;
            if let Some(text) = typed {
                self.begin(target, [0.0; 2]);
                self.changes.push(Change::Enter(target, text));
                self.end(target);
            }
        }
    }
}
