//! Damaged files: for every format that is read here, thousands of mutated inputs end in a right result or a clear sentence. Never in
//! a panic, nor in memory that the input made up.
//!
//! Each target also has a planted reader, as somebody in a hurry would write it, and the same inputs must find its bug:
//! an attack that finds nothing there would find nothing here either. An input that computes without end ends by the test runner's limit.

#[path = "attack/harness.rs"]
mod harness;
#[path = "attack/mutation.rs"]
mod mutation;
#[path = "attack/seeds.rs"]
mod seeds;

use std::io::Write;
use std::path::Path;

use backdrop::palette::Palette;
use engine::cues::markers;
use engine::cues::timecode::FrameRate;
use engine::note_pack::NotePack;
use engine::score::Score;
use harness::{Read, first_finding, verdict};
use models::{AnyModelFile, Manifest, PictureManifest, SoundRecipe};
use seeds::content_of_pack;

const NUM_INPUTS: usize = 1_500;
/// A planted bug that is not found by so many would not be worth planting.
const NUM_PLANTED: usize = 1_500;

/// A reader as somebody in a hurry would write it: it panics where it should refuse.
type Planted = fn(&[u8]);

/// The reader stands the attack, and the attack finds the planted reader's bug.
fn stands(seeds: &[Vec<u8>], words: &[&str], read: &Read<'_>, planted: &dyn Fn(&[u8])) {
    for seed in seeds {
        let answer = read(seed);
        assert!(answer.is_ok(), "a good input is refused: {answer:?}");
    }
    let finding = first_finding(seeds, words, NUM_INPUTS, read);
    assert!(finding.is_none(), "{}", finding.unwrap_or_default());
    let careless = |bytes: &[u8]| {
        planted(bytes);
        Ok(())
    };
    assert!(
        first_finding(seeds, words, NUM_PLANTED, &careless).is_some(),
        "the planted bug was not found"
    );
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn in_words<T>(answer: Result<T, impl std::fmt::Display>) -> Result<(), String> {
    answer.map(|_| ()).map_err(|error| error.to_string())
}

/// For readers that take a path.
fn as_file(
    bytes: &[u8],
    name: &str,
    read: impl Fn(&Path) -> Result<(), String>,
) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join(name);
    let mut file = std::fs::File::create(&path).map_err(|error| error.to_string())?;
    file.write_all(bytes).map_err(|error| error.to_string())?;
    drop(file);
    read(&path)
}

fn cues(name: &'static str) -> impl Fn(&[u8]) -> Result<(), String> {
    move |bytes| in_words(markers::read(name, bytes, FrameRate::PAL))
}

#[test]
fn every_alarm_of_the_attack_rings() {
    let refuse = |message: &'static str| move |_: &[u8]| Err(message.to_owned());
    assert!(verdict(b"", &|_| Ok(())).is_none());
    assert!(verdict(b"", &refuse("line 3: \"x\" is no number; mend it")).is_none());
    assert!(verdict(b"", &refuse("")).is_some());
    assert!(verdict(b"", &refuse("two lines\nof words")).is_some());
    assert!(verdict(b"", &refuse("InvalidData")).is_some());
    let reserves = |bytes: &[u8]| {
        let list: Vec<u8> = Vec::with_capacity(100_000_000 + bytes.len());
        assert!(list.is_empty());
        Ok(())
    };
    assert!(verdict(b"", &reserves).unwrap().contains("reserves"));
    let panics = |bytes: &[u8]| Err(format!("byte {}", bytes[7]));
    assert!(verdict(b"", &panics).unwrap().contains("panics"));
}

#[test]
fn damaged_recordings_are_read_or_refused() {
    stands(
        &seeds::wavs(),
        &["RIFF", "WAVE", "fmt ", "data", "LIST", "fact", "bext"],
        &|bytes| in_words(engine::wav::read::read(bytes)),
        &|bytes| {
            let size = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
            assert!(!bytes[44..44 + size].is_empty());
        },
    );
}

