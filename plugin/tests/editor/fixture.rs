//! A model of the editor as the plugin would fill it: the six shipped sounds, a dozen more, a note in the middle of playing.

mod parameters;
mod shipped;

use std::sync::Arc;

use plugin::editor::model::{
    EditorModel, History, KeyBaking, KeyView, KeyboardView, MapPoint, MapPosition, MapView, Meters,
    ModelEntry, NotePicture, Preset, PresetOwner, Side, SoundFace, SoundId, Status, StatusTone,
    VerdictTone,
};
use plugin::editor::palette::{Palette, SoundFigures};

use parameters::parameters;
pub use shipped::{ShippedSound, shipped_sounds};

/// The editor while `name` is played.
pub fn playing(name: &str) -> EditorModel {
    let sounds = shipped_sounds();
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
        note: Some(Arc::new(note(&sounds[current].figures))),
        playheads_s: vec![0.42, 1.35],
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

/// A note in closed form: harmonics that fall with their number, an attack, a slow beat, noise that rises and falls.
fn note(figures: &SoundFigures) -> NotePicture {
    let column_times_s: Vec<_> = (0..128)
        .map(|column| {
            if column < 32 {
                0.008 * column as f32
            } else {
                0.256 + 0.04 * (column - 32) as f32
            }
        })
        .collect();
    let attack_s = 0.03 * 8_f32.powf(figures.attack);
    let mut level_db = Vec::new();
    for row in 0..64 {
        let harmonic = (row + 1) as f32;
        let tilt_db = -(7.0 - 2.5 * figures.brightness) * harmonic.log2()
            - 6.0 * ((harmonic * 0.9).sin() + 1.0);
        for time_s in &column_times_s {
            let rise_db = 20.0 * (1.0 - (-time_s / attack_s).exp()).max(1e-4).log10();
            let beat_db = 2.5 * (3.0 * time_s + harmonic * 1.7).sin();
            let fall_db = -(0.6 + 0.12 * harmonic) * time_s * (2.0 - figures.decay);
            let release_db = -60.0 * (time_s - 3.0).max(0.0);
            level_db.push((tilt_db + rise_db + beat_db + fall_db + release_db).clamp(-80.0, 0.0));
        }
    }
    let mut noise_db = Vec::new();
    for band in 0..64 {
        for (column, time_s) in column_times_s.iter().enumerate() {
            let grain_db = 5.0 * ((band * 37 + column * 61) % 17) as f32 / 17.0;
            let slope_db = -0.5 * (band as f32 - 20.0).abs() + 10.0 * figures.noisiness;
            let puff_db = 22.0 * (-time_s / 0.12).exp();
            noise_db.push(-62.0 + grain_db + slope_db + puff_db - 40.0 * (time_s - 3.0).max(0.0));
        }
    }
    NotePicture {
        revision: u64::from(figures.seed),
        key: 60,
        column_times_s,
        num_rows: 64,
        level_db,
        num_bands: 64,
        noise_db,
        loop_s: [0.6, 2.9],
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
