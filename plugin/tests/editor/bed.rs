//! The bed's editor: what it reports, how it looks.

use egui::{Key, vec2};
use egui_kittest::kittest::Queryable;
use plugin::editor::bed::action::{BedAction, BedTarget, DuckWay, Export};
use plugin::editor::bed::model::{
    BedFace, BedModel, DuckLevels, DuckWays, EnergyPoint, HitFlag, LoudnessView, Miss, MoodView,
    NamedMood, NoteMark, PartView, SectionBlock, StripView,
};
use plugin::editor::bed::{BedLocal, show};
use plugin::editor::model::{
    Parameter, ParameterGroup, ParameterId, Preset, SoundId, Status, StatusTone,
};
use plugin::editor::palette::{Palette, SoundFigures};
use plugin::editor::theme::LEAST_CONTRAST;

use super::contrast::readings;
use super::picture::assert_looks_like;
use super::stage::Stage;

#[derive(Default)]
struct BedWorld {
    model: BedModel,
    local: BedLocal,
    actions: Vec<BedAction>,
}

fn open(model: BedModel) -> Stage<BedWorld> {
    let world = BedWorld {
        model,
        ..BedWorld::default()
    };
    Stage::open(world, 100, |ui, world| {
        let actions = show(ui, &world.model, &mut world.local);
        world.actions.extend(actions);
    })
}

fn take(stage: &mut Stage<BedWorld>) -> Vec<BedAction> {
    std::mem::take(&mut stage.harness.state_mut().actions)
}

fn parameter(id: u32, name: &str, normalized: f32, text: &str) -> Parameter {
    Parameter {
        id: ParameterId(id),
        name: name.into(),
        group: ParameterGroup::Shape,
        normalized,
        default_normalized: 0.5,
        text: text.into(),
        range_text: ["least".into(), "most".into()],
        steps: None,
        is_locked: None,
        is_bipolar: false,
    }
}

