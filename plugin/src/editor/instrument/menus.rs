//! The menus of the header: what can be done with the sound, which model plays it, how large the window is. Editor thread.

use egui::{
    Align, Align2, Layout, Popup, PopupCloseBehavior, Rect, Response, RichText, Role, ScrollArea,
    Sense, Ui, WidgetInfo, vec2,
};

use crate::editor::Pass;
use crate::editor::action::Action;
use crate::editor::model::{ModelEntry, PresetOwner, SoundId, VerdictTone};
use crate::editor::theme::{
    FAULT, GRID, GROUND, HOVERED, LINE, QUIET, RAISED, SCALES_PERCENT, TEXT, body, small,
    small_strong,
};
use crate::editor::widgets::button::focus_ring;
use crate::editor::widgets::icon::{self, Icon};
use crate::editor::widgets::text::Line;

const MENU_WIDTH: f32 = 288.0;
/// Width of the sign before a term of the arithmetic, and of the term.
const SIGN_WIDTH: f32 = 32.0;
const TERM_WIDTH: f32 = MENU_WIDTH - SIGN_WIDTH - GRID;

fn section(ui: &mut Ui, name: &str) {
    ui.add_space(0.5 * GRID);
    ui.label(RichText::new(name).font(small_strong()).color(QUIET));
}

fn menu(response: &Response, name: &str, content: impl FnOnce(&mut Ui)) {
    Popup::menu(response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .accessible_name(name)
        .width(MENU_WIDTH)
        .show(|ui| {
            ui.set_width(MENU_WIDTH);
            on_raised_ground(ui);
            ui.with_layout(Layout::top_down(Align::Min), content);
        });
}

/// Fields and buttons stand out from the ground of a menu.
pub(super) fn on_raised_ground(ui: &mut Ui) {
    ui.spacing_mut().button_padding = vec2(GRID, 0.5 * GRID);
    let visuals = ui.visuals_mut();
    visuals.text_edit_bg_color = Some(GROUND);
    visuals.widgets.inactive.weak_bg_fill = HOVERED;
    visuals.widgets.hovered.weak_bg_fill = LINE;
    visuals.widgets.active.weak_bg_fill = LINE;
}

/// More and less like this, arithmetic, save, delete.
pub(crate) fn sound_menu(response: &Response, pass: &mut Pass<'_>) {
    menu(response, "Sound menu", |ui| {
        section(ui, "Walk from here");
        ui.horizontal(|ui| {
            for (word, is_more) in [("More like this", true), ("Less like this", false)] {
                if ui.button(word).clicked() {
                    pass.actions.push(Action::Nudge { is_more });
                }
            }
        });
        section(ui, "Arithmetic");
        show_arithmetic(ui, pass);
        section(ui, "Keep");
        show_saving(ui, pass);
        if ui.button("Write its picture").clicked() {
            pass.actions.push(Action::WritePicture);
            ui.close();
        }
        show_kept_notes(ui, pass);
    });
}

/// Whether the project sounds without its model, and what that costs.
fn show_kept_notes(ui: &mut Ui, pass: &mut Pass<'_>) {
    let kept = pass.model.kept_notes;
    let mut is_on = kept.is_on;
    if ui
        .checkbox(&mut is_on, "Keep the notes in the project")
        .changed()
    {
        pass.actions.push(Action::ToggleKeptNotes);
    }
    let words = match (kept.is_on, kept.size_bytes) {
        (false, _) => "The project then sounds the same without the model.".to_owned(),
        (true, 0) => "They add some 5 MB per sound when the project is saved.".to_owned(),
        (true, size) => format!("They add {:.1} MB to the project.", size as f64 / 1e6),
    };
    ui.label(RichText::new(words).font(small()).color(QUIET));
}

/// `a - b + c = [go]`, each chosen from the sounds in reach.
fn show_arithmetic(ui: &mut Ui, pass: &mut Pass<'_>) {
    for (index, sign) in ["", "less", "plus"].into_iter().enumerate() {
        ui.horizontal(|ui| {
            ui.allocate_ui_with_layout(
                vec2(SIGN_WIDTH, 24.0),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(SIGN_WIDTH);
                    ui.label(RichText::new(sign).font(small()).color(QUIET));
                },
            );
            choose_term(ui, pass, index);
        });
        if pass.local.open_term == Some(index) {
            ui.indent(("list", index), |ui| list_for_term(ui, pass, index));
        }
    }
    let [Some(a), Some(b), Some(c)] = pass.local.terms else {
        ui.label(
            RichText::new("Choose three sounds: the first, less the second, plus the third.")
                .font(small())
                .color(QUIET),
        );
        return;
    };
    if ui.button("Go there").clicked() {
        pass.actions.push(Action::Arithmetic { a, b, c });
    }
}

