//! Colours and styles that follow from what a sound is like.

use backdrop::Size;
use backdrop::color::Oklab;
use backdrop::sound::SoundFigures;

fn of(brightness: f32, attack: f32, noisiness: f32) -> SoundFigures {
    SoundFigures {
        brightness,
        attack,
        noisiness,
        ..SoundFigures::default()
    }
}

/// Of the middle colour, degrees.
fn hue_deg(sound: &SoundFigures) -> f64 {
    let middle = Oklab::from(sound.colors()[2]);
    middle.b.atan2(middle.a).to_degrees().rem_euclid(360.0)
}

#[test]
fn colors_go_from_dark_to_light_in_the_same_steps_for_every_sound() {
    for seed in 0..200 {
        let spread = |step: u32| ((seed * step) % 61) as f32 / 10.0 - 3.0;
        let sound = SoundFigures {
            decay: spread(17),
            seed,
            ..of(spread(7), spread(11), spread(13))
        };
        let lightness = sound.colors().map(|color| Oklab::from(color).lightness);
        for (found, wanted) in lightness.into_iter().zip([0.24, 0.40, 0.58, 0.76, 0.92]) {
            assert!((found - wanted).abs() < 0.02, "{sound:?}: {lightness:?}");
        }
    }
}

#[test]
fn dark_sounds_are_ember_and_bright_ones_ice() {
    let (dark, bright) = (hue_deg(&of(-3.0, 0.0, 0.0)), hue_deg(&of(3.0, 0.0, 0.0)));
    // Seed 0 turns the hue by -80 degrees.
    let turned_back = |hue: f64| (hue + 80.0).rem_euclid(360.0);
    assert!((25.0..60.0).contains(&turned_back(dark)), "{dark}");
    assert!((245.0..275.0).contains(&turned_back(bright)), "{bright}");
}

#[test]
fn breath_takes_colour_away() {
    let chroma = |sound: SoundFigures| Oklab::from(sound.colors()[2]).chroma();
    assert!(chroma(of(0.0, 0.0, 2.0)) < 0.8 * chroma(of(0.0, 0.0, -2.0)));
}

#[test]
fn figures_are_found_by_their_names_whatever_the_order() {
    let names = ["decay", "loudness", "brightness"].map(str::to_owned);
    let found = SoundFigures::of(7, &names, &[0.5, 9.0, -1.0]);
    let wanted = SoundFigures {
        brightness: -1.0,
        decay: 0.5,
        seed: 7,
        ..SoundFigures::default()
    };
    assert_eq!(found, wanted);
}

#[test]
fn the_picture_has_the_seed_the_colours_and_known_styles_only() {
    let sound = SoundFigures {
        seed: 12,
        ..of(1.0, -2.0, 0.5)
    };
    let known = ["paper", "leaks", "marble"].map(str::to_owned);
    let request = sound.request(Size::new(64, 36).unwrap(), &known);
    assert_eq!(request.seed, 12);
    assert_eq!(request.palette.unwrap().colors(), sound.colors());
    let (style, weight) = &request.styles[0];
    assert_eq!(style, "leaks", "a bright, fast sound is no paper: {weight}");
    assert!(request.styles.iter().all(|(style, _)| style != "marble"));
}
