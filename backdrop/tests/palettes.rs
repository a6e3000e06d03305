//! Palettes from words, files and pictures: five colours, or one clear refusal.

use std::path::PathBuf;

use backdrop::Fault;
use backdrop::color::{Oklab, Srgb8};
use backdrop::mood::Character;
use backdrop::palette::Palette;

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn hexes(palette: &Palette) -> Vec<String> {
    palette.colors().iter().map(|color| color.hex()).collect()
}

/// An ASE file as Adobe writes it: one group of nothing, then colours with empty names.
fn ase(colors: &[(&[u8; 4], &[f32])]) -> Vec<u8> {
    let mut bytes = b"ASEF\0\x01\0\0".to_vec();
    bytes.extend((colors.len() as u32).to_be_bytes());
    for (model, numbers) in colors {
        let mut block = vec![0, 1, 0, 0];
        block.extend(*model);
        numbers
            .iter()
            .for_each(|number| block.extend(number.to_be_bytes()));
        block.extend([0, 0]);
        bytes.extend(1_u16.to_be_bytes());
        bytes.extend((block.len() as u32).to_be_bytes());
        bytes.extend(block);
    }
    bytes
}

fn png(
    width: u32,
    height: u32,
    depth: png::BitDepth,
    color: png::ColorType,
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(data)
        .unwrap();
    bytes
}

#[test]
fn five_colors_stay_and_are_sorted_from_dark_to_light() {
    let palette = Palette::from_text("#f4f1de, #0b1d3a, #d1495b,#edae49 #5b2a86").unwrap();
    assert_eq!(
        hexes(&palette),
        ["#0b1d3a", "#5b2a86", "#d1495b", "#edae49", "#f4f1de"]
    );
    assert_eq!(palette.largest_omission(), 0.0);
}

#[test]
fn every_given_color_is_in_the_palette_when_there_are_one_to_five() {
    let all = ["#1b3a5c", "#f2c14e", "#78c0e0", "#d62246", "#17bebb"];
    for count in 1..=5 {
        let palette = Palette::from_text(&all[..count].join(",")).unwrap();
        for hex in &all[..count] {
            assert!(
                hexes(&palette).contains(&(*hex).to_owned()),
                "{count}: {hex}"
            );
        }
        let lightness = palette.oklab().map(|color| color.lightness);
        assert!(lightness.is_sorted(), "{count}: {lightness:?}");
    }
}

#[test]
fn one_color_becomes_five_lightnesses_of_itself_even_black_and_white() {
    for hex in ["#000000", "#ffffff", "#d62246", "#808080"] {
        let palette = Palette::from_text(hex).unwrap();
        let lightness = palette.oklab().map(|color| color.lightness);
        assert!(
            lightness.windows(2).all(|pair| pair[1] - pair[0] > 0.04),
            "{hex}: {lightness:?}"
        );
        assert!(hexes(&palette).contains(&hex.to_owned()), "{hex}");
    }
}

#[test]
fn of_forty_colors_five_far_apart_are_kept_and_the_omission_is_told() {
    let many: Vec<Srgb8> = (0..40)
        .map(|index| Srgb8([6 * index, 255 - 6 * index, 128]))
        .collect();
    let palette = Palette::new(&many).unwrap();
    assert!(palette.colors().iter().all(|color| many.contains(color)));
    assert!(palette.largest_omission() > 0.01);
    assert_eq!(
        Palette::new(&vec![Srgb8([1, 2, 3]); 257])
            .unwrap_err()
            .fault(),
        Fault::Request
    );
    assert_eq!(Palette::new(&[]).unwrap_err().fault(), Fault::Request);
}

#[test]
fn words_that_are_no_palette_are_the_requests_fault() {
    for text in [
        "#12",
        "#zzzzzz,#ffffff",
        "reddish",
        "",
        "#123456,",
        "nowhere.ase",
        "#123456;blue",
    ] {
        match Palette::from_text(text) {
            Err(error) => assert_eq!(error.fault(), Fault::Request, "{text}: {error}"),
            Ok(palette) => assert_eq!(text, "#123456,", "{palette:?}"),
        }
    }
}

