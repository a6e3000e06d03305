//! The column at the right: the model's controls with their locks, the envelope, pages of what shapes the
//! whole, the output meter.
//! Editor thread.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::envelope;
use crate::editor::Pass;
use crate::editor::action::{Action, GestureTarget};
use crate::editor::local::Page;
use crate::editor::model::{Parameter, ParameterGroup};
use crate::editor::theme::{GRID, LINE, QUIET, TEXT, small_strong};
use crate::editor::widgets::button::{ButtonFace, icon_button, word_button};
use crate::editor::widgets::icon::Icon;
use crate::editor::widgets::meter::meter;
use crate::editor::widgets::slider::{SLIDER_HEIGHT, SliderFace, slider};
use crate::editor::widgets::text::Line;

const TITLE_HEIGHT: f32 = 24.0;
const METER_HEIGHT: f32 = 16.0;
/// Pages of the lower right, as they are offered.
const PAGES: [(Page, ParameterGroup, &str); 3] = [
    (Page::Shape, ParameterGroup::Shape, "Shape"),
    (Page::Playing, ParameterGroup::Playing, "Playing"),
    (Page::Tuning, ParameterGroup::Tuning, "Tuning"),
];
/// Between the two columns of small sliders.
const GUTTER: f32 = 2.0 * GRID;

/// Rows of small sliders; a page with more scrolls.
const PAGE_ROWS: f32 = 3.0;

/// Draws the column, from the bottom up; the controls get what is left and scroll when that is not enough.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let meter_rect = inner.with_min_y(inner.bottom() - METER_HEIGHT);
    let page_top = meter_rect.top() - 4.0 - SLIDER_HEIGHT * PAGE_ROWS - TITLE_HEIGHT;
    let envelope_top = page_top - envelope::HEIGHT - TITLE_HEIGHT - GRID;
    let controls = inner.with_max_y(envelope_top - GRID);
    let envelope_room = Rect::from_x_y_ranges(inner.x_range(), envelope_top..=page_top - GRID);
    let page = Rect::from_x_y_ranges(inner.x_range(), page_top..=meter_rect.top() - 4.0);
    show_controls(ui, controls, pass);
    rule(ui, room, envelope_top - 0.5 * GRID);
    envelope::show(ui, title(ui, envelope_room, "Envelope"), pass);
    rule(ui, room, page_top - 0.5 * GRID);
    show_pages(ui, page, pass);
    let meters = &pass.model.meters;
    meter(
        ui,
        meter_rect,
        meters.level_db,
        meters.peak_db,
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

/// Words to choose a page by, and the page. A page without parameters is not offered.
fn show_pages(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let mut left = room.left();
    for (page, group, word) in PAGES {
        if pass.model.group(group).next().is_none() {
            continue;
        }
        let width = Line::new(word, small_strong(), QUIET)
            .layout(ui.painter(), room.width())
            .size()
            .x;
        let rect = Rect::from_min_size(
            pos2(left - 4.0, room.top()),
            vec2(width + GRID, TITLE_HEIGHT),
        );
        left += width + 2.0 * GRID;
        let lit = (pass.local.page == page).then_some(TEXT);
        let face = ButtonFace::new(word, "").lit(lit);
        if word_button(ui, rect, word, small_strong(), &face).clicked() {
            pass.local.page = page;
        }
    }
    show_page(ui, room.with_min_y(room.top() + TITLE_HEIGHT), pass);
}

/// The page's sliders in two columns.
fn show_page(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let model = pass.model;
    let page = pass.local.page;
    let group = PAGES
        .into_iter()
        .find(|(other, ..)| *other == page)
        .map_or(ParameterGroup::Shape, |(_, group, _)| group);
    let parameters: Vec<_> = model.group(group).collect();
    let mut inner = ui.new_child(UiBuilder::new().max_rect(room).id_salt("page"));
    inner.set_clip_rect(room.expand2(vec2(GRID, 0.0)).intersect(ui.clip_rect()));
    ScrollArea::vertical()
        .id_salt(group)
        .auto_shrink(false)
        .show(&mut inner, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let width = 0.5 * (ui.available_width() - GUTTER);
            for pair in parameters.chunks(2) {
                let (row, _) = ui
                    .allocate_exact_size(vec2(ui.available_width(), SLIDER_HEIGHT), Sense::hover());
                for (column, parameter) in pair.iter().enumerate() {
                    let corner = row.min + vec2(column as f32 * (width + GUTTER), 0.0);
                    show_slider(
                        ui,
                        Rect::from_min_size(corner, vec2(width, SLIDER_HEIGHT)),
                        parameter,
                        pass,
                    );
                }
            }
        });
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
    SliderFace::of(parameter, pass.theme.accent)
}
