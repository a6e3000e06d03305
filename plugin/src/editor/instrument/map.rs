//! The map of the latent space: sounds as points to press and hear, the puck with its trail, four corners, the picture
//! behind. Alt and drag record a path. Editor thread.

mod path;
mod points;

use egui::{Align2, Color32, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::editor::Pass;
use crate::editor::action::{Action, GestureTarget};
use crate::editor::model::{Corner, MapPosition};
use crate::editor::theme::{GRID, TEXT, small, small_strong};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::pad::{PUCK_RADIUS, puck, to_plane};
use crate::editor::widgets::text::Line;

/// The plane of the map leaves room for the corners' names.
const MARGIN: f32 = 3.0 * GRID;
/// Draws the map.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let plane = room.shrink(MARGIN);
    paint_backdrop(ui, room, pass);
    paint_cross(ui, room, plane, pass);
    path::record(ui, room, plane, pass);
    paint_lines(ui, plane, pass);
    show_corners(ui, room, pass);
    let names = points::show(ui, plane, pass);
    let puck = show_puck(ui, plane, pass);
    let mut taken = points::covered(plane, &pass.model.map.points);
    taken.push(puck);
    points::paint_names(ui, room, &names, &taken);
    path::show_button(ui, room, pass);
}

fn paint_backdrop(ui: &Ui, room: Rect, pass: &mut Pass<'_>) {
    let Some(texture) = pass.local.backdrop.of(ui.ctx(), &pass.model.sound) else {
        return;
    };
    // The picture fills the room and is cut, not stretched, where its shape differs.
    let size = texture.size_vec2();
    let fit = (room.width() / size.x).max(room.height() / size.y);
    let part = room.size() / (fit * size);
    let uv = Rect::from_center_size(pos2(0.5, 0.5), part);
    ui.painter().image(texture.id(), room, uv, Color32::WHITE);
}

/// Hairlines through the puck, and ticks on the edges where they end.
fn paint_cross(ui: &Ui, room: Rect, plane: Rect, pass: &Pass<'_>) {
    let at = to_plane(plane, place(pass.model.map.puck));
    let stroke = Stroke::new(1.0, TEXT.gamma_multiply(0.16));
    ui.painter().vline(at.x, room.y_range(), stroke);
    ui.painter().hline(room.x_range(), at.y, stroke);
}

fn paint_lines(ui: &Ui, plane: Rect, pass: &Pass<'_>) {
    let painter = ui.painter();
    let map = &pass.model.map;
    let on_plane = |positions: &[MapPosition]| -> Vec<_> {
        positions
            .iter()
            .map(|position| to_plane(plane, place(*position)))
            .collect()
    };
    let mut trail = on_plane(&map.trail);
    trail.push(to_plane(plane, place(map.puck)));
    let num_parts = trail.len().max(2) - 1;
    for (index, pair) in trail.windows(2).enumerate() {
        let strength = (index + 1) as f32 / num_parts as f32;
        let stroke = Stroke::new(
            1.0 + strength,
            pass.theme.accent.gamma_multiply(0.7 * strength * strength),
        );
        painter.line_segment([pair[0], pair[1]], stroke);
    }
    let recorded = pass.local.recording.as_ref();
    let drawn: Vec<_> = recorded.map_or_else(
        || map.path.clone(),
        |recording| {
            recording
                .points
                .iter()
                .map(|point| point.position)
                .collect()
        },
    );
    if drawn.len() > 1 {
        let stroke = Stroke::new(1.5, TEXT.gamma_multiply(0.8));
        painter.extend(Shape::dashed_line(&on_plane(&drawn), stroke, 4.0, 4.0));
    }
}

fn show_corners(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(1.5 * GRID, GRID));
    for (corner, align) in Corner::ALL.into_iter().zip([
        Align2::LEFT_TOP,
        Align2::RIGHT_TOP,
        Align2::LEFT_BOTTOM,
        Align2::RIGHT_BOTTOM,
    ]) {
        let name = &pass.model.map.corner_names[corner as usize];
        let label = align.align_size_within_rect(vec2(144.0, 16.0), inner);
        let is_left = matches!(corner, Corner::A | Corner::C);
        let letter = Rect::from_min_size(
            if is_left {
                label.min
            } else {
                label.right_top() - vec2(12.0, 0.0)
            },
            vec2(12.0, 16.0),
        );
        Line::new(corner.letter(), small_strong(), TEXT).paint(
            ui.painter(),
            letter,
            Align2::CENTER_CENTER,
        );
        let (words, side) = if is_left {
            (label.with_min_x(letter.right() + 4.0), Align2::LEFT_CENTER)
        } else {
            (label.with_max_x(letter.left() - 4.0), Align2::RIGHT_CENTER)
        };
        Line::new(name, small(), TEXT).paint(ui.painter(), words, side);
        show_corner_menu(ui, label, corner, name, pass);
    }
}

fn show_corner_menu(ui: &mut Ui, rect: Rect, corner: Corner, name: &str, pass: &mut Pass<'_>) {
    let letter = corner.letter();
    let response = ui.interact(rect, ui.scope_id().with(("corner", letter)), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("Corner {letter}: {name}"))
    });
    focus_ring(ui, &response);
    egui::Popup::menu(&response)
        .accessible_name(format!("Sounds for corner {letter}"))
        .width(184.0)
        .show(|ui| {
            egui::ScrollArea::vertical()
                .max_height(280.0)
                .show(ui, |ui| {
                    for preset in &pass.model.presets {
                        if ui
                            .selectable_label(preset.name == name, &preset.name)
                            .clicked()
                        {
                            pass.actions.push(Action::SetCorner(corner, preset.id));
                        }
                    }
                });
        });
    response.on_hover_text(format!(
        "Corner {letter}: {name}\npress to choose another sound"
    ));
}

/// Draws the puck and returns what it covers.
fn show_puck(ui: &mut Ui, plane: Rect, pass: &mut Pass<'_>) -> Rect {
    let here = place(pass.model.map.puck);
    let response = puck(
        ui,
        plane,
        "Puck of the map",
        here,
        &mut pass.local.hands,
        GestureTarget::Puck,
    );
    pass.collect_gestures();
    let at = to_plane(plane, here);
    let is_lit = response.hovered() || response.dragged() || response.has_focus();
    let painter = ui.painter();
    let ring = Stroke::new(if is_lit { 2.5 } else { 2.0 }, TEXT);
    painter.circle(
        at,
        PUCK_RADIUS,
        pass.theme.accent.gamma_multiply(0.35),
        ring,
    );
    painter.circle_filled(at, 2.5, TEXT);
    response
        .on_hover_cursor(egui::CursorIcon::Grab)
        .on_hover_text(
            "Morph\ndrag between the corners; hold alt and drag the ground to record a path",
        );
    Rect::from_center_size(at, vec2(2.4, 2.4) * PUCK_RADIUS)
}

pub(super) fn place(position: MapPosition) -> [f32; 2] {
    [position.x, position.y]
}
