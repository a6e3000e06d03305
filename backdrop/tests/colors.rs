//! Colours agree with published values: OKLab of the primaries (CSS Color 4), contrast ratios (WCAG 2).

use backdrop::Fault;
use backdrop::color::{ColorSpace, Oklab, Srgb8, contrast_ratio};

#[test]
fn oklab_of_the_primaries_is_that_of_css_color_4() {
    let published = [
        ("#ffffff", [1.0, 0.0, 0.0]),
        ("#000000", [0.0, 0.0, 0.0]),
        ("#ff0000", [0.627_96, 0.224_86, 0.125_85]),
        ("#00ff00", [0.866_44, -0.233_89, 0.179_50]),
        ("#0000ff", [0.452_01, -0.032_46, -0.311_53]),
    ];
    for (hex, [lightness, a, b]) in published {
        let found = Oklab::from(Srgb8::from_hex(hex).unwrap());
        assert!(
            found.distance(Oklab { lightness, a, b }) < 2e-5,
            "{hex}: {found:?}"
        );
    }
}

#[test]
fn every_color_of_a_grid_comes_back_from_oklab() {
    for red in (0..=255).step_by(15) {
        for green in (0..=255).step_by(17) {
            for blue in (0..=255).step_by(51) {
                let color = Srgb8([red, green, blue].map(|value| value as u8));
                assert_eq!(Oklab::from(color).to_srgb8(), color);
            }
        }
    }
}

#[test]
fn a_color_that_no_screen_shows_keeps_its_lightness_and_hue() {
    let wild = Oklab::from_lch(0.7, 0.5, 150.0);
    let shown = Oklab::from(wild.to_srgb8());
    assert!((shown.lightness - 0.7).abs() < 0.005);
    let hue = shown.b.atan2(shown.a).to_degrees();
    assert!((hue - 150.0).abs() < 1.0, "hue {hue}");
}

#[test]
fn contrast_ratios_are_those_of_wcag() {
    let ratio = |one: &str, other: &str| {
        let luminance = |hex| Srgb8::from_hex(hex).unwrap().luminance();
        contrast_ratio(luminance(one), luminance(other))
    };
    assert!((ratio("#000", "#fff") - 21.0).abs() < 1e-9);
    // The lightest grey that passes on white, and the next that fails (WebAIM's checker).
    assert!((ratio("#767676", "#fff") - 4.54).abs() < 0.005);
    assert!((ratio("#777777", "#fff") - 4.48).abs() < 0.005);
}

#[test]
fn hex_is_read_in_its_four_forms_and_nothing_else() {
    for text in ["#1b3a5c", "1B3A5C", " #1b3a5c "] {
        assert_eq!(Srgb8::from_hex(text).unwrap(), Srgb8([0x1b, 0x3a, 0x5c]));
    }
    assert_eq!(Srgb8::from_hex("#fa0").unwrap(), Srgb8([0xff, 0xaa, 0x00]));
    for text in [
        "", "#", "#12345", "#1234567", "#gggggg", "red", "#12 456", "#é1b3a5",
    ] {
        assert_eq!(
            Srgb8::from_hex(text).unwrap_err().fault(),
            Fault::Request,
            "{text}"
        );
    }
}

#[test]
fn both_profiles_say_what_they_are() {
    for (space, name) in [(ColorSpace::Srgb, "sRGB"), (ColorSpace::DisplayP3, "P3")] {
        let profile = space.icc_profile().unwrap();
        assert_eq!(&profile[36..40], b"acsp");
        let text: String = profile
            .iter()
            .filter(|byte| byte.is_ascii_graphic())
            .map(|&byte| char::from(byte))
            .collect();
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn the_profile_is_laid_out_as_the_icc_asks() {
    for space in [ColorSpace::Srgb, ColorSpace::DisplayP3] {
        let profile = space.icc_profile().unwrap();
        let word = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(word(0), profile.len());
        let white = [68, 72, 76].map(|at| f64::from(word(at) as u32) / 65_536.0);
        for (found, wanted) in white.into_iter().zip([0.9642, 1.0, 0.8249]) {
            assert!((found - wanted).abs() < 1e-5, "{white:?}");
        }
        for tag in 0..word(128) {
            let (start, length) = (word(136 + 12 * tag), word(140 + 12 * tag));
            assert!(start.is_multiple_of(4) && start + length <= profile.len());
        }
    }
}
