//! The plane of moods: sad to glad across, calm to driving upwards, moods that have a name as points. Editor thread.

use egui::{Align2, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::action::{BedAction, BedTarget};
use super::model::NamedMood;
use super::{BedPass, titled};
use crate::editor::theme::{GRID, LINE, QUIET, TEXT, small};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::pad::{PUCK_RADIUS, puck, to_plane};
use crate::editor::widgets::text::Line;

/// Draws the pad.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Mood");
    let frame = inner.with_max_y(inner.bottom() - 2.0 * GRID);
    let foot = inner.with_min_y(frame.bottom());
    Line::new("sad", small(), QUIET).paint(ui.painter(), foot, Align2::LEFT_BOTTOM);
    Line::new("glad", small(), QUIET).paint(ui.painter(), foot, Align2::RIGHT_BOTTOM);
    ui.painter()
        .rect_stroke(frame, 2.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
    let plane = frame.shrink(2.0 * GRID);
    let here = to_plane(plane, pass.model.mood.place);
    let cross = Stroke::new(1.0, LINE);
    ui.painter().vline(here.x, frame.y_range(), cross);
    ui.painter().hline(frame.x_range(), here.y, cross);
    let mut written = Vec::new();
    for (index, mood) in pass.model.mood.named.iter().enumerate() {
        let at = to_plane(plane, mood.place);
        show_mood(ui, (frame, at), (index, mood), &mut written, pass);
    }
    let place = pass.model.mood.place;
    let response = puck(
        ui,
        plane,
        "Mood",
        place,
        &mut pass.local.hands,
        BedTarget::Mood,
    );
    pass.collect_gestures();
    let ring = Stroke::new(if response.hovered() { 2.5 } else { 2.0 }, TEXT);
    ui.painter().circle(
        here,
        PUCK_RADIUS,
        pass.theme.accent.gamma_multiply(0.35),
        ring,
    );
    ui.painter().circle_filled(here, 2.5, TEXT);
    response.on_hover_text("Mood\nleft to right: sad to glad; upwards: calm to driving");
}

/// A point and its name; a name that would lie on another is written only under the pointer.
fn show_mood(
    ui: &mut Ui,
    (frame, at): (Rect, Pos2),
    (index, mood): (usize, &NamedMood),
    written: &mut Vec<Rect>,
    pass: &mut BedPass<'_>,
) {
    let rect = Rect::from_center_size(at, vec2(16.0, 16.0));
    let response = ui.interact(rect, ui.scope_id().with(("mood", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Mood {}", mood.name)));
    let is_lit = response.hovered() || response.has_focus();
    let color = if is_lit { TEXT } else { pass.theme.accent };
    ui.painter().circle_filled(at, 3.0, color);
    let galley = Line::new(&mood.name, small(), if is_lit { TEXT } else { QUIET })
        .layout(ui.painter(), 96.0);
    let is_left = at.x + 8.0 + galley.size().x > frame.right() - 4.0;
    let left = if is_left {
        at.x - 8.0 - galley.size().x
    } else {
        at.x + 8.0
    };
    let name = Rect::from_min_size(Pos2::new(left, at.y - 0.5 * galley.size().y), galley.size());
    let is_free = !written.iter().any(|other| other.intersects(name));
    if is_free || is_lit {
        written.push(name);
        ui.painter().galley(name.min, galley, QUIET);
    }
    focus_ring(ui, &response);
    if response.clicked() {
        pass.actions.push(BedAction::ChooseMood(index));
    }
}
