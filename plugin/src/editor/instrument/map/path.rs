//! Recording a path: alt and drag on the ground of the map. Editor thread.

use egui::{Align2, Modifiers, PointerButton, Rect, Sense, Ui, vec2};

use crate::editor::Pass;
use crate::editor::action::{Action, PathPoint};
use crate::editor::local::Recording;
use crate::editor::model::MapPosition;
use crate::editor::theme::{GRID, TEXT, small};
use crate::editor::widgets::button::{ButtonFace, word_button};
use crate::editor::widgets::pad::from_plane;

/// Least time between two points of a recorded path, s.
const PATH_STEP_S: f64 = 0.02;
/// Longest recorded path, points; what comes after is left out.
const LONGEST_PATH: usize = 4096;

/// Alt and drag on the ground draw a path.
pub(super) fn record(ui: &Ui, room: Rect, plane: Rect, pass: &mut Pass<'_>) {
    // The puck is what the keyboard reaches; the ground takes no focus.
    let ground = ui.interact(room, ui.scope_id().with("map ground"), Sense::DRAG);
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

/// A word to forget the path by, while there is one.
pub(super) fn show_button(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    if pass.model.map.path.is_empty() {
        return;
    }
    let rect = Align2::CENTER_BOTTOM.align_size_within_rect(vec2(80.0, 16.0), room.shrink(GRID));
    let face = ButtonFace::new("Clear path", "forget the recorded path").lit(Some(TEXT));
    if word_button(ui, rect, "clear path", small(), &face).clicked() {
        pass.actions.push(Action::ClearPath);
    }
}
