//! The column at the right: the model's controls with their locks, the envelope, what shapes the whole, the output meter.
//! Editor thread.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::envelope;
use crate::editor::Pass;
use crate::editor::action::{Action, GestureTarget};
use crate::editor::model::{Parameter, ParameterGroup};
use crate::editor::theme::{GRID, LINE, QUIET, small_strong};
use crate::editor::widgets::button::{ButtonFace, icon_button};
use crate::editor::widgets::hands::Movable;
use crate::editor::widgets::icon::Icon;
use crate::editor::widgets::meter::meter;
use crate::editor::widgets::slider::{SLIDER_HEIGHT, SliderFace, slider};
use crate::editor::widgets::text::Line;

const TITLE_HEIGHT: f32 = 24.0;
const METER_HEIGHT: f32 = 16.0;
/// Between the two columns of small sliders.
const GUTTER: f32 = 2.0 * GRID;

/// Draws the column, from the bottom up; the controls get what is left and scroll when that is not enough.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let model = pass.model;
    let num_shape_rows = model.group(ParameterGroup::Shape).count().div_ceil(2);
    let meter_rect = inner.with_min_y(inner.bottom() - METER_HEIGHT);
    let shape_top = meter_rect.top() - 4.0 - SLIDER_HEIGHT * num_shape_rows as f32 - TITLE_HEIGHT;
    let envelope_top = shape_top - envelope::HEIGHT - TITLE_HEIGHT - GRID;
    let controls = inner.with_max_y(envelope_top - GRID);
    let envelope_room = Rect::from_x_y_ranges(inner.x_range(), envelope_top..=shape_top - GRID);
    let shape = Rect::from_x_y_ranges(inner.x_range(), shape_top..=meter_rect.top() - 4.0);
    show_controls(ui, controls, pass);
    rule(ui, room, envelope_top - 0.5 * GRID);
    envelope::show(ui, title(ui, envelope_room, "Envelope"), pass);
    rule(ui, room, shape_top - 0.5 * GRID);
    show_shape(ui, title(ui, shape, "Shape"), pass);
    meter(
        ui,
        meter_rect,
        model.meters.level_db,
        model.meters.peak_db,
        pass.theme.accent,
    );
}

fn rule(ui: &Ui, room: Rect, y: f32) {
    ui.painter()
        .hline(room.x_range(), y.round(), egui::Stroke::new(1.0, LINE));
}

/// Writes a section's name and returns the room below.
fn title(ui: &Ui, room: Rect, name: &str) -> Rect {
    let head = Rect::from_min_size(room.min, vec2(room.width(), TITLE_HEIGHT));
    Line::new(name, small_strong(), QUIET).paint(ui.painter(), head, Align2::LEFT_CENTER);
    room.with_min_y(head.bottom())
}

fn show_controls(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let model = pass.model;
    let rest = title(ui, room, "Controls");
    let mut column = ui.new_child(UiBuilder::new().max_rect(rest).id_salt("controls"));
    // Room at the sides for the hairline around what has the focus.
    column.set_clip_rect(rest.expand2(vec2(GRID, 0.0)).intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut column, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for parameter in model.group(ParameterGroup::Control) {
                let (rect, _) = ui.allocate_exact_size(
                    vec2(ui.available_width(), SLIDER_HEIGHT + 4.0),
                    Sense::hover(),
                );
                show_control(ui, rect, parameter, pass);
            }
        });
}

/// A slider with its lock.
fn show_control(ui: &mut Ui, rect: Rect, parameter: &Parameter, pass: &mut Pass<'_>) {
    let slider_rect = Rect::from_min_max(
        rect.min,
        pos2(rect.right() - 4.0 * GRID, rect.top() + SLIDER_HEIGHT),
    );
    show_slider(ui, slider_rect, parameter, pass);
    let Some(is_locked) = parameter.is_locked else {
        return;
    };
    let square = Rect::from_min_size(
        pos2(rect.right() - 20.0, rect.top() + 4.0),
        vec2(20.0, 20.0),
    );
    let name = format!("Lock {}", parameter.name);
    let face = ButtonFace::new(&name, "randomise leaves it alone")
        .lit(is_locked.then_some(pass.theme.accent));
    let icon = if is_locked {
        Icon::LockClosed
    } else {
        Icon::LockOpen
    };
    if icon_button(ui, square, icon, &face).clicked() {
        pass.actions.push(Action::ToggleLock(parameter.id));
    }
}

fn show_shape(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let width = 0.5 * (room.width() - GUTTER);
    let model = pass.model;
    for (index, parameter) in model.group(ParameterGroup::Shape).enumerate() {
        let (row, column) = (index / 2, index % 2);
        let corner = room.min + vec2(column as f32 * (width + GUTTER), row as f32 * SLIDER_HEIGHT);
        show_slider(
            ui,
            Rect::from_min_size(corner, vec2(width, SLIDER_HEIGHT)),
            parameter,
            pass,
        );
    }
}

fn show_slider(ui: &mut Ui, rect: Rect, parameter: &Parameter, pass: &mut Pass<'_>) {
    let face = face_of(parameter, pass);
    slider(
        ui,
        rect,
        &face,
        &mut pass.local.hands,
        GestureTarget::Parameter(parameter.id),
    );
    pass.collect_gestures();
}

/// How a parameter looks as a slider.
pub(super) fn face_of<'a>(parameter: &'a Parameter, pass: &Pass<'_>) -> SliderFace<'a> {
    SliderFace {
        name: &parameter.name,
        text: &parameter.text,
        range_text: &parameter.range_text,
        value: Movable {
            normalized: parameter.normalized,
            default_normalized: parameter.default_normalized,
            steps: parameter.steps,
        },
        is_bipolar: parameter.is_bipolar,
        accent: pass.theme.accent,
    }
}
