//! `note` and `render` as a user calls them: files, JSON, and every bad input with its exit code and one message.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::running::{assert_refused, in_tree, json, midi, understory};

const ONE_NOTE: [u8; 7] = [0x00, 0x90, 60, 100, 0x64, 60, 0];

fn folder_with(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn the_same_note_twice_has_the_same_fingerprint_and_another_seed_another() {
    let folder = tempfile::tempdir().unwrap();
    let play = |seed| {
        let output = understory(
            folder.path(),
            &[
                "note", "--hold", "0.5", "--seed", seed, "--out", "a.wav", "--force", "--json",
            ],
        );
        json(&output)
    };
    let (once, twice, other) = (play("1"), play("1"), play("2"));
    assert_eq!(once["fingerprint"], twice["fingerprint"]);
    assert_ne!(once["fingerprint"], other["fingerprint"]);
    assert_eq!(once["sample_rate"], 48_000);
    let bytes = std::fs::read(folder.path().join("a.wav")).unwrap();
    assert!(bytes.starts_with(b"RIFF"));
    // 24 bit stereo: six bytes a frame, beside headers and the recipe.
    assert!(bytes.len() as u64 > 6 * other["frames"].as_u64().unwrap());
}

#[test]
fn a_seed_by_number_by_word_and_by_flag_is_the_same_sound() {
    let folder = tempfile::tempdir().unwrap();
    let play = |sound| {
        let output = understory(
            folder.path(),
            &[
                "note", "--hold", "0.3", "--sound", sound, "--out", "a.wav", "--force", "--json",
            ],
        );
        json(&output)["fingerprint"].clone()
    };
    assert_eq!(play("5"), play("seed:5"));
    let flag = understory(
        folder.path(),
        &[
            "note",
            "--hold",
            "0.3",
            "--sound",
            "5",
            "--set",
            "brightness=1.5",
            "--out",
            "b.wav",
            "--json",
        ],
    );
    assert_ne!(json(&flag)["fingerprint"], play("5"));
}

#[test]
fn a_song_is_rendered_twice_the_same_and_its_stems_add_up_to_it() {
    let two_parts = [
        0x00, 0xC0, 48, 0x00, 0x90, 60, 100, 0x00, 0xC1, 32, 0x00, 0x91, 36, 100, 0x64, 0x80, 60,
        0, 0x00, 0x81, 36, 0,
    ];
    let (folder, _) = folder_with("song.mid", &midi(&two_parts));
    let render = |out| {
        let arguments = [
            "render", "song.mid", "--bits", "32f", "--stems", "stems", "--out", out, "--force",
            "--json",
        ];
        json(&understory(folder.path(), &arguments))
    };
    let (once, twice) = (render("a.wav"), render("b.wav"));
    assert_eq!(once["fingerprint"], twice["fingerprint"]);
    assert_eq!(once["baked_notes"], 2);
    let samples = |path: &Path| -> Vec<f32> {
        let mut reader = hound::WavReader::open(path).unwrap();
        reader.samples::<f32>().map(Result::unwrap).collect()
    };
    let whole = samples(&folder.path().join("a.wav"));
    let stems: Vec<Vec<f32>> = once["stems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| samples(&folder.path().join(path.as_str().unwrap())))
        .collect();
    assert_eq!(stems.len(), 2);
    for (frame, sample) in whole.iter().enumerate() {
        assert!((stems[0][frame] + stems[1][frame] - sample).abs() < 1e-5);
    }
}

#[test]
fn a_picture_is_drawn_on_request_beside_the_sound_and_shows_what_sounds() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |hold: &str, out: &str| {
        let arguments = ["note", "--hold", hold, "--picture", "-o", out];
        assert!(understory(folder.path(), &arguments).status.success());
        std::fs::read(folder.path().join(out).with_extension("png")).unwrap()
    };
    let (short, long) = (draw("0.3", "short.wav"), draw("2", "long.wav"));
    assert_eq!(&short[..8], b"\x89PNG\r\n\x1a\n");
    assert_ne!(short, long);
    let again = understory(folder.path(), &["note", "--picture", "-o", "new.wav"]);
    assert!(again.status.success());
    std::fs::remove_file(folder.path().join("new.wav")).unwrap();
    let kept = understory(folder.path(), &["note", "--picture", "-o", "new.wav"]);
    assert_eq!(kept.status.code(), Some(2), "the old picture is kept");
    assert!(!folder.path().join("new.wav").exists());
}

#[test]
fn every_named_sound_plays() {
    let folder = tempfile::tempdir().unwrap();
    let sounds = in_tree("models/sounds");
    for entry in std::fs::read_dir(sounds).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_owned();
        let arguments = ["note", "--hold", "0.2", "--force", "--sound"];
        let mut arguments = arguments.to_vec();
        arguments.push(name.to_str().unwrap());
        let output = understory(folder.path(), &arguments);
        assert!(output.status.success(), "{name:?}");
    }
}

