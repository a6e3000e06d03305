//! `verify`: files of every kind made again from themselves, changed ones caught, foreign ones refused.

use std::path::Path;
use std::process::Output;

use engine::wav::chunks;

use crate::running::{in_tree, json, midi, names, program, said, understory};

/// A second of a chord on two channels.
const SONG: [u8; 22] = [
    0x00, 0x90, 60, 100, 0x00, 0x91, 64, 90, 0x00, 0x91, 67, 80, 0x64, 0x80, 60, 0, 0x00, 0x81, 64,
    0, 0x00, 0x81,
];

fn done(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `backdrop` on the toy model.
fn paint(folder: &Path, arguments: &[&str]) {
    let toy = in_tree("models/tests/fixtures/picture_toy.onnx");
    let output = program(folder)
        .args(["backdrop", "--model"])
        .arg(toy)
        .args(["--size", "96x54"])
        .args(arguments)
        .output();
    done(&output.unwrap());
}

/// `verify` of everything in a folder that ends so, with the toy picture model known.
fn verify(folder: &Path, files: &[String]) -> Output {
    program(folder)
        .args(["verify", "--json", "--model"])
        .arg(in_tree("models/tests/fixtures/picture_toy.onnx"))
        .args(files)
        .output()
        .unwrap()
}

fn assert_all_identical(folder: &Path, num_files: usize) {
    let is_made_by_us = |name: &String| {
        [".mid", ".csv", ".srt", ".toml"]
            .iter()
            .all(|ending| !name.ends_with(ending))
    };
    let files: Vec<String> = names(folder).into_iter().filter(is_made_by_us).collect();
    assert_eq!(files.len(), num_files, "{files:?}");
    let told = said(&verify(folder, &files));
    assert_eq!(told["identical"], true, "{told:#}");
    assert_eq!(told["num_identical"], num_files);
}

#[test]
fn sounds_of_every_command_are_made_again_sample_for_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut song = SONG.to_vec();
    song.extend([67, 0]);
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("song.mid", &midi(&song));
    write("cut.csv", b"time_s,name\n1.4,door\n");
    write("talk.srt", b"1\n00:00:00,500 --> 00:00:01,500\nHello.\n");
    let rate = ["--rate", "16000"];
    let run = |arguments: &[&str]| {
        done(&understory(folder.path(), &[arguments, &rate[..]].concat()));
    };
    run(&[
        "note",
        "--hold",
        "0.3",
        "--sound",
        "birch - 0.5*moss + 7",
        "--set",
        "warm=0.5",
        "--set",
        "brightness=0.3",
        "--bits",
        "16",
        "-o",
        "a.wav",
    ]);
    run(&[
        "note",
        "--hold",
        "0.2",
        "--key",
        "40",
        "--velocity",
        "0.31",
        "--sound",
        "canopy",
        "--set",
        "brightness=0.7",
        "--bits",
        "32f",
        "-o",
        "b.wav",
    ]);
    run(&["render", "song.mid", "--stems", ".", "--seed", "5"]);
    run(&["render", "song.mid", "--sound", "dew", "-o", "d.wav"]);
    run(&[
        "bed",
        "--length",
        "3.2s",
        "--mood",
        "tense",
        "--key",
        "F# dorian",
        "--metre",
        "6/8",
        "--markers",
        "cut.csv",
        "--dialogue",
        "talk.srt",
        "--mute",
        "lift",
        "--part",
        "pad=dew",
        "--density",
        "0.7",
        "--duck-depth",
        "9.5",
        "--target",
        "podcast",
        "-o",
        "e.wav",
        "--stems",
        ".",
        "--seed",
        "9",
    ]);
    run(&[
        "bed",
        "--length",
        "2s",
        "--valence",
        "0.3",
        "--loop",
        "--tempo",
        "97.3",
        "--lufs",
        "-20.5",
        "-o",
        "f.wav",
    ]);
    // Two notes, a song with two stems, a song, a bed with five stems, a bed.
    assert_all_identical(folder.path(), 2 + 3 + 1 + 6 + 1);
}

