//! What the rooms report besides gestures.

use egui::{Event, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use plugin::editor::action::Action;
use plugin::editor::model::{FileList, FileRow, SoundId, StatusTone};

use super::fixture::playing;
use super::stage::Stage;

fn id_of(name: &str) -> SoundId {
    let model = playing("Canopy");
    model
        .presets
        .iter()
        .find(|preset| preset.name == name)
        .expect("a preset")
        .id
}

#[test]
fn a_press_on_a_point_of_the_map_sounds_as_long_as_it_lasts() {
    let mut stage = Stage::new(playing("Canopy"));
    let dew = id_of("Dew");
    let at = stage.middle_of("Hear Dew");
    stage.take_hold(at);
    assert_eq!(stage.take_actions(), [Action::PressSound(dew)]);
    stage.wait(0.5);
    assert_eq!(stage.take_actions(), []);
    stage.harness.drop_at(at);
    stage.step();
    assert_eq!(stage.take_actions(), [Action::ReleaseSound(dew)]);
}

#[test]
fn a_double_click_on_a_point_chooses_it_and_leaves_nothing_sounding() {
    let mut stage = Stage::new(playing("Canopy"));
    let dew = id_of("Dew");
    let at = stage.middle_of("Hear Dew");
    stage.click(at);
    stage.click(at);
    let actions = stage.take_actions();
    assert!(actions.contains(&Action::ChooseSound(dew)), "{actions:?}");
    let count = |wanted: Action| actions.iter().filter(|action| **action == wanted).count();
    assert_eq!(
        count(Action::PressSound(dew)),
        count(Action::ReleaseSound(dew))
    );
}

#[test]
fn closing_the_window_releases_what_the_pointer_holds() {
    let mut stage = Stage::new(playing("Canopy"));
    let at = stage.middle_of("Hear Moss");
    stage.take_hold(at);
    assert_eq!(
        stage.harness.state_mut().local.close(),
        [Action::ReleaseSound(id_of("Moss"))]
    );
}

#[test]
fn alt_and_drag_on_the_map_record_a_path_in_order_of_time() {
    let mut stage = Stage::new(playing("Canopy"));
    let from = Pos2::new(330.0, 100.0);
    stage.harness.event(Event::ModifiersChanged(Modifiers::ALT));
    stage.drag(from, from + vec2(200.0, 100.0), 30);
    let actions = stage.take_actions();
    let [Action::RecordPath(points)] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert!(points.len() >= 10, "{} points", points.len());
    assert!(
        points
            .windows(2)
            .all(|pair| pair[0].time_s < pair[1].time_s)
    );
    let (first, last) = (points[0].position, points[points.len() - 1].position);
    assert!(
        first.x < last.x && first.y > last.y,
        "{first:?} to {last:?}"
    );
}

#[test]
fn a_drag_on_the_ground_of_the_map_without_alt_does_nothing() {
    let mut stage = Stage::new(playing("Canopy"));
    let from = Pos2::new(330.0, 100.0);
    stage.drag(from, from + vec2(200.0, 100.0), 10);
    assert_eq!(stage.take_actions(), []);
}

#[test]
fn the_search_leaves_the_sounds_whose_name_or_tag_holds_the_word() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Search sounds").focus();
    stage.step();
    stage.harness.event(Event::Text("sustained".into()));
    stage.harness.run();
    let is_listed = |name: &str| stage.harness.query_by_label(name).is_some();
    assert!(is_listed("Birch") && is_listed("Clearing"));
    assert!(!is_listed("Dew") && !is_listed("Moss"));
}

#[test]
fn a_tag_and_the_star_narrow_the_list_together() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Favourites only").click();
    stage.harness.run();
    assert!(stage.harness.query_by_label("Dew").is_some());
    assert!(stage.harness.query_by_label("Birch").is_none());
    stage.harness.get_by_label("more").click();
    stage.harness.run();
    stage.harness.get_by_label("Tag warm").click();
    stage.harness.run();
    assert!(stage.harness.query_by_label("Dew").is_none());
    assert!(stage.harness.query_by_label("Canopy").is_some());
}

#[test]
fn a_row_of_the_list_chooses_its_sound() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Moss").click();
    stage.harness.run();
    assert_eq!(stage.take_actions(), [Action::ChooseSound(id_of("Moss"))]);
}

#[test]
fn a_typed_seed_larger_than_a_seed_becomes_the_largest() {
    for (typed, expected) in [("48213", 48213), ("9999999999", u32::MAX)] {
        let mut stage = Stage::new(playing("Canopy"));
        stage.harness.get_by_label("Seed").focus();
        stage.step();
        stage
            .harness
            .key_press_modifiers(Modifiers::COMMAND, Key::A);
        stage.step();
        stage.harness.event(Event::Text(typed.into()));
        stage.step();
        stage.harness.key_press(Key::Enter);
        stage.step();
        stage.step();
        assert_eq!(stage.take_actions(), [Action::SetSeed(expected)]);
    }
}

#[test]
fn a_key_sounds_under_the_pointer_and_a_slide_plays_the_next() {
    let mut stage = Stage::new(playing("Canopy"));
    let keys = stage.harness.get_by_label_contains("Keyboard").rect();
    let low = Pos2::new(keys.left() + 3.0, keys.bottom() - 4.0);
    let next = low + vec2(keys.width() / 43.0, 0.0);
    stage.take_hold(low);
    let actions = stage.take_actions();
    assert!(
        matches!(actions[..], [Action::PressKey(24, velocity)] if velocity > 0.9),
        "{actions:?}"
    );
    stage.harness.hover_at(next);
    stage.step();
    let actions = stage.take_actions();
    assert!(
        matches!(
            actions[..],
            [Action::ReleaseKey(24), Action::PressKey(26, _)]
        ),
        "{actions:?}"
    );
    stage.harness.drop_at(next);
    stage.step();
    assert_eq!(stage.take_actions(), [Action::ReleaseKey(26)]);
}

