//! Seeds give the numbers of the contract, as computed a second time by `fixtures/make_fixtures.py`.

#[path = "fixtures/load.rs"]
mod fixtures;

use fixtures::{expected, list, number, toy_manifest};
use models::{DEFAULT_TRUNCATION, Error, SoundPoint, seeded, slerp};

#[test]
fn the_hash_is_the_contracts() {
    for row in expected()["hashes"].as_array().unwrap() {
        let [seed, stream, index, hash] = [0, 1, 2, 3].map(|i| row[i].as_u64().unwrap() as u32);
        assert_eq!(
            seeded::hash(seed, stream, index),
            hash,
            "h({seed}, {stream}, {index})"
        );
    }
}

#[test]
fn normal_numbers_are_the_contracts() {
    for row in expected()["normals"].as_array().unwrap() {
        let [seed, stream, index] = [0, 1, 2].map(|i| row[i].as_u64().unwrap() as u32);
        let difference = seeded::normal(seed, stream, index) - number(&row[3]);
        assert!(
            difference.abs() < 1e-12,
            "n({seed}, {stream}, {index}) differs by {difference}"
        );
    }
}

#[test]
fn a_seed_gives_the_latent_and_attributes_of_the_contract() {
    for (seed, point) in expected()["sounds"].as_object().unwrap() {
        let sound =
            SoundPoint::from_seed(seed.parse().unwrap(), DEFAULT_TRUNCATION, &toy_manifest())
                .unwrap();
        assert_eq!(sound.latent, list(&point["latent"]), "latent of {seed}");
        assert_eq!(
            sound.attributes,
            list(&point["attributes"]),
            "attributes of {seed}"
        );
        assert_eq!(sound.style_offset, [0.0; 6]);
    }
}

#[test]
fn a_narrow_truncation_redraws_from_the_following_streams() {
    let sound = SoundPoint::from_seed(7, 0.5, &toy_manifest()).unwrap();
    assert_eq!(sound.latent, list(&expected()["narrow_latent_of_7"]));
    assert!(sound.latent.iter().all(|number| number.abs() <= 0.5));
}

#[test]
fn a_truncation_that_no_number_can_meet_is_refused() {
    for truncation in [0.0, -1.0, 0.001, f64::NAN, f64::INFINITY] {
        let refused = SoundPoint::from_seed(1, truncation, &toy_manifest());
        assert!(
            matches!(refused, Err(Error::OutOfRange { .. })),
            "truncation {truncation}"
        );
    }
}

#[test]
fn ten_thousand_normal_numbers_have_mean_0_and_deviation_1() {
    let numbers: Vec<f64> = (0..10_000)
        .map(|index| seeded::normal(3, 16, index))
        .collect();
    let mean = numbers.iter().sum::<f64>() / 1e4;
    let variance = numbers
        .iter()
        .map(|number| (number - mean).powi(2))
        .sum::<f64>()
        / 1e4;
    // Four standard errors: 1/100 for the mean, sqrt(2)/100 for the variance.
    assert!(
        mean.abs() < 0.04 && (variance - 1.0).abs() < 0.057,
        "mean {mean}, variance {variance}"
    );
}

#[test]
fn spherical_interpolation_starts_and_ends_at_its_ends_and_keeps_the_length() {
    let (from, to) = (vec![3.0, 0.0, 0.0], vec![0.0, 3.0, 0.0]);
    let close = |found: Vec<f32>, wanted: [f64; 3]| {
        found
            .iter()
            .zip(wanted)
            .for_each(|(f, w)| assert!((f64::from(*f) - w).abs() < 1e-6, "{found:?} {wanted:?}"));
    };
    close(slerp(&from, &to, 0.0).unwrap(), [3.0, 0.0, 0.0]);
    close(slerp(&from, &to, 1.0).unwrap(), [0.0, 3.0, 0.0]);
    // A third of a right angle is 30 degrees.
    close(
        slerp(&from, &to, 1.0 / 3.0).unwrap(),
        [3.0 * 0.75_f64.sqrt(), 1.5, 0.0],
    );
}

