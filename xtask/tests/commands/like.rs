//! `note --like` as a user calls it: a recording comes back as a sound that is kept, played by name and made again from the
//! file; and every recording that is none with its exit code and one message.

use crate::running::{assert_refused, json, program, record, understory};

const RATE_HZ: u32 = 48_000;

/// Harmonics of a key falling by 6 dB an octave, after an attack of 20 ms.
fn saw(key: f64, seconds: f64) -> impl Iterator<Item = f32> {
    let f0_hz = 440.0 * ((key - 69.0) / 12.0).exp2();
    (0..(seconds * f64::from(RATE_HZ)) as u32).map(move |frame| {
        let time_s = f64::from(frame) / f64::from(RATE_HZ);
        let turns = std::f64::consts::TAU * f0_hz * time_s;
        let partial = |k: u32| (f64::from(k) * turns).sin() / f64::from(k);
        (0.2 * (time_s / 0.02).min(1.0) * (1..=30).map(partial).sum::<f64>()) as f32
    })
}

#[test]
fn a_recording_becomes_a_sound_that_is_kept_played_by_name_and_made_again_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    record(&here.join("my saw.wav"), 1, RATE_HZ, saw(57.2, 3.0));
    let run = |arguments: &[&str]| {
        let mut command = program(here);
        json(
            &command
                .env("XDG_DATA_HOME", here)
                .args(arguments)
                .output()
                .unwrap(),
        )
    };
    let found = run(&[
        "note",
        "--like",
        "my saw.wav",
        "--keep",
        "My saw",
        "--picture",
        "-o",
        "like.wav",
        "--json",
    ]);
    let like = &found["like"];
    assert_eq!(like["key"], 57);
    assert!(
        (like["cents"].as_f64().unwrap() - 20.0).abs() < 2.0,
        "{like}"
    );
    // A closed form that the network never saw.
    assert!(
        like["model"]["band_error_db"].as_f64().unwrap() < 5.0,
        "{like}"
    );
    assert!(
        like["analysed"]["band_error_db"].as_f64().unwrap() < 2.0,
        "{like}"
    );
    assert!(here.join("understory/sounds/my-saw.json").is_file());
    assert!(
        std::fs::read(here.join("like.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );

    let named = run(&[
        "note",
        "--sound",
        "My saw",
        "--key",
        "57",
        "-o",
        "named.wav",
        "--json",
    ]);
    assert_eq!(named["fingerprint"], found["fingerprint"]);
    let file = "understory/sounds/my-saw.json";
    let from_file = run(&[
        "note", "--sound", file, "--key", "57", "-o", "file.wav", "--json",
    ]);
    assert_eq!(from_file["fingerprint"], found["fingerprint"]);
    let arguments = [
        "note",
        "--sound",
        "7 - 8 + 0.5*my-saw",
        "-o",
        "sum.wav",
        "--json",
    ];
    run(&arguments);
    // What the file holds is enough: neither the recording nor the kept sound is needed.
    std::fs::remove_dir_all(here.join("understory")).unwrap();
    std::fs::remove_file(here.join("my saw.wav")).unwrap();
    let verified = run(&["verify", "like.wav", "named.wav", "sum.wav", "--json"]);
    assert_eq!(verified["identical"], true, "{verified}");
}

#[test]
fn the_analysis_itself_is_played_and_made_again_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    record(&folder.path().join("saw.wav"), 1, RATE_HZ, saw(64.0, 3.0));
    let arguments = [
        "note",
        "--like",
        "saw.wav",
        "--analysed",
        "--hold",
        "1",
        "-o",
        "a.wav",
        "--json",
    ];
    let played = json(&understory(folder.path(), &arguments));
    assert_eq!(played["like"]["plays"], "analysed");
    assert!(played["cents"].as_f64().unwrap().abs() < 1.0, "{played}");
    std::fs::remove_file(folder.path().join("saw.wav")).unwrap();
    let verified = json(&understory(folder.path(), &["verify", "a.wav", "--json"]));
    assert_eq!(verified["identical"], true, "{verified}");
}

#[test]
fn each_recording_that_is_no_note_ends_with_code_3_and_one_message() {
    let noise = |seed: u32| {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
    };
    let chord = || {
        saw(57.0, 2.0)
            .zip(saw(61.0, 2.0))
            .map(|(one, other)| one + other)
    };
    let cases: [(&str, Box<dyn Iterator<Item = f32>>); 5] = [
        ("silent", Box::new(std::iter::repeat_n(0.0, 48_000))),
        ("at least 0.3 s", Box::new(saw(57.0, 0.1))),
        ("no one pitch", Box::new(noise(1).take(96_000))),
        ("no numbers", Box::new(saw(57.0, 1.0).chain([f32::NAN]))),
        ("note", Box::new(chord())),
    ];
    for (fault, samples) in cases {
        let folder = tempfile::tempdir().unwrap();
        record(&folder.path().join("r.wav"), 1, RATE_HZ, samples);
        let output = understory(folder.path(), &["note", "--like", "r.wav"]);
        assert_refused(&output, 3, fault, folder.path(), &["r.wav"]);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("r.wav"), b"").unwrap();
    let output = understory(folder.path(), &["note", "--like", "r.wav"]);
    assert_refused(&output, 3, "r.wav", folder.path(), &["r.wav"]);
    let output = understory(folder.path(), &["note", "--like", "nowhere.wav"]);
    assert_refused(&output, 3, "nowhere.wav", folder.path(), &["r.wav"]);
}

#[test]
fn keys_names_and_flags_that_cannot_be_are_the_requests_fault() {
    let folder = tempfile::tempdir().unwrap();
    record(
        &folder.path().join("r.wav"),
        2,
        8_000,
        std::iter::repeat_n(0.25, 16_000),
    );
    let refused = |arguments: &[&str], fault: &str| {
        let output = understory(folder.path(), arguments);
        assert_refused(&output, 2, fault, folder.path(), &["r.wav"]);
    };
    refused(
        &["note", "--like", "r.wav", "--key", "200"],
        "keys are 0 to 127",
    );
    refused(&["note", "--keep", "Birch"], "shipped");
    refused(&["note", "--like", "r.wav", "--sound", "birch"], "--sound");
    refused(&["note", "--analysed"], "--like");
}