#[test]
fn json_gpl_and_ase_hold_the_same_colors() {
    let wanted = ["#0b1d3a", "#5b2a86", "#d1495b", "#edae49", "#f4f1de"];
    let json = format!("{{\"brand\": {{\"name\": \"x\", \"colors\": {wanted:?}}}}}");
    let gpl = "GIMP Palette\nName: brand\n# comment\n11 29 58 night\n 91  42 134\tplum\n209 73 91\n237 174 73\n244 241 222 paper\n";
    let coded = |hex: &str| {
        Srgb8::from_hex(hex)
            .unwrap()
            .0
            .map(|value| f32::from(value) / 255.0)
    };
    let numbers: Vec<[f32; 3]> = wanted.iter().map(|hex| coded(hex)).collect();
    let swatches: Vec<(&[u8; 4], &[f32])> = numbers
        .iter()
        .map(|numbers| (b"RGB ", &numbers[..]))
        .collect();
    for (name, bytes) in [
        ("a.json", json.into_bytes()),
        ("a.gpl", gpl.as_bytes().to_vec()),
        ("a.ase", ase(&swatches)),
    ] {
        let (_folder, path) = file(name, &bytes);
        assert_eq!(hexes(&Palette::from_file(&path).unwrap()), wanted, "{name}");
    }
}

#[test]
fn ase_inks_and_lab_are_converted() {
    // No ink is white, all black ink is black; L* 53.39 a 80 b 67 is sRGB red under D50 (published: 54.29, 80.80, 69.89).
    let (_folder, path) = file(
        "a.ase",
        &ase(&[
            (b"CMYK", &[0.0; 4]),
            (b"CMYK", &[0.0, 0.0, 0.0, 1.0]),
            (b"LAB ", &[0.5429, 80.80, 69.89]),
            (b"Gray", &[0.5]),
        ]),
    );
    let colors = hexes(&Palette::from_file(&path).unwrap());
    assert!(
        colors.contains(&"#ffffff".to_owned()) && colors.contains(&"#000000".to_owned()),
        "{colors:?}"
    );
    let red = Oklab::from(Srgb8([255, 0, 0]));
    let nearest = Palette::from_file(&path)
        .unwrap()
        .oklab()
        .map(|color| color.distance(red));
    assert!(
        nearest.iter().any(|distance| *distance < 0.01),
        "{colors:?}"
    );
}

#[test]
fn damaged_palette_files_are_the_files_fault_and_are_named() {
    let whole = ase(&[(b"RGB ", &[0.1, 0.2, 0.3]), (b"RGB ", &[0.9, 0.8, 0.7])]);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty.json", Vec::new()),
        ("cut.json", b"[\"#112233\", ".to_vec()),
        ("none.json", b"{\"a\": 1}".to_vec()),
        ("word.json", b"[\"blue\"]".to_vec()),
        ("cut.ase", whole[..whole.len() - 3].to_vec()),
        (
            "huge.ase",
            [b"ASEF\0\x01\0\0".to_vec(), u32::MAX.to_be_bytes().to_vec()].concat(),
        ),
        ("words.gpl", b"GIMP Palette\n300 1 2 too much\n".to_vec()),
        ("none.gpl", b"GIMP Palette\n# nothing\n".to_vec()),
        (
            "noise.bin",
            (0..999u32).map(|byte| (byte * 7 % 251) as u8).collect(),
        ),
    ];
    for (name, bytes) in cases {
        let (_folder, path) = file(name, &bytes);
        let error = Palette::from_file(&path).unwrap_err();
        assert!(
            error.to_string().contains(name) || name == "none.json",
            "{error}"
        );
        assert_eq!(error.fault(), Fault::InputFile, "{name}: {error}");
    }
}

#[test]
fn an_ase_cut_or_damaged_anywhere_never_panics() {
    let whole = ase(&[
        (b"RGB ", &[0.1, 0.2, 0.3]),
        (b"CMYK", &[0.9, 0.8, 0.7, 0.0]),
    ]);
    for length in 0..whole.len() {
        let (_folder, path) = file("cut.ase", &whole[..length]);
        let _ = Palette::from_file(&path);
        let mut damaged = whole.clone();
        damaged[length] ^= 0xff;
        let (_folder, path) = file("damaged.ase", &damaged);
        let _ = Palette::from_file(&path);
    }
}

