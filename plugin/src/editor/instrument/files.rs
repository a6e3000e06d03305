//! The folder in which the user looks for a file, over everything else. Drawn by the window itself: a dialog of the system's
//! would need a toolkit of its own inside somebody else's process. Editor thread; opens nothing.

use egui::{Align, Id, Layout, Modal, RichText, ScrollArea, Ui, vec2};

use super::menus::on_raised_ground;
use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::model::{FileList, FileRow};
use crate::editor::theme::{GRID, QUIET, TEXT, body, body_strong, small};

const WIDTH: f32 = 440.0;
const LIST_HEIGHT: f32 = 280.0;

/// Draws the folder, while one is looked through.
pub(crate) fn show(ui: &mut Ui, pass: &mut Pass<'_>) {
    let Some(files) = &pass.model.files else {
        return;
    };
    let modal = Modal::new(Id::unique("files")).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        on_raised_ground(ui);
        show_head(ui, files, &mut pass.actions);
        show_rows(ui, files, &mut pass.actions);
        ui.add_space(0.5 * GRID);
        if ui.button("Close").clicked() {
            pass.actions.push(Action::CloseFiles);
        }
    });
    if modal.should_close() {
        pass.actions.push(Action::CloseFiles);
    }
}

fn show_head(ui: &mut Ui, files: &FileList, actions: &mut Vec<Action>) {
    ui.label(RichText::new(&files.title).font(body_strong()).color(TEXT));
    ui.horizontal(|ui| {
        if ui
            .button("Up")
            .on_hover_text("to the folder above")
            .clicked()
        {
            actions.push(Action::LeaveFolder);
        }
        let folder = RichText::new(&files.folder).font(small()).color(QUIET);
        ui.add(egui::Label::new(folder).truncate());
    });
}

fn show_rows(ui: &mut Ui, files: &FileList, actions: &mut Vec<Action>) {
    let list = ScrollArea::vertical()
        .id_salt("rows of the folder")
        .auto_shrink(false)
        .max_height(LIST_HEIGHT);
    list.show(ui, |ui| {
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            for (index, row) in files.rows.iter().enumerate() {
                if show_row(ui, row) {
                    actions.push(Action::TakeFile(index));
                }
            }
        });
        if !files.words.is_empty() {
            ui.label(RichText::new(&files.words).font(small()).color(QUIET));
        }
    });
}

fn show_row(ui: &mut Ui, row: &FileRow) -> bool {
    let name = if row.is_folder {
        format!("{}/", row.name)
    } else {
        row.name.clone()
    };
    let color = if row.is_folder { QUIET } else { TEXT };
    let button = egui::Button::new(RichText::new(name).font(body()).color(color))
        .frame_when_inactive(false)
        .truncate()
        .min_size(vec2(WIDTH - 2.0 * GRID, 0.0));
    ui.add(button).clicked()
}
