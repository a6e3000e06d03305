//! A puck on a plane: drag it (fine with shift), or move it with the arrow keys. Editor thread; the caller draws the plane.

use std::hash::Hash;

use egui::{
    Event, Key, Modifiers, PointerButton, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2,
    vec2,
};

use super::button::focus_ring;
use super::hands::{Hands, keep_arrows};

/// Radius of the puck, points.
pub const PUCK_RADIUS: f32 = 10.0;
/// Part of an axis that one press of an arrow key moves.
const STEP: f32 = 0.02;
/// With shift.
const FINE: f32 = 0.1;

/// Where a place of 0..=1 on both axes, y up, lies on a plane.
pub fn to_plane(plane: Rect, [x, y]: [f32; 2]) -> Pos2 {
    pos2(
        plane.left() + x * plane.width(),
        plane.bottom() - y * plane.height(),
    )
}

/// The opposite way.
pub fn from_plane(plane: Rect, point: Pos2) -> [f32; 2] {
    [
        ((point.x - plane.left()) / plane.width()).clamp(0.0, 1.0),
        ((plane.bottom() - point.y) / plane.height()).clamp(0.0, 1.0),
    ]
}

/// Lets `hands` move the puck that stands at `place`.
pub fn puck<T: Copy + Eq + Hash + std::fmt::Debug>(
    ui: &mut Ui,
    plane: Rect,
    name: &str,
    place: [f32; 2],
    hands: &mut Hands<T>,
    target: T,
) -> Response {
    let rect = Rect::from_center_size(to_plane(plane, place), vec2(2.4, 2.4) * PUCK_RADIUS);
    let response = ui.interact(
        rect,
        ui.scope_id().with(("puck", target)),
        Sense::click_and_drag(),
    );
    let spoken = format!(
        "{name}, across {:.0} %, up {:.0} %",
        100.0 * place[0],
        100.0 * place[1]
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &spoken));
    if response.drag_started_by(PointerButton::Primary) {
        hands.begin(target, place);
    }
    if response.dragged_by(PointerButton::Primary) {
        let moved = response.drag_delta();
        let slow = if ui.input(|input| input.modifiers.shift) {
            FINE
        } else {
            1.0
        };
        let delta = [
            slow * moved.x / plane.width(),
            -slow * moved.y / plane.height(),
        ];
        if let Some(at) = hands.travel(target, delta)
            && moved != egui::Vec2::ZERO
        {
            hands.place(target, at.map(|axis| axis.clamp(0.0, 1.0)));
        }
    }
    if response.drag_stopped_by(PointerButton::Primary) {
        hands.end(target);
    }
    if response.has_focus() {
        keep_arrows(ui, &response);
        let [right, up] = pressed(ui);
        if right != 0.0 || up != 0.0 {
            let to =
                [place[0] + STEP * right, place[1] + STEP * up].map(|axis| axis.clamp(0.0, 1.0));
            hands.begin(target, place);
            hands.place(target, to);
            hands.end(target);
        }
    }
    focus_ring(ui, &response);
    response
}

fn pressed(ui: &Ui) -> [f32; 2] {
    ui.input(|input| {
        let mut steps = [0.0; 2];
        for event in &input.events {
            let Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } = event
            else {
                continue;
            };
            let size = step_size(modifiers);
            match key {
                Key::ArrowRight => steps[0] += size,
                Key::ArrowLeft => steps[0] -= size,
                Key::ArrowUp => steps[1] += size,
                Key::ArrowDown => steps[1] -= size,
                _ => {}
            }
        }
        steps
    })
}

fn step_size(modifiers: &Modifiers) -> f32 {
    if modifiers.shift { FINE } else { 1.0 }
}
