//! A vertical strip: mod wheel, or a bend that springs back. Editor thread.

use egui::{Color32, Key, PointerButton, Rect, Sense, Stroke, Ui, WidgetInfo};

use super::button::focus_ring;
use super::hands::keep_arrows;
use crate::editor::theme::{LINE, TRACK};

/// What a strip shows.
#[derive(Clone, Copy, Debug)]
pub struct StripFace<'a> {
    /// What the user reads.
    pub name: &'a str,
    /// Now, 0..=1 from the bottom.
    pub value: f32,
    /// Where it starts from, and where a double click puts it.
    pub rest: f32,
    /// True when it goes back to rest as soon as it is let go.
    pub springs: bool,
    /// Colour of the bar.
    pub accent: Color32,
}

/// Draws a strip and returns where the user put it.
pub fn strip(ui: &mut Ui, rect: Rect, face: &StripFace<'_>) -> Option<f32> {
    let StripFace {
        name,
        value,
        rest,
        springs,
        ..
    } = *face;
    let response = ui.interact(
        rect,
        ui.scope_id().with(("strip", name)),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::slider(true, f64::from(value), name));
    let inner = inside(rect);
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
    paint(
        ui,
        rect,
        face,
        moved.unwrap_or(value),
        response.hovered() || is_held,
    );
    focus_ring(ui, &response);
    let hint = if springs {
        "springs back when let go"
    } else {
        "double-click for none"
    };
    response.on_hover_text(format!("{name}\n{hint}"));
    moved
}

fn paint(ui: &Ui, rect: Rect, face: &StripFace<'_>, shown: f32, is_lit: bool) {
    let inner = inside(rect);
    let at = |value: f32| inner.bottom() - value.clamp(0.0, 1.0) * inner.height();
    let (low, high) = (at(face.rest).min(at(shown)), at(face.rest).max(at(shown)));
    let painter = ui.painter();
    painter.rect_stroke(rect, 2.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
    painter.vline(rect.center().x, low..=high, Stroke::new(2.0, face.accent));
    let color = if is_lit { face.accent } else { TRACK };
    painter.hline(
        rect.center().x - 6.0..=rect.center().x + 6.0,
        at(shown),
        Stroke::new(3.0, color),
    );
}

/// Where the mark moves.
fn inside(rect: Rect) -> Rect {
    rect.shrink2(egui::vec2(0.0, 4.0))
}