#[test]
fn the_space_bar_plays_the_key_that_the_arrows_chose() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label_contains("Keyboard").focus();
    stage.step();
    stage.harness.key_press(Key::ArrowRight);
    stage.step();
    stage.harness.key_down(Key::Space);
    stage.step();
    let actions = stage.take_actions();
    assert!(
        matches!(actions[..], [Action::PressKey(61, _)]),
        "{actions:?}"
    );
    stage.harness.key_up(Key::Space);
    stage.step();
    assert_eq!(stage.take_actions(), [Action::ReleaseKey(61)]);
}

#[test]
fn a_bend_springs_back_when_it_is_let_go() {
    let mut stage = Stage::new(playing("Canopy"));
    let at = stage.middle_of("Pitch bend");
    stage.drag(at, at - vec2(0.0, 20.0), 4);
    let actions = stage.take_actions();
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::SetBend(value) if *value > 0.5)),
        "{actions:?}"
    );
    assert_eq!(actions.last(), Some(&Action::SetBend(0.0)));
}

#[test]
fn the_status_offers_its_one_way_out() {
    let mut model = playing("Canopy");
    model.status.tone = StatusTone::Fault;
    model.status.sentence = "The model file sound-v1.onnx was not found.".into();
    model.status.remedy = Some(("Choose it".into(), Action::BrowseModels));
    let mut stage = Stage::new(model);
    stage.harness.get_by_label("Choose it").click();
    stage.harness.run();
    assert_eq!(stage.take_actions(), [Action::BrowseModels]);
}

#[test]
fn arithmetic_goes_where_three_sounds_say() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Sound Canopy *").click();
    stage.harness.run();
    for (term, name) in [("a", "Dew"), ("b", "Birch"), ("c", "Clearing")] {
        let button = format!("Arithmetic term {term}");
        stage.harness.get_by_label(&button).click();
        stage.harness.run();
        // The browser, at the left edge, has a row of the same name.
        let rows: Vec<_> = stage.harness.get_all_by_label(name).collect();
        let row = rows.iter().find(|node| node.rect().left() > 184.0);
        row.expect("a row of the menu").click();
        drop(rows);
        stage.harness.run();
    }
    stage.harness.get_by_label("Go there").click();
    stage.harness.run();
    let expected = Action::Arithmetic {
        a: id_of("Dew"),
        b: id_of("Birch"),
        c: id_of("Clearing"),
    };
    assert_eq!(stage.take_actions(), [expected]);
}

#[test]
fn a_refused_model_cannot_be_chosen_and_its_verdict_is_shown() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Menu").click();
    stage.harness.run();
    assert!(stage.harness.query_by_label_contains("2048 rows").is_some());
    stage.harness.get_by_label("download (3)").click();
    stage.harness.run();
    assert_eq!(stage.take_actions(), []);
    stage.harness.get_by_label("flutes-own").click();
    stage.harness.run();
    assert_eq!(stage.take_actions(), [Action::ChooseModel(1)]);
}

#[test]
fn a_folder_is_walked_and_a_file_of_it_taken() {
    let mut model = playing("Canopy");
    let row = |name: &str, is_folder: bool| FileRow {
        name: name.into(),
        is_folder,
    };
    model.files = Some(FileList {
        title: "Choose a model".into(),
        folder: "/home/me/models".into(),
        rows: vec![row("old", true), row("flutes.onnx", false)],
        words: String::new(),
    });
    let mut stage = Stage::new(model);
    for (label, wanted) in [
        ("Up", Action::LeaveFolder),
        ("old/", Action::TakeFile(0)),
        ("flutes.onnx", Action::TakeFile(1)),
        ("Close", Action::CloseFiles),
    ] {
        stage.harness.get_by_label(label).click();
        stage.harness.run();
        assert_eq!(stage.take_actions(), [wanted], "{label}");
    }
    stage.harness.key_press(Key::Escape);
    stage.harness.run();
    assert_eq!(stage.take_actions(), [Action::CloseFiles]);
}

#[test]
fn the_corner_makes_the_window_larger_in_its_own_shape() {
    let mut stage = Stage::new(playing("Canopy"));
    let corner = Pos2::new(954.0, 594.0);
    stage.drag(corner, corner + vec2(480.0, 60.0), 4);
    let actions = stage.take_actions();
    let sizes: Vec<u32> = actions
        .iter()
        .filter_map(|action| match action {
            Action::SetScale(percent) => Some(*percent),
            _ => None,
        })
        .collect();
    // The height decides: 654 of 600 points.
    assert_eq!(sizes.last(), Some(&109), "{actions:?}");
}

#[test]
fn the_buttons_of_the_header_do_what_they_say() {
    for (name, expected) in [
        ("Randomise", Action::Randomise),
        ("Lock seed", Action::ToggleSeedLock),
        ("Undo", Action::Undo),
        ("Copy to B", Action::CopyToOtherSide),
        ("Next sound", Action::StepSound(1)),
        ("Previous sound", Action::StepSound(-1)),
        ("Favourite", Action::ToggleFavourite(id_of("Canopy"))),
    ] {
        let mut stage = Stage::new(playing("Canopy"));
        stage.harness.get_by_label(name).click();
        stage.harness.run();
        assert_eq!(stage.take_actions(), [expected], "{name}");
    }
}

#[test]
fn redo_is_greyed_when_there_is_nothing_to_do_again() {
    let mut stage = Stage::new(playing("Canopy"));
    stage.harness.get_by_label("Redo").click();
    stage.harness.run();
    assert_eq!(stage.take_actions(), []);
}
