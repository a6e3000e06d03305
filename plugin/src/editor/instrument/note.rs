//! The room below the map: harmonics of a note over time, its noise below, the loop that a held key walks in, a playhead per
//! voice. Editor thread.

use egui::{Align2, Color32, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::editor::Pass;
use crate::editor::model::NotePicture;
use crate::editor::theme::{GRID, LINE, QUIET, TEXT, small};
use crate::editor::widgets::text::Line;

/// Share of the height that harmonics take.
const HARMONICS_SHARE: f32 = 0.68;
/// Times that are written below, s.
const TICKS_S: [f32; 6] = [0.1, 0.25, 0.5, 1.0, 2.0, 3.0];

/// Room of a written time, points; one that would overlap the one before is left out.
const TICK_WIDTH: f32 = 52.0;

/// Draws the note.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 2.0 * GRID));
    let plot = Rect::from_min_max(
        pos2(inner.left(), head.bottom() + 4.0),
        inner.max - vec2(0.0, 2.0 * GRID),
    );
    let Some(note) = pass.model.note.clone() else {
        let words = "No note yet. Play a key.";
        Line::new(words, small(), QUIET).paint(ui.painter(), inner, Align2::CENTER_CENTER);
        return;
    };
    describe(ui, room, &note);
    let name = format!("{}, as the model paints it", key_name(note.key));
    Line::new(&name, small(), TEXT).paint(ui.painter(), head, Align2::LEFT_CENTER);
    Line::new("harmonics above, noise below", small(), QUIET).paint(
        ui.painter(),
        head,
        Align2::RIGHT_CENTER,
    );
    let split = plot.top() + HARMONICS_SHARE * plot.height();
    let parts = [plot.with_max_y(split - 2.0), plot.with_min_y(split + 2.0)];
    let palette = pass.theme.palette;
    let Some(textures) = pass.local.note.of(ui.ctx(), &note, &palette) else {
        return;
    };
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    for (texture, part) in textures.iter().zip(parts) {
        ui.painter()
            .image(texture.id(), part, whole, Color32::WHITE);
    }
    paint_ticks(ui, plot, &note);
    paint_loop(ui, plot, &note, pass.theme.accent);
    paint_release(ui, plot, &note);
    paint_playheads(ui, plot, &note, &pass.model.playheads_s);
}

fn describe(ui: &Ui, room: Rect, note: &NotePicture) {
    let response = ui.interact(room, ui.scope_id().with("note"), Sense::hover());
    let words = format!(
        "Picture of the note {}: harmonics over time, noise below",
        key_name(note.key)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
}

/// `C4` for 60.
pub(crate) fn key_name(key: u8) -> String {
    const NAMES: [&str; 12] = [
        "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
    ];
    format!(
        "{}{}",
        NAMES[usize::from(key % 12)],
        i32::from(key / 12) - 1
    )
}

/// Where a time lies across the plot: columns are evenly spaced on screen, not in time, so that the attack can be seen.
fn across(note: &NotePicture, time_s: f32) -> f32 {
    let times = &note.column_times_s;
    let after = times.partition_point(|column_s| *column_s <= time_s);
    let last = times.len() - 1;
    if after == 0 {
        return 0.0;
    }
    if after > last {
        return 1.0;
    }
    let (low, high) = (times[after - 1], times[after]);
    let share = if high > low {
        (time_s - low) / (high - low)
    } else {
        0.0
    };
    (after as f32 - 1.0 + share) / last as f32
}

fn paint_ticks(ui: &Ui, plot: Rect, note: &NotePicture) {
    let mut free_from = plot.left() - TICK_WIDTH;
    let last_s = note.column_times_s.last().copied().unwrap_or_default();
    for tick_s in TICKS_S.into_iter().filter(|tick_s| *tick_s < last_s) {
        let x = (plot.left() + across(note, tick_s) * plot.width()).round();
        ui.painter().vline(
            x,
            plot.bottom()..=plot.bottom() + 4.0,
            Stroke::new(1.0, LINE),
        );
        let text = if tick_s < 1.0 {
            format!("{:.0} ms", 1000.0 * tick_s)
        } else {
            format!("{tick_s:.0} s")
        };
        let below = Rect::from_center_size(pos2(x, plot.bottom() + 12.0), vec2(TICK_WIDTH, 14.0));
        if below.left() >= free_from {
            Line::new(&text, small(), QUIET).paint(ui.painter(), below, Align2::CENTER_CENTER);
            free_from = below.right();
        }
    }
}

/// A bracket over the part that a held key walks to and fro in.
fn paint_loop(ui: &Ui, plot: Rect, note: &NotePicture, accent: Color32) {
    let [start, end] = note
        .loop_s
        .map(|time_s| plot.left() + across(note, time_s) * plot.width());
    if end <= start {
        return;
    }
    let painter = ui.painter();
    let stroke = Stroke::new(1.0, accent);
    painter.hline(start..=end, plot.top() - 1.0, stroke);
    for x in [start, end] {
        painter.vline(x, plot.top() - 1.0..=plot.top() + 5.0, stroke);
        painter.vline(
            x,
            plot.y_range(),
            Stroke::new(1.0, accent.gamma_multiply(0.25)),
        );
    }
}

/// A broken line where the key of the recording was let go: what follows is heard only after a release.
fn paint_release(ui: &Ui, plot: Rect, note: &NotePicture) {
    let x = plot.left() + across(note, note.release_s) * plot.width();
    let line = [pos2(x, plot.top()), pos2(x, plot.bottom())];
    let stroke = Stroke::new(1.0, QUIET.gamma_multiply(0.6));
    ui.painter()
        .extend(Shape::dashed_line(&line, stroke, 2.0, 3.0));
}

fn paint_playheads(ui: &Ui, plot: Rect, note: &NotePicture, playheads_s: &[f32]) {
    for time_s in playheads_s {
        let x = plot.left() + across(note, *time_s) * plot.width();
        ui.painter().vline(
            x,
            plot.y_range(),
            Stroke::new(1.5, TEXT.gamma_multiply(0.85)),
        );
    }
}
