//! What a project keeps of a bed comes back; what is not whole is refused, and nothing loaded is lost.

use std::collections::BTreeMap;

use models::seeded::unit;
use nice_plug::params::Params;
use plugin::bed::persisted::Persisted;
use plugin::bed::settings::{Cast, HitMark, NUM_PARTS, Settings};
use plugin::instrument::sound::{Place, Sound};
use plugin::state::{FIELD, Refusal, seal};

use super::stage::BedStage;
use crate::host::{BED_ID, Host, own_entry};

const STREAM: u32 = 930;

fn number(seed: u32, index: u32, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(seed, STREAM, index)
}

fn random_sound(seed: u32) -> Sound {
    Sound {
        name: format!("Sound \"{seed}\""),
        seed,
        truncation: number(seed, 0, 0.1, 10.0),
        controls: vec![("brightness".to_owned(), number(seed, 1, -2.0, 2.0) as f32)],
        tags: vec!["warm".to_owned()],
        place: seed.is_multiple_of(3).then(|| Place {
            model: "sound-v1".to_owned(),
            fingerprint: "ab".repeat(32),
            latent: (0..96)
                .map(|i| number(seed, 10 + i, -3.0, 3.0) as f32)
                .collect(),
            attributes: vec![0.25; 4],
            style_offset: Vec::new(),
        }),
    }
}

fn random_settings(seed: u32) -> Settings {
    let sound = |part: usize| random_sound(seed.wrapping_mul(31).wrapping_add(part as u32));
    Settings {
        hits: (0..seed % 12)
            .map(|index| HitMark {
                time_s: number(seed, 100 + index, 0.0, 90.0),
                name: format!("hit {index}"),
            })
            .collect(),
        energy_curve: (0..seed % 7)
            .map(|index| [200, 300].map(|axis| number(seed, axis + index, 0.0, 1.0)))
            .collect(),
        sounds: std::array::from_fn::<_, NUM_PARTS, _>(|part| {
            (seed as usize + part)
                .is_multiple_of(2)
                .then(|| sound(part))
        }),
        cast: seed.is_multiple_of(2).then(|| Cast {
            mood: [number(seed, 400, -1e3, 1e3) as i32, 200],
            seed,
            sounds: std::array::from_fn(sound),
        }),
        exact_length_s: seed
            .is_multiple_of(5)
            .then(|| number(seed, 401, 1.0, 3600.0)),
        frame_rate: "29.97df".to_owned(),
        seed_is_locked: seed.is_multiple_of(2),
        scale_percent: 75 + (seed % 126) as u16,
    }
}

#[test]
fn a_thousand_random_settings_of_a_bed_come_back_to_the_bit() {
    for seed in 0..1000 {
        let saved = Persisted::default();
        saved.change(|settings| *settings = random_settings(seed));
        let loaded = Persisted::default();
        loaded.deserialize_fields(&saved.serialize_fields());
        assert_eq!(loaded.refusal(), None);
        assert_eq!(loaded.settings(), random_settings(seed), "seed {seed}");
    }
}

#[test]
fn numbers_out_of_reach_foreign_and_newer_states_are_refused() {
    let persisted = Persisted::default();
    persisted.change(|settings| *settings = random_settings(6));
    let refused = |fields: &BTreeMap<String, String>| {
        persisted.deserialize_fields(fields);
        assert_eq!(persisted.settings(), random_settings(6));
        persisted.refusal().expect("a refusal")
    };
    let spoilt = Persisted::default();
    spoilt.change(|settings| settings.energy_curve = vec![[0.5, 7.0]]);
    assert!(matches!(
        refused(&spoilt.serialize_fields()),
        Refusal::Damaged(_)
    ));
    assert_eq!(refused(&BTreeMap::new()), Refusal::Foreign);
    let instruments = plugin::instrument::persisted::Persisted::default();
    assert_eq!(refused(&instruments.serialize_fields()), Refusal::Foreign);
    let newer = seal("{}".to_owned())
        .expect("a seal")
        .replace("\"format\":1", "\"format\":9");
    let newer = [(FIELD.to_owned(), newer)].into();
    assert_eq!(refused(&newer), Refusal::Newer { found: 9 });
}

#[test]
fn the_instrument_refuses_a_beds_state_and_keeps_its_own() {
    let mut instrument = Host::new();
    let before = instrument.save();
    let bed = Host::of_id(&own_entry(), BED_ID).save();
    instrument.load(&bed);
    assert_eq!(instrument.save(), before);
}

#[test]
fn a_state_with_a_tenth_of_its_bytes_damaged_changes_nothing_and_a_whole_one_plays_the_same() {
    let mut stage = BedStage::ready();
    let heard = stage.play(48_000, 4_800);
    let whole = stage.host.save();
    let mut other = Host::of_id(&own_entry(), BED_ID);
    let before = other.save();
    for seed in 0..500 {
        let mut bytes = whole.clone();
        for index in 0..(whole.len() / 10) as u32 {
            let place = number(seed, 2 * index, 0.0, whole.len() as f64) as usize;
            bytes[place] = number(seed, 2 * index + 1, 0.0, 256.0) as u8;
        }
        other.load(&bytes);
        assert!(other.save() == before, "seed {seed}");
    }
    drop(other);
    for seed in 500..520 {
        let mut bytes = whole.clone();
        bytes[number(seed, 0, 0.0, whole.len() as f64) as usize] ^= 0x10;
        stage.host.load(&bytes);
    }
    let mut later = BedStage::of(Host::of_id(&own_entry(), BED_ID));
    assert!(later.host.load(&whole));
    later.start();
    assert!(later.play(48_000, 4_800) == heard);
    assert!(stage.play(48_000, 4_800) == heard);
}
