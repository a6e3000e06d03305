//! Small good inputs of every format, written out here or made by the project's own writers.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use engine::Wish;
use engine::note_pack::NotePack;
use engine::worker::bake::{self, BakedNote};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use models::{AnyModelFile, DEFAULT_TRUNCATION, SoundGenerator, SoundPoint, SoundRecipe};
use plugin::bed::settings::HitMark;
use plugin::instrument::sound::{Place, Sound};
use sha2::{Digest, Sha256};

/// Magic, version and checksum of a pack of notes; then the content's length and the content deflated.
const PACK_START: usize = 4 + 2;
const PACK_CHECKSUM: usize = 32;

/// A file of the models' tests.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models/tests/fixtures")
        .join(name)
}

fn lines(text: &str) -> Vec<Vec<u8>> {
    vec![text.as_bytes().to_vec()]
}

/// PCM of 16 and 24 bits and floating point, one of them with a chunk that nobody needs.
pub fn wavs() -> Vec<Vec<u8>> {
    let file = |format: u16, bits: u16, channels: u16, extra: &[u8]| {
        let frame_bytes = channels * bits / 8;
        let data: Vec<u8> = (0..u32::from(frame_bytes) * 24)
            .map(|n| (n * 37) as u8 & 0x3f)
            .collect();
        let mut format_chunk = format.to_le_bytes().to_vec();
        format_chunk.extend(channels.to_le_bytes());
        format_chunk.extend(48_000_u32.to_le_bytes());
        format_chunk.extend((48_000 * u32::from(frame_bytes)).to_le_bytes());
        format_chunk.extend(frame_bytes.to_le_bytes());
        format_chunk.extend(bits.to_le_bytes());
        let mut body = b"WAVE".to_vec();
        for (name, content) in [(b"fmt ", &format_chunk[..]), (b"data", &data[..])] {
            body.extend(name);
            body.extend((content.len() as u32).to_le_bytes());
            body.extend(content);
        }
        body.extend(extra);
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(body);
        bytes
    };
    vec![
        file(1, 16, 1, b""),
        file(1, 24, 2, b"LIST\x04\0\0\0INFO"),
        file(3, 32, 2, b""),
    ]
}

/// One track with running status, a tempo and a program; two tracks with a pedal and a bend.
pub fn midis() -> Vec<Vec<u8>> {
    let track = |events: &[u8]| {
        let mut bytes = b"MTrk".to_vec();
        bytes.extend((events.len() as u32).to_be_bytes());
        bytes.extend(events);
        bytes
    };
    let end = b"\0\xff\x2f\0";
    let one = [
        &b"\0\xff\x51\x03\x07\xa1\x20\0\xc0\x05\0\x90\x3c\x60\x60\x3e\x60\x60\x3c\0\0\x3e\0"[..],
        end,
    ]
    .concat();
    let two = [
        &b"\0\xb0\x40\x7f\0\x90\x3c\x60\x81\x40\xe0\0\x50\0\x80\x3c\x40\x10\xb0\x40\0"[..],
        end,
    ]
    .concat();
    let header =
        |format: u8, tracks: u8| [b"MThd\0\0\0\x06\0", &[format, 0, tracks, 0, 96][..]].concat();
    vec![
        [header(0, 1), track(&one)].concat(),
        [header(1, 2), track(&one), track(&two)].concat(),
    ]
}

/// One note of the test model.
pub fn note_pack() -> Vec<u8> {
    let mut generator = SoundGenerator::load(fixture("toy.onnx")).unwrap();
    let point = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
    let note = bake::note(&mut generator, &point, 0, 60).unwrap();
    let place = Wish {
        slot: 0,
        layer: 0,
        key: 60,
    };
    let notes = vec![BakedNote {
        place,
        note: Arc::new(note),
    }];
    let pack = NotePack {
        label: "attack".to_owned(),
        notes,
    };
    pack.to_bytes().unwrap()
}

/// What a pack's checksum and compression hide from damage.
pub fn content_of_pack(pack: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let deflated = &pack[PACK_START + PACK_CHECKSUM + 8..];
    DeflateDecoder::new(deflated)
        .read_to_end(&mut content)
        .unwrap();
    content
}

