//! Sounds on the map: press one to hear it, double-click to choose it, right-click for more. Editor thread.

use egui::{
    Align2, Color32, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::place;
use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::instrument::browser::sound_context_menu;
use crate::editor::model::{MapPoint, Preset};
use crate::editor::theme::{GRID, GROUND, TEXT, body, color, small};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::pad::to_plane;
use crate::editor::widgets::text::Line;

/// A name to be written at a point, over everything else on the map.
pub(super) struct Name {
    text: String,
    at: Pos2,
    is_lit: bool,
}

/// Draws all points; returns the names to be written.
pub(super) fn show(ui: &mut Ui, plane: Rect, pass: &mut Pass<'_>) -> Vec<Name> {
    let model = pass.model;
    let known = model
        .map
        .points
        .iter()
        .filter_map(|point| Some((point, model.preset(point.sound)?)));
    known
        .filter_map(|(point, preset)| show_point(ui, plane, point, preset, pass))
        .collect()
}

/// Writes the names, each beside its point where neither the puck nor another point lies, if there is such a place.
pub(super) fn paint_names(ui: &Ui, room: Rect, names: &[Name], taken: &[Rect]) {
    for name in names {
        let font = if name.is_lit { body() } else { small() };
        let galley = Line::new(&name.text, font, TEXT).layout(ui.painter(), 176.0);
        let sides = [
            Align2::CENTER_TOP,
            Align2::CENTER_BOTTOM,
            Align2::LEFT_CENTER,
            Align2::RIGHT_CENTER,
        ];
        let boxes = sides.map(|side| beside(name.at, side, galley.size(), room));
        let free = boxes.iter().find(|place| {
            !taken
                .iter()
                .any(|other| place.expand(2.0).intersects(*other))
        });
        ui.painter()
            .galley(free.unwrap_or(&boxes[0]).min, galley, TEXT);
    }
}

/// What the points cover.
pub(super) fn covered(plane: Rect, points: &[MapPoint]) -> Vec<Rect> {
    let at = |point: &MapPoint| to_plane(plane, place(point.position));
    let squares = points
        .iter()
        .map(|point| Rect::from_center_size(at(point), vec2(11.0, 11.0)));
    squares.collect()
}

/// A box of `size` whose `side` looks at a point, kept within the room.
fn beside(at: Pos2, side: Align2, size: egui::Vec2, room: Rect) -> Rect {
    let away = vec2(-side.x().to_sign(), -side.y().to_sign()) * 11.0;
    let wanted = side.anchor_size(at + away, size);
    let inner = room.shrink(GRID);
    let left = wanted
        .left()
        .clamp(inner.left(), (inner.right() - size.x).max(inner.left()));
    let top = wanted
        .top()
        .clamp(inner.top(), (inner.bottom() - size.y).max(inner.top()));
    Rect::from_min_size(Pos2::new(left, top), size)
}

/// Draws a point; returns its name when it is to be read.
fn show_point(
    ui: &mut Ui,
    plane: Rect,
    point: &MapPoint,
    preset: &Preset,
    pass: &mut Pass<'_>,
) -> Option<Name> {
    let at = to_plane(plane, place(point.position));
    let rect = Rect::from_center_size(at, vec2(20.0, 20.0));
    let response = ui.interact(
        rect,
        ui.scope_id().with(("point", point.sound)),
        Sense::click_and_drag(),
    );
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Hear {}", preset.name)));
    hear(ui, &response, point, pass);
    let is_current = pass.model.sound.id == Some(point.sound);
    let is_lit = response.contains_pointer()
        || response.has_focus()
        || pass.local.pressed_sound == Some(point.sound);
    paint_point(ui, at, preset, is_current, is_lit, pass.theme.accent);
    focus_ring(ui, &response);
    if response.double_clicked() {
        pass.actions.push(Action::ChooseSound(point.sound));
    }
    sound_context_menu(&response, point.sound, pass);
    (is_lit || is_current).then(|| Name {
        text: preset.name.clone(),
        at,
        is_lit,
    })
}

/// A press of the pointer sounds as long as it lasts; return or space sounds until the key goes up or the focus leaves.
fn hear(ui: &Ui, response: &Response, point: &MapPoint, pass: &mut Pass<'_>) {
    let is_pressed = response.is_pointer_button_down_on()
        && ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    let is_typed = response.has_focus()
        && ui.input(|input| input.key_down(egui::Key::Space) || input.key_down(egui::Key::Enter));
    let is_sounding = pass.local.pressed_sound == Some(point.sound);
    match (is_pressed || is_typed, is_sounding) {
        (true, false) => {
            let before = pass.local.pressed_sound.replace(point.sound);
            pass.actions.extend(before.map(Action::ReleaseSound));
            pass.actions.push(Action::PressSound(point.sound));
        }
        (false, true) => {
            pass.local.pressed_sound = None;
            pass.actions.push(Action::ReleaseSound(point.sound));
        }
        _ => {}
    }
}

fn paint_point(
    ui: &Ui,
    at: egui::Pos2,
    preset: &Preset,
    is_current: bool,
    is_lit: bool,
    accent: Color32,
) {
    let painter = ui.painter();
    let radius = if is_lit { 5.0 } else { 4.0 };
    painter.circle(
        at,
        radius,
        color(preset.palette.accent()),
        Stroke::new(1.5, GROUND),
    );
    if preset.is_favourite && !is_current {
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.0, TEXT.gamma_multiply(0.6)));
    }
    if is_current {
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.5, accent));
    }
}
