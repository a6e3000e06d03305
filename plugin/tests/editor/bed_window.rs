//! The bed's window over a real instance that no host has opened.

use egui::{Rect, Shape, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use engine::score::compose::MOODS;
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

#[test]
fn no_name_of_a_mood_lies_on_another_or_on_a_point() {
    let mut stage = open();
    stage.harness.run();
    let (mut names, mut points) = (Vec::new(), Vec::new());
    for clipped in &stage.harness.output().shapes {
        match &clipped.shape {
            Shape::Text(text) if MOODS.iter().any(|mood| mood.name == text.galley.text()) => {
                // Letters are lower than their line.
                let line = Rect::from_min_size(text.pos, text.galley.size());
                names.push((text.galley.text(), line.shrink2(vec2(0.0, 2.0))));
            }
            // In the pad, for other rooms have dots too.
            Shape::Circle(circle) if circle.radius == 3.0 && circle.center.y < 240.0 => {
                points.push(circle.center);
            }
            _ => {}
        }
    }
    assert_eq!(points.len(), MOODS.len());
    // What has no room, or lies under the puck, shows its name under the pointer.
    assert!(3 * names.len() >= 2 * MOODS.len(), "{names:?}");
    for (index, (name, place)) in names.iter().enumerate() {
        let other = names[..index]
            .iter()
            .find(|(_, other)| other.intersects(*place));
        assert!(other.is_none(), "{name} lies on {other:?}");
        let point = points.iter().find(|point| place.contains(**point));
        assert!(point.is_none(), "{name} lies on {point:?}");
    }
}