/// An interview of a minute and a half, half way through.
fn interview() -> BedModel {
    let figures = SoundFigures {
        brightness: -0.4,
        attack: 0.6,
        noisiness: 0.2,
        decay: 0.5,
        seed: 7,
    };
    let section = |name: &str, start_s: f32, end_s: f32| SectionBlock {
        name: name.into(),
        start_s,
        end_s,
    };
    let hit = |name: &str, time_s: f32, frame_text: &str, miss: Option<Miss>| HitFlag {
        name: name.into(),
        time_s,
        frame_text: frame_text.into(),
        miss,
    };
    let miss = Miss {
        frames: 3,
        remedy: "0.120 s later it would be met".into(),
    };
    let named = |name: &str, place: [f32; 2]| NamedMood {
        name: name.into(),
        place,
    };
    let energy = [
        (0.0, 0.1),
        (12.0, 0.35),
        (38.0, 0.5),
        (62.0, 0.85),
        (80.0, 0.4),
        (90.0, 0.05),
    ];
    let speech = |second: usize| matches!(second, 6..=21 | 25..=36 | 44..=58 | 70..=78);
    BedModel {
        bed: BedFace {
            name: "Calm Interview".into(),
            seed: 7,
            is_seed_locked: false,
            length_text: "00:01:30:00".into(),
            palette: Palette::of(&figures),
        },
        presets: vec![
            Preset {
                id: SoundId(0),
                name: "Calm Interview".into(),
                ..Preset::default()
            },
            Preset {
                id: SoundId(1),
                name: "Night Drive".into(),
                ..Preset::default()
            },
        ],
        mood: MoodView {
            place: [0.58, 0.34],
            named: vec![
                named("calm", [0.62, 0.2]),
                named("hopeful", [0.8, 0.55]),
                named("tense", [0.22, 0.72]),
                named("dark", [0.12, 0.3]),
            ],
        },
        strip: StripView {
            length_s: 90.0,
            sections: vec![
                section("intro", 0.0, 12.0),
                section("A", 12.0, 38.0),
                section("B", 38.0, 62.0),
                section("lift", 62.0, 80.0),
                section("outro", 80.0, 90.0),
            ],
            notes: (0..180)
                .map(|half| NoteMark {
                    start_s: 0.5 * half as f32,
                    end_s: 0.5 * half as f32 + if half % 8 == 0 { 4.0 } else { 0.45 },
                    height: (half * 29 % 17) as f32 / 16.0,
                    is_foreground: half % 8 != 0,
                })
                .collect(),
            energy: energy
                .into_iter()
                .map(|(time_s, level)| EnergyPoint { time_s, level })
                .collect(),
            hits: vec![
                hit("title", 12.0, "00:00:12:00", None),
                hit("logo", 62.0, "00:01:02:00", Some(miss)),
            ],
            voice: (0..360)
                .map(|quarter| {
                    if speech(quarter / 4) {
                        0.45 + 0.5 * ((quarter * 37 % 23) as f32 / 23.0)
                    } else {
                        0.0
                    }
                })
                .collect(),
            playhead_s: Some(41.2),
        },
        score: vec![
            parameter(0, "Key", 0.3, "A minor"),
            parameter(1, "Tempo", 0.45, "96 bpm"),
            parameter(2, "Metre", 0.5, "4/4"),
        ],
        parts: ["pad", "low", "pulse", "motif", "lift"]
            .into_iter()
            .zip(["Canopy", "Roots", "Dew", "Birch", "Clearing"])
            .enumerate()
            .map(|(index, (name, sound))| PartView {
                name: name.into(),
                sound: sound.into(),
                level: parameter(
                    10 + index as u32,
                    "Level",
                    0.8 - 0.08 * index as f32,
                    "-3.0 dB",
                ),
                is_muted: name == "pulse",
                is_soloed: false,
            })
            .collect(),
        duck: vec![
            parameter(20, "Depth", 0.5, "9 dB"),
            parameter(21, "Attack", 0.3, "120 ms"),
            parameter(22, "Release", 0.6, "800 ms"),
        ],
        duck_ways: DuckWays {
            level: true,
            thin: true,
            darken: false,
        },
        levels: DuckLevels {
            voice_db: -18.0,
            bed_db: -29.0,
            reduction_db: 7.5,
        },
        loudness: LoudnessView {
            sliders: vec![
                parameter(31, "Bed Level", 0.7, "-6.0 dB"),
                parameter(30, "Target", 0.6, "-16 LUFS"),
            ],
            now_text: "-17.3 LUFS".into(),
            whole_text: "-16.0 LUFS".into(),
            peak_text: "-1.2 dBTP".into(),
            can_match: true,
        },
        undo: Some("mood".into()),
        redo: None,
        status: Status {
            tone: StatusTone::Working,
            sentence: "No timeline position from the host: playing from the start.".into(),
            remedy: Some(("Restart".into(), BedAction::Restart)),
            figures: vec!["composed in 0.2 s".into(), "2 % CPU".into()],
        },
    }
}

#[test]
fn the_bed_looks_as_kept() {
    assert_looks_like(&open(interview()).canvas(), "bed");
}

#[test]
fn every_text_of_the_bed_can_be_read_and_none_is_cut_off() {
    let stage = open(interview());
    let bad: Vec<_> = readings(&stage)
        .into_iter()
        .filter(|reading| reading.contrast < LEAST_CONTRAST)
        .map(|reading| reading.text)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    for clipped in &stage.harness.output().shapes {
        if let egui::Shape::Text(text) = &clipped.shape {
            assert!(!text.galley.elided, "{:?} is cut", text.galley.text());
        }
    }
}

#[test]
fn an_empty_bed_is_drawn() {
    let mut stage = open(BedModel::default());
    stage.harness.run();
    assert_eq!(take(&mut stage), []);
}

