//! A field that shows a value and takes a typed one: return or leaving it takes what was typed, escape drops it. Editor thread.

use egui::{Key, Margin, Rect, Role, Ui, WidgetInfo};

use crate::editor::theme::{GRID, small};

/// Most letters of a typed value.
const MOST_LETTERS: usize = 16;

/// Draws the field; `typed` holds what is being typed between two passes. Returns a value that differs from `current`.
pub fn typed_field(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    current: &str,
    typed: &mut Option<String>,
) -> Option<String> {
    let mut text = typed.clone().unwrap_or_else(|| current.to_owned());
    let edit = egui::TextEdit::singleline(&mut text)
        .font(small())
        .margin(Margin::symmetric(8, 4))
        .char_limit(MOST_LETTERS)
        .desired_width(rect.width() - 2.0 * GRID);
    let response = ui.put(rect, edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
    if response.changed() {
        *typed = Some(text);
    }
    if !response.lost_focus() {
        return None;
    }
    let is_dropped = ui.input(|input| input.key_pressed(Key::Escape));
    typed.take().filter(|typed| !is_dropped && typed != current)
}
