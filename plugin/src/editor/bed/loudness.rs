//! Loudness wanted and measured, and what can be written to disk. Editor thread.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::action::{BedAction, Export};
use super::parts::show_slider;
use super::{BedPass, titled};
use crate::editor::theme::{GRID, QUIET, TEXT, small, small_strong};
use crate::editor::widgets::button::{ButtonFace, framed_button};
use crate::editor::widgets::slider::SLIDER_HEIGHT;
use crate::editor::widgets::text::Line;

/// Draws the room.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Loudness");
    let model = pass.model;
    for (index, parameter) in model.loudness.target.iter().enumerate().take(1) {
        let corner = inner.min + vec2(0.0, index as f32 * SLIDER_HEIGHT);
        show_slider(
            ui,
            Rect::from_min_size(corner, vec2(inner.width(), SLIDER_HEIGHT)),
            parameter,
            &parameter.name,
            pass,
        );
    }
    let facts = Rect::from_min_size(
        inner.min + vec2(0.0, SLIDER_HEIGHT),
        vec2(inner.width(), 16.0),
    );
    let now = format!("now {}", model.loudness.now_text);
    let peak = format!("peak {}", model.loudness.peak_text);
    Line::new(&now, small(), TEXT).paint(ui.painter(), facts, Align2::LEFT_CENTER);
    Line::new(&peak, small(), TEXT).paint(ui.painter(), facts, Align2::RIGHT_CENTER);
    show_export(ui, inner.with_min_y(inner.bottom() - 3.0 * GRID), pass);
}

fn show_export(ui: &mut Ui, row: Rect, pass: &mut BedPass<'_>) {
    let (head, buttons) = row.split_left_right_at_x(row.left() + 56.0);
    Line::new("Export", small_strong(), QUIET).paint(ui.painter(), head, Align2::LEFT_CENTER);
    let all = [
        (Export::Wav, "WAV", "the bed at its loudness"),
        (Export::Midi, "MIDI", "its notes"),
        (Export::Stems, "stems", "one file per part"),
        (Export::Backdrop, "backdrop", "its picture"),
    ];
    let width = (buttons.width() - 3.0 * 6.0) / all.len() as f32;
    for (index, (kind, word, hint)) in all.into_iter().enumerate() {
        let left = buttons.left() + index as f32 * (width + 6.0);
        let rect = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
        let name = format!("Export {word}");
        let face = ButtonFace::new(&name, hint).lit(Some(TEXT));
        if framed_button(ui, rect, word, small(), &face).clicked() {
            pass.actions.push(BedAction::Export(kind));
        }
    }
}