/// A term as a button that opens the list of sounds below it; the list stays in the menu, because a window of its own would
/// close it.
fn choose_term(ui: &mut Ui, pass: &mut Pass<'_>, index: usize) {
    let name_of = |id: SoundId| pass.model.preset(id).map(|preset| preset.name.clone());
    let chosen = pass.local.terms[index].and_then(name_of);
    let is_open = pass.local.open_term == Some(index);
    let word = chosen.unwrap_or_else(|| "choose a sound".into());
    let (rect, response) = ui.allocate_exact_size(vec2(TERM_WIDTH, 24.0), Sense::click());
    let fill = if is_open || response.hovered() {
        LINE
    } else {
        HOVERED
    };
    ui.painter().rect_filled(rect, 2.0, fill);
    let inner = rect.shrink2(vec2(GRID, 0.0));
    Line::new(&word, body(), TEXT).paint(ui.painter(), inner, Align2::LEFT_CENTER);
    let chevron = Rect::from_center_size(inner.right_center() - vec2(GRID, 0.0), vec2(16.0, 16.0));
    icon::paint(ui.painter(), chevron, Icon::Down, QUIET);
    focus_ring(ui, &response);
    let letter = ["a", "b", "c"][index];
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("Arithmetic term {letter}"))
    });
    if response.clicked() {
        pass.local.open_term = (!is_open).then_some(index);
    }
}

fn list_for_term(ui: &mut Ui, pass: &mut Pass<'_>, index: usize) {
    ui.visuals_mut().widgets.inactive.weak_bg_fill = RAISED;
    ScrollArea::vertical()
        .id_salt(("term", index))
        .max_height(168.0)
        .show(ui, |ui| {
            for preset in &pass.model.presets {
                let is_chosen = pass.local.terms[index] == Some(preset.id);
                if ui.selectable_label(is_chosen, &preset.name).clicked() {
                    pass.local.terms[index] = Some(preset.id);
                    pass.local.open_term = None;
                }
            }
        });
}

fn show_saving(ui: &mut Ui, pass: &mut Pass<'_>) {
    ui.horizontal(|ui| {
        let hint = RichText::new("name of the new sound").color(QUIET);
        let edit = egui::TextEdit::singleline(&mut pass.local.save_name)
            .hint_text(hint)
            .char_limit(64)
            .desired_width(184.0);
        let response = ui.add(edit);
        response
            .widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the new sound"));
        let name = pass.local.save_name.trim().to_owned();
        let save = ui.add_enabled(!name.is_empty(), egui::Button::new("Save"));
        if save.clicked() {
            pass.actions.push(Action::SaveSound(name));
            pass.local.save_name.clear();
        }
    });
    ui.horizontal(|ui| {
        if ui.button("Open the folder").clicked() {
            pass.actions.push(Action::OpenSoundFolder);
        }
        let own = pass.model.sound.id.filter(|id| {
            let preset = pass.model.preset(*id);
            preset.is_some_and(|preset| preset.owner == PresetOwner::Mine)
        });
        if let Some(id) = own
            && ui.button("Delete this sound").clicked()
        {
            pass.actions.push(Action::DeleteSound(id));
        }
    });
}

/// Models with the doctor's verdict, all notes off.
pub(crate) fn main_menu(response: &Response, pass: &mut Pass<'_>) {
    menu(response, "Main menu", |ui| {
        section(ui, "Models");
        for entry in &pass.model.models {
            show_model(ui, entry, pass.theme.accent, &mut pass.actions);
        }
        if ui.button("Choose a model file").clicked() {
            pass.actions.push(Action::BrowseModels);
            ui.close();
        }
        section(ui, "Scale");
        show_scale(ui, pass);
        section(ui, "Sound");
        if ui.button("Stop all notes").clicked() {
            pass.actions.push(Action::Panic);
        }
    });
}

/// How keys are tuned, and files that tune them otherwise.
fn show_scale(ui: &mut Ui, pass: &mut Pass<'_>) {
    let scale = pass.model.scale.as_deref();
    ui.label(scale.unwrap_or("Twelve equal steps"));
    ui.horizontal(|ui| {
        let mut buttons = vec![("Choose a scale", Action::BrowseScales)];
        if scale.is_some() {
            buttons.push(("Mapping", Action::BrowseMappings));
            buttons.push(("Equal steps", Action::ClearScale));
        }
        for (word, action) in buttons {
            if ui.button(word).clicked() {
                pass.actions.push(action);
                ui.close();
            }
        }
    });
}

fn show_model(ui: &mut Ui, entry: &ModelEntry, accent: egui::Color32, actions: &mut Vec<Action>) {
    let (icon, color) = match entry.tone {
        VerdictTone::Good => (Icon::Check, accent),
        VerdictTone::Doubtful => (Icon::Warning, accent),
        VerdictTone::Refused => (Icon::Cross, FAULT),
    };
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
        icon::paint(ui.painter(), rect, icon, color);
        let name = RichText::new(&entry.name).color(if entry.is_current { accent } else { TEXT });
        let choose = ui.add_enabled(
            entry.tone != VerdictTone::Refused,
            egui::Button::new(name).frame(false),
        );
        if choose.clicked() && !entry.is_current {
            actions.push(Action::ChooseModel(entry.index));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let again = ui.button(RichText::new("Check again").font(small()));
            if again.clicked() {
                actions.push(Action::CheckModel(entry.index));
            }
        });
    });
    let words = [entry.facts.as_str(), entry.verdict.as_str()];
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        ui.label(RichText::new(word).font(small()).color(QUIET));
    }
    ui.add_space(0.5 * GRID);
}

/// Sizes of the window.
pub(crate) fn scale_menu(response: &Response, current: u32, pass: &mut Pass<'_>) {
    Popup::menu(response)
        .accessible_name("Size menu")
        .width(64.0)
        .show(|ui| {
            for percent in SCALES_PERCENT {
                let label = format!("{percent} %");
                if ui.selectable_label(percent == current, label).clicked() {
                    pass.actions.push(Action::SetScale(percent));
                }
            }
        });
}