#[test]
fn pictures_of_every_format_sheets_guides_and_frames_are_painted_again() {
    let folder = tempfile::tempdir().unwrap();
    let paint = |arguments: &[&str]| paint(folder.path(), arguments);
    let brand = ["--palette", "#0b1d3a,#edae49,#30638e"];
    for name in ["a.png", "b.jpg", "c.webp", "d.avif", "e.tiff", "f.exr"] {
        paint(&[
            "-o",
            name,
            "--style",
            "silk=0.6,mesh=0.4",
            "--grain",
            "0.3",
            "--stars",
            "0.5",
            "--set",
            "detail=0.7",
            brand[0],
            brand[1],
        ]);
    }
    paint(&[
        "-o",
        "g.png",
        "--bits",
        "16",
        "--color-space",
        "p3",
        "--mood",
        "0.3,0.8",
    ]);
    paint(&[
        "-o",
        "h.webp",
        "--transparent",
        "2",
        "--strict",
        "--zoom",
        "1.7",
        brand[0],
        brand[1],
    ]);
    paint(&[
        "-o",
        "i.png",
        "--text-box",
        "10%,20%,50%,40%",
        "--legible",
        "--guide",
        "j.png",
        "--latent",
        "3-4+5",
    ]);
    paint(&["-o", "k.jpg", "--quality", "100", "--max-bytes", "9000"]);
    paint(&["-o", "l.png", "--sheet", "3x2", "--seed", "40"]);
    paint(&["-o", "m.apng", "--loop", "200ms", "--fps", "10"]);
    paint(&[
        "-o",
        ".",
        "--loop",
        "300ms",
        "--fps",
        "10",
        "--movement",
        "parallax",
    ]);
    paint(&["-o", "frames", "--loop", "200ms", "--fps", "10"]);
    std::fs::rename(
        folder.path().join("frames/00001.png"),
        folder.path().join("n.png"),
    )
    .unwrap();
    std::fs::remove_dir_all(folder.path().join("frames")).unwrap();
    // Fourteen by letter, three frames of the parallax.
    assert_all_identical(folder.path(), 14 + 3);
}

