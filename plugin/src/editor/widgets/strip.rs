//! A vertical strip: mod wheel, or a bend that springs back. Editor thread.

use egui::{Color32, Key, PointerButton, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::button::focus_ring;
use super::hands::keep_arrows;
use crate::editor::theme::{LINE, TRACK};

/// Draws a strip at `value`, 0..=1 from the bottom, growing from `rest`; returns where the user put it. One that springs
/// goes back to `rest` when let go.
pub fn strip(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    value: f32,
    rest: f32,
    springs: bool,
    accent: Color32,
) -> (Response, Option<f32>) {
    let response = ui.interact(
        rect,
        ui.scope_id().with(("strip", name)),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::slider(true, f64::from(value), name));
    let inner = rect.shrink2(egui::vec2(0.0, 4.0));
    let at = |value: f32| inner.bottom() - value.clamp(0.0, 1.0) * inner.height();
    let mut moved = None;
    let is_held = response.is_pointer_button_down_on()
        && ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    if is_held && let Some(pointer) = response.interact_pointer_pos() {
        moved = Some(((inner.bottom() - pointer.y) / inner.height()).clamp(0.0, 1.0));
    }
    let is_let_go = response.drag_stopped() || response.clicked();
    if springs && is_let_go {
        moved = Some(rest);
    }
    if response.double_clicked() {
        moved = Some(rest);
    }
    if response.has_focus() {
        keep_arrows(ui, &response);
        let steps = ui.input(|input| {
            input.num_presses(Key::ArrowUp) as f32 - input.num_presses(Key::ArrowDown) as f32
        });
        if steps != 0.0 {
            moved = Some((value + 0.05 * steps).clamp(0.0, 1.0));
        }
    }
    let shown = moved.unwrap_or(value);
    let painter = ui.painter();
    painter.rect_stroke(rect, 2.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
    painter.vline(
        rect.center().x,
        at(rest).min(at(shown))..=at(rest).max(at(shown)),
        Stroke::new(2.0, accent),
    );
    let mark = pos2(rect.center().x, at(shown));
    let color = if response.hovered() || is_held {
        accent
    } else {
        TRACK
    };
    painter.hline(mark.x - 6.0..=mark.x + 6.0, mark.y, Stroke::new(3.0, color));
    focus_ring(ui, &response);
    let hint = if springs {
        "springs back when let go"
    } else {
        "double-click for none"
    };
    (response.on_hover_text(format!("{name}\n{hint}")), moved)
}
