//! The bed's window over a real instance that no host has opened.

use egui_kittest::kittest::{NodeT, Queryable};
use plugin::Bed;
use plugin::bed::window::Window;

use super::picture::assert_looks_like;
use super::stage::Stage;

fn open() -> Stage<Window> {
    Stage::open(Bed::default().window(), 100, |ui, window| window.draw(ui))
}

#[test]
fn a_new_bed_shows_its_score_before_anything_sounds() {
    let mut stage = open();
    stage.harness.run();
    for name in [
        "Bed Calm",
        "Mood calm",
        "Mood triumphant",
        "Level of pad",
        "Solo lift",
        "Duck: thin",
        "Export WAV",
        "Key",
        "Tempo",
        "Depth",
        "Target",
    ] {
        assert!(
            stage.harness.query_by_label(name).is_some(),
            "{name} is not there"
        );
    }
    // A minute and a half at 25 frames a second, seed 1.
    let value = |name: &str| stage.harness.get_by_label(name).accesskit_node().value();
    assert_eq!(value("Length").as_deref(), Some("00:01:30:00"));
    assert_eq!(value("Seed").as_deref(), Some("1"));
    let status = "The host has not switched the effect on yet";
    assert!(stage.harness.query_by_label(status).is_some());
    assert!(stage.harness.query_by_label("Energy 3").is_some());
    assert_looks_like(&stage.canvas(), "bed-new");
}

#[test]
fn a_window_without_a_host_changes_nothing() {
    let mut stage = open();
    stage.harness.get_by_label("Mood tense").click();
    stage.harness.get_by_label("Export WAV").click();
    stage.harness.run();
    assert!(stage.harness.query_by_label("Bed Calm").is_some());
}
