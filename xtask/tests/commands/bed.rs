//! `bed` as a user calls it: files, JSON, and every bad input with its exit code and one message, nothing written.

use std::path::Path;

use crate::running::{assert_refused, in_tree, json, names, record, understory};

#[test]
fn a_bed_comes_with_everything_an_editor_asked_for_and_twice_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("cut.csv"),
        "time_s,name\n3.2,door\n6.48,turn\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("talk.srt"),
        "1\n00:00:01,000 --> 00:00:02,500\nHello.\n",
    )
    .unwrap();
    let make = |extra: &[&str]| {
        let common = [
            "bed",
            "--length",
            "10.04s",
            "--mood",
            "hopeful",
            "--seed",
            "7",
            "--rate",
            "16000",
            "--markers",
            "cut.csv",
            "--dialogue",
            "talk.srt",
            "--lufs",
            "-23",
            "--json",
            "--force",
        ];
        json(&understory(folder.path(), &[&common[..], extra].concat()))
    };
    let first = make(&[
        "--out",
        "a.wav",
        "--stems",
        "stems",
        "--midi",
        "a.mid",
        "--tempo-map",
        "tempo.csv",
        "--markers-out",
        "out.csv",
        "--cue-sheet",
        "cues.txt",
        "--roll",
        "roll.png",
        "--tc-start",
        "01:00:00:00",
    ]);
    let second = make(&["--out", "b.wav"]);
    assert_eq!(first["fingerprint"], second["fingerprint"]);
    assert_eq!(first["frames"], 160_640);
    assert_eq!(first["duration_s"], 10.04);
    assert!((first["lufs"].as_f64().unwrap() + 23.0).abs() < 0.1);
    assert!(first["true_peak_db"].as_f64().unwrap() <= -1.0);
    let hits: Vec<f64> = first["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| (hit["placed"].as_f64().unwrap() - hit["wanted"].as_f64().unwrap()).abs())
        .collect();
    assert!(
        hits.len() == 2 && hits.iter().all(|miss_s| *miss_s <= 0.02),
        "{hits:?}"
    );
    for key in ["realtime_factor", "tempo_bpm", "sections"] {
        assert!(!first[key].is_null(), "{key}");
    }
    assert_eq!(names(&folder.path().join("stems")).len(), 5);
    let bytes = std::fs::read(folder.path().join("a.wav")).unwrap();
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    assert!(has(b"bext") && has(b"ICMT") && has(b"\"seed\":7"));
    let midi = std::fs::read(folder.path().join("a.mid")).unwrap();
    let score = engine::score::Score::from_midi(&midi).unwrap();
    assert_eq!(
        score.strikes().count() as u64,
        first["notes"].as_u64().unwrap()
    );
    // What goes out as markers comes in again.
    let markers = std::fs::read(folder.path().join("out.csv")).unwrap();
    let rate = engine::cues::timecode::FrameRate::PAL;
    let cues = engine::cues::markers::read("out.csv", &markers, rate).unwrap();
    assert!(
        cues.hits
            .iter()
            .any(|hit| hit.name == "door" && (hit.time_s - 3.2).abs() < 1e-6)
    );
    let sheet = std::fs::read_to_string(folder.path().join("cues.txt")).unwrap();
    assert!(
        sheet.contains("01:00:03:05") && sheet.contains("door"),
        "{sheet}"
    );
}

/// Two seconds of silence, then three of noise in the band of speech that swells as words do.
fn write_voice(path: &Path, level: f32) {
    const RATE_HZ: u32 = 16_000;
    let (mut low, mut rumble) = (0.0, 0.0);
    let samples = (0..6 * RATE_HZ).map(|frame| {
        let noise = 2.0 * models::seeded::unit(3, 930, frame) as f32 - 1.0;
        low += 0.8 * (noise - low);
        rumble += 0.1 * (low - rumble);
        let time_s = frame as f32 / RATE_HZ as f32;
        let swell = 0.6 - 0.4 * (std::f32::consts::TAU * 4.0 * time_s).cos();
        let is_spoken = (2.0..5.0).contains(&time_s);
        if is_spoken {
            level * swell * (low - rumble)
        } else {
            0.0
        }
    });
    record(path, 1, RATE_HZ, samples);
}

#[test]
fn a_bed_under_a_recorded_voice_says_how_far_the_voice_stands_above_it() {
    let folder = tempfile::tempdir().unwrap();
    let above_db = |level: f32| {
        write_voice(&folder.path().join("voice.wav"), level);
        let arguments = [
            "bed",
            "--length",
            "6s",
            "--rate",
            "16000",
            "--dialogue",
            "voice.wav",
        ];
        let arguments = [&arguments[..], &["--lufs", "-30", "--json", "--force"]].concat();
        let output = understory(folder.path(), &arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains("above the bed where words live"), "{words}");
        let told = json(&output)["speech"]["voice_above_bed_1_to_4_khz_db"].as_f64();
        told.unwrap()
    };
    let (quiet, loud) = (above_db(0.1), above_db(0.4));
    // Four times the amplitude is 12 dB; the detector's ranges, and with them the ducking, differ a little.
    assert!((loud - quiet - 12.0).abs() < 1.5, "{quiet} and {loud}");
}

