//! Ducking: how deep, how fast, in which ways, and what it does just now. Editor thread.

use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::action::{BedAction, DuckWay};
use super::parts::show_slider;
use super::{BedPass, titled};
use crate::editor::theme::{GRID, QUIET, TEXT, TRACK, small};
use crate::editor::widgets::button::{ButtonFace, word_button};
use crate::editor::widgets::meter::spoken;
use crate::editor::widgets::slider::SLIDER_HEIGHT;
use crate::editor::widgets::text::Line;

/// Bottom of the level scale, dBFS, and end of the reduction scale, dB.
const FLOOR_DB: f32 = -60.0;
const MOST_REDUCTION_DB: f32 = 24.0;

/// Draws the room.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Duck under the voice");
    show_ways(ui, room, pass);
    let model = pass.model;
    let width = (inner.width() - 4.0 * GRID) / 3.0;
    for (index, parameter) in model.duck.iter().enumerate().take(3) {
        let corner = inner.min + vec2(index as f32 * (width + 2.0 * GRID), 0.0);
        show_slider(
            ui,
            Rect::from_min_size(corner, vec2(width, SLIDER_HEIGHT)),
            parameter,
            &parameter.name,
            pass,
        );
    }
    let levels = &model.levels;
    let share = |db: f32| ((db - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    let rows = [
        ("voice", share(levels.voice_db), levels.voice_db, QUIET),
        (
            "bed",
            share(levels.bed_db),
            levels.bed_db,
            pass.theme.accent,
        ),
        (
            "reduction",
            levels.reduction_db / MOST_REDUCTION_DB,
            0.0 - levels.reduction_db, // nothing is 0.0 and not -0.0
            TEXT,
        ),
    ];
    for (index, row) in rows.into_iter().enumerate() {
        let top = inner.top() + SLIDER_HEIGHT + 4.0 + 17.0 * index as f32;
        paint_level(
            ui,
            Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), 16.0)),
            row,
        );
    }
}

/// The three ways as words that light up.
fn show_ways(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let ways = pass.model.duck_ways;
    let all = [
        (DuckWay::Level, "level", ways.level, "the bed gets quieter"),
        (DuckWay::Thin, "thin", ways.thin, "fewer voices play"),
        (
            DuckWay::Darken,
            "darken",
            ways.darken,
            "the band of speech, 1 to 4 kHz, is held back",
        ),
    ];
    let mut right = room.right() - 2.0 * GRID;
    for (way, word, is_on, hint) in all.into_iter().rev() {
        let rect = Rect::from_min_size(pos2(right - 56.0, room.top() + GRID), vec2(56.0, 24.0));
        right = rect.left() - 4.0;
        let name = format!("Duck: {word}");
        let face = ButtonFace::new(&name, hint).lit(is_on.then_some(pass.theme.accent));
        if word_button(ui, rect, word, small(), &face).clicked() {
            pass.actions.push(BedAction::ToggleDuckWay(way));
        }
    }
}

fn paint_level(ui: &Ui, row: Rect, (name, share, db, color): (&str, f32, f32, Color32)) {
    let response = ui.interact(row, ui.scope_id().with(("level", name)), Sense::hover());
    let words = format!("{name} {} dB", spoken(db));
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &words));
    Line::new(name, small(), QUIET).paint(
        ui.painter(),
        row.with_max_x(row.left() + 64.0),
        Align2::LEFT_CENTER,
    );
    let value = if db > FLOOR_DB {
        format!("{} dB", spoken(db))
    } else {
        "silent".into()
    };
    Line::new(&value, small(), TEXT).paint(
        ui.painter(),
        row.with_min_x(row.right() - 64.0),
        Align2::RIGHT_CENTER,
    );
    let track = Rect::from_x_y_ranges(
        row.left() + 72.0..=row.right() - 72.0,
        row.center().y - 1.5..=row.center().y + 1.5,
    );
    ui.painter()
        .rect_filled(track, 1.0, TRACK.gamma_multiply(0.45));
    let bar = track.with_max_x(track.left() + share.clamp(0.0, 1.0) * track.width());
    ui.painter().rect_filled(bar, 1.0, color);
}
