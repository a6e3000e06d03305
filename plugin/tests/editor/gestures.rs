//! Whatever moves a value begins once and ends once.

use egui::{Event, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use plugin::editor::action::{Action, GestureTarget};
use plugin::editor::model::{Parameter, ParameterGroup};

use super::fixture::playing;
use super::stage::Stage;

/// Every parameter of the page in view, with where its slider is.
fn sliders(stage: &Stage) -> Vec<(Parameter, Pos2)> {
    let drawn = |parameter: &&Parameter| {
        matches!(
            parameter.group,
            ParameterGroup::Control | ParameterGroup::Envelope | ParameterGroup::Shape
        )
    };
    let all = &stage.harness.state().model.parameters;
    let found: Vec<_> = all
        .iter()
        .filter(drawn)
        .map(|parameter| (parameter.clone(), stage.middle_of(&parameter.name)))
        .collect();
    assert_eq!(found.len(), 14);
    found
}

/// The actions are one gesture on this parameter: begin, at least one change, end. Returns the last value set.
fn assert_one_gesture(actions: &[Action], parameter: &Parameter, how: &str) -> f32 {
    let target = GestureTarget::Parameter(parameter.id);
    let name = &parameter.name;
    assert!(actions.len() >= 3, "{how} on {name}: {actions:?}");
    assert_eq!(actions[0], Action::BeginGesture(target), "{how} on {name}");
    assert_eq!(
        actions[actions.len() - 1],
        Action::EndGesture(target),
        "{how} on {name}"
    );
    let mut last = f32::NAN;
    for action in &actions[1..actions.len() - 1] {
        match action {
            Action::SetParameter(id, value) if *id == parameter.id => last = *value,
            other => panic!("{how} on {name}: {other:?} inside the gesture"),
        }
    }
    last
}

#[test]
fn a_drag_of_every_slider_is_one_gesture() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        stage.take_actions();
        let way = if parameter.group == ParameterGroup::Envelope {
            vec2(0.0, -48.0)
        } else {
            vec2(48.0, 0.0)
        };
        stage.drag(at, at + way, 6);
        let actions = stage.take_actions();
        let value = assert_one_gesture(&actions, &parameter, "a drag");
        assert!(value > parameter.normalized, "{}: {value}", parameter.name);
    }
}

#[test]
fn a_drag_with_shift_moves_a_tenth_as_far() {
    let travelled = |modifiers: Modifiers| {
        let mut stage = Stage::new(playing("Canopy"));
        let (parameter, at) = sliders(&stage).swap_remove(0);
        stage.harness.event(Event::ModifiersChanged(modifiers));
        stage.drag(at, at + vec2(60.0, 0.0), 10);
        let value = assert_one_gesture(&stage.take_actions(), &parameter, "a drag");
        value - parameter.normalized
    };
    let (coarse, fine) = (travelled(Modifiers::NONE), travelled(Modifiers::SHIFT));
    assert!((fine - 0.1 * coarse).abs() < 1e-4, "{fine} after {coarse}");
}

#[test]
fn a_turn_of_the_wheel_is_one_gesture_that_ends_after_a_pause() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        stage.take_actions();
        for _ in 0..3 {
            stage.wheel(at, 1.0);
        }
        stage.wait(0.6);
        let value = assert_one_gesture(&stage.take_actions(), &parameter, "the wheel");
        assert!(
            (value - (parameter.normalized + 0.06).min(1.0)).abs() < 1e-5,
            "{}: {value}",
            parameter.name
        );
    }
}

#[test]
fn a_double_click_on_every_slider_is_one_gesture_to_the_default() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        stage.take_actions();
        stage.click(at);
        stage.click(at);
        let value = assert_one_gesture(&stage.take_actions(), &parameter, "a double click");
        assert_eq!(value, parameter.default_normalized, "{}", parameter.name);
        stage.wait(0.5);
    }
}

#[test]
fn an_arrow_key_on_every_slider_is_one_gesture() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        focus(&mut stage, at);
        stage.take_actions();
        stage.harness.key_press(Key::ArrowUp);
        stage.step();
        let value = assert_one_gesture(&stage.take_actions(), &parameter, "an arrow key");
        assert!(value > parameter.normalized, "{}: {value}", parameter.name);
    }
}

#[test]
fn a_typed_value_is_one_gesture_with_the_text_as_typed() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        stage.harness.hover_at(at);
        stage.step();
        for pressed in [true, false] {
            let button = egui::PointerButton::Secondary;
            stage.harness.event(Event::PointerButton {
                pos: at,
                button,
                pressed,
                modifiers: Modifiers::NONE,
            });
            stage.step();
        }
        stage.step();
        stage.take_actions();
        stage.harness.event(Event::Text("12.5 ms".into()));
        stage.step();
        stage.harness.key_press(Key::Enter);
        stage.step();
        let target = GestureTarget::Parameter(parameter.id);
        let expected = [
            Action::BeginGesture(target),
            Action::EnterText(parameter.id, "12.5 ms".into()),
            Action::EndGesture(target),
        ];
        assert_eq!(stage.take_actions(), expected, "{}", parameter.name);
        stage.wait(0.5);
    }
}

#[test]
fn escape_drops_what_was_typed() {
    let mut stage = Stage::new(playing("Canopy"));
    let (_, at) = sliders(&stage).swap_remove(0);
    focus(&mut stage, at);
    stage.harness.key_press(Key::Enter);
    stage.step();
    stage.step();
    stage.harness.event(Event::Text("0.3".into()));
    stage.step();
    stage.take_actions();
    stage.harness.key_press(Key::Escape);
    stage.step();
    stage.step();
    assert_eq!(stage.take_actions(), []);
}

