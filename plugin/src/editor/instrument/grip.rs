//! The corner by which the window is made larger or smaller, its shape kept. Editor thread.

use egui::{CursorIcon, Rect, Sense, Stroke, Ui, pos2, vec2};

use crate::editor::action::Action;
use crate::editor::theme::{QUIET, TRACK};
use crate::editor::{Pass, scale_for_window};

/// Side of the square that can be taken hold of, points.
const SIDE: f32 = 14.0;

/// Draws the corner.
pub(crate) fn show(ui: &mut Ui, window: Rect, pass: &mut Pass<'_>) {
    let corner = Rect::from_min_max(window.max - vec2(SIDE, SIDE), window.max);
    let response = ui.interact(corner, ui.scope_id().with("grip"), Sense::DRAG);
    let is_lit = response.hovered() || response.dragged();
    let stroke = Stroke::new(1.0, if is_lit { QUIET } else { TRACK });
    for step in [4.0, 8.0] {
        let end = window.max - vec2(3.0, 3.0);
        let line = [pos2(end.x - step, end.y), pos2(end.x, end.y - step)];
        ui.painter().line_segment(line, stroke);
    }
    if response.dragged()
        && let Some(at) = response.interact_pointer_pos()
    {
        let scale = pass.model.scale_percent as f32 / 100.0;
        let wanted = (at - window.min) * scale;
        let percent = scale_for_window(wanted.x, wanted.y);
        if percent != pass.model.scale_percent {
            pass.actions.push(Action::SetScale(percent));
        }
    }
    response
        .on_hover_cursor(CursorIcon::ResizeNwSe)
        .on_hover_text("Drag for another size, 75 to 200 %");
}
