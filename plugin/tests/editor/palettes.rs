//! Colours of sounds: how light they are, and whether they can be told apart. Contrast is checked with WCAG's own values.

use plugin::editor::palette::{Palette, SoundFigures, contrast, encode, linear, luminance};

use super::fixture::six_sounds;

#[test]
fn contrast_agrees_with_wcag() {
    assert!((contrast([255; 3], [0; 3]) - 21.0).abs() < 1e-4);
    // #767676 is the lightest grey that passes on white: 4.54 : 1.
    assert!((contrast([0x76; 3], [255; 3]) - 4.54).abs() < 0.01);
}

#[test]
fn encoding_undoes_linear_light() {
    for value in 0..=255 {
        assert_eq!(
            encode(linear([value, 128, 255 - value])),
            [value, 128, 255 - value]
        );
    }
}

#[test]
fn a_palette_goes_from_dark_to_light_for_any_sound() {
    for seed in 0..200 {
        let spread = |step: u32| ((seed * step) % 61) as f32 / 10.0 - 3.0;
        let figures = SoundFigures {
            brightness: spread(7),
            attack: spread(11),
            noisiness: spread(13),
            decay: spread(17),
            seed,
        };
        let lights = Palette::of(&figures)
            .0
            .map(|color| luminance(linear(color)));
        assert!(
            lights.windows(2).all(|pair| pair[0] < pair[1]),
            "{figures:?}: {lights:?}"
        );
    }
}

#[test]
fn every_two_of_six_sounds_have_accents_that_can_be_told_apart() {
    let accents: Vec<_> = six_sounds()
        .iter()
        .map(|sound| (sound.name.clone(), Palette::of(&sound.figures).accent()))
        .collect();
    for (index, (first, one)) in accents.iter().enumerate() {
        for (second, other) in &accents[index + 1..] {
            let apart: u32 = one
                .iter()
                .zip(other)
                .map(|(a, b)| u32::from(a.abs_diff(*b)))
                .sum();
            assert!(apart > 24, "{first} {one:?} and {second} {other:?}");
        }
    }
}