fn assert_bed_refused(folder: &Path, arguments: &[&str], exit_code: i32, fault: &str) {
    let before = names(folder);
    let left: Vec<&str> = before.iter().map(String::as_str).collect();
    let output = understory(folder, &[&["bed"], arguments].concat());
    assert_refused(&output, exit_code, fault, folder, &left);
}

#[test]
fn a_request_that_cannot_be_met_is_refused_with_its_value_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, fault) in [
        (&["--length", "0"][..], "is 0;"),
        (&["--length", "48h"], "172800"),
        (&["--length", "soon"], "soon"),
        (&["--length", "9s", "--mood", "grumpy"], "hopeful"),
        (&["--length", "9s", "--tempo", "900"], "900"),
        (&["--length", "9s", "--tempo", "NaN"], "NaN"),
        (&["--length", "9s", "--key", "H"], "H"),
        (&["--length", "9s", "--metre", "4/5"], "4/5"),
        (&["--length", "9s", "--fps", "12"], "12"),
        (&["--length", "9s", "--energy", "7"], "7"),
        (&["--length", "9s", "--lufs", "3"], "3"),
        (&["--length", "9s", "--target", "vinyl"], "youtube"),
        (&["--length", "9s", "--part", "drums=dew"], "drums"),
        (
            &["--length", "9s", "--part", "pad=nosuchsound"],
            "nosuchsound",
        ),
        (&["--length", "9s", "--mute", "all"], "all"),
        (&["--length", "9s", "--tc-start", "99"], "99"),
        (&["--length", "9s", "--duck-depth", "400"], "400"),
    ] {
        assert_bed_refused(folder.path(), arguments, 2, fault);
    }
}

#[test]
fn a_broken_file_is_refused_with_line_and_value_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("late.csv", "time_s,name\n2,in\n31,out\n");
    write("twice.csv", "time_s,name\n2,one\n2.001,two\n");
    write("words.csv", "time_s,name\nsoon,one\n");
    write("back.srt", "1\n00:00:05,000 --> 00:00:04,000\nx\n");
    write(
        "outside.fcpxml",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fcpxml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<fcpxml>&x;</fcpxml>",
    );
    write("no.wav", "RIFFx");
    write("no.toml", "major = 1");
    let big = std::fs::File::create(folder.path().join("big.edl")).unwrap();
    big.set_len(100_000_000).unwrap();
    for (flag, name, fault) in [
        ("--markers", "late.csv", "line 3"),
        ("--markers", "twice.csv", "line 3"),
        ("--markers", "words.csv", "line 2: \"soon\""),
        ("--markers", "outside.fcpxml", "refused"),
        ("--markers", "big.edl", "100000000"),
        ("--markers", "missing.csv", "missing.csv"),
        ("--dialogue", "back.srt", "line 2"),
        ("--dialogue", "no.wav", "no.wav"),
        ("--tables", "no.toml", "no.toml"),
    ] {
        assert_bed_refused(folder.path(), &["--length", "30s", flag, name], 3, fault);
    }
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    assert_bed_refused(folder.path(), &["--learn", "empty"], 3, "no MIDI file");
}

#[test]
fn a_bed_and_its_picture_come_of_one_seed_and_mood_and_both_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let toy = in_tree("models/tests/fixtures/picture_toy.onnx");
    let toy = toy.to_str().unwrap();
    let make = |extra: &[&str]| {
        let common = [
            "bed",
            "--length",
            "2s",
            "--rate",
            "16000",
            "--seed",
            "7",
            "--mood",
            "tense",
            "--json",
            "--backdrop-model",
            toy,
            "--backdrop-size",
            "96x54",
        ];
        json(&understory(folder.path(), &[&common[..], extra].concat()))
    };
    let pair = make(&["-o", "a.wav", "--backdrop", "a.png"]);
    let alone = json(&understory(
        folder.path(),
        &[
            "backdrop", "--model", toy, "--size", "96x54", "--seed", "7", "--mood", "tense", "-o",
            "b.png", "--json",
        ],
    ));
    assert_eq!(pair["backdrop"]["fingerprint"], alone["fingerprint"]);
    assert_eq!(pair["files"], serde_json::json!(["a.png"]));
    let files = ["verify", "a.wav", "a.png", "--model", toy, "--json"];
    assert_eq!(json(&understory(folder.path(), &files))["num_identical"], 2);
    make(&[
        "-o",
        "c.wav",
        "--backdrop",
        "frames",
        "--backdrop-loop",
        "200ms",
        "--fps",
        "24",
    ]);
    // 4.8 frames are five.
    assert_eq!(names(&folder.path().join("frames")).len(), 5);
    // A picture that cannot be is told before the bed is made.
    let refused = [
        "--length",
        "2s",
        "--backdrop",
        "d.png",
        "--backdrop-size",
        "0x5",
    ];
    assert_bed_refused(folder.path(), &refused, 2, "1 to 16384");
}
