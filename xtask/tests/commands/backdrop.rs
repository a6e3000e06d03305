//! `backdrop` as a user calls it: files, JSON, loops, and every bad request with its exit code and one message.

use std::path::Path;
use std::process::Output;

use crate::running::{in_tree, json, names, program};

/// `backdrop` on the toy model.
fn understory(folder: &Path, arguments: &[&str]) -> Output {
    program(folder)
        .args(["backdrop", "--model"])
        .arg(in_tree("models/tests/fixtures/picture_toy.onnx"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_picture_is_written_with_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let paint = |seed: &str| {
        let arguments = [
            "--size",
            "320x180",
            "--style",
            "silk=0.6,mesh=0.4",
            "--palette",
            "#0b1d3a,#edae49",
            "--text-box",
            "10%,10%,50%,30%",
            "--set",
            "detail=0.5",
            "--seed",
            seed,
            "-o",
            "a.png",
            "--force",
            "--json",
        ];
        json(&understory(folder.path(), &arguments))
    };
    let (once, twice, other) = (paint("5"), paint("5"), paint("6"));
    assert_eq!(
        (once["width"].as_u64(), once["height"].as_u64()),
        (Some(320), Some(180))
    );
    assert_eq!(once["fingerprint"], twice["fingerprint"]);
    assert_ne!(once["fingerprint"], other["fingerprint"]);
    for figure in [
        "contrast",
        "palette_error",
        "render_ms",
        "encode_ms",
        "busyness",
    ] {
        assert!(
            once[figure].as_f64().is_some_and(|value| value >= 0.0),
            "{figure}: {once}"
        );
    }
    let coverage: f64 = once["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share.as_f64().unwrap())
        .sum();
    assert!((coverage - 1.0).abs() < 1e-3);
    assert!(
        std::fs::read(folder.path().join("a.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
}

#[test]
fn a_mood_by_name_is_the_mood_by_numbers_and_another_mood_another_picture() {
    let folder = tempfile::tempdir().unwrap();
    let paint = |mood: &str| {
        let arguments = ["--size", "64x36", "--mood", mood, "--force", "--json"];
        json(&understory(folder.path(), &arguments))["fingerprint"].clone()
    };
    // Calm lies at valence 0.4 and energy 0.2, the beds' moods say.
    assert_eq!(paint("calm"), paint("0.4,0.2"));
    assert_ne!(paint("calm"), paint("urgent"));
}

#[test]
fn the_picture_of_a_sound_has_the_sounds_seed_and_its_colours() {
    let folder = tempfile::tempdir().unwrap();
    let paint = |arguments: &[&str]| {
        let always = ["--size", "160x90", "-o", "a.png", "--force", "--json"];
        json(&understory(folder.path(), &[&always, arguments].concat()))
    };
    let canopy = paint(&["--sound", "canopy"]);
    assert_eq!(canopy["seed"].as_u64(), Some(407));
    let again = paint(&["--sound", "canopy", "--seed", "9"]);
    assert_eq!(canopy["fingerprint"], again["fingerprint"]);
    let plain = paint(&["--seed", "407"]);
    assert_ne!(
        canopy["fingerprint"], plain["fingerprint"],
        "a sound has colours of its own"
    );
    let ember = paint(&["--sound", "ember"]);
    assert_ne!(canopy["fingerprint"], ember["fingerprint"]);
    for (arguments, word) in [
        (&["--sound", "nobody"][..], "nobody"),
        (&["--sound", "canopy", "--mood", "calm"], "--mood"),
    ] {
        let output = understory(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(word));
    }
}

#[test]
fn a_thumbnail_has_its_size_and_stays_below_two_million_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let told = json(&understory(
        folder.path(),
        &[
            "--size",
            "thumbnail",
            "--grain",
            "1",
            "--quality",
            "100",
            "--json",
        ],
    ));
    assert_eq!(
        (told["width"].as_u64(), told["height"].as_u64()),
        (Some(1280), Some(720))
    );
    assert_eq!(names(folder.path()), ["thumbnail.jpg"]);
    let length = std::fs::metadata(folder.path().join("thumbnail.jpg"))
        .unwrap()
        .len();
    assert!(length <= 2_000_000 && told["bytes"].as_u64() == Some(length));
}

#[test]
fn a_loop_is_numbered_frames_with_the_line_that_makes_video_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let told = json(&understory(
        folder.path(),
        &[
            "--size", "64x36", "--loop", "0.5s", "--fps", "12", "-o", "frames", "--jobs", "2",
            "--json",
        ],
    ));
    assert_eq!(told["frames"], 6);
    assert!(told["ffmpeg"].as_str().unwrap().contains("%05d.png"));
    assert_eq!(names(&folder.path().join("frames")).len(), 6);
    // As many threads as one likes give the same frames.
    let arguments = [
        "--size", "64x36", "--loop", "0.5s", "--fps", "12", "-o", "again", "--jobs", "1",
    ];
    assert!(understory(folder.path(), &arguments).status.success());
    for name in names(&folder.path().join("frames")) {
        let read = |part: &str| std::fs::read(folder.path().join(part).join(&name)).unwrap();
        assert!(read("frames") == read("again"), "{name}");
    }
}

#[test]
fn previews_sheets_and_guides_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let small = ["--size", "64x36", "--palette", "#102030,#f0e0d0"];
    for extra in [
        &["--loop", "250ms", "--fps", "12", "-o", "a.gif"][..],
        &[
            "--loop",
            "250ms",
            "--fps",
            "12",
            "--movement",
            "parallax",
            "-o",
            "a.apng",
        ],
        &[
            "--loop",
            "250ms",
            "--fps",
            "12",
            "--movement",
            "zoom",
            "-o",
            "b.png",
        ],
        &["--sheet", "3x2", "-o", "sheet.jpg"],
        &[
            "--text-box",
            "10%,10%,20%,20%",
            "--guide",
            "guide.png",
            "-o",
            "c.webp",
        ],
        &["--mood", "0.5,0.2", "--transparent", "1", "-o", "d.exr"],
        &[
            "--color-space",
            "p3",
            "--bits",
            "16",
            "--latent",
            "3-4+5",
            "-o",
            "e.tiff",
        ],
    ] {
        let output = understory(folder.path(), &[&small[..], extra].concat());
        assert!(
            output.status.success(),
            "{extra:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let wanted = [
        "a.apng",
        "a.gif",
        "b.png",
        "c.webp",
        "d.exr",
        "e.tiff",
        "guide.png",
        "sheet.jpg",
    ];
    assert_eq!(names(folder.path()), wanted);
}

#[test]
fn each_impossible_request_ends_with_code_2_one_message_and_no_file() {
    let cases: [(&[&str], &str); 28] = [
        (&["--size", "0x5"], "each side may be 1 to 16384"),
        (&["--size", "100000x1"], "each side may be 1 to 16384"),
        (&["--size", "huge"], "1920x1080"),
        (&["--palette", "#12"], "#rrggbb"),
        (&["--palette", "no-such-file.ase"], "no such file"),
        (&["--style", "no-such-style"], "this model has"),
        (&["--style", "silk=-1"], "0 or more"),
        (&["--style", "silk=0"], "weight"),
        (&["--style", "silk=much"], "name=weight"),
        (&["--set", "nonsense=1"], "nonsense"),
        (&["--set", "detail=99"], "detail"),
        (&["--set", "detail"], "name=number"),
        (&["--text-box", "90%,0,20%,10%"], "inside the picture"),
        (&["--text-box", "1,2,3"], "x,y,width,height"),
        (
            &["--text-box", "0,0,10,10", "--text-color", "blue"],
            "#rrggbb",
        ),
        (&["--grain", "-1"], "grain"),
        (&["--zoom", "NaN"], "zoom"),
        (&["--latent", "5-"], "sum of seeds"),
        (&["--mood", "2,0"], "valence"),
        (&["--mood", "grumpy"], "hopeful"),
        (&["--transparent", "9"], "colours 1 to"),
        (&["--color-space", "cmyk"], "srgb or p3"),
        (&["--quality", "0"], "quality"),
        (&["--loop", "0s"], "--loop"),
        (&["--loop", "10s", "--fps", "0"], "frames per second"),
        (
            &["--loop", "10s", "--movement", "shake"],
            "drift, zoom or parallax",
        ),
        (&["--sheet", "0x4"], "columns x rows"),
        (&["-o", "picture.bmp"], "end it with one of"),
    ];
    for (arguments, fault) in cases {
        let folder = tempfile::tempdir().unwrap();
        let output = understory(folder.path(), arguments);
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {words}");
        assert_eq!(words.matches("error:").count(), 1, "{words}");
        assert!(
            words.contains(fault) && !words.contains("panicked"),
            "{arguments:?}: {words}"
        );
        assert!(
            names(folder.path()).is_empty(),
            "{arguments:?}: {:?}",
            names(folder.path())
        );
    }
}

#[test]
fn a_broken_palette_file_or_model_ends_with_code_3_and_an_existing_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("brand.ase"), b"ASEF cut").unwrap();
    std::fs::write(folder.path().join("backdrop.png"), b"mine").unwrap();
    let output = understory(folder.path(), &["--palette", "brand.ase", "--force"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("brand.ase"));
    let output = understory(folder.path(), &["--size", "64x36"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        std::fs::read(folder.path().join("backdrop.png")).unwrap(),
        b"mine"
    );
    let shipped = in_tree("models/shipped/sound-v5.onnx");
    let output = program(folder.path())
        .args(["backdrop", "--size", "64x36", "-o", "b.png", "--model"])
        .arg(shipped)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(names(folder.path()), ["backdrop.png", "brand.ase"]);
}