#[test]
fn each_broken_midi_file_ends_with_code_3_and_no_wav() {
    let tempo_0 = midi(&[&[0x00, 0xFF, 0x51, 3, 0, 0, 0][..], &ONE_NOTE].concat());
    let cases: [(&[u8], &str); 4] = [
        (b"", "0 bytes"),
        (b"Dear diary, no music today.", "no MIDI file"),
        (&midi(&[]), "no notes"),
        (&tempo_0, "tempo 0 at tick 0"),
    ];
    for (bytes, fault) in cases {
        let (folder, _) = folder_with("song.mid", bytes);
        let output = understory(folder.path(), &["render", "song.mid"]);
        assert_refused(&output, 3, fault, folder.path(), &["song.mid"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = understory(folder.path(), &["render", "nothing.mid"]);
    assert_refused(&output, 3, "nothing.mid", folder.path(), &[]);
}

#[test]
fn a_note_that_never_ends_is_ended_with_a_warning() {
    let (folder, _) = folder_with("song.mid", &midi(&ONE_NOTE[..4]));
    let report = json(&understory(
        folder.path(),
        &["render", "song.mid", "--json"],
    ));
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("never end"),
        "{report}"
    );
    assert!(report["duration_s"].as_f64().unwrap() < 5.0);
}

#[test]
fn more_than_ten_million_events_are_refused() {
    let mut events = ONE_NOTE.to_vec();
    for _ in 0..5_000_000 {
        events.extend([0x00, 60, 100, 0x00, 60, 0]);
    }
    let (folder, _) = folder_with("song.mid", &midi(&events));
    let output = understory(folder.path(), &["render", "song.mid"]);
    assert_refused(&output, 3, "10000000 events", folder.path(), &["song.mid"]);
}

#[test]
fn each_impossible_note_ends_with_code_2_and_no_wav() {
    let cases: [(&[&str], &str); 8] = [
        (&["--key", "200"], "keys are 0 to 127"),
        (&["--key", "-1"], "keys are 0 to 127"),
        (&["--hold", "-1"], "--hold -1"),
        (&["--hold", "NaN"], "--hold NaN"),
        (&["--hold", "601"], "--hold 601"),
        (&["--velocity", "0"], "--velocity 0"),
        (&["--sound", "no-such-sound"], "no such sound"),
        (&["--bits", "12"], "16, 24 or 32f"),
    ];
    for (arguments, fault) in cases {
        let folder = tempfile::tempdir().unwrap();
        let output = understory(folder.path(), &[&["note"], arguments].concat());
        assert_refused(&output, 2, fault, folder.path(), &[]);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = understory(folder.path(), &["note", "--set", "no-such-control=1"]);
    assert_refused(&output, 2, "no-such-control", folder.path(), &[]);
    let output = understory(folder.path(), &["note", "--rate", "100"]);
    assert_refused(&output, 2, "100", folder.path(), &[]);
}

#[test]
fn a_missing_folder_is_the_systems_fault_and_an_existing_file_stays() {
    let (folder, path) = folder_with("note.wav", b"mine");
    let output = understory(folder.path(), &["note", "--out", "nowhere/note.wav"]);
    assert_refused(&output, 4, "nowhere", folder.path(), &["note.wav"]);
    let output = understory(folder.path(), &["note", "--out", "note.wav"]);
    assert_refused(&output, 2, "--force", folder.path(), &["note.wav"]);
    assert_eq!(std::fs::read(path).unwrap(), b"mine");
}

/// A file system of 64 kB needs root; where there is none, only the writer's own test holds the full disk (engine's `files`).
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_with_code_4_and_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(folder.path())
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("not root: no small file system could be mounted");
        return;
    }
    let output = understory(folder.path(), &["note", "--out", "note.wav"]);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    let unmounted = Command::new("umount").arg(folder.path()).status().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), left), (Some(4), 0), "{words}");
    assert!(words.contains("note.wav"), "{words}");
    assert!(unmounted.success());
}

#[test]
fn a_sound_for_samplers_is_looped_recordings_that_hold_their_pitch_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "note",
        "--sound",
        "canopy",
        "--rate",
        "16000",
        "--sfz",
        "canopy",
        "--sfz-keys",
        "57-60",
        "--json",
    ];
    let told = json(&understory(folder.path(), &arguments));
    assert_eq!(told["samples"], 6);
    let folder = folder.path().join("canopy");
    let sfz = std::fs::read_to_string(folder.join("canopy.sfz")).unwrap();
    let preset = std::fs::read_to_string(folder.join("canopy.dspreset")).unwrap();
    let regions: Vec<&str> = sfz
        .lines()
        .filter(|line| line.starts_with("<region>"))
        .collect();
    assert_eq!((regions.len(), preset.matches("<sample ").count()), (6, 6));
    for region in regions {
        let opcode = |name: &str| -> &str {
            let found = region.split(' ').find_map(|word| word.strip_prefix(name));
            found.unwrap_or_else(|| panic!("{name} {region}"))
        };
        let number = |name: &str| opcode(name).parse::<usize>().unwrap();
        let bytes = std::fs::read(folder.join(opcode("sample="))).unwrap();
        // Words of `smpl`: the key, and the loop's ends.
        let chunk = engine::wav::chunks::chunk(&bytes, b"smpl").unwrap();
        let word = |index: usize| {
            u32::from_le_bytes(chunk[4 * index..4 * index + 4].try_into().unwrap()) as usize
        };
        let (start, last) = (number("loop_start="), number("loop_end="));
        assert_eq!(
            (word(3), word(11), word(12)),
            (number("pitch_keycenter="), start, last)
        );
        let recording = engine::wav::read::read(&bytes[..]).unwrap();
        let samples = recording.mono();
        assert_eq!(samples.len(), last + 1);
        let looped: Vec<f32> = (0..3).flat_map(|_| samples[start..].to_vec()).collect();
        let f0_hz = engine::descriptors::f0_hz(&looped, 16_000).unwrap();
        let cents = engine::descriptors::cents_from_key(f0_hz, word(3) as f64, 440.0);
        assert!(cents.abs() < 5.0, "{region}: {cents} cents");
        let click = engine::descriptors::worst_click(&looped, 1000);
        assert!(
            click.excess_db < engine::descriptors::CLICK_DB,
            "{region}: {click:?}"
        );
    }
}
