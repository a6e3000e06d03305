//! Everything can be reached and named without a pointer.

use std::collections::BTreeSet;

use egui::Key;
use egui_kittest::Node;
use egui_kittest::kittest::NodeT;

use super::fixture::playing;
use super::stage::Stage;

fn name_of(node: &Node<'_>) -> String {
    let label = node.accesskit_node().label().unwrap_or_default();
    let rect = node.rect();
    format!("{label} at {:.0}, {:.0}", rect.left(), rect.top())
}

fn focusable(stage: &Stage) -> BTreeSet<String> {
    let nodes = stage.harness.root().children_recursive();
    let reachable = nodes.filter(|node| {
        node.accesskit_node()
            .data()
            .supports_action(egui::accesskit::Action::Focus)
    });
    reachable.map(|node| name_of(&node)).collect()
}

#[test]
fn the_tab_key_reaches_every_control() {
    let mut stage = Stage::new(playing("Canopy"));
    let wanted = focusable(&stage);
    assert!(wanted.len() > 40, "only {} controls", wanted.len());
    let mut reached = BTreeSet::new();
    for _ in 0..wanted.len() + 2 {
        stage.harness.key_press(Key::Tab);
        stage.step();
        let focused = stage
            .harness
            .root()
            .children_recursive()
            .find(Node::is_focused);
        reached.extend(focused.map(|node| name_of(&node)));
    }
    let missed: Vec<_> = wanted.difference(&reached).collect();
    assert!(missed.is_empty(), "not reached: {missed:?}");
}

#[test]
fn every_control_has_a_name() {
    let stage = Stage::new(playing("Canopy"));
    let unnamed: Vec<_> = focusable(&stage)
        .into_iter()
        .filter(|name| name.starts_with(" at"))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}
