//! The plane of moods: sad to glad across, calm to driving upwards, moods that have a name as points. Editor thread.

mod names;

use std::sync::Arc;

use egui::{Align2, Color32, Galley, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2};

use super::action::{BedAction, BedTarget};
use super::model::NamedMood;
use super::{BedPass, titled};
use crate::editor::theme::{GRID, LINE, QUIET, RAISED, TEXT, small};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::pad::{PUCK_RADIUS, puck, to_plane};
use crate::editor::widgets::text::Line;

/// No name is wider, points.
const LONGEST_NAME: f32 = 96.0;

/// Draws the pad.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Mood");
    let frame = inner.with_max_y(inner.bottom() - 2.0 * GRID);
    let foot = inner.with_min_y(frame.bottom());
    Line::new("sad", small(), QUIET).paint(ui.painter(), foot, Align2::LEFT_BOTTOM);
    Line::new("glad", small(), QUIET).paint(ui.painter(), foot, Align2::RIGHT_BOTTOM);
    ui.painter()
        .rect_stroke(frame, 2.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
    let plane = frame.shrink(2.0 * GRID);
    let here = to_plane(plane, pass.model.mood.place);
    let cross = Stroke::new(1.0, LINE);
    ui.painter().vline(here.x, frame.y_range(), cross);
    ui.painter().hline(frame.x_range(), here.y, cross);
    show_moods(ui, (frame, plane), here, pass);
    let place = pass.model.mood.place;
    let response = puck(
        ui,
        plane,
        "Mood",
        place,
        &mut pass.local.hands,
        BedTarget::Mood,
    );
    pass.collect_gestures();
    let ring = Stroke::new(if response.hovered() { 2.5 } else { 2.0 }, TEXT);
    ui.painter().circle(
        here,
        PUCK_RADIUS,
        pass.theme.accent.gamma_multiply(0.35),
        ring,
    );
    ui.painter().circle_filled(here, 2.5, TEXT);
    response.on_hover_text("Mood\nleft to right: sad to glad; upwards: calm to driving");
}

/// Where the names were put, and for which pad: it changes with the window's size only.
#[derive(Default)]
pub(crate) struct NamePlaces {
    of: Option<(Rect, usize)>,
    places: Vec<Option<Rect>>,
}

/// The moods that have a name.
fn show_moods(ui: &mut Ui, (frame, plane): (Rect, Rect), puck: Pos2, pass: &mut BedPass<'_>) {
    let model = pass.model;
    let named = &model.mood.named;
    let names: Vec<_> = named.iter().map(|mood| write(ui, mood, QUIET)).collect();
    let points: Vec<_> = named
        .iter()
        .map(|mood| to_plane(plane, mood.place))
        .collect();
    let known = &mut pass.local.mood_names;
    if known.of != Some((frame, named.len())) {
        let sizes: Vec<_> = names.iter().map(|name| name.size()).collect();
        known.places = names::places(frame.shrink(2.0), &points, &sizes);
        known.of = Some((frame, named.len()));
    }
    let places = known.places.clone();
    let under_puck = Rect::from_center_size(puck, Vec2::splat(2.0 * PUCK_RADIUS));
    let mut lit = None;
    for (index, (name, at)) in names.into_iter().zip(points).enumerate() {
        let place = places.get(index).copied().flatten();
        let shown = place.filter(|place| !place.intersects(under_puck));
        if show_mood(ui, (index, at), shown.map(|place| (place, name)), pass) {
            lit = Some((index, place, at));
        }
    }
    if let Some((index, place, at)) = lit {
        let name = write(ui, &named[index], TEXT);
        let place = place.unwrap_or_else(|| beside(frame, at, name.size()));
        ui.painter().rect_filled(place.expand(2.0), 2.0, RAISED);
        ui.painter().galley(place.min, name, TEXT);
    }
}

fn write(ui: &Ui, mood: &NamedMood, color: Color32) -> Arc<Galley> {
    Line::new(&mood.name, small(), color).layout(ui.painter(), LONGEST_NAME)
}

/// Beside a point, on whichever side there is room.
fn beside(frame: Rect, at: Pos2, size: Vec2) -> Rect {
    let gap = vec2(PUCK_RADIUS, -0.5 * size.y);
    let right = Rect::from_min_size(at + gap, size);
    if right.right() < frame.right() - 4.0 {
        return right;
    }
    right.translate(vec2(-size.x - 2.0 * PUCK_RADIUS, 0.0))
}

/// A point and its name, if that has a place; true while it is pointed at.
fn show_mood(
    ui: &mut Ui,
    (index, at): (usize, Pos2),
    name: Option<(Rect, Arc<Galley>)>,
    pass: &mut BedPass<'_>,
) -> bool {
    let mood = &pass.model.mood.named[index];
    let rect = Rect::from_center_size(at, vec2(16.0, 16.0));
    let response = ui.interact(rect, ui.scope_id().with(("mood", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Mood {}", mood.name)));
    let is_lit = response.hovered() || response.has_focus();
    let color = if is_lit { TEXT } else { pass.theme.accent };
    ui.painter().circle_filled(at, 3.0, color);
    if let Some((place, name)) = name
        && !is_lit
    {
        ui.painter().galley(place.min, name, QUIET);
    }
    focus_ring(ui, &response);
    if response.clicked() {
        pass.actions.push(BedAction::ChooseMood(index));
    }
    is_lit
}