#[test]
fn assistive_software_can_set_and_step_every_slider() {
    let mut stage = Stage::new(playing("Canopy"));
    for (parameter, at) in sliders(&stage) {
        stage.take_actions();
        let set = |stage: &Stage, value: f64| {
            let nodes = stage.harness.query_all_by_label(&parameter.name);
            let node = nodes
                .into_iter()
                .find(|node| node.rect().contains(at))
                .expect("the slider");
            node.set_value_accesskit(value);
        };
        set(&stage, 0.25);
        stage.step();
        let value = assert_one_gesture(&stage.take_actions(), &parameter, "assistive software");
        assert_eq!(value, 0.25, "{}", parameter.name);
    }
}

#[test]
fn the_puck_moves_by_hand_and_by_arrow_keys_in_one_gesture_each() {
    let mut stage = Stage::new(playing("Canopy"));
    let puck = stage
        .harness
        .get_all_by_role(egui::Role::Slider)
        .find(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|label| label.starts_with("Puck"))
        });
    let at = puck.expect("the puck").rect().center();
    stage.drag(at, at + vec2(60.0, -30.0), 6);
    assert_puck_gesture(&stage.take_actions());
    focus(&mut stage, at);
    stage.take_actions();
    stage.harness.key_press(Key::ArrowRight);
    stage.step();
    assert_puck_gesture(&stage.take_actions());
}

fn assert_puck_gesture(actions: &[Action]) {
    assert_eq!(
        actions.first(),
        Some(&Action::BeginGesture(GestureTarget::Puck))
    );
    assert_eq!(
        actions.last(),
        Some(&Action::EndGesture(GestureTarget::Puck))
    );
    let inner = &actions[1..actions.len() - 1];
    assert!(
        !inner.is_empty()
            && inner
                .iter()
                .all(|action| matches!(action, Action::MovePuck(_))),
        "{actions:?}"
    );
}

#[test]
fn a_point_of_the_envelope_moves_decay_and_sustain_in_one_gesture_each() {
    let mut stage = Stage::new(playing("Canopy"));
    let ids = |name: &str| {
        let model = &playing("Canopy");
        let found = model
            .group(ParameterGroup::Envelope)
            .find(|parameter| parameter.name == name);
        GestureTarget::Parameter(found.expect("a stage").id)
    };
    let at = envelope_point(&stage);
    stage.drag(at, at + vec2(10.0, 12.0), 5);
    let actions = stage.take_actions();
    for target in [ids("Decay"), ids("Sustain")] {
        let count = |wanted: &Action| actions.iter().filter(|action| *action == wanted).count();
        assert_eq!(count(&Action::BeginGesture(target)), 1, "{actions:?}");
        assert_eq!(count(&Action::EndGesture(target)), 1, "{actions:?}");
    }
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::SetParameter(..)))
    );
}

/// Where decay ends, from the values of the fixture and the envelope's own shares of its width.
fn envelope_point(stage: &Stage) -> Pos2 {
    let values = stage.harness.get_by_label("Attack").rect();
    let (left, width) = (values.left() + 4.0, 224.0 - 8.0);
    // Attack and decay may take 28 % of the width each; their values are 0.30 and 0.55, sustain 0.70 of 48 points.
    let bottom = values.top() - 6.0;
    Pos2::new(left + width * 0.28 * (0.30 + 0.55), bottom - 0.70 * 48.0)
}

#[test]
fn a_slider_with_steps_stops_at_steps_and_an_arrow_key_moves_one() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Playing").click();
    stage.harness.run();
    let all = &stage.harness.state().model.parameters;
    let voices = all
        .iter()
        .find(|parameter| parameter.name == "Voices")
        .expect("voices")
        .clone();
    let at = stage.middle_of("Voices");
    stage.take_actions();
    stage.drag(at, at + vec2(31.0, 0.0), 5);
    let value = assert_one_gesture(&stage.take_actions(), &voices, "a drag");
    let step = value * 63.0;
    assert!((step - step.round()).abs() < 1e-4 && step > 31.0, "{step}");
    focus(&mut stage, at);
    stage.take_actions();
    stage.harness.key_press(Key::ArrowDown);
    stage.step();
    let value = assert_one_gesture(&stage.take_actions(), &voices, "an arrow key");
    assert!((value - 30.0 / 63.0).abs() < 1e-6, "{value}");
}

#[test]
fn a_gesture_whose_slider_vanishes_still_ends() {
    let mut stage = Stage::new(playing("Canopy"));
    let (parameter, at) = sliders(&stage).swap_remove(0);
    stage.take_hold(at);
    stage.harness.hover_at(at + vec2(30.0, 0.0));
    stage.step();
    stage.harness.hover_at(at + vec2(40.0, 0.0));
    stage.step();
    stage.harness.state_mut().model.parameters.remove(0);
    stage.step();
    stage.step();
    assert_one_gesture(&stage.take_actions(), &parameter, "a vanished slider");
}

#[test]
fn closing_the_window_in_the_middle_of_a_drag_ends_the_gesture() {
    let mut stage = Stage::new(playing("Canopy"));
    let (parameter, at) = sliders(&stage).swap_remove(0);
    stage.take_hold(at);
    stage.harness.hover_at(at + vec2(30.0, 0.0));
    stage.step();
    stage.harness.hover_at(at + vec2(40.0, 0.0));
    stage.step();
    let mut actions = stage.take_actions();
    actions.extend(stage.harness.state_mut().local.close());
    assert_one_gesture(&actions, &parameter, "closing");
}

fn focus(stage: &mut Stage, at: Pos2) {
    let nodes: Vec<_> = stage
        .harness
        .get_all_by_role(egui::Role::Slider)
        .filter(|node| node.rect().contains(at))
        .collect();
    nodes.last().expect("a slider").focus();
    stage.step();
}
