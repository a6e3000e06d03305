//! The timeline of the bed: sections as blocks, the notes, the energy curve to drag, hits as flags, the voice in grey below,
//! the playhead. Editor thread.

use egui::{Align2, Color32, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::action::{BedAction, BedTarget};
use super::model::{HitFlag, StripView};
use super::{BedPass, titled};
use crate::editor::theme::{FAULT, GRID, GROUND, LINE, QUIET, RAISED, TEXT, TRACK, small};
use crate::editor::widgets::button::{ButtonFace, focus_ring, word_button};
use crate::editor::widgets::hands::{Movable, keep_arrows};
use crate::editor::widgets::text::Line;

const FLAG_HEIGHT: f32 = 24.0;
const SECTION_HEIGHT: f32 = 20.0;
const VOICE_HEIGHT: f32 = 24.0;

/// Draws the timeline.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let inner = titled(ui, room, "Timeline");
    show_import(ui, room, pass);
    let (flags, rest) = inner.split_top_bottom_at_y(inner.top() + FLAG_HEIGHT);
    let (sections, rest) = rest.split_top_bottom_at_y(rest.top() + SECTION_HEIGHT);
    let (curve, voice) = rest.split_top_bottom_at_y(rest.bottom() - VOICE_HEIGHT);
    let strip = &pass.model.strip;
    if strip.length_s.is_nan() || strip.length_s <= 0.0 {
        Line::new("No bed yet.", small(), QUIET).paint(ui.painter(), rest, Align2::CENTER_CENTER);
        return;
    }
    let ground = flags.with_max_y(inner.bottom());
    add_hit(ui, ground, pass);
    paint_sections(ui, sections.with_max_y(curve.bottom()), strip);
    paint_voice(ui, voice, strip);
    paint_notes(ui, curve, strip, pass.theme.accent);
    show_energy(ui, curve.shrink2(vec2(0.0, GRID)), pass);
    for (index, hit) in strip.hits.iter().enumerate() {
        show_hit(ui, ground, (index, hit), pass);
    }
    paint_playhead(ui, ground, strip);
}

fn show_import(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let rect = Rect::from_min_size(
        pos2(room.right() - 2.0 * GRID - 104.0, room.top() + GRID),
        vec2(104.0, 24.0),
    );
    let face = ButtonFace::new(
        "Import markers",
        "hits from a list of markers, or double-click the timeline",
    );
    if word_button(ui, rect, "import markers", small(), &face).clicked() {
        pass.actions.push(BedAction::ImportMarkers);
    }
}

fn x_of(room: Rect, strip: &StripView, time_s: f32) -> f32 {
    room.left() + (time_s / strip.length_s).clamp(0.0, 1.0) * room.width()
}

/// A double click on the ground sets a hit.
fn add_hit(ui: &Ui, ground: Rect, pass: &mut BedPass<'_>) {
    let response = ui.interact(ground, ui.scope_id().with("timeline"), Sense::CLICK);
    if response.double_clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let share = ((pointer.x - ground.left()) / ground.width()).clamp(0.0, 1.0);
        pass.actions
            .push(BedAction::AddHit(share * pass.model.strip.length_s));
    }
}

fn paint_sections(ui: &Ui, room: Rect, strip: &StripView) {
    for (index, section) in strip.sections.iter().enumerate() {
        let (left, right) = (
            x_of(room, strip, section.start_s),
            x_of(room, strip, section.end_s),
        );
        let block = Rect::from_x_y_ranges(left..=right, room.y_range());
        let fill = if index % 2 == 0 { RAISED } else { GROUND };
        ui.painter().rect_filled(block, 0.0, fill);
        ui.painter()
            .vline(left, block.y_range(), Stroke::new(1.0, LINE));
        let words = Rect::from_min_size(
            block.min + vec2(6.0, 0.0),
            vec2(block.width() - 10.0, SECTION_HEIGHT),
        );
        Line::new(&section.name, small(), QUIET).paint(ui.painter(), words, Align2::LEFT_CENTER);
    }
}

/// The score, small: what lies beneath fainter than what carries time and tune.
fn paint_notes(ui: &Ui, room: Rect, strip: &StripView, accent: Color32) {
    let room = room.shrink2(vec2(0.0, 3.0));
    for note in strip.notes.iter() {
        let y = room.bottom() - note.height * room.height();
        let (left, right) = (
            x_of(room, strip, note.start_s),
            x_of(room, strip, note.end_s),
        );
        let bar = Rect::from_x_y_ranges(left..=right.max(left + 1.0), y - 0.75..=y + 0.75);
        let strength = if note.is_foreground { 0.55 } else { 0.22 };
        ui.painter()
            .rect_filled(bar, 0.0, accent.gamma_multiply(strength));
    }
}

/// How much of a voice is heard, as a grey outline filled downwards.
fn paint_voice(ui: &Ui, room: Rect, strip: &StripView) {
    let painter = ui.painter();
    painter.hline(room.x_range(), room.bottom(), Stroke::new(1.0, LINE));
    let width = room.width() / strip.voice.len().max(1) as f32;
    for (index, share) in strip
        .voice
        .iter()
        .enumerate()
        .filter(|(_, share)| **share > 0.0)
    {
        let left = room.left() + index as f32 * width;
        let top = room.bottom() - share.min(1.0) * (room.height() - 4.0);
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + width, room.bottom()));
        painter.rect_filled(bar, 0.0, TRACK.gamma_multiply(0.7));
    }
}

