//! The header of the bed: which bed, which seed, how long. Editor thread.

use egui::{Align2, Popup, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::BedPass;
use super::action::BedAction;
use crate::editor::theme::{GRID, HOVERED, QUIET, TEXT, body_strong, small, title};
use crate::editor::widgets::button::{ButtonFace, focus_ring, icon_button, word_button};
use crate::editor::widgets::icon::{self, Icon};
use crate::editor::widgets::row::{Row, SQUARE};
use crate::editor::widgets::text::Line;
use crate::editor::widgets::typed_field::typed_field;

/// Draws the header.
pub(super) fn show(ui: &mut Ui, room: Rect, pass: &mut BedPass<'_>) {
    let mut row = Row::new(room.shrink2(vec2(2.0 * GRID, 0.0)));
    let mut wordmark = Line::new("understory bed", body_strong(), QUIET);
    wordmark.spacing = 1.5;
    wordmark.paint(ui.painter(), row.left(168.0), Align2::LEFT_CENTER);
    show_bed(ui, row.left(240.0), pass);
    show_steps(ui, &mut row, pass);
    show_length(ui, &mut row, pass);
    show_seed(ui, &mut row, pass);
}

fn show_bed(ui: &mut Ui, rect: Rect, pass: &mut BedPass<'_>) {
    let line = Line::new(&pass.model.bed.name, title(), TEXT);
    let width = line
        .layout(ui.painter(), rect.width() - 5.0 * GRID)
        .size()
        .x
        + 5.0 * GRID;
    let rect = Rect::from_min_size(rect.min, vec2(width, rect.height()));
    let response = ui.interact(rect, ui.scope_id().with("bed"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Bed {}", line.text)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 2.0, HOVERED);
    }
    let text = Rect::from_min_max(rect.min + vec2(GRID, 0.0), rect.max - vec2(SQUARE, 0.0));
    line.paint(ui.painter(), text, Align2::LEFT_CENTER);
    let chevron = Rect::from_center_size(rect.right_center() - vec2(12.0, 0.0), vec2(16.0, 16.0));
    icon::paint(ui.painter(), chevron, Icon::Down, QUIET);
    focus_ring(ui, &response);
    Popup::menu(&response)
        .accessible_name("Beds")
        .width(208.0)
        .show(|ui| {
            for preset in &pass.model.presets {
                let is_current = preset.name == pass.model.bed.name;
                if ui.selectable_label(is_current, &preset.name).clicked() {
                    pass.actions.push(BedAction::ChooseBed(preset.id));
                }
            }
        });
}

fn show_steps(ui: &mut Ui, row: &mut Row, pass: &mut BedPass<'_>) {
    let steps = [
        (Icon::Redo, "Redo", &pass.model.redo, BedAction::Redo),
        (Icon::Undo, "Undo", &pass.model.undo, BedAction::Undo),
    ];
    for (icon, name, what, action) in steps {
        let hint = what.as_deref().unwrap_or("nothing to do");
        let face = ButtonFace::new(name, hint).enabled(what.is_some());
        if icon_button(ui, row.right(SQUARE), icon, &face).clicked() {
            pass.actions.push(action);
        }
    }
    row.right(GRID);
}

fn show_length(ui: &mut Ui, row: &mut Row, pass: &mut BedPass<'_>) {
    let face = ButtonFace::new("To clip", "as long as the clip this effect is on")
        .lit(Some(pass.theme.accent));
    if word_button(ui, row.right(56.0), "to clip", small(), &face).clicked() {
        pass.actions.push(BedAction::FitToClip);
    }
    row.right(4.0);
    let length = &pass.model.bed.length_text;
    let typed = typed_field(
        ui,
        row.right(96.0),
        "Length",
        length,
        &mut pass.local.length_text,
    );
    pass.actions.extend(typed.map(BedAction::SetLength));
    row.right(4.0);
    Line::new("length", small(), QUIET).paint(ui.painter(), row.right(40.0), Align2::RIGHT_CENTER);
    row.right(2.0 * GRID);
}

fn show_seed(ui: &mut Ui, row: &mut Row, pass: &mut BedPass<'_>) {
    let is_locked = pass.model.bed.is_seed_locked;
    let icon = if is_locked {
        Icon::LockClosed
    } else {
        Icon::LockOpen
    };
    let face = ButtonFace::new("Lock seed", "randomise then turns the rest only")
        .lit(is_locked.then_some(pass.theme.accent));
    if icon_button(ui, row.right(SQUARE), icon, &face).clicked() {
        pass.actions.push(BedAction::ToggleSeedLock);
    }
    let dice = ButtonFace::new("Randomise", "another bed of the same mood");
    if icon_button(ui, row.right(SQUARE), Icon::Dice, &dice).clicked() {
        pass.actions.push(BedAction::Randomise);
    }
    row.right(4.0);
    let seed = pass.model.bed.seed.to_string();
    let typed = typed_field(
        ui,
        row.right(88.0),
        "Seed",
        &seed,
        &mut pass.local.seed_text,
    );
    let number = typed.and_then(|typed| typed.trim().parse::<u64>().ok());
    let seed = number.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    pass.actions.extend(seed.map(BedAction::SetSeed));
    row.right(4.0);
    Line::new("seed", small(), QUIET).paint(ui.painter(), row.right(32.0), Align2::RIGHT_CENTER);
}
