//! The envelope: its shape with points to drag, and the four values below it to type, turn and reach by keyboard.
//! Editor thread.

use egui::{
    Align2, Color32, CursorIcon, PointerButton, Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2,
};

use super::controls::face_of;
use crate::editor::Pass;
use crate::editor::action::GestureTarget;
use crate::editor::model::{Parameter, ParameterGroup};
use crate::editor::theme::{GROUND, LINE, QUIET, TEXT, small};
use crate::editor::widgets::slider::{hold, tooltip};
use crate::editor::widgets::text::Line;

/// Height of the whole room without its title.
pub(super) const HEIGHT: f32 = PLOT_HEIGHT + VALUES_HEIGHT;
const PLOT_HEIGHT: f32 = 60.0;
const VALUES_HEIGHT: f32 = 36.0;
/// Shares of the width that attack, decay and release may take at most, and that the held part always has.
const WIDTHS: [f32; 4] = [0.28, 0.28, 0.14, 0.30];

/// Draws the envelope. Nothing is drawn for a model that has not all four values.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let model = pass.model;
    let stages: Vec<_> = model.group(ParameterGroup::Envelope).collect();
    let [attack, decay, sustain, release] = stages[..] else {
        return;
    };
    let plot =
        Rect::from_min_size(room.min, vec2(room.width(), PLOT_HEIGHT)).shrink2(vec2(4.0, 6.0));
    let points = outline(
        plot,
        [attack, decay, sustain, release].map(|stage| stage.normalized),
    );
    paint(ui, plot, &points, pass.theme.accent);
    let reach = |share: f32| share * plot.width();
    show_point(
        ui,
        points[1],
        &[(attack, vec2(reach(WIDTHS[0]), 0.0))],
        pass,
    );
    show_point(
        ui,
        points[2],
        &[
            (decay, vec2(reach(WIDTHS[1]), 0.0)),
            (sustain, vec2(0.0, -plot.height())),
        ],
        pass,
    );
    show_point(
        ui,
        points[4],
        &[(release, vec2(reach(WIDTHS[3]), 0.0))],
        pass,
    );
    let values = room.with_min_y(room.top() + PLOT_HEIGHT);
    show_values(ui, values, &stages, pass);
}

/// Corners of the outline: start, top of the attack, end of the decay, end of the held part, end of the release.
fn outline(plot: Rect, [attack, decay, sustain, release]: [f32; 4]) -> [Pos2; 5] {
    let at = |x: f32, level: f32| {
        pos2(
            plot.left() + x * plot.width(),
            plot.bottom() - level * plot.height(),
        )
    };
    let top = WIDTHS[0] * attack;
    let held = top + WIDTHS[1] * decay;
    let let_go = held + WIDTHS[2];
    [
        at(0.0, 0.0),
        at(top, 1.0),
        at(held, sustain),
        at(let_go, sustain),
        at(let_go + WIDTHS[3] * release, 0.0),
    ]
}

fn paint(ui: &Ui, plot: Rect, points: &[Pos2; 5], accent: Color32) {
    let painter = ui.painter();
    painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, LINE));
    for pair in points.windows(2) {
        let foot = |point: Pos2| pos2(point.x, plot.bottom());
        let area = vec![pair[0], pair[1], foot(pair[1]), foot(pair[0])];
        painter.add(Shape::convex_polygon(
            area,
            accent.gamma_multiply(0.10),
            Stroke::NONE,
        ));
    }
    painter.add(Shape::line(points.to_vec(), Stroke::new(1.5, accent)));
}

/// A point that moves one or two values at once.
fn show_point(ui: &mut Ui, at: Pos2, axes: &[(&Parameter, egui::Vec2)], pass: &mut Pass<'_>) {
    let rect = Rect::from_center_size(at, vec2(16.0, 16.0));
    let names: Vec<_> = axes
        .iter()
        .map(|(parameter, _)| parameter.name.as_str())
        .collect();
    let words: Vec<_> = axes
        .iter()
        .map(|(parameter, _)| format!("{}: {}", parameter.name, parameter.text))
        .collect();
    let response = ui.interact(
        rect,
        ui.scope_id().with(("envelope point", &names)),
        Sense::DRAG,
    );
    for (parameter, travel) in axes {
        let target = GestureTarget::Parameter(parameter.id);
        let value = face_of(parameter, pass).value;
        pass.local
            .hands
            .handle_drag(ui, &response, target, &value, *travel);
    }
    pass.collect_gestures();
    let is_lit = response.hovered() || response.dragged_by(PointerButton::Primary);
    let fill = if is_lit { TEXT } else { GROUND };
    ui.painter()
        .circle(at, 4.0, fill, Stroke::new(1.5, pass.theme.accent));
    response
        .on_hover_cursor(CursorIcon::Grab)
        .on_hover_text(words.join("\n"));
}

/// Name above value, four in a row, each a slider without a track.
fn show_values(ui: &mut Ui, room: Rect, stages: &[&Parameter], pass: &mut Pass<'_>) {
    let width = room.width() / stages.len() as f32;
    for (index, stage) in stages.iter().enumerate() {
        let corner = room.min + vec2(index as f32 * width, 0.0);
        let rect = Rect::from_min_size(corner, vec2(width - 4.0, room.height() - 2.0));
        let target = GestureTarget::Parameter(stage.id);
        let face = face_of(stage, pass);
        let response = hold(
            ui,
            rect,
            &face,
            &mut pass.local.hands,
            target,
            vec2(0.0, -160.0),
        );
        let is_lit =
            response.hovered() || pass.local.hands.is_holding(target) || response.has_focus();
        let (upper, lower) = rect.split_top_bottom_at_fraction(0.5);
        let (name, value) = if is_lit {
            (TEXT, pass.theme.accent)
        } else {
            (QUIET, TEXT)
        };
        Line::new(&stage.name, small(), name).paint(ui.painter(), upper, Align2::LEFT_CENTER);
        if pass.local.hands.is_entering(target) {
            pass.local
                .hands
                .show_entry(ui, lower.expand2(vec2(0.0, 2.0)), target, &stage.name);
        } else {
            Line::new(&stage.text, small(), value).paint(ui.painter(), lower, Align2::LEFT_CENTER);
        }
        tooltip(response, &face);
        pass.collect_gestures();
    }
}
