//! The editors, as pure functions of a plain model: [`show`] draws the instrument's and returns what the user did. Editor
//! thread. Knows no host, no engine, no file: the plugin fills the model and carries out the actions.
//!
//! The picture behind the map is the sound's own and the accent colours are its palette; everything else is quiet.

pub mod action;
pub mod bed;
mod instrument;
mod layout;
pub mod local;
pub mod model;
pub mod palette;
pub mod theme;
pub mod widgets;

use std::time::Duration;

use egui::{Rect, Stroke, Ui};

use action::{Action, GestureTarget};
use layout::Layout;
use local::EditorLocal;
use model::EditorModel;
use theme::{GROUND, LINE, Theme};
use widgets::hands::Change;
use widgets::status_line;

pub use theme::{BASE_SIZE, SCALES_PERCENT, install};

/// Smallest and largest scale, percent of the design size.
pub const SCALE_RANGE_PERCENT: [u32; 2] = [75, 200];

/// How often a resting window looks whether callback or project want it drawn. Not oftener: under X11 the toolkit (baseview
/// 0.4.2) stays empty for ever when it is asked to draw before the host shows the window, and its first look is so late.
pub(crate) const WHILE_RESTING: Duration = Duration::from_millis(250);

/// One pass over the window: what is shown, how it looks, what the window remembers, what the user did.
pub(crate) struct Pass<'a> {
    model: &'a EditorModel,
    theme: Theme,
    local: &'a mut EditorLocal,
    actions: Vec<Action>,
}

impl Pass<'_> {
    /// Takes over what the hands did, in its order among the other actions.
    fn collect_gestures(&mut self) {
        let changes = self.local.hands.take_changes();
        self.actions
            .extend(changes.into_iter().filter_map(as_action));
    }
}

/// Draws the instrument's editor into the whole of `ui` and returns what the user did, in order.
///
/// Call [`install`] once per window before, and [`EditorLocal::close`] when the window goes. Repaints are asked for only
/// while a hand is on a control; repaint yourself when the model changed, at most 60 times a second.
pub fn show(ui: &mut Ui, model: &EditorModel, local: &mut EditorLocal) -> Vec<Action> {
    let window = ui.max_rect();
    let rooms = Layout::of(window);
    ui.painter().rect_filled(window, 0.0, GROUND);
    let mut pass = Pass {
        model,
        theme: Theme::new(model.sound.palette),
        local,
        actions: Vec::new(),
    };
    instrument::header::show(ui, rooms.header, &mut pass);
    instrument::browser::show(ui, rooms.browser, &mut pass);
    instrument::map::show(ui, rooms.map, &mut pass);
    instrument::note::show(ui, rooms.note, &mut pass);
    instrument::controls::show(ui, rooms.controls, &mut pass);
    instrument::keyboard::show(ui, rooms.keyboard, &mut pass);
    let remedy = status_line::show(ui, rooms.status, &model.status, pass.theme.accent);
    pass.actions.extend(remedy);
    paint_hairlines(ui, &rooms);
    instrument::grip::show(ui, window, &mut pass);
    instrument::files::show(ui, &mut pass);
    pass.local.hands.end_pass(ui.ctx());
    pass.collect_gestures();
    if ui.input(|input| !input.events.is_empty()) {
        // What was pressed may have changed what is drawn before it in this pass.
        ui.ctx().request_repaint();
    }
    pass.actions
}

/// The scale, percent, at which the design size fills a window of this many points at 100 %; within what is allowed.
pub fn scale_for_window(width: f32, height: f32) -> u32 {
    let fit = (width / BASE_SIZE.x).min(height / BASE_SIZE.y);
    let [least, most] = SCALE_RANGE_PERCENT;
    ((100.0 * fit).round() as u32).clamp(least, most)
}

fn paint_hairlines(ui: &Ui, rooms: &Layout) {
    let painter = ui.painter();
    let stroke = Stroke::new(1.0, LINE);
    let across = |rect: Rect| painter.hline(rect.x_range(), rect.bottom(), stroke);
    across(rooms.header);
    across(rooms.map);
    across(rooms.browser.union(rooms.controls));
    across(rooms.keyboard);
    for x in [rooms.map.left(), rooms.map.right()] {
        painter.vline(x, rooms.browser.y_range(), stroke);
    }
}

fn as_action(change: Change<GestureTarget>) -> Option<Action> {
    Some(match change {
        Change::Begin(target) => Action::BeginGesture(target),
        Change::End(target) => Action::EndGesture(target),
        Change::Set(GestureTarget::Parameter(id), value) => Action::SetParameter(id, value),
        Change::Enter(GestureTarget::Parameter(id), text) => Action::EnterText(id, text),
        Change::Move(GestureTarget::Puck, [x, y]) => Action::MovePuck(model::MapPosition { x, y }),
        // A parameter has one axis and the puck two; no widget reports the other way round.
        Change::Set(GestureTarget::Puck, _)
        | Change::Enter(GestureTarget::Puck, _)
        | Change::Move(GestureTarget::Parameter(_), _) => return None,
    })
}