#[test]
fn damaged_midi_files_are_read_or_refused() {
    stands(
        &seeds::midis(),
        &["MThd", "MTrk", "\u{0}\u{0}", "MThd\u{0}\u{0}\u{0}\u{6}"],
        &|bytes| in_words(Score::from_midi(bytes)),
        &|bytes| {
            let length = u32::from_be_bytes(bytes[18..22].try_into().unwrap()) as usize;
            assert!(!bytes[22..22 + length].is_empty());
        },
    );
}

#[test]
fn damaged_packs_of_notes_are_read_or_refused_even_with_a_right_checksum() {
    let pack = seeds::note_pack();
    stands(
        std::slice::from_ref(&pack),
        &["USNP"],
        &|bytes| in_words(NotePack::from_bytes(bytes)),
        &|bytes| assert!(content_of_pack(bytes).starts_with(&[6, 0, 0, 0])),
    );
    stands(
        &[content_of_pack(&pack)],
        &[],
        &|content| in_words(NotePack::from_bytes(&seeds::pack_of_content(content))),
        &|content| {
            let label = u32::from_le_bytes(content[..4].try_into().unwrap()) as usize;
            let num_layouts = content[4 + label];
            assert!(num_layouts == 1);
        },
    );
}

#[test]
fn damaged_manifests_of_sounds_and_pictures_are_read_or_refused() {
    let words = ["null", "\"grid\"", "true", "{}", "[]", "\"n\"", "1e-400"];
    stands(
        &seeds::sound_manifests(),
        &words,
        &|bytes| in_words(Manifest::parse(&text(bytes))),
        &|bytes| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            assert!(value["latent_length"].as_u64().unwrap() < 65_536);
        },
    );
    stands(
        &seeds::picture_manifests(),
        &words,
        &|bytes| in_words(PictureManifest::parse(&text(bytes))),
        &|bytes| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            assert!(value["latent_length"].as_u64().unwrap() < 65_536);
        },
    );
}

#[test]
fn damaged_model_files_are_read_or_refused_without_starting_them() {
    stands(
        &seeds::model_files(),
        &["understory_manifest", "Loop", "If"],
        &|bytes| {
            as_file(bytes, "model.onnx", |path| match AnyModelFile::load(path) {
                Ok(AnyModelFile::Sound(file)) => in_words(file.graph_facts()),
                other => in_words(other),
            })
        },
        &|bytes| {
            let length = usize::from(bytes[3]);
            assert!(!bytes[4..4 + length].is_empty() && bytes[0] == 8);
        },
    );
}

#[test]
fn damaged_sound_files_are_read_or_refused() {
    stands(
        &[b"name = \"Birch\"\nseed = 17\ntruncation = 1.5\ntags = [\"warm\", \"plucked\"]\n\n[controls]\nbrightness = 0.5\nattack = -1.0\n".to_vec()],
        &["[[controls]]", "=", "'''", "seed", "[controls.a.b]", "1979-05-27T07:32:00Z"],
        &|bytes| as_file(bytes, "birch.toml", |path| in_words(SoundRecipe::load(path))),
        &|bytes| {
            let seed = text(bytes);
            let line = seed.lines().find(|line| line.starts_with("seed")).unwrap();
            line.split('=').nth(1).unwrap().trim().parse::<u32>().unwrap();
        },
    );
}

#[test]
fn damaged_marker_tables_and_edit_lists_are_read_or_refused() {
    let words = [
        "\"",
        ",",
        "\t",
        "\r",
        "\u{feff}",
        "FROM CLIP NAME",
        "M2",
        "00:59:59:29",
        ";",
    ];
    stands(&seeds::tables(), &words, &cues("a.csv"), &|bytes| {
        for line in text(bytes).lines().skip(1) {
            line.split(',').next().unwrap().parse::<f64>().unwrap();
        }
    });
    stands(&seeds::edls(), &words, &cues("a.edl"), &|bytes| {
        for line in text(bytes).lines().filter(|line| line.starts_with("00")) {
            line.split_whitespace().nth(7).unwrap();
        }
    });
}

