//! Every text in the window can be read: its contrast with the pixels behind it is at least 4.5 : 1 (WCAG 2.2, level AA), for
//! the palette of every shipped sound.

use egui::{Color32, Shape};
use egui_kittest::kittest::{NodeT, Queryable};
use plugin::editor::palette::{Palette, contrast};
use plugin::editor::theme::LEAST_CONTRAST;

use super::fixture::{playing, shipped_sounds};
use super::painter::Canvas;
use super::stage::Stage;

/// The lowest contrast of one text with any pixel behind it.
pub struct Reading {
    pub text: String,
    pub contrast: f32,
}

pub fn readings<W: 'static>(stage: &Stage<W>) -> Vec<Reading> {
    readings_within(stage, egui::Rect::EVERYTHING)
}

/// Texts of a part of the window; what a menu covers is not read.
fn readings_within<W: 'static>(stage: &Stage<W>, part: egui::Rect) -> Vec<Reading> {
    let behind = stage.canvas_of(|shape| !matches!(shape, Shape::Text(_)));
    let mut found = Vec::new();
    for clipped in &stage.harness.output().shapes {
        let Shape::Text(text) = &clipped.shape else {
            continue;
        };
        for row in &text.galley.rows {
            let place = row
                .rect()
                .translate(text.pos.to_vec2())
                .intersect(clipped.clip_rect);
            if row.text().trim().is_empty() || !part.contains_rect(place) {
                continue;
            }
            for section in &text.galley.job.sections {
                let color = text.override_text_color.unwrap_or(section.format.color);
                let color = if color == Color32::PLACEHOLDER {
                    text.fallback_color
                } else {
                    color
                };
                found.push(Reading {
                    text: row.text(),
                    contrast: worst(&behind, place, color),
                });
            }
        }
    }
    found
}

fn worst(behind: &Canvas, place: egui::Rect, color: Color32) -> f32 {
    let mut least = f32::INFINITY;
    for y in place.top().max(0.0) as usize..(place.bottom().max(0.0) as usize).min(behind.height) {
        for x in place.left().max(0.0) as usize..(place.right().max(0.0) as usize).min(behind.width)
        {
            let ground = behind.pixels[y * behind.width + x];
            // A text that lets the ground through is as dark as the mixture.
            let through = 1.0 - f32::from(color.a()) / 255.0;
            let seen = [0, 1, 2].map(|channel| {
                (f32::from(color[channel]) + through * f32::from(ground[channel])).min(255.0) as u8
            });
            least = least.min(contrast(seen, ground));
        }
    }
    least
}

#[test]
fn every_text_can_be_read_in_the_palette_of_every_shipped_sound() {
    let mut stage = Stage::new(playing("Canopy"));
    for sound in shipped_sounds() {
        let face = &mut stage.harness.state_mut().model.sound;
        face.palette = Palette::of(&sound.figures);
        face.seed = sound.figures.seed;
        stage.step();
        let all = readings(&stage);
        assert!(all.len() > 60, "{}: only {} texts", sound.name, all.len());
        let bad: Vec<_> = all
            .iter()
            .filter(|reading| reading.contrast < LEAST_CONTRAST)
            .map(|reading| format!("{:?} {:.2}", reading.text, reading.contrast))
            .collect();
        assert!(bad.is_empty(), "{}: {bad:?}", sound.name);
    }
}

/// What the widgets of the open menu cover together.
fn rect_of_menu(stage: &Stage) -> egui::Rect {
    let menu = stage.harness.get_by_role(egui::Role::Menu);
    let inside = menu.children_recursive();
    let placed = inside.filter(|node| node.accesskit_node().raw_bounds().is_some());
    let whole = placed.fold(egui::Rect::NOTHING, |whole, node| whole.union(node.rect()));
    whole.expand(4.0)
}

#[test]
fn every_text_of_the_menus_can_be_read() {
    for button in ["Sound Canopy *", "Menu", "Size of the window"] {
        let mut stage = Stage::new(playing("Canopy"));
        stage.harness.get_by_label(button).click();
        stage.harness.run();
        // Greyed words are left out, as the guideline does: `Save` without a name, a model that was refused.
        let greyed = ["Save", "download (3)"];
        let menu = rect_of_menu(&stage);
        let all = readings_within(&stage, menu);
        let bad: Vec<_> = all
            .into_iter()
            .filter(|reading| {
                reading.contrast < LEAST_CONTRAST && !greyed.contains(&reading.text.as_str())
            })
            .map(|reading| reading.text)
            .collect();
        assert!(bad.is_empty(), "{button}: {bad:?}");
    }
}

#[test]
fn text_on_a_white_picture_can_be_read() {
    use plugin::editor::model::BackdropPicture;
    let mut model = playing("Canopy");
    model.sound.backdrop = Some(std::sync::Arc::new(BackdropPicture {
        revision: 1,
        size: [8, 8],
        rgba: vec![255; 8 * 8 * 4],
    }));
    let bad: Vec<_> = readings(&Stage::new(model))
        .into_iter()
        .filter(|reading| reading.contrast < LEAST_CONTRAST)
        .map(|reading| reading.text)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn the_alarm_rings_for_grey_text_on_a_grey_ground() {
    let canvas = Canvas {
        width: 4,
        height: 4,
        pixels: vec![[90; 3]; 16],
    };
    let place = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(4.0, 4.0));
    assert!(worst(&canvas, place, Color32::from_gray(140)) < LEAST_CONTRAST);
    assert!(worst(&canvas, place, Color32::WHITE) > LEAST_CONTRAST);
}
