//! A level meter of two thin lines with held peaks. Editor thread; it only draws what it is given.

use egui::{Color32, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use crate::editor::theme::{FAULT, TRACK};

/// Bottom of the scale, dBFS.
const FLOOR_DB: f32 = -60.0;

/// Draws left above right, `level_db` as bars and `peak_db` as ticks; a peak at or over 0 dBFS is drawn as a fault.
pub fn meter(ui: &mut Ui, rect: Rect, level_db: [f32; 2], peak_db: [f32; 2], accent: Color32) {
    let response = ui.interact(rect, ui.scope_id().with("meter"), Sense::hover());
    let words = format!(
        "Output level, peak {} dB",
        spoken(peak_db[0].max(peak_db[1]))
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &words));
    let at = |db: f32| rect.left() + rect.width() * ((db - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    let painter = ui.painter();
    let height = 3.0;
    for (channel, y) in [(0, rect.center().y - 3.0), (1, rect.center().y + 3.0)] {
        let line = |left: f32, right: f32| {
            Rect::from_min_max(pos2(left, y - 0.5 * height), pos2(right, y + 0.5 * height))
        };
        painter.rect_filled(
            line(rect.left(), rect.right()),
            1.0,
            TRACK.gamma_multiply(0.45),
        );
        painter.rect_filled(line(rect.left(), at(level_db[channel])), 1.0, accent);
        if peak_db[channel] > FLOOR_DB {
            let color = if peak_db[channel] >= 0.0 {
                FAULT
            } else {
                accent
            };
            painter.vline(
                at(peak_db[channel]).round(),
                y - 2.0..=y + 2.0,
                Stroke::new(1.0, color),
            );
        }
    }
    response.on_hover_text(words);
}

/// A level in words, one decimal; silence below the scale.
pub fn spoken(db: f32) -> String {
    if db > -100.0 {
        format!("{db:.1}")
    } else {
        "below -100".into()
    }
}
