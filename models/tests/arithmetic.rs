//! Sums of sounds: what they are made of, where they lie, and what is refused.

#[path = "fixtures/load.rs"]
mod fixtures;

use fixtures::model;
use models::{
    DEFAULT_TRUNCATION, Error, ModelFile, SUM_ATTRIBUTE_LIMIT, SoundPoint, Term, parse_sum,
};

fn sound(seed: u32) -> SoundPoint {
    let file = ModelFile::load(model("toy.onnx")).unwrap();
    SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, file.manifest()).unwrap()
}

fn length(numbers: &[f32]) -> f32 {
    numbers.iter().map(|n| n * n).sum::<f32>().sqrt()
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot: f32 = one.iter().zip(other).map(|(a, b)| a * b).sum();
    dot / (length(one) * length(other))
}

fn term(weight: f32, sound: &str) -> Term {
    Term {
        weight,
        sound: sound.to_owned(),
    }
}

#[test]
fn a_sum_is_read_with_its_signs_and_factors() {
    assert_eq!(
        parse_sum("- low-tide + 0.5*seed:7 - 12").unwrap(),
        [
            term(-1.0, "low-tide"),
            term(0.5, "seed:7"),
            term(-1.0, "12")
        ]
    );
    assert_eq!(parse_sum("moss").unwrap(), [term(1.0, "moss")]);
}

#[test]
fn what_is_no_sum_is_refused_with_the_text_in_the_message() {
    for wrong in ["", "a +", "a + - b", "a b", "x*a", "2*", "+ a", "NaN*a"] {
        let message = parse_sum(wrong).unwrap_err().to_string();
        assert!(message.contains(&format!("`{wrong}`")), "{message}");
    }
}

#[test]
fn a_sound_alone_is_itself() {
    assert_eq!(SoundPoint::sum(&[(1.0, sound(5))]).unwrap(), sound(5));
}

#[test]
fn taking_a_sound_away_and_adding_it_again_changes_nothing() {
    let sum = SoundPoint::sum(&[(1.0, sound(1)), (-1.0, sound(2)), (1.0, sound(2))]).unwrap();
    assert!(cosine(&sum.latent, &sound(1).latent) > 0.9999);
    for (found, wanted) in sum.attributes.iter().zip(&sound(1).attributes) {
        assert!((found - wanted).abs() < 1e-5);
    }
}

#[test]
fn two_sounds_added_lie_as_near_to_either() {
    let (a, b) = (sound(1), sound(2));
    let sum = SoundPoint::sum(&[(1.0, a.clone()), (1.0, b.clone())]).unwrap();
    let equal_a = a.latent.iter().map(|n| n / length(&a.latent));
    let equal_b = b.latent.iter().map(|n| n / length(&b.latent));
    let middle: Vec<f32> = equal_a.zip(equal_b).map(|(a, b)| a + b).collect();
    assert!(cosine(&sum.latent, &middle) > 0.97);
    for (found, (a, b)) in sum
        .attributes
        .iter()
        .zip(a.attributes.iter().zip(&b.attributes))
    {
        assert!((found - (a + b) / 2.0).abs() < 1e-5);
    }
}

#[test]
fn a_sum_is_as_long_as_its_longest_term_and_its_attributes_stay_in_range() {
    let terms = [(1.0, sound(1)), (-3.0, sound(2)), (3.0, sound(3))];
    let sum = SoundPoint::sum(&terms).unwrap();
    let longest = terms
        .iter()
        .map(|(_, sound)| length(&sound.latent))
        .fold(0.0, f32::max);
    assert!((length(&sum.latent) - longest).abs() < 1e-4);
    assert!(
        sum.attributes
            .iter()
            .all(|a| a.abs() <= SUM_ATTRIBUTE_LIMIT)
    );
}

#[test]
fn sounds_that_cancel_or_are_of_different_models_are_refused() {
    let nothing = SoundPoint::sum(&[(1.0, sound(1)), (-1.0, sound(1))]);
    assert!(matches!(nothing, Err(Error::SoundsCancel)));
    assert!(matches!(SoundPoint::sum(&[]), Err(Error::SoundsCancel)));
    let mut foreign = sound(2);
    foreign.latent.push(0.0);
    let mixed = SoundPoint::sum(&[(1.0, sound(1)), (1.0, foreign)]);
    assert!(matches!(mixed, Err(Error::WrongLength { .. })));
}
