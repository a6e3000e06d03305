//! The status line: one sentence that answers "why is there no sound?", one way out, a few figures. Editor thread.

use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::button::{ButtonFace, framed_button};
use super::text::Line;
use crate::editor::model::{Status, StatusTone};
use crate::editor::theme::{FAULT, GRID, QUIET, TEXT, small};

/// Draws the line; returns what the way out does when it is taken.
pub fn show<A: Clone>(ui: &mut Ui, room: Rect, status: &Status<A>, accent: Color32) -> Option<A> {
    let inner = room.shrink2(vec2(2.0 * GRID, 0.0));
    let response = ui.interact(room, ui.scope_id().with("status"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &status.sentence));
    let figures = status.figures.join("     ");
    let figures =
        Line::new(&figures, small(), QUIET).paint(ui.painter(), inner, Align2::RIGHT_CENTER);
    let (dot, text) = match status.tone {
        StatusTone::Fine => (accent, QUIET),
        StatusTone::Working => (QUIET, QUIET),
        StatusTone::Fault => (FAULT, TEXT),
    };
    ui.painter()
        .circle_filled(pos2(inner.left() + 3.0, inner.center().y), 3.0, dot);
    let remedy_width = status.remedy.as_ref().map_or(0.0, |(word, _)| {
        let word = Line::new(word, small(), TEXT);
        word.layout(ui.painter(), 240.0).size().x + 2.0 * GRID
    });
    let left = inner.left() + 2.0 * GRID;
    let right = figures.left() - 2.0 * GRID - remedy_width;
    let words = Rect::from_x_y_ranges(left..=right.max(left), inner.y_range());
    let sentence =
        Line::new(&status.sentence, small(), text).paint(ui.painter(), words, Align2::LEFT_CENTER);
    response.on_hover_text(&status.sentence);
    let (word, action) = status.remedy.as_ref()?;
    let middle = pos2(
        sentence.right() + GRID + 0.5 * remedy_width,
        room.center().y,
    );
    let rect = Rect::from_center_size(middle, vec2(remedy_width, 18.0));
    let face = ButtonFace::new(word, "").lit(Some(accent));
    let is_taken = framed_button(ui, rect, word, small(), &face).clicked();
    is_taken.then(|| action.clone())
}
