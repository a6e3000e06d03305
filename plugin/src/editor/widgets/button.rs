//! Buttons without boxes: an icon or a word that lights up. Editor thread.

use egui::{Align2, Color32, FontId, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::icon::{self, Icon};
use super::text::Line;
use crate::editor::theme::{FAULT, HOVERED, LINE, QUIET, TEXT};

/// What a button says of itself.
#[derive(Clone, Debug)]
pub struct ButtonFace<'a> {
    /// Name for assistive software, first line of the tooltip.
    pub name: &'a str,
    /// Second line of the tooltip; may be empty.
    pub hint: &'a str,
    /// Colour when it is on; `None` when it has no state.
    pub on: Option<Color32>,
    /// False greys it out.
    pub is_enabled: bool,
}

impl<'a> ButtonFace<'a> {
    /// A button that does one thing.
    pub fn new(name: &'a str, hint: &'a str) -> Self {
        Self {
            name,
            hint,
            on: None,
            is_enabled: true,
        }
    }

    /// The same, lit in this colour.
    pub fn lit(mut self, color: Option<Color32>) -> Self {
        self.on = color;
        self
    }

    /// The same, only to be pressed when `is_enabled`.
    pub fn enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }
}

/// An icon to press.
pub fn icon_button(ui: &mut Ui, rect: Rect, icon: Icon, face: &ButtonFace<'_>) -> Response {
    let response = press(ui, rect, face);
    icon::paint(ui.painter(), rect, icon, color(&response, face));
    response
}

/// A word to press.
pub fn word_button(
    ui: &mut Ui,
    rect: Rect,
    word: &str,
    font: FontId,
    face: &ButtonFace<'_>,
) -> Response {
    let response = press(ui, rect, face);
    Line::new(word, font, color(&response, face)).paint(ui.painter(), rect, Align2::CENTER_CENTER);
    response
}

/// A word in a thin frame: the one thing to do next.
pub fn framed_button(
    ui: &mut Ui,
    rect: Rect,
    word: &str,
    font: FontId,
    face: &ButtonFace<'_>,
) -> Response {
    ui.painter().rect_stroke(
        rect,
        2.0,
        egui::Stroke::new(1.0, LINE),
        egui::StrokeKind::Inside,
    );
    word_button(ui, rect, word, font, face)
}

fn press(ui: &mut Ui, rect: Rect, face: &ButtonFace<'_>) -> Response {
    let sense = if face.is_enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let id = ui.scope_id().with(("button", face.name));
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, face.is_enabled, face.on.is_some(), face.name)
    });
    if response.hovered() && face.is_enabled {
        ui.painter().rect_filled(rect, 2.0, HOVERED);
    }
    focus_ring(ui, &response);
    let tip = if face.hint.is_empty() {
        face.name.to_owned()
    } else {
        format!("{}\n{}", face.name, face.hint)
    };
    response.on_hover_text(tip)
}

fn color(response: &Response, face: &ButtonFace<'_>) -> Color32 {
    match face.on {
        _ if !face.is_enabled => QUIET.gamma_multiply(0.45),
        Some(lit) => lit,
        None if response.hovered() => TEXT,
        None => QUIET,
    }
}

/// A hairline around what the keyboard would act on.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.0, TEXT);
        ui.painter().rect_stroke(
            response.rect.expand(1.0),
            2.0,
            stroke,
            egui::StrokeKind::Outside,
        );
    }
}

/// The colour of a fault, for faces that are lit by one.
pub fn fault() -> Option<Color32> {
    Some(FAULT)
}
