//! The browser: search, tags, favourites, the list, factory or mine. Editor thread.

use std::collections::BTreeSet;

use egui::{
    Align2, Rect, Response, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::local::EditorLocal;
use crate::editor::model::{Corner, Preset, PresetOwner, SoundId};
use crate::editor::theme::{GRID, HOVERED, LINE, QUIET, TEXT, body, body_strong, color, small};
use crate::editor::widgets::button::{ButtonFace, focus_ring, icon_button, word_button};
use crate::editor::widgets::icon::{self, Icon};
use crate::editor::widgets::text::Line;

const ROW_HEIGHT: f32 = 28.0;
const TAG_HEIGHT: f32 = 20.0;
/// Rows of tags that are shown; those that fewer sounds carry come last, behind `more`.
const TAG_ROWS: usize = 3;

/// Draws the browser.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let inner = room.shrink2(vec2(2.0 * GRID, GRID));
    let search = Rect::from_min_size(inner.min, vec2(inner.width(), 3.0 * GRID));
    show_search(ui, search, pass);
    let tags = inner.with_min_y(search.bottom() + GRID);
    let tags_bottom = show_tags(ui, tags, pass);
    let shelf = inner.with_min_y(inner.bottom() - 3.0 * GRID);
    let list = Rect::from_x_y_ranges(room.x_range(), tags_bottom + GRID..=shelf.top() - GRID);
    show_list(ui, list, pass);
    ui.painter().hline(
        inner.x_range(),
        shelf.top() - 0.5 * GRID,
        egui::Stroke::new(1.0, LINE),
    );
    show_shelves(ui, shelf, pass);
}

fn show_search(ui: &mut Ui, rect: Rect, pass: &mut Pass<'_>) {
    let (field, star) = rect.split_left_right_at_x(rect.right() - 3.0 * GRID);
    let edit = egui::TextEdit::singleline(&mut pass.local.search)
        .hint_text(RichText::new("search").font(small()).color(QUIET))
        .font(small())
        .margin(egui::Margin {
            left: 24,
            right: 4,
            top: 4,
            bottom: 4,
        })
        .desired_width(field.width() - 28.0);
    let response = ui.put(field.with_max_x(field.right() - 4.0), edit);
    response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Search sounds"));
    response.on_hover_text("Search\nnames and tags");
    let glass = Rect::from_center_size(
        pos2(field.left() + 12.0, field.center().y),
        vec2(16.0, 16.0),
    );
    icon::paint(ui.painter(), glass, Icon::Search, QUIET);
    let lit = pass.local.favourites_only.then_some(pass.theme.accent);
    let face = ButtonFace::new("Favourites only", "show the sounds with a star").lit(lit);
    if icon_button(ui, star, Icon::Star, &face).clicked() {
        pass.local.favourites_only = !pass.local.favourites_only;
    }
}

/// Draws the tags as words that wrap; returns where they end. Those that do not fit are behind `more`.
fn show_tags(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) -> f32 {
    let tags = tags_by_use(&pass.model.presets);
    let width_of = |word: &str| {
        Line::new(word, small(), QUIET)
            .layout(ui.painter(), room.width())
            .size()
            .x
            + GRID
    };
    let widths: Vec<_> = tags.iter().map(|tag| width_of(tag)).collect();
    let more = if pass.local.shows_all_tags {
        "fewer"
    } else {
        "more"
    };
    let more_width = width_of(more);
    let all = wrap(&widths, room.width());
    let num_rows = all.last().map_or(0, |(row, _)| row + 1);
    let is_short = num_rows <= TAG_ROWS;
    let mut places = all;
    if !is_short && !pass.local.shows_all_tags {
        places.retain(|(row, x)| {
            *row < TAG_ROWS - 1 || (*row == TAG_ROWS - 1 && x.end <= room.width() - more_width)
        });
    }
    let at = |row: usize, x: &std::ops::Range<f32>| {
        let corner = room.min + vec2(x.start - 0.5 * GRID, TAG_HEIGHT * row as f32);
        Rect::from_min_size(corner, vec2(x.end - x.start, TAG_HEIGHT))
    };
    for (tag, (row, x)) in tags.iter().zip(&places) {
        show_tag(ui, at(*row, x), tag, pass);
    }
    let (mut last_row, end) = places.last().map_or((0, 0.0), |(row, x)| (*row, x.end));
    if !is_short {
        let is_new_row = end + more_width > room.width() + 4.0;
        last_row += usize::from(is_new_row);
        let start = if is_new_row { 0.0 } else { end };
        let face = ButtonFace::new(more, "tags").lit(Some(TEXT));
        if word_button(
            ui,
            at(last_row, &(start..start + more_width)),
            more,
            small(),
            &face,
        )
        .clicked()
        {
            pass.local.shows_all_tags = !pass.local.shows_all_tags;
        }
    }
    let num_rows = if places.is_empty() { 0 } else { last_row + 1 };
    room.top() + TAG_HEIGHT * num_rows as f32
}