fn show_energy(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let strip = &pass.model.strip;
    let at = |time_s: f32, level: f32| {
        pos2(
            x_of(room, strip, time_s),
            room.bottom() - level * room.height(),
        )
    };
    let points: Vec<_> = strip
        .energy
        .iter()
        .map(|point| at(point.time_s, point.level))
        .collect();
    paint_curve(ui, room, &points, pass.theme.accent);
    for (index, (point, place)) in strip.energy.iter().zip(points).enumerate() {
        let target = BedTarget::Energy(index);
        let rect = Rect::from_center_size(place, vec2(16.0, 16.0));
        let response = ui.interact(
            rect,
            ui.scope_id().with(("energy", index)),
            Sense::click_and_drag(),
        );
        let words = format!(
            "Energy at {:.1} s: {:.0} %",
            point.time_s,
            100.0 * point.level
        );
        response.widget_info(|| {
            WidgetInfo::slider(
                true,
                f64::from(point.level),
                format!("Energy {}", index + 1),
            )
        });
        let value = Movable {
            normalized: point.level,
            default_normalized: 0.5,
            steps: None,
        };
        pass.local
            .hands
            .handle(ui, &response, target, &value, vec2(0.0, -room.height()));
        pass.collect_gestures();
        let fill = if response.hovered() { TEXT } else { GROUND };
        ui.painter()
            .circle(place, 4.0, fill, Stroke::new(1.5, pass.theme.accent));
        focus_ring(ui, &response);
        response.on_hover_text(words);
    }
}

fn paint_curve(ui: &Ui, room: Rect, points: &[Pos2], accent: Color32) {
    for pair in points.windows(2) {
        let foot = |point: Pos2| pos2(point.x, room.bottom());
        let area = vec![pair[0], pair[1], foot(pair[1]), foot(pair[0])];
        ui.painter().add(Shape::convex_polygon(
            area,
            accent.gamma_multiply(0.12),
            Stroke::NONE,
        ));
    }
    ui.painter()
        .add(Shape::line(points.to_vec(), Stroke::new(1.5, accent)));
}

/// A flag that can be dragged in time; right-click for more.
fn show_hit(ui: &mut Ui, ground: Rect, (index, hit): (usize, &HitFlag), pass: &mut BedPass<'_>) {
    let strip = &pass.model.strip;
    let x = x_of(ground, strip, hit.time_s);
    let text = hit.text();
    let words = Line::new(&text, small(), TEXT);
    let width = words.layout(ui.painter(), 88.0).size().x + 12.0;
    let left = x.min(ground.right() - width);
    let flag = Rect::from_min_size(pos2(left, ground.top()), vec2(width, 18.0));
    let response = ui.interact(
        flag,
        ui.scope_id().with(("hit", index)),
        Sense::click_and_drag(),
    );
    let spoken = format!("Hit {} at {}", hit.name, hit.frame_text);
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &spoken));
    let value = Movable {
        normalized: hit.time_s / strip.length_s,
        default_normalized: hit.time_s / strip.length_s,
        steps: None,
    };
    pass.local.hands.handle_drag(
        ui,
        &response,
        BedTarget::Hit(index),
        &value,
        vec2(ground.width(), 0.0),
    );
    nudge_by_keys(ui, &response, index, &value, pass);
    pass.collect_gestures();
    let color = if hit.miss.is_some() {
        FAULT
    } else {
        pass.theme.accent
    };
    ui.painter()
        .vline(x, ground.y_range(), Stroke::new(1.0, color));
    ui.painter().rect_filled(flag, 2.0, RAISED);
    ui.painter()
        .rect_stroke(flag, 2.0, Stroke::new(1.0, color), egui::StrokeKind::Inside);
    words.paint(ui.painter(), flag, Align2::CENTER_CENTER);
    focus_ring(ui, &response);
    response.context_menu(|ui| {
        if hit.miss.is_some()
            && ui
                .button("Make the smallest change that meets it")
                .clicked()
        {
            pass.actions.push(BedAction::MeetHit(index));
        }
        if ui.button("Remove").clicked() {
            pass.actions.push(BedAction::RemoveHit(index));
        }
    });
    response.on_hover_text(hit.words());
}

/// A tenth of a second per arrow key.
fn nudge_by_keys(
    ui: &Ui,
    response: &egui::Response,
    index: usize,
    value: &Movable,
    pass: &mut BedPass<'_>,
) {
    if !response.has_focus() {
        return;
    }
    keep_arrows(ui, response);
    let steps = ui.input(|input| {
        input.num_presses(egui::Key::ArrowRight) as f32
            - input.num_presses(egui::Key::ArrowLeft) as f32
    });
    if steps != 0.0 {
        let to = value.normalized + 0.1 * steps / pass.model.strip.length_s;
        pass.local
            .hands
            .set_at_once(BedTarget::Hit(index), to.clamp(0.0, 1.0));
    }
}

fn paint_playhead(ui: &Ui, ground: Rect, strip: &StripView) {
    if let Some(playhead_s) = strip.playhead_s {
        let x = x_of(ground, strip, playhead_s);
        ui.painter()
            .vline(x, ground.y_range(), Stroke::new(1.5, TEXT));
    }
}
