//! The window as a whole: opening, closing, resting, sizes.

use std::time::Duration;

use egui::{ViewportId, vec2};
use egui_kittest::kittest::Queryable;
use plugin::editor::local::EditorLocal;
use plugin::editor::model::{EditorModel, Meters};
use plugin::editor::{install, scale_for_window, show};

use super::fixture::playing;
use super::stage::Stage;

#[test]
fn the_editor_opens_and_closes_a_hundred_times() {
    let model = playing("Canopy");
    for _ in 0..100 {
        let context = egui::Context::default();
        install(&context);
        let mut local = EditorLocal::default();
        for _ in 0..2 {
            let mut output = context.run_ui(egui::RawInput::default(), |ui| {
                assert_eq!(show(ui, &model, &mut local), []);
            });
            assert!(!output.shapes.is_empty());
            output.textures_delta.clear();
        }
        assert_eq!(local.close(), []);
        // The font atlas is the context's own; everything else went with the window.
        assert_eq!(context.tex_manager().read().num_allocated(), 1);
    }
}

#[test]
fn a_resting_editor_asks_for_no_repaint() {
    let mut model = playing("Canopy");
    model.meters = Meters::default();
    model.playheads_s.clear();
    let mut stage = Stage::new(model);
    stage.harness.run();
    let delay = stage.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, Duration::MAX);
}

#[test]
fn only_a_model_with_something_moving_wants_repaints() {
    let mut model = playing("Canopy");
    assert!(model.is_moving());
    model.meters = Meters::default();
    model.playheads_s.clear();
    model.keyboard.keys.clear();
    assert!(!model.is_moving());
}

#[test]
fn an_empty_model_is_drawn() {
    let mut stage = Stage::new(EditorModel::default());
    stage.harness.run();
    assert_eq!(stage.take_actions(), []);
}

#[test]
fn a_window_of_any_size_is_drawn() {
    let mut stage = Stage::new(playing("Canopy"));
    for size in [
        vec2(1.0, 1.0),
        vec2(320.0, 200.0),
        vec2(1600.0, 700.0),
        vec2(980.0, 1400.0),
    ] {
        stage.harness.set_size(size);
        stage.harness.run();
    }
    assert_eq!(stage.take_actions(), []);
}

#[test]
fn a_wider_window_gives_the_room_to_the_map() {
    let width_of = |window: f32| {
        let mut stage = Stage::new(playing("Canopy"));
        stage.harness.set_size(vec2(window, 600.0));
        stage.harness.run();
        let edge = |name: &str| stage.harness.get_by_label(name).rect();
        let left = stage
            .harness
            .get_by_label_contains("Corner A")
            .rect()
            .left();
        let right = stage
            .harness
            .get_by_label_contains("Corner B")
            .rect()
            .right();
        (right - left, edge("Search sounds").width())
    };
    let ((narrow, search), (wide, same)) = (width_of(960.0), width_of(1160.0));
    assert!(
        (wide - narrow - 200.0).abs() < 1.0,
        "{narrow} became {wide}"
    );
    assert_eq!(search, same);
}

#[test]
fn the_scale_of_a_window_is_the_larger_that_fits_within_75_and_200_percent() {
    assert_eq!(scale_for_window(960.0, 600.0), 100);
    assert_eq!(scale_for_window(1440.0, 2000.0), 150);
    assert_eq!(scale_for_window(2000.0, 450.0), 75);
    assert_eq!(scale_for_window(10.0, 10.0), 75);
    assert_eq!(scale_for_window(9600.0, 6000.0), 200);
}