#[test]
fn a_picture_of_five_areas_gives_their_colors_in_eight_and_sixteen_bits() {
    let colors = [
        [11, 29, 58],
        [91, 42, 134],
        [209, 73, 91],
        [237, 174, 73],
        [244, 241, 222],
    ];
    let pixels: Vec<u8> = (0..100 * 60)
        .flat_map(|index| colors[index % 100 / 20])
        .collect();
    let wide: Vec<u8> = pixels.iter().flat_map(|&byte| [byte, byte]).collect();
    let wanted = ["#0b1d3a", "#5b2a86", "#d1495b", "#edae49", "#f4f1de"];
    for (depth, data) in [
        (png::BitDepth::Eight, &pixels),
        (png::BitDepth::Sixteen, &wide),
    ] {
        let (_folder, path) = file("areas.png", &png(100, 60, depth, png::ColorType::Rgb, data));
        assert_eq!(
            hexes(&Palette::from_file(&path).unwrap()),
            wanted,
            "{depth:?}"
        );
    }
}

#[test]
fn a_picture_that_would_not_fit_into_memory_is_refused_before_it_is_decoded() {
    // A PNG that promises 60000 x 60000 pixels in a few bytes.
    let mut bytes = png(1, 1, png::BitDepth::Eight, png::ColorType::Rgb, &[0; 3]);
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    let (_folder, path) = file("bomb.png", &bytes);
    let error = Palette::from_file(&path).unwrap_err();
    assert_eq!(error.fault(), Fault::InputFile, "{error}");
    assert!(error.to_string().contains("bomb.png"));
}

/// PNG's checksum, bit by bit (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

#[test]
fn cut_and_transparent_pictures_are_refused() {
    let whole = png(
        40,
        40,
        png::BitDepth::Eight,
        png::ColorType::Rgb,
        &[77; 4800],
    );
    let clear = png(4, 4, png::BitDepth::Eight, png::ColorType::Rgba, &[0; 64]);
    for (name, bytes) in [
        ("cut.png", &whole[..whole.len() / 2]),
        ("clear.png", &clear[..]),
    ] {
        let (_folder, path) = file(name, bytes);
        assert_eq!(
            Palette::from_file(&path).unwrap_err().fault(),
            Fault::InputFile,
            "{name}"
        );
    }
}

#[test]
fn seeds_give_different_palettes_and_the_same_seed_the_same() {
    let all: std::collections::BTreeSet<Vec<String>> = (0..200)
        .map(|seed| hexes(&Palette::from_seed(seed)))
        .collect();
    assert!(all.len() > 195);
    assert_eq!(Palette::from_seed(7), Palette::from_seed(7));
}

#[test]
fn a_glad_mood_is_warmer_and_lighter_than_a_sad_one_and_a_wild_one_more_colorful_than_a_calm_one() {
    let of = |valence, energy| Character {
        valence,
        energy,
        brightness: 0.5,
    };
    let mean = |palette: &Palette, part: fn(&Oklab) -> f64| {
        palette.oklab().iter().map(part).sum::<f64>() / 5.0
    };
    for seed in 0..20 {
        let (glad, sad) = (of(0.9, 0.4).palette(seed), of(-0.9, 0.4).palette(seed));
        assert!(
            mean(&glad, |color| color.b) > mean(&sad, |color| color.b),
            "seed {seed}"
        );
        assert!(
            mean(&glad, |color| color.lightness) > mean(&sad, |color| color.lightness),
            "seed {seed}"
        );
        let (wild, calm) = (of(0.0, 1.0).palette(seed), of(0.0, 0.0).palette(seed));
        assert!(
            mean(&wild, |color| color.chroma()) > mean(&calm, |color| color.chroma()),
            "seed {seed}"
        );
    }
    let known = [
        "silk".to_owned(),
        "lowpoly".to_owned(),
        "something".to_owned(),
    ];
    let styles = of(0.2, 0.9).styles(&known);
    assert_eq!(styles[0].0, "lowpoly");
    assert!(styles.iter().all(|(name, _)| name != "something"));
}
