//! The header: which sound, which seed, what can be taken back. Editor thread.

use egui::{Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::menus;
use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::model::Side;
use crate::editor::theme::{GRID, HOVERED, QUIET, TEXT, body_strong, small, title};
use crate::editor::widgets::button::{ButtonFace, focus_ring, icon_button, word_button};
use crate::editor::widgets::icon::{self, Icon};
use crate::editor::widgets::row::{Row, SQUARE};
use crate::editor::widgets::text::Line;
use crate::editor::widgets::typed_field::typed_field;

/// Draws the header.
pub(crate) fn show(ui: &mut Ui, room: Rect, pass: &mut Pass<'_>) {
    let mut row = Row::new(room.shrink2(vec2(2.0 * GRID, 0.0)));
    let mut wordmark = Line::new("understory", body_strong(), QUIET);
    wordmark.spacing = 1.5;
    wordmark.paint(ui.painter(), row.left(168.0), Align2::LEFT_CENTER);
    show_sound(ui, &mut row, pass);
    let right = row.rest.right();
    row.left((right - 264.0 - row.rest.left() - 184.0).max(GRID));
    show_seed(ui, &mut row, pass);
    show_history(ui, &mut row, pass);
}

/// `< Name v > star`.
fn show_sound(ui: &mut Ui, row: &mut Row, pass: &mut Pass<'_>) {
    let sound = &pass.model.sound;
    let previous = ButtonFace::new("Previous sound", "of the list at the left");
    if icon_button(ui, row.left(SQUARE), Icon::Left, &previous).clicked() {
        pass.actions.push(Action::StepSound(-1));
    }
    let name = if sound.is_modified {
        format!("{} *", sound.name)
    } else {
        sound.name.clone()
    };
    let line = Line::new(&name, title(), TEXT);
    let width = line.layout(ui.painter(), 176.0).size().x;
    let response = sound_button(ui, row.left(width + 32.0), &line, sound.is_modified);
    menus::sound_menu(&response, pass);
    let next = ButtonFace::new("Next sound", "of the list at the left");
    if icon_button(ui, row.left(SQUARE), Icon::Right, &next).clicked() {
        pass.actions.push(Action::StepSound(1));
    }
    let lit = pass.model.sound.is_favourite.then_some(pass.theme.accent);
    let favourite = ButtonFace::new("Favourite", "keep this sound within reach")
        .lit(lit)
        .enabled(pass.model.sound.id.is_some());
    if icon_button(ui, row.left(SQUARE), Icon::Star, &favourite).clicked()
        && let Some(id) = pass.model.sound.id
    {
        pass.actions.push(Action::ToggleFavourite(id));
    }
}

fn sound_button(ui: &mut Ui, rect: Rect, line: &Line<'_>, is_modified: bool) -> Response {
    let response = ui.interact(rect, ui.scope_id().with("sound"), Sense::click());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sound {}", line.text)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 2.0, HOVERED);
    }
    let text = Rect::from_min_max(rect.min + vec2(GRID, 0.0), rect.max - vec2(SQUARE, 0.0));
    line.paint(ui.painter(), text, Align2::LEFT_CENTER);
    let chevron =
        Rect::from_center_size(pos2(rect.right() - 12.0, rect.center().y), vec2(16.0, 16.0));
    icon::paint(ui.painter(), chevron, Icon::Down, QUIET);
    focus_ring(ui, &response);
    let state = if is_modified {
        "changed since it was chosen"
    } else {
        "as it was saved"
    };
    response.on_hover_text(format!(
        "{}\n{state}; press for what can be done with it",
        line.text
    ))
}

/// `seed 48213 dice lock`.
fn show_seed(ui: &mut Ui, row: &mut Row, pass: &mut Pass<'_>) {
    Line::new("seed", small(), QUIET).paint(ui.painter(), row.left(32.0), Align2::LEFT_CENTER);
    show_seed_field(ui, row.left(88.0), pass);
    row.left(4.0);
    let dice = ButtonFace::new("Randomise", "a new sound; what is locked stays");
    if icon_button(ui, row.left(SQUARE), Icon::Dice, &dice).clicked() {
        pass.actions.push(Action::Randomise);
    }
    let is_locked = pass.model.sound.is_seed_locked;
    let lock = ButtonFace::new("Lock seed", "randomise then turns the controls only")
        .lit(is_locked.then_some(pass.theme.accent));
    let icon = if is_locked {
        Icon::LockClosed
    } else {
        Icon::LockOpen
    };
    if icon_button(ui, row.left(SQUARE), icon, &lock).clicked() {
        pass.actions.push(Action::ToggleSeedLock);
    }
}

fn show_seed_field(ui: &mut Ui, rect: Rect, pass: &mut Pass<'_>) {
    let current = pass.model.sound.seed.to_string();
    let typed = typed_field(ui, rect, "Seed", &current, &mut pass.local.seed_text);
    // What is no whole number is dropped; one larger than a seed becomes the largest seed.
    let number = typed.and_then(|typed| typed.trim().parse::<u64>().ok());
    let seed = number.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    pass.actions.extend(seed.map(Action::SetSeed));
}

/// `A | B  undo redo  100 %  =`, from the right edge.
fn show_history(ui: &mut Ui, row: &mut Row, pass: &mut Pass<'_>) {
    let menu = ButtonFace::new("Menu", "models, size of the window, all notes off");
    let menu = icon_button(ui, row.right(SQUARE), Icon::Menu, &menu);
    menus::main_menu(&menu, pass);
    let scale = pass.model.scale_percent;
    let size = ButtonFace::new("Size of the window", "75 to 200 %");
    let size = word_button(ui, row.right(56.0), &format!("{scale} %"), small(), &size);
    menus::scale_menu(&size, scale, pass);
    row.right(GRID);
    let redo = pass.model.history.redo.clone();
    let undo = pass.model.history.undo.clone();
    if step_button(ui, row.right(SQUARE), Icon::Redo, "Redo", redo) {
        pass.actions.push(Action::Redo);
    }
    if step_button(ui, row.right(SQUARE), Icon::Undo, "Undo", undo) {
        pass.actions.push(Action::Undo);
    }
    row.right(GRID);
    show_sides(ui, row, pass);
}

fn show_sides(ui: &mut Ui, row: &mut Row, pass: &mut Pass<'_>) {
    let side = pass.model.history.side;
    let other = if side == Side::A { "B" } else { "A" };
    let copy_hint = format!("make {other} equal to what is heard");
    let copy_name = format!("Copy to {other}");
    let (right, left) = (row.right(SQUARE), row.right(SQUARE));
    let copy = row.right(SQUARE);
    if icon_button(
        ui,
        copy,
        Icon::CopyAcross,
        &ButtonFace::new(&copy_name, &copy_hint),
    )
    .clicked()
    {
        pass.actions.push(Action::CopyToOtherSide);
    }
    for (rect, this, word) in [(left, Side::A, "A"), (right, Side::B, "B")] {
        let lit = (side == this).then_some(pass.theme.accent);
        let name = format!("Side {word}");
        let face = ButtonFace::new(&name, "two states to compare").lit(lit);
        if word_button(ui, rect, word, body_strong(), &face).clicked() && side != this {
            pass.actions.push(Action::ChooseSide(this));
        }
    }
}

fn step_button(ui: &mut Ui, rect: Rect, icon: Icon, name: &str, what: Option<String>) -> bool {
    let hint = what.clone().unwrap_or_else(|| "nothing to do".into());
    let face = ButtonFace::new(name, &hint).enabled(what.is_some());
    icon_button(ui, rect, icon, &face).clicked()
}