#[test]
fn damaged_timelines_are_read_or_refused() {
    let words = [
        "<marker",
        "start=\"1/0s\"",
        "&amp;",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "&b;",
        "1001/30000s",
    ];
    stands(&seeds::fcpxmls(), &words, &cues("a.fcpxml"), &|bytes| {
        let text = text(bytes);
        let marker = text.split("<marker start=\"").nth(1).unwrap();
        marker.split('/').next().unwrap().parse::<u64>().unwrap();
    });
    let words = [
        "\"OTIO_SCHEMA\"",
        "null",
        "\"rate\": 0",
        "\"children\": [",
        "Stack.1",
        "{}",
    ];
    stands(&seeds::otios(), &words, &cues("a.otio"), &|bytes| {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert!(value["tracks"]["children"][0].is_object());
    });
}

#[test]
fn damaged_subtitles_are_read_or_refused() {
    let words = [
        "-->",
        "WEBVTT",
        "NOTE",
        "00:00:00,000",
        "99:99:99,999",
        "<i>",
        "\r\n\r\n",
    ];
    let planted = |bytes: &[u8]| {
        for line in text(bytes).lines().filter(|line| line.starts_with("00:")) {
            line.split(" --> ").nth(1).unwrap();
        }
    };
    stands(&seeds::srts(), &words, &cues("a.srt"), &planted);
    stands(&seeds::vtts(), &words, &cues("a.vtt"), &planted);
}

#[test]
fn damaged_palettes_are_read_or_refused() {
    let words = [
        "#",
        "#1b3a5c",
        "GIMP Palette",
        "ASEF",
        "RGB ",
        "CMYK",
        "\u{0}",
    ];
    let targets: [(&str, Vec<Vec<u8>>, Planted); 3] = [
        ("a.ase", seeds::ases(), |bytes| {
            let num_blocks = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
            assert!(num_blocks < bytes.len());
        }),
        ("a.gpl", seeds::gpls(), |bytes| {
            for line in text(bytes).lines().skip(4) {
                line.split_whitespace()
                    .next()
                    .unwrap()
                    .parse::<u8>()
                    .unwrap();
            }
        }),
        ("a.json", seeds::palettes(), |bytes| {
            let colors: Vec<String> = serde_json::from_slice(bytes).unwrap();
            assert!(colors.iter().all(|color| color.len() == 7));
        }),
    ];
    for (name, seeds, planted) in targets {
        let read = |bytes: &[u8]| as_file(bytes, name, |path| in_words(Palette::from_file(path)));
        stands(&seeds, &words, &read, &planted);
    }
}

#[test]
fn damaged_scales_are_read_or_refused() {
    let words = ["!", "3/2", "2/0", "1/18446744073709551616", "x", "cents"];
    let scale = b"! fifth.scl\n!\nThree of just intonation\n 3\n!\n 9/8\n 701.955\n 2/1\n".to_vec();
    stands(
        std::slice::from_ref(&scale),
        &words,
        &|bytes| in_words(engine::tuning::from_scala(&text(bytes), None)),
        &|bytes| {
            text(bytes)
                .lines()
                .nth(3)
                .unwrap()
                .trim()
                .parse::<u32>()
                .unwrap();
        },
    );
    let map = b"! all.kbm\n12\n0\n127\n60\n69\n440.0\n12\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"
        .to_vec();
    stands(
        std::slice::from_ref(&map),
        &words,
        &|bytes| {
            in_words(engine::tuning::from_scala(
                &text(&scale),
                Some(&text(bytes)),
            ))
        },
        &|bytes| {
            text(bytes)
                .lines()
                .nth(6)
                .unwrap()
                .trim()
                .parse::<f64>()
                .unwrap();
        },
    );
}
