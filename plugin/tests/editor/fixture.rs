//! A model of the editor as the plugin would fill it: the six shipped sounds, a dozen more, a note in the middle of playing.

mod parameters;
mod shipped;

use std::path::Path;
use std::sync::Arc;

use plugin::editor::model::{
    EditorModel, History, KeptNotes, KeyBaking, KeyView, KeyboardView, MapPoint, MapPosition,
    MapView, Meters, ModelEntry, NotePicture, Preset, PresetOwner, Side, SoundFace, SoundId,
    Status, StatusTone, VerdictTone,
};
use plugin::editor::palette::Palette;

use super::picture::read_grey;
use parameters::parameters;
pub use shipped::{ShippedSound, kept_sounds, shipped_sounds, six_sounds};

/// The same with every shipped sound in the list and on the map, as a user sees it.
pub fn playing_among_all(name: &str) -> EditorModel {
    let sounds = kept_sounds();
    let current = sounds.iter().position(|sound| sound.name == name);
    let mut model = playing(name);
    model.sound.id = current.map(|index| SoundId(index as u32));
    model.presets = presets(&sounds);
    // A spread without clusters: steps of the plastic number, so that no two points fall together.
    let along = |index: usize, step: f32| 0.05 + 0.9 * (0.5 + index as f32 * step).fract();
    model.map.points = (0..sounds.len())
        .map(|index| MapPoint {
            sound: SoundId(index as u32),
            position: MapPosition {
                x: along(index, 0.754_877_7),
                y: along(index, 0.569_840_3),
            },
        })
        .collect();
    model
}

/// The editor while `name`, one of the six, is played.
pub fn playing(name: &str) -> EditorModel {
    let sounds = six_sounds();
    let current = sounds
        .iter()
        .position(|sound| sound.name == name)
        .expect("a shipped sound");
    let palette = Palette::of(&sounds[current].figures);
    EditorModel {
        sound: SoundFace {
            id: Some(SoundId(current as u32)),
            name: name.into(),
            is_modified: true,
            is_favourite: true,
            seed: sounds[current].figures.seed,
            is_seed_locked: false,
            palette,
            backdrop: None,
        },
        parameters: parameters(&sounds[current].figures),
        presets: presets(&sounds),
        map: map(&sounds),
        note: Some(Arc::new(note(name, sounds[current].figures.seed))),
        playheads_s: vec![0.16, 1.35],
        keyboard: keyboard(),
        meters: Meters {
            level_db: [-14.0, -16.5],
            peak_db: [-6.2, -7.1],
            num_voices: 3,
        },
        history: History {
            undo: Some("brightness".into()),
            redo: None,
            side: Side::A,
        },
        status: Status {
            tone: StatusTone::Fine,
            sentence: format!("{name}, model sound-v1, on 48 kHz"),
            remedy: None,
            figures: vec![
                "68 of 73 keys ready".into(),
                "3 voices".into(),
                "3 % CPU".into(),
            ],
        },
        models: models(),
        scale: None,
        files: None,
        kept_notes: KeptNotes {
            is_on: true,
            size_bytes: 3_400_000,
        },
        scale_percent: 100,
    }
}

fn presets(sounds: &[ShippedSound]) -> Vec<Preset> {
    let mut all: Vec<_> = sounds
        .iter()
        .enumerate()
        .map(|(index, sound)| Preset {
            id: SoundId(index as u32),
            name: sound.name.clone(),
            tags: sound.tags.clone(),
            is_favourite: matches!(sound.name.as_str(), "Canopy" | "Dew"),
            owner: PresetOwner::Factory,
            palette: Palette::of(&sound.figures),
        })
        .collect();
    all.push(Preset {
        id: SoundId(100),
        name: "Interview bed, low and slow, second take".into(),
        tags: vec!["pad".into()],
        is_favourite: false,
        owner: PresetOwner::Mine,
        palette: Palette::default(),
    });
    all
}

fn map(sounds: &[ShippedSound]) -> MapView {
    let places = [
        (0.22, 0.66),
        (0.46, 0.58),
        (0.70, 0.42),
        (0.83, 0.80),
        (0.30, 0.22),
        (0.60, 0.14),
    ];
    let at = |x: f32, y: f32| MapPosition { x, y };
    MapView {
        points: (0..sounds.len())
            .map(|index| MapPoint {
                sound: SoundId(index as u32),
                position: at(places[index].0, places[index].1),
            })
            .collect(),
        puck: at(0.40, 0.46),
        trail: vec![
            at(0.62, 0.30),
            at(0.59, 0.36),
            at(0.54, 0.41),
            at(0.48, 0.45),
            at(0.44, 0.465),
        ],
        corner_names: ["Canopy", "Dew", "Moss", "Roots"].map(str::to_owned),
        path: Vec::new(),
    }
}

/// Middle C of a shipped sound, painted by the shipped model (sound-v1, velocity 0.7, run by its own training code):
/// 64 rows of harmonics above 64 bands of noise, 8 bits, from -80 to 0 dB and from -120 to 0 dB.
fn note(name: &str, seed: u32) -> NotePicture {
    let file = format!(
        "{}/tests/editor/fixture/notes/{}.png",
        env!("CARGO_MANIFEST_DIR"),
        name.to_lowercase()
    );
    let (size, cells) = read_grey(Path::new(&file));
    assert_eq!(size, [128, 128]);
    let from = |cells: &[u8], floor_db: f32| {
        cells
            .iter()
            .map(|cell| floor_db * (1.0 - f32::from(*cell) / 255.0))
            .collect()
    };
    let (levels, noise) = cells.split_at(64 * 128);
    // The columns of the model's manifest: 32 of 8 ms, then 96 of 40 ms.
    let column_s = |column: usize| {
        if column < 32 {
            0.004 + 0.008 * column as f32
        } else {
            0.276 + 0.04 * (column - 32) as f32
        }
    };
    NotePicture {
        revision: u64::from(seed),
        key: 60,
        column_times_s: (0..128).map(column_s).collect(),
        num_rows: 64,
        level_db: from(levels, -80.0),
        num_bands: 64,
        noise_db: from(noise, -120.0),
        loop_s: [1.0, 2.88],
        release_s: 3.0,
    }
}

fn keyboard() -> KeyboardView {
    let key = |number: u8| KeyView {
        baking: match number {
            91..=94 => KeyBaking::Pending,
            95..=96 => KeyBaking::Absent,
            _ => KeyBaking::Baked,
        },
        is_held: matches!(number, 48 | 55 | 63),
    };
    KeyboardView {
        lowest_key: 24,
        keys: (24..=96).map(key).collect(),
        bend: 0.0,
        modulation: 0.3,
    }
}

fn models() -> Vec<ModelEntry> {
    vec![
        ModelEntry {
            index: 0,
            name: "sound-v1".into(),
            facts: "1.0.0, MIT, 2.6 MB".into(),
            tone: VerdictTone::Good,
            verdict: "Fit to play: in tune within 5 cents, 6 ms per note here.".into(),
            is_current: true,
        },
        ModelEntry {
            index: 1,
            name: "flutes-own".into(),
            facts: "0.3.0, own recordings, 1.1 MB".into(),
            tone: VerdictTone::Doubtful,
            verdict: "Plays, but keys above 84 are 12 dB too quiet.".into(),
            is_current: false,
        },
        ModelEntry {
            index: 2,
            name: "download (3)".into(),
            facts: "no licence, 88 MB".into(),
            tone: VerdictTone::Refused,
            verdict: "Its output has 2048 rows and no manifest; export it again.".into(),
            is_current: false,
        },
    ]
}