/// Row and place in it of each word, set one after the other into lines of `width`.
fn wrap(widths: &[f32], width: f32) -> Vec<(usize, std::ops::Range<f32>)> {
    let (mut row, mut x) = (0, 0.0);
    let places = widths.iter().map(|word| {
        if x + word > width + 4.0 && x > 0.0 {
            (row, x) = (row + 1, 0.0);
        }
        let place = (row, x..x + word);
        x += word + 2.0;
        place
    });
    places.collect()
}

fn show_tag(ui: &mut Ui, rect: Rect, tag: &str, pass: &mut Pass<'_>) {
    let is_on = pass.local.tags.contains(tag);
    let name = format!("Tag {tag}");
    let face = ButtonFace::new(&name, "show only sounds with this tag")
        .lit(is_on.then_some(pass.theme.accent));
    if word_button(ui, rect, tag, small(), &face).clicked() && !pass.local.tags.remove(tag) {
        pass.local.tags.insert(tag.to_owned());
    }
}

/// All tags, those of most sounds first, then by the alphabet.
fn tags_by_use(presets: &[Preset]) -> Vec<String> {
    let distinct: BTreeSet<&String> = presets.iter().flat_map(|preset| &preset.tags).collect();
    let mut counted: Vec<_> = distinct
        .into_iter()
        .map(|tag| {
            (
                presets
                    .iter()
                    .filter(|preset| preset.tags.contains(tag))
                    .count(),
                tag,
            )
        })
        .collect();
    counted.sort_by_key(|(count, tag)| (std::cmp::Reverse(*count), tag.to_lowercase()));
    counted.into_iter().map(|(_, tag)| tag.clone()).collect()
}

/// Whether a preset is in view.
fn is_in_view(preset: &Preset, local: &EditorLocal) -> bool {
    let wanted = local.search.trim().to_lowercase();
    let is_found = wanted.is_empty()
        || preset.name.to_lowercase().contains(&wanted)
        || preset
            .tags
            .iter()
            .any(|tag| tag.to_lowercase().contains(&wanted));
    is_found
        && preset.owner == local.shelf
        && (!local.favourites_only || preset.is_favourite)
        && local.tags.iter().all(|tag| preset.tags.contains(tag))
}

fn show_list(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let model = pass.model;
    let shown: Vec<_> = model
        .presets
        .iter()
        .filter(|preset| is_in_view(preset, pass.local))
        .collect();
    let mut list = ui.new_child(UiBuilder::new().max_rect(room).id_salt("sounds"));
    list.set_clip_rect(room.intersect(ui.clip_rect()));
    if shown.is_empty() {
        let words = if pass.local.shelf == PresetOwner::Mine
            && model
                .presets
                .iter()
                .all(|preset| preset.owner != PresetOwner::Mine)
        {
            "Nothing saved yet. Press the sound's name to save one."
        } else {
            "No sound fits. Clear the search or a tag."
        };
        list.painter().add(egui::Shape::galley(
            room.min + vec2(2.0 * GRID, GRID),
            list.painter()
                .layout(words.to_owned(), small(), QUIET, room.width() - 4.0 * GRID),
            QUIET,
        ));
        return;
    }
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut list, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for preset in shown {
                show_row(ui, preset, pass);
            }
        });
}

