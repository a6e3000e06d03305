//! What a project keeps comes back; what is not whole is refused, and nothing loaded is lost.

use std::collections::BTreeMap;

use models::seeded::unit;
use nice_plug::params::Params;
use plugin::instrument::persisted::Persisted;
use plugin::instrument::scale::Scale;
use plugin::instrument::session::{NUM_CORNERS, Settings};
use plugin::instrument::shelf::ChosenModel;
use plugin::instrument::sound::{Place, Sound};
use plugin::state::{FIELD, Refusal, seal};

use crate::host::{BLOCK, Host, Message};

const STREAM: u32 = 900;

/// A number within, of this seed and place.
fn number(seed: u32, index: u32, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(seed, STREAM, index)
}

fn random_sound(seed: u32) -> Sound {
    let list =
        |from: u32, length: u32| (from..from + length).map(|i| number(seed, i, -3.0, 3.0) as f32);
    Sound {
        name: format!("Sound \"{seed}\" \u{1f332}"),
        seed,
        truncation: number(seed, 0, 0.1, 10.0),
        controls: vec![("brightness".to_owned(), number(seed, 1, -2.0, 2.0) as f32)],
        tags: vec!["warm".to_owned(), String::new()],
        place: (!seed.is_multiple_of(3)).then(|| Place {
            model: "sound-v1".to_owned(),
            fingerprint: "ab".repeat(32),
            latent: list(10, 96).collect(),
            attributes: list(200, 4).collect(),
            style_offset: list(300, 96).collect(),
        }),
    }
}

fn random_settings(seed: u32) -> Settings {
    Settings {
        corners: std::array::from_fn::<_, NUM_CORNERS, _>(|corner| {
            let seed = seed.wrapping_mul(31).wrapping_add(corner as u32);
            (seed % 4 != 1).then(|| random_sound(seed))
        }),
        locked: (0..seed % 5).map(|index| format!("tim{index}")).collect(),
        seed_is_locked: seed.is_multiple_of(2),
        path: (0..seed % 50)
            .map(|index| [0, 1].map(|axis| number(seed, 500 + 2 * index + axis, 0.0, 1.0) as f32))
            .collect(),
        keeps_notes: seed % 2 == 1,
        scale_percent: 75 + (seed % 126) as u16,
        model: seed.is_multiple_of(7).then(|| ChosenModel {
            name: format!("model \u{1f332} {seed}"),
            fingerprint: "cd".repeat(32),
            file: "C:\\models\\a \"b\".onnx".to_owned(),
        }),
        scale: seed.is_multiple_of(5).then(|| Scale {
            name: "thirds".to_owned(),
            scl: "thirds\n 3\n 400.\n 800.\n 2/1\n".to_owned(),
            kbm: None,
        }),
    }
}

#[test]
fn a_thousand_random_settings_come_back_to_the_bit() {
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
fn a_thousand_random_parameter_settings_come_back_through_a_host() {
    let mut host = Host::ready();
    let mut other = Host::new();
    let parameters = host.parameters();
    for seed in 0..1000 {
        let moves: Vec<_> = parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| {
                let value = number(seed, index as u32, parameter.min, parameter.max);
                (0, Message::Set(parameter.id, value))
            })
            .collect();
        host.play(&moves, u64::from(BLOCK), u64::from(BLOCK));
        let saved = host.save();
        assert!(other.load(&saved));
        assert_eq!(
            String::from_utf8(other.save()),
            String::from_utf8(saved),
            "seed {seed}"
        );
    }
}

#[test]
fn ten_thousand_damaged_states_are_taken_whole_or_not_at_all() {
    let mut source = Host::new();
    let output = source.parameter("Output");
    source.activate(48_000.0, BLOCK);
    let moves = [(0, Message::Set(output.id, 0.25))];
    source.play(&moves, u64::from(BLOCK), u64::from(BLOCK));
    let whole = source.save();
    let mut host = Host::new();
    let before = host.save();
    let mut num_whole = 0;
    for seed in 0..10_000 {
        host.load(&damage(&whole, seed));
        let after = host.save();
        // Damage beside the sealed text, or behind the end, leaves a whole state: it is taken as a whole.
        if after == whole {
            assert!(host.load(&before));
            num_whole += 1;
        } else {
            assert!(after == before, "seed {seed} changed what was loaded");
        }
    }
    assert!(num_whole < 3_000, "{num_whole} states were no worse for it");
    assert!(host.load(&whole));
    assert_eq!(host.save(), whole);
}

/// Flips, cuts, doubles or overwrites some bytes.
fn damage(whole: &[u8], seed: u32) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let place =
        |index: u32| (number(seed, index, 0.0, whole.len() as f64) as usize).min(whole.len() - 1);
    match seed % 5 {
        0 => bytes.truncate(place(0)),
        1 => bytes[place(0)] ^= 1 << (seed % 8),
        2 => {
            let (start, end) = (place(0).min(place(1)), place(0).max(place(1)));
            bytes.drain(start..end);
        }
        3 => {
            for index in 0..16 {
                bytes[place(index)] = number(seed, 50 + index, 0.0, 256.0) as u8;
            }
        }
        _ => {
            let tail = bytes[place(0)..].to_vec();
            bytes.extend(tail);
        }
    }
    bytes
}

#[test]
fn foreign_and_newer_states_are_told_apart_and_refused() {
    let persisted = Persisted::default();
    persisted.change(|settings| *settings = random_settings(5));
    persisted.deserialize_fields(&BTreeMap::new());
    assert_eq!(persisted.refusal(), Some(Refusal::Foreign));
    let sealed = seal("{}".to_owned())
        .expect("a seal")
        .replace("\"format\":1", "\"format\":9");
    persisted.deserialize_fields(&[(FIELD.to_owned(), sealed)].into());
    assert_eq!(persisted.refusal(), Some(Refusal::Newer { found: 9 }));
    assert_eq!(persisted.settings(), random_settings(5));
}

#[test]
fn a_path_out_of_the_pad_or_a_number_that_is_none_is_refused() {
    for spoil in [
        |settings: &mut Settings| settings.path = vec![[0.5, 1.5]],
        |settings: &mut Settings| settings.path = vec![[0.5, 0.5]; 100_000],
    ] {
        let saved = Persisted::default();
        saved.change(spoil);
        let loaded = Persisted::default();
        loaded.deserialize_fields(&saved.serialize_fields());
        assert!(matches!(loaded.refusal(), Some(Refusal::Damaged(_))));
        assert_eq!(loaded.settings(), Settings::default());
    }
}

#[test]
fn a_state_loaded_while_it_plays_is_heard_from_the_next_key_on() {
    let strike = [(0, Message::On(60, 0.8)), (20_000, Message::Off(60))];
    let mut host = Host::offline();
    let first = host.play(&strike, 96_000, u64::from(BLOCK));
    let other = Sound::of_recipe(&models::SoundRecipe::from_seed(80));
    assert!(host.change(|settings| settings.corners[0] = Some(other)));
    host.reset();
    let second = host.play(&strike, 96_000, u64::from(BLOCK));
    assert!(first != second);
    let mut fresh = Host::new();
    assert!(fresh.load(&host.save()));
    fresh.set_offline();
    fresh.activate(48_000.0, BLOCK);
    assert!(fresh.play(&strike, 96_000, u64::from(BLOCK)) == second);
}