/// A pack around a content, with a checksum that is right.
pub fn pack_of_content(content: &[u8]) -> Vec<u8> {
    let mut body = (content.len() as u64).to_le_bytes().to_vec();
    let mut encoder = DeflateEncoder::new(&mut body, Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap();
    let mut bytes = b"USNP\x01\0".to_vec();
    bytes.extend(Sha256::digest(&body));
    bytes.extend(body);
    bytes
}

fn manifest(name: &str) -> Vec<u8> {
    match AnyModelFile::load(fixture(name)).unwrap() {
        AnyModelFile::Sound(file) => serde_json::to_vec(file.manifest()).unwrap(),
        AnyModelFile::Picture(file) => serde_json::to_vec(file.manifest()).unwrap(),
    }
}

pub fn sound_manifests() -> Vec<Vec<u8>> {
    ["mel_toy.onnx", "wave_toy.onnx", "wrong_reference.onnx"]
        .map(manifest)
        .to_vec()
}

pub fn picture_manifests() -> Vec<Vec<u8>> {
    vec![manifest("picture_toy.onnx")]
}

pub fn model_files() -> Vec<Vec<u8>> {
    ["wave_toy.onnx", "well_behaved.onnx", "wrong_reference.onnx"]
        .iter()
        .map(|name| std::fs::read(fixture(name)).unwrap())
        .collect()
}

pub fn tables() -> Vec<Vec<u8>> {
    let mut tables = lines("time_s,name\n0.5,one\n12.25,\"two, and more\"\n30,three\n");
    tables.extend(lines("Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\none\t\t00:00:02:00\t00:00:02:00\t00:00:00:00\tComment\n"));
    tables
}

pub fn edls() -> Vec<Vec<u8>> {
    lines(
        "TITLE: cut\nFCM: NON-DROP FRAME\n\n001  AX       V     C        00:00:00:00 00:00:05:00 01:00:00:00 01:00:05:00\n* FROM CLIP NAME: a.mov\n* LOC: 01:00:02:00 RED     hit\n002  AX       V     C        00:00:00:00 00:00:05:00 01:00:05:00 01:00:10:00\n",
    )
}

pub fn fcpxmls() -> Vec<Vec<u8>> {
    lines(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10"><library><event><project>
<sequence tcStart="3600s" duration="20s"><spine>
<asset-clip offset="3600s" start="0s" duration="5s"><marker start="2s" duration="1/25s" value="one"/></asset-clip>
<asset-clip offset="3605s" start="100s" duration="15s">
<marker start="5255/50s" duration="1/25s" value="two"/>
<clip offset="102s" start="7s" lane="1"><chapter-marker start="8s" value="three"/></clip>
</asset-clip>
</spine></sequence></project></event></library></fcpxml>"#,
    )
}

pub fn otios() -> Vec<Vec<u8>> {
    lines(
        r#"{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "source_range": null,
"markers": [{"name": "all", "marked_range": {"start_time": {"value": 25, "rate": 25}}}],
"children": [{"OTIO_SCHEMA": "Track.1", "markers": [], "children": [
{"OTIO_SCHEMA": "Gap.1", "source_range": {"start_time": {"value": 0, "rate": 25}, "duration": {"value": 50, "rate": 25}}},
{"OTIO_SCHEMA": "Clip.2", "source_range": {"start_time": {"value": 240, "rate": 24}, "duration": {"value": 48, "rate": 24}},
"markers": [{"name": "in clip", "marked_range": {"start_time": {"value": 252, "rate": 24}}}]}]}]}}"#,
    )
}

pub fn srts() -> Vec<Vec<u8>> {
    lines(
        "1\n00:00:01,000 --> 00:00:03,500\nGood evening.\n\n2\n00:00:04,000 --> 00:00:06,000\nTwo lines\nof <i>speech</i>.\n",
    )
}

pub fn vtts() -> Vec<Vec<u8>> {
    lines(
        "WEBVTT\n\nNOTE made by hand\n\nintro\n00:00:01.000 --> 00:00:03.500 align:start\nGood evening.\n\n00:04.000 --> 00:06.000\nMore.\n",
    )
}

