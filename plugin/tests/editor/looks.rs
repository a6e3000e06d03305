//! How it looks: kept pictures.

use egui_kittest::kittest::Queryable;
use plugin::editor::action::Action;
use plugin::editor::model::{KeyBaking, Meters, StatusTone};

use super::fixture::{playing, playing_among_all, shipped_sounds};
use super::picture::assert_looks_like;
use super::stage::Stage;

#[test]
fn the_editor_looks_as_kept_at_three_sizes_in_three_palettes() {
    for name in ["Canopy", "Dew", "Moss"] {
        for percent in [75, 100, 200] {
            let mut model = playing_among_all(name);
            model.scale_percent = percent;
            let stage = Stage::scaled(model, percent);
            assert_looks_like(
                &stage.canvas(),
                &format!("{}-{percent}", name.to_lowercase()),
            );
        }
    }
}

#[test]
fn the_menus_look_as_kept() {
    let mut stage = Stage::new(playing("Canopy"));
    for (button, name) in [("Sound Canopy *", "sound-menu"), ("Menu", "main-menu")] {
        stage.harness.get_by_label(button).click();
        stage.harness.run();
        if name == "sound-menu" {
            stage.harness.get_by_label("Arithmetic term b").click();
            stage.harness.run();
        }
        stage.harness.remove_cursor();
        stage.harness.run();
        assert_looks_like(&stage.canvas(), name);
        stage.harness.key_press(egui::Key::Escape);
        stage.harness.run();
    }
}

#[test]
fn a_fault_looks_as_kept() {
    let mut model = playing("Roots");
    model.status.tone = StatusTone::Fault;
    model.status.sentence =
        "No sound: the model file sound-v1.onnx was not found where this project saw it last."
            .into();
    model.status.remedy = Some(("Choose it".into(), Action::BrowseModels));
    model.status.figures = vec!["0 of 73 keys ready".into()];
    model.note = None;
    model.playheads_s.clear();
    model.meters = Meters::default();
    for key in &mut model.keyboard.keys {
        key.baking = KeyBaking::Absent;
        key.is_held = false;
    }
    assert_looks_like(&Stage::new(model).canvas(), "fault");
}

#[test]
fn no_word_is_cut_off_whatever_shipped_sound_is_played() {
    let mut stage = Stage::new(playing_among_all("Canopy"));
    for sound in shipped_sounds() {
        stage.harness.state_mut().model.sound.name = sound.name;
        stage.step();
        for clipped in &stage.harness.output().shapes {
            if let egui::Shape::Text(text) = &clipped.shape {
                assert!(!text.galley.elided, "{:?} is cut", text.galley.text());
            }
        }
    }
}
