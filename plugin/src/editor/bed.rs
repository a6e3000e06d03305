//! The bed's editor, as a pure function like the instrument's: mood first, then length, then what the picture and the voice
//! ask of the music. Editor thread. Knows no host, no composer, no file.

pub mod action;
mod duck;
mod header;
mod local;
mod loudness;
pub mod model;
mod mood;
mod parts;
mod timeline;

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::theme::{BASE_SIZE, GRID, GROUND, LINE, QUIET, Theme, small_strong};
use super::widgets::hands::Change;
use super::widgets::status_line;
use super::widgets::text::Line;
use action::{BedAction, BedTarget};
use model::BedModel;

pub use local::BedLocal;

const HEADER_HEIGHT: f32 = 48.0;
const STATUS_HEIGHT: f32 = 24.0;
const LEFT_WIDTH: f32 = 256.0;
const PARTS_HEIGHT: f32 = 200.0;
const LOWEST_HEIGHT: f32 = 136.0;
const TITLE_HEIGHT: f32 = 24.0;

/// One pass over the window.
pub(crate) struct BedPass<'a> {
    model: &'a BedModel,
    theme: Theme,
    local: &'a mut BedLocal,
    actions: Vec<BedAction>,
}

impl BedPass<'_> {
    /// Takes over what the hands did, in its order among the other actions.
    fn collect_gestures(&mut self) {
        let length_s = self.model.strip.length_s;
        let changes = self.local.hands.take_changes();
        let actions = changes
            .into_iter()
            .filter_map(|change| as_action(change, length_s));
        self.actions.extend(actions);
    }
}

/// Draws the bed's editor into the whole of `ui` and returns what the user did, in order. The same promises as the
/// instrument's `show`.
pub fn show(ui: &mut Ui, model: &BedModel, local: &mut BedLocal) -> Vec<BedAction> {
    let window = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size().max(BASE_SIZE));
    ui.painter().rect_filled(window, 0.0, GROUND);
    let mut pass = BedPass {
        model,
        theme: Theme::new(model.bed.palette),
        local,
        actions: Vec::new(),
    };
    let (header, rest) = window.split_top_bottom_at_y(window.top() + HEADER_HEIGHT);
    let (rest, status) = rest.split_top_bottom_at_y(rest.bottom() - STATUS_HEIGHT);
    let (rest, lowest) = rest.split_top_bottom_at_y(rest.bottom() - LOWEST_HEIGHT);
    let (upper, middle) = rest.split_top_bottom_at_y(rest.bottom() - PARTS_HEIGHT);
    let (mood, strip) = upper.split_left_right_at_x(upper.left() + LEFT_WIDTH);
    let (score, parts) = middle.split_left_right_at_x(middle.left() + LEFT_WIDTH);
    let (duck, loudness) = lowest.split_left_right_at_x(lowest.left() + 2.0 * LEFT_WIDTH + 64.0);
    header::show(ui, header, &mut pass);
    mood::show(ui, mood, &mut pass);
    timeline::show(ui, strip, &mut pass);
    parts::show_score(ui, score, &mut pass);
    parts::show(ui, parts, &mut pass);
    duck::show(ui, duck, &mut pass);
    loudness::show(ui, loudness, &mut pass);
    let remedy = status_line::show(ui, status, &model.status, pass.theme.accent);
    pass.actions.extend(remedy);
    paint_hairlines(ui, &[header, upper, middle, lowest], &[mood, score, duck]);
    pass.local.hands.end_pass(ui.ctx());
    pass.collect_gestures();
    if ui.input(|input| !input.events.is_empty()) {
        ui.ctx().request_repaint();
    }
    pass.actions
}

fn paint_hairlines(ui: &Ui, above: &[Rect], left_of: &[Rect]) {
    let stroke = Stroke::new(1.0, LINE);
    for room in above {
        ui.painter().hline(room.x_range(), room.bottom(), stroke);
    }
    for room in left_of {
        ui.painter().vline(room.right(), room.y_range(), stroke);
    }
}

/// Writes a room's name and returns what is left below it.
fn titled(ui: &Ui, room: Rect, name: &str) -> Rect {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), TITLE_HEIGHT));
    Line::new(name, small_strong(), QUIET).paint(ui.painter(), head, Align2::LEFT_CENTER);
    Rect::from_min_max(pos2(inner.left(), head.bottom()), inner.max)
}

pub(crate) fn as_action(change: Change<BedTarget>, length_s: f32) -> Option<BedAction> {
    Some(match change {
        Change::Begin(target) => BedAction::BeginGesture(target),
        Change::End(target) => BedAction::EndGesture(target),
        Change::Set(BedTarget::Parameter(id), value) => BedAction::SetParameter(id, value),
        Change::Set(BedTarget::Energy(index), value) => BedAction::SetEnergy(index, value),
        Change::Set(BedTarget::Hit(index), value) => BedAction::MoveHit(index, value * length_s),
        Change::Enter(BedTarget::Parameter(id), text) => BedAction::EnterText(id, text),
        Change::Move(BedTarget::Mood, place) => BedAction::MoveMood(place),
        // No widget reports one axis of the mood, or text or two axes of what has one.
        Change::Set(BedTarget::Mood, _) | Change::Enter(..) | Change::Move(..) => return None,
    })
}