fn show_row(ui: &mut Ui, preset: &Preset, pass: &mut Pass<'_>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let is_current = pass.model.sound.id == Some(preset.id);
    let response = ui.interact(
        rect,
        ui.scope_id().with(("preset", preset.id)),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, &preset.name));
    let star = Rect::from_center_size(pos2(rect.right() - 20.0, rect.center().y), vec2(20.0, 20.0));
    if response.contains_pointer() || response.has_focus() {
        ui.painter().rect_filled(rect, 0.0, HOVERED);
    }
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 6.0), vec2(2.0, ROW_HEIGHT - 12.0));
    if is_current {
        ui.painter().rect_filled(bar, 0.0, pass.theme.accent);
    }
    let dot = pos2(rect.left() + 20.0, rect.center().y);
    ui.painter()
        .circle_filled(dot, 3.0, color(preset.palette.accent()));
    let text = Rect::from_min_max(
        pos2(rect.left() + 32.0, rect.top()),
        pos2(star.left() - 4.0, rect.bottom()),
    );
    let font = if is_current { body_strong() } else { body() };
    Line::new(&preset.name, font, TEXT).paint(ui.painter(), text, Align2::LEFT_CENTER);
    if preset.is_favourite || response.contains_pointer() {
        show_star(ui, star, preset, pass);
    }
    focus_ring(ui, &response);
    if response.clicked() {
        pass.actions.push(Action::ChooseSound(preset.id));
    }
    sound_context_menu(&response, preset.id, pass);
    let tip = if preset.tags.is_empty() {
        preset.name.clone()
    } else {
        format!("{}\n{}", preset.name, preset.tags.join(", "))
    };
    response.on_hover_text(tip);
}

fn show_star(ui: &mut Ui, rect: Rect, preset: &Preset, pass: &mut Pass<'_>) {
    let name = format!("Favourite {}", preset.name);
    let face = ButtonFace::new(&name, "keep within reach")
        .lit(preset.is_favourite.then_some(pass.theme.accent));
    if icon_button(ui, rect, Icon::Star, &face).clicked() {
        pass.actions.push(Action::ToggleFavourite(preset.id));
    }
}

/// What the right button offers on a sound, in the list and on the map.
pub(crate) fn sound_context_menu(response: &Response, id: SoundId, pass: &mut Pass<'_>) {
    response.context_menu(|ui| {
        if ui.button("Play this sound").clicked() {
            pass.actions.push(Action::ChooseSound(id));
        }
        if ui.button("Favourite, or no longer").clicked() {
            pass.actions.push(Action::ToggleFavourite(id));
        }
        ui.horizontal(|ui| {
            ui.label(RichText::new("Corner").font(small()).color(QUIET));
            for corner in Corner::ALL {
                if ui.button(corner.letter()).clicked() {
                    pass.actions.push(Action::SetCorner(corner, id));
                }
            }
        });
        ui.horizontal(|ui| {
            ui.label(RichText::new("Arithmetic").font(small()).color(QUIET));
            for (index, term) in ["a", "- b", "+ c"].into_iter().enumerate() {
                if ui.button(term).clicked() {
                    pass.local.terms[index] = Some(id);
                }
            }
        });
    });
}

fn show_shelves(ui: &mut Ui, rect: Rect, pass: &mut Pass<'_>) {
    let (left, right) = rect.split_left_right_at_fraction(0.5);
    for (half, owner, word) in [
        (left, PresetOwner::Factory, "factory"),
        (right, PresetOwner::Mine, "mine"),
    ] {
        let lit = (pass.local.shelf == owner).then_some(pass.theme.accent);
        let hint = if owner == PresetOwner::Factory {
            "sounds that come with it"
        } else {
            "sounds you saved"
        };
        let face = ButtonFace::new(word, hint).lit(lit);
        if word_button(ui, half, word, small(), &face).clicked() {
            pass.local.shelf = owner;
        }
    }
}
