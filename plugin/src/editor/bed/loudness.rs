//! The bed's level, loudness wanted and measured, and what can be written to disk. Editor thread.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::action::{BedAction, Export};
use super::parts::show_slider;
use super::{BedPass, titled};
use crate::editor::theme::{GRID, QUIET, TEXT, small, small_strong};
use crate::editor::widgets::button::{ButtonFace, framed_button, word_button};
use crate::editor::widgets::slider::SLIDER_HEIGHT;
use crate::editor::widgets::text::Line;

/// Draws the room.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Loudness");
    show_match(ui, room, pass);
    let model = pass.model;
    let width = 0.5 * (inner.width() - 2.0 * GRID);
    for (index, parameter) in model.loudness.sliders.iter().enumerate().take(2) {
        let corner = inner.min + vec2(index as f32 * (width + 2.0 * GRID), 0.0);
        show_slider(
            ui,
            Rect::from_min_size(corner, vec2(width, SLIDER_HEIGHT)),
            parameter,
            &parameter.name,
            pass,
        );
    }
    let facts = Rect::from_min_size(
        inner.min + vec2(0.0, SLIDER_HEIGHT),
        vec2(inner.width(), 16.0),
    );
    let loudness = &model.loudness;
    for (name, value, align) in [
        ("now", &loudness.now_text, Align2::LEFT_CENTER),
        ("whole", &loudness.whole_text, Align2::CENTER_CENTER),
        ("peak", &loudness.peak_text, Align2::RIGHT_CENTER),
    ] {
        Line::new(&format!("{name} {value}"), small(), TEXT).paint(ui.painter(), facts, align);
    }
    show_export(ui, inner.with_min_y(inner.bottom() - 3.0 * GRID), pass);
}

/// One press instead of a search for the level.
fn show_match(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let rect = Rect::from_min_size(
        pos2(room.right() - 2.0 * GRID - 96.0, room.top() + GRID),
        vec2(96.0, 24.0),
    );
    let hint = "sets the bed's level so that the whole of it is as loud as the target";
    let face = ButtonFace::new("Match target", hint).enabled(pass.model.loudness.can_match);
    if word_button(ui, rect, "match target", small(), &face).clicked() {
        pass.actions.push(BedAction::MatchTarget);
    }
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
