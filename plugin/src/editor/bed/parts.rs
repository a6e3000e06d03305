//! Key, tempo and metre at the left; the parts with sound, level, mute and solo at the right. Editor thread.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::action::{BedAction, BedTarget};
use super::model::PartView;
use super::{BedPass, titled};
use crate::editor::model::Parameter;
use crate::editor::theme::{FAULT, GRID, QUIET, TEXT, body, small};
use crate::editor::widgets::button::{ButtonFace, word_button};
use crate::editor::widgets::slider::{SLIDER_HEIGHT, SliderFace, slider};
use crate::editor::widgets::text::Line;

/// Draws the sliders of the score.
pub(super) fn show_score(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Score");
    let model = pass.model;
    for (index, parameter) in model.score.iter().enumerate() {
        let corner = inner.min + vec2(0.0, index as f32 * (SLIDER_HEIGHT + 4.0));
        let rect = Rect::from_min_size(corner, vec2(inner.width(), SLIDER_HEIGHT));
        show_slider(ui, rect, parameter, &parameter.name, pass);
    }
}

/// Draws the parts, one per row.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Parts");
    let model = pass.model;
    let height = inner.height() / model.parts.len().max(5) as f32;
    for (index, part) in model.parts.iter().enumerate() {
        let top = inner.top() + index as f32 * height;
        let row = Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), height));
        show_part(ui, row, (index, part), pass);
    }
}

fn show_part(ui: &mut Ui, row: Rect, (index, part): (usize, &PartView), pass: &mut BedPass<'_>) {
    let (name, rest) = row.split_left_right_at_x(row.left() + 72.0);
    let color = if part.is_muted { QUIET } else { TEXT };
    Line::new(&part.name, body(), color).paint(ui.painter(), name, Align2::LEFT_CENTER);
    let (sound, rest) = rest.split_left_right_at_x(rest.left() + 136.0);
    let sound_name = format!("Sound of {}", part.name);
    let face = ButtonFace::new(&sound_name, "press for the next that fits").lit(Some(color));
    let sound = Rect::from_center_size(sound.center(), vec2(128.0, 24.0));
    if word_button(ui, sound, &part.sound, small(), &face).clicked() {
        pass.actions.push(BedAction::NextPartSound(index));
    }
    let (level, switches) = rest.split_left_right_at_x(rest.right() - 64.0);
    let level = Rect::from_min_size(
        pos2(level.left() + GRID, row.center().y - 15.0),
        vec2(level.width() - 3.0 * GRID, SLIDER_HEIGHT),
    );
    let level_name = format!("Level of {}", part.name);
    show_slider(ui, level, &part.level, &level_name, pass);
    let square = |column: f32| {
        Rect::from_center_size(
            pos2(switches.left() + 16.0 + 32.0 * column, row.center().y),
            vec2(24.0, 24.0),
        )
    };
    let mute_name = format!("Mute {}", part.name);
    let mute = ButtonFace::new(&mute_name, "").lit(part.is_muted.then_some(FAULT));
    if word_button(ui, square(0.0), "M", small(), &mute).clicked() {
        pass.actions.push(BedAction::ToggleMute(index));
    }
    let solo_name = format!("Solo {}", part.name);
    let solo = ButtonFace::new(&solo_name, "").lit(part.is_soloed.then_some(pass.theme.accent));
    if word_button(ui, square(1.0), "S", small(), &solo).clicked() {
        pass.actions.push(BedAction::ToggleSolo(index));
    }
}

/// A parameter as a slider.
pub(super) fn show_slider(
    ui: &mut Ui,
    rect: Rect,
    parameter: &Parameter,
    name: &str,
    pass: &mut BedPass<'_>,
) {
    let face = SliderFace {
        name,
        ..SliderFace::of(parameter, pass.theme.accent)
    };
    slider(
        ui,
        rect,
        &face,
        &mut pass.local.hands,
        BedTarget::Parameter(parameter.id),
    );
    pass.collect_gestures();
}
