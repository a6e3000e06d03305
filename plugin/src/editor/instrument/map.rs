//! The map of the latent space: sounds as points to press and hear, the puck with its trail, four corners, the picture
//! behind. Alt and drag record a path. Editor thread.

use egui::{
    Align2, Color32, Modifiers, PointerButton, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use super::browser::sound_context_menu;
use crate::editor::Pass;
use crate::editor::action::{Action, GestureTarget, PathPoint};
use crate::editor::local::Recording;
use crate::editor::model::{Corner, MapPoint, MapPosition, Preset};
use crate::editor::theme::{GRID, GROUND, TEXT, body, color, small, small_strong};
use crate::editor::widgets::button::{ButtonFace, focus_ring, word_button};
use crate::editor::widgets::pad::{PUCK_RADIUS, from_plane, puck, to_plane};
use crate::editor::widgets::text::Line;

/// The plane of the map leaves room for the corners' names.
const MARGIN: f32 = 3.0 * GRID;
/// Least time between two points of a recorded path, s.
const PATH_STEP_S: f64 = 0.02;
/// Longest recorded path, points; what comes after is left out.
const LONGEST_PATH: usize = 4096;

/// Draws the map.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let plane = room.shrink(MARGIN);
    paint_backdrop(ui, room, pass);
    paint_cross(ui, room, plane, pass);
    let ground = ui.interact(room, ui.scope_id().with("map ground"), Sense::drag());
    record_path(ui, &ground, plane, pass);
    paint_lines(ui, plane, pass);
    show_corners(ui, room, pass);
    for point in &pass.model.map.points {
        if let Some(preset) = pass.model.preset(point.sound) {
            show_point(ui, room, plane, point, preset, pass);
        }
    }
    show_puck(ui, plane, pass);
    show_path_button(ui, room, pass);
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
        Line::new(corner.letter(), small_strong(), pass.theme.accent).paint(
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

fn show_point(
    ui: &mut Ui,
    room: Rect,
    plane: Rect,
    point: &MapPoint,
    preset: &Preset,
    pass: &mut Pass<'_>,
) {
    let at = to_plane(plane, place(point.position));
    let rect = Rect::from_center_size(at, vec2(20.0, 20.0));
    let response = ui.interact(
        rect,
        ui.scope_id().with(("point", point.sound)),
        Sense::click_and_drag(),
    );
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Hear {}", preset.name)));
    hear(ui, &response, point, pass);
    let is_current = pass.model.sound.id == Some(point.sound);
    let is_lit = response.contains_pointer()
        || response.has_focus()
        || pass.local.pressed_sound == Some(point.sound);
    paint_point(ui, at, preset, is_current, is_lit, pass.theme.accent);
    if is_lit || is_current {
        paint_name(ui, room, at, &preset.name, is_lit);
    }
    focus_ring(ui, &response);
    if response.double_clicked() {
        pass.actions.push(Action::ChooseSound(point.sound));
    }
    sound_context_menu(&response, point.sound, pass);
}

/// A press of the pointer sounds as long as it lasts; return or space sounds until the key goes up or the focus leaves.
fn hear(ui: &Ui, response: &Response, point: &MapPoint, pass: &mut Pass<'_>) {
    let is_pressed = response.is_pointer_button_down_on()
        && ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    let is_typed = response.has_focus()
        && ui.input(|input| input.key_down(egui::Key::Space) || input.key_down(egui::Key::Enter));
    let is_sounding = pass.local.pressed_sound == Some(point.sound);
    match (is_pressed || is_typed, is_sounding) {
        (true, false) => {
            let before = pass.local.pressed_sound.replace(point.sound);
            pass.actions.extend(before.map(Action::ReleaseSound));
            pass.actions.push(Action::PressSound(point.sound));
        }
        (false, true) => {
            pass.local.pressed_sound = None;
            pass.actions.push(Action::ReleaseSound(point.sound));
        }
        _ => {}
    }
}

fn paint_point(
    ui: &Ui,
    at: egui::Pos2,
    preset: &Preset,
    is_current: bool,
    is_lit: bool,
    accent: Color32,
) {
    let painter = ui.painter();
    let radius = if is_lit { 5.0 } else { 4.0 };
    painter.circle(
        at,
        radius,
        color(preset.palette.accent()),
        Stroke::new(1.5, GROUND),
    );
    if preset.is_favourite && !is_current {
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.0, TEXT.gamma_multiply(0.6)));
    }
    if is_current {
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.5, accent));
    }
}

fn paint_name(ui: &Ui, room: Rect, at: egui::Pos2, name: &str, is_lit: bool) {
    let galley =
        Line::new(name, if is_lit { body() } else { small() }, TEXT).layout(ui.painter(), 176.0);
    let size = galley.size();
    let mut label = Rect::from_min_size(pos2(at.x - 0.5 * size.x, at.y + 10.0), size);
    if label.bottom() > room.bottom() - GRID {
        label = label.translate(vec2(0.0, -20.0 - size.y));
    }
    let over = (label.right() - room.right() + GRID).max(0.0)
        - (room.left() + GRID - label.left()).max(0.0);
    label = label.translate(vec2(-over, 0.0));
    ui.painter().galley(label.min, galley, TEXT);
}

fn show_puck(ui: &mut Ui, plane: Rect, pass: &mut Pass<'_>) {
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
}

/// Alt and drag on the ground draw a path.
fn record_path(ui: &Ui, ground: &Response, plane: Rect, pass: &mut Pass<'_>) {
    let now_s = ui.input(|input| input.time);
    let is_alt = ui.input(|input| input.modifiers.contains(Modifiers::ALT));
    if ground.drag_started_by(PointerButton::Primary) && is_alt {
        pass.local.recording = Some(Recording {
            since_s: now_s,
            points: Vec::new(),
        });
    }
    let Some(recording) = pass.local.recording.as_mut() else {
        return;
    };
    let since_s = now_s - recording.since_s;
    let last_s = recording
        .points
        .last()
        .map_or(f64::NEG_INFINITY, |point| f64::from(point.time_s));
    if let Some(pointer) = ground.interact_pointer_pos()
        && since_s - last_s >= PATH_STEP_S
        && recording.points.len() < LONGEST_PATH
    {
        let [x, y] = from_plane(plane, pointer);
        recording.points.push(PathPoint {
            time_s: since_s as f32,
            position: MapPosition { x, y },
        });
    }
    if !ground.dragged() {
        let points = pass
            .local
            .recording
            .take()
            .map_or_else(Vec::new, |recording| recording.points);
        if points.len() > 1 {
            pass.actions.push(Action::RecordPath(points));
        }
    }
}

fn show_path_button(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    if pass.model.map.path.is_empty() {
        return;
    }
    let rect = Align2::CENTER_BOTTOM.align_size_within_rect(vec2(80.0, 16.0), room.shrink(GRID));
    let face = ButtonFace::new("Clear path", "forget the recorded path").lit(Some(TEXT));
    if word_button(ui, rect, "clear path", small(), &face).clicked() {
        pass.actions.push(Action::ClearPath);
    }
}

fn place(position: MapPosition) -> [f32; 2] {
    [position.x, position.y]
}