#[test]
fn latents_on_one_line_are_joined_without_nan() {
    for to in [[2.0, 4.0], [1.0, 2.0], [0.0, 0.0]] {
        let middle = slerp(&[1.0, 2.0], &to, 0.5).unwrap();
        assert_eq!(
            middle,
            [(1.0 + to[0]) / 2.0, (2.0 + to[1]) / 2.0],
            "towards {to:?}"
        );
    }
}

#[test]
fn the_path_between_opposite_latents_is_a_half_circle_that_never_passes_zero() {
    let opposites: [(&[f32], &[f32]); 4] = [
        (&[1.0, 2.0], &[-1.0, -2.0]),
        (&[1.0, 2.0, 3.0], &[-1.0, -2.0, -3.0]),
        (&[0.0, 0.0, 5.0], &[0.0, 0.0, -5.0]),
        (&[1.0, 0.0, 0.0, 1.0], &[-3.0, 0.0, 0.0, -3.0]),
    ];
    let norm = |latent: &[f32]| latent.iter().map(|x| x * x).sum::<f32>().sqrt();
    for (from, to) in opposites {
        let mut before = from.to_vec();
        for step in 0..=16_u8 {
            let position = f32::from(step) / 16.0;
            let point = slerp(from, to, position).unwrap();
            let wanted = norm(from) + position * (norm(to) - norm(from));
            assert!(
                (norm(&point) - wanted).abs() < 1e-5,
                "{from:?} at {position}"
            );
            let stride: Vec<f32> = point.iter().zip(&before).map(|(a, b)| a - b).collect();
            // A sixteenth of a half circle is 0.196 of the radius; the radius grows by at most an eighth of the first one.
            assert!(
                norm(&stride) < 0.2 * wanted + 0.13 * norm(from),
                "{from:?} at {position}"
            );
            before = point;
        }
        for (a, b) in before.iter().zip(to) {
            assert!((a - b).abs() < 1e-5, "{from:?} ends at {before:?}");
        }
    }
}

#[test]
fn interpolating_between_different_lengths_or_outside_0_to_1_is_refused() {
    assert!(matches!(
        slerp(&[1.0], &[1.0, 2.0], 0.5),
        Err(Error::WrongLength { .. })
    ));
    for position in [-0.1, 1.1, f32::NAN] {
        assert!(matches!(
            slerp(&[1.0, 0.0], &[0.0, 1.0], position),
            Err(Error::OutOfRange { .. })
        ));
    }
}

#[test]
fn a_control_moves_its_own_input_by_its_vector() {
    let manifest = toy_manifest();
    let plain = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, &manifest).unwrap();
    let mut moved = plain.clone();
    moved.add_control("brightness", 2.0, &manifest).unwrap();
    moved.add_control("warm", 3.0, &manifest).unwrap();
    assert_eq!(moved.attributes[0], plain.attributes[0] + 2.0);
    assert_eq!(moved.attributes[1..], plain.attributes[1..]);
    assert_eq!(moved.style_offset, [1.5, -1.5, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(moved.latent, plain.latent);
}

#[test]
fn an_unknown_control_is_told_with_the_known_ones() {
    let manifest = toy_manifest();
    let mut sound = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, &manifest).unwrap();
    let message = sound
        .add_control("sparkle", 1.0, &manifest)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("sparkle") && message.contains("brightness, warm"),
        "{message}"
    );
    for value in [2.1, -2.1, f32::NAN] {
        assert!(matches!(
            sound.add_control("brightness", value, &manifest),
            Err(Error::OutOfRange { .. })
        ));
    }
}

#[test]
fn halfway_between_two_sounds_lie_the_means_of_attributes_and_style() {
    let manifest = toy_manifest();
    let from = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, &manifest).unwrap();
    let mut to = SoundPoint::from_seed(2, DEFAULT_TRUNCATION, &manifest).unwrap();
    to.add_control("warm", 1.0, &manifest).unwrap();
    let middle = from.toward(&to, 0.5).unwrap();
    let mean = (f64::from(from.attributes[2]) + f64::from(to.attributes[2])) / 2.0;
    assert!((f64::from(middle.attributes[2]) - mean).abs() < 1e-6);
    assert_eq!(middle.style_offset[0], 0.25);
    assert_eq!(middle.latent, slerp(&from.latent, &to.latent, 0.5).unwrap());
}
