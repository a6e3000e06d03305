//! A slider of two lines: name and value above a thin track. Drag anywhere on it (fine with shift), turn the wheel, press
//! the arrow keys, double-click for the default, right-click or press return to type. Editor thread.

use std::hash::Hash;

use egui::{
    Align2, Color32, CursorIcon, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::button::focus_ring;
use super::hands::{Hands, Movable};
use super::text::Line;
use crate::editor::model::Parameter;
use crate::editor::theme::{QUIET, TEXT, TRACK, small};

/// Height of a slider, points.
pub const SLIDER_HEIGHT: f32 = 32.0;
/// Way of the pointer over the whole range when the track is shorter, points.
const LEAST_TRAVEL: f32 = 160.0;

/// What a slider shows.
#[derive(Clone, Copy, Debug)]
pub struct SliderFace<'a> {
    /// What the user reads.
    pub name: &'a str,
    /// The value in words.
    pub text: &'a str,
    /// The ends of the range in words.
    pub range_text: &'a [String; 2],
    /// The value.
    pub value: Movable,
    /// True when the bar grows from the middle.
    pub is_bipolar: bool,
    /// Colour of the bar.
    pub accent: Color32,
}

impl<'a> SliderFace<'a> {
    /// How a parameter looks.
    pub fn of(parameter: &'a Parameter, accent: Color32) -> Self {
        Self {
            name: &parameter.name,
            text: &parameter.text,
            range_text: &parameter.range_text,
            value: Movable {
                normalized: parameter.normalized,
                default_normalized: parameter.default_normalized,
                steps: parameter.steps,
            },
            is_bipolar: parameter.is_bipolar,
            accent,
        }
    }
}

/// Draws a slider into `rect` and lets `hands` move `target`.
pub fn slider<T: Copy + Eq + Hash + std::fmt::Debug>(
    ui: &mut Ui,
    rect: Rect,
    face: &SliderFace<'_>,
    hands: &mut Hands<T>,
    target: T,
) -> Response {
    let response = hold(
        ui,
        rect,
        face,
        hands,
        target,
        vec2(rect.width().max(LEAST_TRAVEL), 0.0),
    );
    let is_lit = response.hovered() || hands.is_holding(target) || response.has_focus();
    let words = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + 18.0));
    let value_width = paint_value(ui, words, face, hands, target, is_lit);
    let name_rect = words.with_max_x(words.right() - value_width - 4.0);
    let color = if is_lit { TEXT } else { QUIET };
    Line::new(face.name, small(), color).paint(ui.painter(), name_rect, Align2::LEFT_CENTER);
    paint_track(ui, rect, face, is_lit);
    tooltip(response, face)
}

/// Lets `hands` move `target` by a widget that draws itself; `travel` is the way of the pointer over the whole range.
pub fn hold<T: Copy + Eq + Hash + std::fmt::Debug>(
    ui: &mut Ui,
    rect: Rect,
    face: &SliderFace<'_>,
    hands: &mut Hands<T>,
    target: T,
    travel: Vec2,
) -> Response {
    let id = ui.scope_id().with(("slider", target));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    hands.handle(ui, &response, target, &face.value, travel);
    let wants_entry = response.has_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if response.secondary_clicked() || wants_entry {
        hands.open_entry(target, face.text);
    }
    describe(ui, &response, face);
    focus_ring(ui, &response);
    let cursor = if travel.y != 0.0 && travel.x != 0.0 {
        CursorIcon::Grab
    } else if travel.y != 0.0 {
        CursorIcon::ResizeVertical
    } else {
        CursorIcon::ResizeHorizontal
    };
    response.on_hover_cursor(cursor)
}

/// Name, value and unit, and where the range ends.
pub fn tooltip(response: Response, face: &SliderFace<'_>) -> Response {
    let [low, high] = face.range_text;
    response.on_hover_text(format!(
        "{}: {}\nfrom {low} to {high}",
        face.name, face.text
    ))
}

fn describe(ui: &Ui, response: &Response, face: &SliderFace<'_>) {
    use egui::accesskit::Action;
    response.widget_info(|| WidgetInfo::slider(true, f64::from(face.value.normalized), face.name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.set_value(face.text);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

/// The value, or the field in which it is typed; returns the width it takes.
fn paint_value<T: Copy + Eq + Hash>(
    ui: &mut Ui,
    words: Rect,
    face: &SliderFace<'_>,
    hands: &mut Hands<T>,
    target: T,
    is_lit: bool,
) -> f32 {
    if hands.is_entering(target) {
        let field = words.with_min_x(words.right() - 72.0);
        hands.show_entry(ui, field, target, face.name);
        return field.width();
    }
    let color = if is_lit { face.accent } else { TEXT };
    let value = Line::new(face.text, small(), color);
    value
        .paint(ui.painter(), words, Align2::RIGHT_CENTER)
        .width()
}

fn paint_track(ui: &Ui, rect: Rect, face: &SliderFace<'_>, is_lit: bool) {
    let y = rect.top() + 23.0;
    let track = Rect::from_min_max(pos2(rect.left(), y - 1.0), pos2(rect.right(), y + 1.0));
    let at = |value: f32| track.left() + value.clamp(0.0, 1.0) * track.width();
    let painter = ui.painter();
    painter.rect_filled(track, 1.0, TRACK.gamma_multiply(0.7));
    let (from, to) = (
        at(if face.is_bipolar { 0.5 } else { 0.0 }),
        at(face.value.normalized),
    );
    let bar = track.with_min_x(from.min(to)).with_max_x(from.max(to));
    painter.rect_filled(bar, 1.0, face.accent);
    if face.is_bipolar {
        let tick = Stroke::new(1.0, TRACK);
        painter.vline(at(0.5).round(), y - 4.0..=y + 4.0, tick);
    }
    let height = if is_lit { 6.0 } else { 5.0 };
    let thumb = Rect::from_center_size(
        pos2(to.clamp(track.left() + 1.5, track.right() - 1.5), y),
        vec2(3.0, 2.0 * height),
    );
    painter.rect_filled(thumb, 1.0, if is_lit { TEXT } else { face.accent });
}