#[test]
fn sliders_energy_and_hits_of_the_bed_move_in_one_gesture_each() {
    let mut stage = open(interview());
    for (name, target, way) in [
        (
            "Tempo",
            BedTarget::Parameter(ParameterId(1)),
            vec2(40.0, 0.0),
        ),
        (
            "Level of pad",
            BedTarget::Parameter(ParameterId(10)),
            vec2(-40.0, 0.0),
        ),
        (
            "Depth",
            BedTarget::Parameter(ParameterId(20)),
            vec2(40.0, 0.0),
        ),
        (
            "Target",
            BedTarget::Parameter(ParameterId(30)),
            vec2(40.0, 0.0),
        ),
        ("Energy 3", BedTarget::Energy(2), vec2(0.0, -20.0)),
        (
            "Hit logo at 00:01:02:00",
            BedTarget::Hit(1),
            vec2(30.0, 0.0),
        ),
    ] {
        let at = stage.middle_of(name);
        stage.drag(at, at + way, 5);
        let actions = take(&mut stage);
        assert_eq!(
            actions.first(),
            Some(&BedAction::BeginGesture(target)),
            "{name}"
        );
        assert_eq!(
            actions.last(),
            Some(&BedAction::EndGesture(target)),
            "{name}"
        );
        let edges = actions.iter().filter(|action| {
            matches!(
                action,
                BedAction::BeginGesture(_) | BedAction::EndGesture(_)
            )
        });
        assert!(
            edges.count() == 2 && actions.len() > 2,
            "{name}: {actions:?}"
        );
        stage.wait(0.5);
    }
}

#[test]
fn a_hit_moves_in_seconds_of_the_bed() {
    let mut stage = open(interview());
    stage
        .harness
        .get_by_label("Hit title at 00:00:12:00")
        .focus();
    stage.step();
    stage.harness.key_press(Key::ArrowRight);
    stage.step();
    let actions = take(&mut stage);
    assert!(
        matches!(actions[1], BedAction::MoveHit(0, to_s) if (to_s - 12.1).abs() < 1e-3),
        "{actions:?}"
    );
}

#[test]
fn the_puck_of_the_mood_moves_on_both_axes() {
    let mut stage = open(interview());
    let at = stage
        .harness
        .get_by_label_contains("Mood, across")
        .rect()
        .center();
    stage.drag(at, at + vec2(30.0, -30.0), 5);
    let actions = take(&mut stage);
    let last = actions.iter().rev().find_map(|action| match action {
        BedAction::MoveMood(place) => Some(*place),
        _ => None,
    });
    let [valence, energy] = last.expect("a mood");
    assert!(valence > 0.58 && energy > 0.34, "{valence} {energy}");
}

#[test]
fn the_buttons_of_the_bed_do_what_they_say() {
    for (name, expected) in [
        ("Mood tense", BedAction::ChooseMood(2)),
        ("To clip", BedAction::FitToClip),
        ("Randomise", BedAction::Randomise),
        ("Lock seed", BedAction::ToggleSeedLock),
        ("Undo", BedAction::Undo),
        ("Import markers", BedAction::ImportMarkers),
        ("Mute low", BedAction::ToggleMute(1)),
        ("Solo motif", BedAction::ToggleSolo(3)),
        ("Sound of lift", BedAction::NextPartSound(4)),
        ("Duck: darken", BedAction::ToggleDuckWay(DuckWay::Darken)),
        ("Match target", BedAction::MatchTarget),
        ("Export stems", BedAction::Export(Export::Stems)),
        ("Restart", BedAction::Restart),
    ] {
        let mut stage = open(interview());
        stage.harness.get_by_label(name).click();
        stage.harness.run();
        assert_eq!(take(&mut stage), [expected], "{name}");
    }
}

#[test]
fn closing_the_bed_in_the_middle_of_a_drag_ends_the_gesture() {
    let mut stage = open(interview());
    let at = stage.middle_of("Tempo");
    stage.take_hold(at);
    stage.harness.hover_at(at + vec2(30.0, 0.0));
    stage.step();
    stage.harness.hover_at(at + vec2(40.0, 0.0));
    stage.step();
    let actions = stage.harness.state_mut().local.close();
    assert_eq!(
        actions,
        [BedAction::EndGesture(BedTarget::Parameter(ParameterId(1)))]
    );
}

#[test]
fn a_missed_hit_says_by_how_many_frames_and_what_would_meet_it() {
    let [met, missed] = &interview().strip.hits[..] else {
        panic!("two hits");
    };
    assert_eq!([met.text(), missed.text()], ["title", "logo +3"]);
    assert!(met.words().ends_with("met on its frame"));
    let words = "logo: 00:01:02:00\n3 frames late; 0.120 s later it would be met";
    assert_eq!(missed.words(), words);
    let mut stage = open(interview());
    let at = stage.middle_of("Hit logo at 00:01:02:00");
    stage.harness.hover_at(at);
    stage.wait(1.0);
    assert!(stage.harness.query_by_label(words).is_some());
}