/// Three swatches: RGB, grey and CMYK.
pub fn ases() -> Vec<Vec<u8>> {
    let swatch = |model: &[u8; 4], values: &[f32]| {
        let name: Vec<u8> = "ink\0".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut block = 4_u16.to_be_bytes().to_vec();
        block.extend(name);
        block.extend(model);
        values
            .iter()
            .for_each(|value| block.extend(value.to_be_bytes()));
        block.extend([0, 2]);
        let mut bytes = 1_u16.to_be_bytes().to_vec();
        bytes.extend((block.len() as u32).to_be_bytes());
        bytes.extend(block);
        bytes
    };
    let blocks = [
        swatch(b"RGB ", &[0.1, 0.2, 0.4]),
        swatch(b"Gray", &[0.8]),
        swatch(b"CMYK", &[0.1, 0.7, 0.9, 0.2]),
    ];
    let mut bytes = b"ASEF\0\x01\0\0".to_vec();
    bytes.extend(3_u32.to_be_bytes());
    bytes.extend(blocks.concat());
    vec![bytes]
}

pub fn gpls() -> Vec<Vec<u8>> {
    lines(
        "GIMP Palette\nName: Brand\nColumns: 3\n#\n 27  58  92\tdeep\n242 193  78\tsun\n 12 120  80\n",
    )
}

pub fn palettes() -> Vec<Vec<u8>> {
    lines("[\"#1b3a5c\", \"#f2c14e\", \"#0c7850\"]")
}

pub fn sound_recipes() -> Vec<Vec<u8>> {
    lines(
        "name = \"Birch\"\nseed = 17\ntruncation = 1.5\ntags = [\"warm\", \"plucked\"]\n\n[controls]\nbrightness = 0.5\nattack = -1.0\n",
    )
}

pub fn scales() -> Vec<Vec<u8>> {
    lines("! fifth.scl\n!\nThree of just intonation\n 3\n!\n 9/8\n 701.955\n 2/1\n")
}

pub fn key_maps() -> Vec<Vec<u8>> {
    lines("! all.kbm\n12\n0\n127\n60\n69\n440.0\n12\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n")
}

/// What an instrument saves: as new, and with sounds, locks and a path.
pub fn instrument_states() -> Vec<Vec<u8>> {
    let new = plugin::instrument::persisted::Persisted::default();
    let used = plugin::instrument::persisted::Persisted::default();
    used.change(|settings| {
        let sound = Sound::of_recipe(&SoundRecipe::from_seed(17));
        let place = Place {
            model: "sound-v1".to_owned(),
            fingerprint: "ab".repeat(32),
            latent: vec![0.5, -1.25, 3.0],
            attributes: vec![0.25],
            style_offset: vec![0.0, 1.0, -0.5],
        };
        settings.corners[0] = Some(Sound {
            place: Some(place),
            ..sound.clone()
        });
        settings.corners[2] = Some(sound);
        settings.locked.insert("tim0".to_owned());
        settings.path = vec![[0.0, 1.0], [0.5, 0.25]];
    });
    [new, used]
        .map(|saved| content_of_state(&saved.sealed().unwrap()))
        .to_vec()
}

/// What a bed saves: as new, and with hits and a curve.
pub fn bed_states() -> Vec<Vec<u8>> {
    let new = plugin::bed::persisted::Persisted::default();
    let used = plugin::bed::persisted::Persisted::default();
    used.change(|settings| {
        settings.hits = vec![HitMark {
            time_s: 12.5,
            name: "door".to_owned(),
        }];
        settings.energy_curve = vec![[0.0, 0.5], [1.0, 0.75]];
        settings.sounds[1] = Some(Sound::of_recipe(&SoundRecipe::from_seed(4)));
        settings.exact_length_s = Some(91.25);
    });
    [new, used]
        .map(|saved| content_of_state(&saved.sealed().unwrap()))
        .to_vec()
}

fn content_of_state(sealed: &str) -> Vec<u8> {
    plugin::state::open(sealed).unwrap().into_bytes()
}
