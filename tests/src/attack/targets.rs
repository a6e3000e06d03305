//! The list: one entry per format, with the words that mean something in it and a planted reader. It attacks nothing.

use std::io::Write;
use std::path::Path;

use backdrop::palette::Palette;
use engine::cues::markers;
use engine::cues::timecode::FrameRate;
use engine::note_pack::NotePack;
use engine::score::Score;
use engine::tuning::from_scala;
use models::{AnyModelFile, Manifest, PictureManifest, SoundRecipe};
use plugin::{bed, instrument, state};

use super::seeds::content_of_pack;
use super::{Target, seeds, streams};

const MANIFEST_WORDS: &[&str] = &["null", "\"grid\"", "true", "{}", "[]", "\"n\"", "1e-400"];
const TABLE_WORDS: &[&str] = &[
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
const SUBTITLE_WORDS: &[&str] = &[
    "-->",
    "WEBVTT",
    "NOTE",
    "00:00:00,000",
    "99:99:99,999",
    "<i>",
    "\r\n\r\n",
];
const PALETTE_WORDS: &[&str] = &[
    "#",
    "#1b3a5c",
    "GIMP Palette",
    "ASEF",
    "RGB ",
    "CMYK",
    "\u{0}",
];
const SCALE_WORDS: &[&str] = &["!", "3/2", "2/0", "1/18446744073709551616", "x", "cents"];
const STATE_WORDS: &[&str] = &[
    "\"settings\":",
    "\"understory\":",
    "\"corners\":[",
    "null",
    "{}",
    "1e999",
    "\"\\u0000\"",
    "\"kind\":\"bed\"",
];

/// Every reader of bytes from outside.
pub const TARGETS: &[Target] = &[
    Target {
        name: "wav",
        seeds: seeds::wavs,
        words: &["RIFF", "WAVE", "fmt ", "data", "LIST", "fact", "bext"],
        read: |bytes| in_words(engine::wav::read::read(bytes)),
        planted: |bytes| {
            let size = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
            assert!(!bytes[44..44 + size].is_empty());
        },
    },
    Target {
        name: "midi",
        seeds: seeds::midis,
        words: &["MThd", "MTrk", "\u{0}\u{0}", "MThd\u{0}\u{0}\u{0}\u{6}"],
        read: |bytes| in_words(Score::from_midi(bytes)),
        planted: |bytes| {
            let length = u32::from_be_bytes(bytes[18..22].try_into().unwrap()) as usize;
            assert!(!bytes[22..22 + length].is_empty());
        },
    },
    Target {
        name: "note_pack",
        seeds: || vec![seeds::note_pack()],
        words: &["USNP"],
        read: |bytes| in_words(NotePack::from_bytes(bytes)),
        planted: |bytes| assert!(content_of_pack(bytes).starts_with(&[6, 0, 0, 0])),
    },
    Target {
        name: "note_pack_content",
        seeds: || vec![content_of_pack(&seeds::note_pack())],
        words: &[],
        read: |content| in_words(NotePack::from_bytes(&seeds::pack_of_content(content))),
        planted: |content| {
            let label = u32::from_le_bytes(content[..4].try_into().unwrap()) as usize;
            let num_layouts = content[4 + label];
            assert!(num_layouts == 1);
        },
    },
    Target {
        name: "sound_manifest",
        seeds: seeds::sound_manifests,
        words: MANIFEST_WORDS,
        read: |bytes| in_words(Manifest::parse(&text(bytes))),
        planted: latent_length,
    },
    Target {
        name: "picture_manifest",
        seeds: seeds::picture_manifests,
        words: MANIFEST_WORDS,
        read: |bytes| in_words(PictureManifest::parse(&text(bytes))),
        planted: latent_length,
    },
    Target {
        name: "model",
        seeds: seeds::model_files,
        words: &["understory_manifest", "Loop", "If"],
        read: |bytes| {
            as_file(bytes, "model.onnx", |path| match AnyModelFile::load(path) {
                Ok(AnyModelFile::Sound(file)) => in_words(file.graph_facts()),
                other => in_words(other),
            })
        },
        planted: |bytes| {
            let length = usize::from(bytes[3]);
            assert!(!bytes[4..4 + length].is_empty() && bytes[0] == 8);
        },
    },
    Target {
        name: "sound_recipe",
        seeds: seeds::sound_recipes,
        words: &[
            "[[controls]]",
            "=",
            "'''",
            "seed",
            "[controls.a.b]",
            "1979-05-27T07:32:00Z",
        ],
        read: |bytes| {
            as_file(bytes, "birch.toml", |path| {
                in_words(SoundRecipe::load(path))
            })
        },
        planted: |bytes| {
            let seed = text(bytes);
            let line = seed.lines().find(|line| line.starts_with("seed")).unwrap();
            line.split('=')
                .nth(1)
                .unwrap()
                .trim()
                .parse::<u32>()
                .unwrap();
        },
    },
    Target {
        name: "marker_table",
        seeds: seeds::tables,
        words: TABLE_WORDS,
        read: |bytes| cues("a.csv", bytes),
        planted: |bytes| {
            for line in text(bytes).lines().skip(1) {
                line.split(',').next().unwrap().parse::<f64>().unwrap();
            }
        },
    },
    Target {
        name: "edl",
        seeds: seeds::edls,
        words: TABLE_WORDS,
        read: |bytes| cues("a.edl", bytes),
        planted: |bytes| {
            for line in text(bytes).lines().filter(|line| line.starts_with("00")) {
                line.split_whitespace().nth(7).unwrap();
            }
        },
    },
    Target {
        name: "fcpxml",
        seeds: seeds::fcpxmls,
        words: &[
            "<marker",
            "start=\"1/0s\"",
            "&amp;",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]>",
            "&b;",
            "1001/30000s",
        ],
        read: |bytes| cues("a.fcpxml", bytes),
        planted: |bytes| {
            let text = text(bytes);
            let marker = text.split("<marker start=\"").nth(1).unwrap();
            marker.split('/').next().unwrap().parse::<u64>().unwrap();
        },
    },
    Target {
        name: "otio",
        seeds: seeds::otios,
        words: &[
            "\"OTIO_SCHEMA\"",
            "null",
            "\"rate\": 0",
            "\"children\": [",
            "Stack.1",
            "{}",
        ],
        read: |bytes| cues("a.otio", bytes),
        planted: |bytes| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            assert!(value["tracks"]["children"][0].is_object());
        },
    },
    Target {
        name: "srt",
        seeds: seeds::srts,
        words: SUBTITLE_WORDS,
        read: |bytes| cues("a.srt", bytes),
        planted: arrow,
    },
    Target {
        name: "vtt",
        seeds: seeds::vtts,
        words: SUBTITLE_WORDS,
        read: |bytes| cues("a.vtt", bytes),
        planted: arrow,
    },
    Target {
        name: "ase",
        seeds: seeds::ases,
        words: PALETTE_WORDS,
        read: |bytes| palette("a.ase", bytes),
        planted: |bytes| {
            let num_blocks = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
            assert!(num_blocks < bytes.len());
        },
    },
    Target {
        name: "gpl",
        seeds: seeds::gpls,
        words: PALETTE_WORDS,
        read: |bytes| palette("a.gpl", bytes),
        planted: |bytes| {
            for line in text(bytes).lines().skip(4) {
                line.split_whitespace()
                    .next()
                    .unwrap()
                    .parse::<u8>()
                    .unwrap();
            }
        },
    },
    Target {
        name: "palette_json",
        seeds: seeds::palettes,
        words: PALETTE_WORDS,
        read: |bytes| palette("a.json", bytes),
        planted: |bytes| {
            let colors: Vec<String> = serde_json::from_slice(bytes).unwrap();
            assert!(colors.iter().all(|color| color.len() == 7));
        },
    },
    Target {
        name: "scale",
        seeds: seeds::scales,
        words: SCALE_WORDS,
        read: |bytes| in_words(from_scala(&text(bytes), None)),
        planted: |bytes| {
            let text = text(bytes);
            text.lines().nth(3).unwrap().trim().parse::<u32>().unwrap();
        },
    },
    Target {
        name: "key_map",
        seeds: seeds::key_maps,
        words: SCALE_WORDS,
        read: |bytes| in_words(from_scala(&text(&seeds::scales()[0]), Some(&text(bytes)))),
        planted: |bytes| {
            let text = text(bytes);
            text.lines().nth(6).unwrap().trim().parse::<f64>().unwrap();
        },
    },
    Target {
        name: "instrument_state",
        seeds: || {
            seeds::instrument_states()
                .iter()
                .map(|body| sealed(body))
                .collect()
        },
        words: STATE_WORDS,
        read: |bytes| in_words(instrument::persisted::Persisted::default().take(&text(bytes))),
        planted: |bytes| assert!(text(bytes).contains("\"checksum\":")),
    },
    Target {
        name: "instrument_state_content",
        seeds: seeds::instrument_states,
        words: STATE_WORDS,
        read: |bytes| {
            let sealed = text(&sealed(bytes));
            in_words(instrument::persisted::Persisted::default().take(&sealed))
        },
        planted: corners,
    },
    Target {
        name: "bed_state",
        seeds: || {
            seeds::bed_states()
                .iter()
                .map(|body| sealed(body))
                .collect()
        },
        words: STATE_WORDS,
        read: |bytes| in_words(bed::persisted::Persisted::default().take(&text(bytes))),
        planted: |bytes| assert!(text(bytes).contains("\"checksum\":")),
    },
    Target {
        name: "bed_state_content",
        seeds: seeds::bed_states,
        words: STATE_WORDS,
        read: |bytes| {
            let sealed = text(&sealed(bytes));
            in_words(bed::persisted::Persisted::default().take(&sealed))
        },
        planted: |bytes| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            assert!(value["settings"]["hits"].is_array());
        },
    },
    Target {
        name: "host_events",
        seeds: streams::seeds,
        words: &[],
        read: streams::play,
        planted: streams::play_carelessly,
    },
];

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

fn cues(name: &str, bytes: &[u8]) -> Result<(), String> {
    in_words(markers::read(name, bytes, FrameRate::PAL))
}

fn palette(name: &str, bytes: &[u8]) -> Result<(), String> {
    as_file(bytes, name, |path| in_words(Palette::from_file(path)))
}

/// A state's text with a checksum that is right.
fn sealed(body: &[u8]) -> Vec<u8> {
    state::seal(text(body)).unwrap_or_default().into_bytes()
}

fn latent_length(bytes: &[u8]) {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    assert!(value["latent_length"].as_u64().unwrap() < 65_536);
}

fn arrow(bytes: &[u8]) {
    for line in text(bytes).lines().filter(|line| line.starts_with("00:")) {
        line.split(" --> ").nth(1).unwrap();
    }
}

fn corners(bytes: &[u8]) {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    assert!(value["settings"]["corners"].is_array());
}