#[test]
fn one_changed_sample_is_caught_with_its_place_and_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let make = ["note", "--hold", "0.2", "--rate", "16000", "-o", "a.wav"];
    done(&understory(folder.path(), &make));
    let mut bytes = std::fs::read(&path).unwrap();
    let samples = chunks::chunk(&bytes, b"data").unwrap();
    let start = samples.as_ptr() as usize - bytes.as_ptr() as usize;
    // The lowest bit of the right channel of frame 1000, 24 bits to the sample.
    bytes[start + (2 * 1000 + 1) * 3] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let output = understory(folder.path(), &["verify", "a.wav", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = said(&output);
    assert_eq!(told["identical"], false);
    let difference = &told["files"][0]["difference"];
    assert_eq!(difference["frame"], 1000);
    assert_eq!(difference["channel"], "right");
    assert_eq!(difference["num_samples"], 1);
    // One step of 24 bits is 2^-23 of full scale, -138.5 dB.
    assert!((difference["largest_db"].as_f64().unwrap() + 138.47).abs() < 0.01);
}

#[test]
fn one_changed_pixel_is_caught_with_its_place_in_lossless_and_lossy_files() {
    let folder = tempfile::tempdir().unwrap();
    paint(folder.path(), &["-o", "a.png"]);
    let path = folder.path().join("a.png");
    change_a_pixel(&path, 17, 31);
    paint(folder.path(), &["-o", "b.jpg"]);
    let mut jpeg = std::fs::read(folder.path().join("b.jpg")).unwrap();
    let scan = jpeg.len() / 2 + jpeg.len() / 4;
    jpeg[scan] ^= 0x10;
    std::fs::write(folder.path().join("b.jpg"), jpeg).unwrap();
    paint(folder.path(), &["-o", "c.png", "--seed", "3"]);
    let files = ["a.png", "b.jpg", "c.png"].map(str::to_owned);
    let output = verify(folder.path(), &files);
    assert_eq!(output.status.code(), Some(1));
    let told = said(&output);
    let verdicts: Vec<_> = (0..3)
        .map(|i| told["files"][i]["identical"].clone())
        .collect();
    assert_eq!(verdicts, [false, false, true], "{told:#}");
    let difference = &told["files"][0]["difference"];
    assert_eq!(
        (
            &difference["x"],
            &difference["y"],
            &difference["num_pixels"]
        ),
        (&17.into(), &31.into(), &1.into())
    );
}

/// Writes a PNG again, its texts kept, one red sample changed by one step.
fn change_a_pixel(path: &Path, x: usize, y: usize) {
    let bytes = std::fs::read(path).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    reader.finish().unwrap();
    pixels[y * frame.line_size + 3 * x] ^= 1;
    let text = reader.info().utf8_text[0].clone();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width, frame.height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    encoder
        .add_itxt_chunk(text.keyword.clone(), text.get_text().unwrap())
        .unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    std::fs::write(path, file).unwrap();
}

#[test]
fn files_without_a_recipe_or_of_a_missing_model_are_refused_by_name_and_the_rest_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut foreign = hound::WavWriter::create(folder.path().join("a.wav"), spec).unwrap();
    foreign.write_sample(1_i16).unwrap();
    foreign.write_sample(2_i16).unwrap();
    foreign.finalize().unwrap();
    std::fs::write(folder.path().join("b.png"), b"not a picture").unwrap();
    paint(folder.path(), &["-o", "c.png"]);
    let output = understory(
        folder.path(),
        &["verify", "a.wav", "b.png", "c.png", "d.wav", "--json"],
    );
    assert_eq!(output.status.code(), Some(3));
    let told = said(&output);
    let error = |index: usize| told["files"][index]["error"].as_str().unwrap().to_owned();
    assert!(error(0).contains("no recipe inside"), "{told:#}");
    assert!(error(1).contains("no recipe inside"), "{told:#}");
    // The toy model is not among the shipped ones.
    assert!(
        error(2).contains("not installed") && error(2).contains("--model"),
        "{told:#}"
    );
    assert!(error(3).contains("No such file"), "{told:#}");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.contains("0 of 4 identical") && !words.contains("panicked"),
        "{words}"
    );
}

#[test]
fn a_render_finds_its_song_by_content_or_says_which_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let song = folder.path().join("song.mid");
    std::fs::write(&song, midi(&[0x00, 0x90, 60, 100, 0x32, 60, 0])).unwrap();
    let make = ["render", "song.mid", "--rate", "16000", "-o", "a.wav"];
    done(&understory(folder.path(), &make));
    std::fs::create_dir(folder.path().join("songs")).unwrap();
    std::fs::rename(&song, folder.path().join("songs/other.mid")).unwrap();
    std::fs::write(&song, midi(&[0x00, 0x90, 62, 100, 0x32, 62, 0])).unwrap();
    let output = understory(folder.path(), &["verify", "a.wav"]);
    assert_eq!(output.status.code(), Some(3));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        words.contains("song.mid") && words.contains("--inputs"),
        "{words}"
    );
    let told = json(&understory(
        folder.path(),
        &["verify", "a.wav", "--inputs", "songs", "--json"],
    ));
    assert_eq!(told["identical"], true);
}

#[test]
fn the_midi_file_of_a_bed_is_composed_again_and_a_changed_note_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let made = [
        "bed", "--length", "8s", "--rate", "16000", "--seed", "4", "--midi", "a.mid",
    ];
    done(&program(folder.path()).args(made).output().unwrap());
    let files = ["a.mid".to_owned()];
    let told = said(&verify(folder.path(), &files));
    assert_eq!(told["identical"], true, "{told:#}");
    let path = folder.path().join("a.mid");
    let mut bytes = std::fs::read(&path).unwrap();
    let last_note = bytes.iter().rposition(|byte| byte & 0xf0 == 0x90).unwrap();
    bytes[last_note + 1] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let told = said(&verify(folder.path(), &files));
    assert_eq!(told["files"][0]["verdict"], "different", "{told:#}");
}
