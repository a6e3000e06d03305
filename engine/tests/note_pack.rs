//! Baked notes survive being kept: packed and unpacked they play the same samples; damage is told, never played.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::sync::Arc;

use engine::decode::decode_straight;
use engine::note_pack::NotePack;
use engine::worker::bake::BakedNote;
use engine::{Note, Wish};
use fixture::{ClosedForm, layout, maps, sawtooth};

/// A sound whose cells fall between the steps of the rounding.
fn moving() -> ClosedForm {
    ClosedForm {
        level_db: |k, t| -20.0 * k.log10() - 7.0 * (9.0 * t + k).sin().powi(2),
        noise_db: |hz, t| -60.0 - 0.003 * hz - 3.0 * (5.0 * t).cos(),
        ..sawtooth()
    }
}

fn baked(key: u8) -> BakedNote {
    let note = Note::baked_from_maps(&maps(&moving()), layout(), key).unwrap();
    BakedNote {
        place: Wish {
            slot: 2,
            layer: 1,
            key,
        },
        note: Arc::new(note),
    }
}

fn pack_of(keys: &[u8]) -> NotePack {
    NotePack {
        label: "glass choir, sound-v1 ♪".into(),
        notes: keys.iter().map(|&key| baked(key)).collect(),
    }
}

#[test]
fn notes_that_were_packed_play_the_same_samples_from_the_same_places() {
    let before = pack_of(&[24, 60, 96, 108]);
    let bytes = before.to_bytes().unwrap();
    let after = NotePack::from_bytes(&bytes).unwrap();
    assert_eq!(after.label, before.label);
    assert_eq!(after.notes.len(), 4);
    for (before, after) in before.notes.iter().zip(&after.notes) {
        assert_eq!(before.place, after.place);
        assert_eq!(before.note.gain(), after.note.gain());
        let play = |note: &Note| decode_straight(note, 48_000.0, 5).unwrap();
        assert!(
            play(&before.note) == play(&after.note),
            "{:?}",
            before.place
        );
    }
}

#[test]
fn rounding_changes_a_note_by_less_than_40_db_below_it() {
    let exact = Note::from_maps(&maps(&moving()), layout(), 60).unwrap();
    let play = |note: &Note| decode_straight(note, 48_000.0, 5).unwrap();
    let (exact, rounded) = (play(&exact), play(&baked(60).note));
    let power = |samples: &mut dyn Iterator<Item = f32>| -> f64 {
        samples.map(|sample| f64::from(sample).powi(2)).sum()
    };
    let difference = power(&mut exact.iter().zip(&rounded).map(|(a, b)| a - b));
    let level_db = 10.0 * (difference / power(&mut exact.iter().copied())).log10();
    // Level steps alone make -60 dB; the rest is phase, of pitches that are 0.01 cents off.
    assert!(level_db < -40.0, "{level_db} dB");
}

#[test]
fn a_note_that_was_not_rounded_is_not_packed() {
    let mut pack = pack_of(&[60]);
    let exact = Note::from_maps(&maps(&moving()), layout(), 60).unwrap();
    pack.notes[0].note = Arc::new(exact);
    let message = pack.to_bytes().unwrap_err().to_string();
    assert!(message.contains("not rounded"), "{message}");
}

#[test]
fn cut_foreign_newer_and_changed_bytes_are_refused_in_words() {
    let bytes = pack_of(&[60]).to_bytes().unwrap();
    let refusal = |bytes: &[u8]| NotePack::from_bytes(bytes).unwrap_err().to_string();
    assert!(refusal(&[]).contains("too short"));
    assert!(refusal(&[7; 500]).contains("do not begin"));
    let mut newer = bytes.clone();
    newer[4] = 9;
    assert!(refusal(&newer).contains("newer Understory"));
    for cut in [46, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(refusal(&bytes[..cut]).contains("checksum"), "cut at {cut}");
    }
    let mut state = 1u32;
    for _ in 0..300 {
        state = models::seeded::mix(state.wrapping_add(77));
        let mut changed = bytes.clone();
        let index = state as usize % changed.len();
        changed[index] ^= 1 << (state >> 29);
        assert!(NotePack::from_bytes(&changed).is_err(), "byte {index}");
    }
}

#[test]
fn contents_that_lie_under_a_right_checksum_are_refused_without_a_crash() {
    use sha2::{Digest, Sha256};
    use std::io::Write;
    let bytes = pack_of(&[96]).to_bytes().unwrap();
    let mut content = Vec::new();
    let mut inflate = flate2::read::DeflateDecoder::new(&bytes[46..]);
    std::io::Read::read_to_end(&mut inflate, &mut content).unwrap();
    let sealed = |content: &[u8], announced: u64| {
        let mut body = announced.to_le_bytes().to_vec();
        let mut deflate =
            flate2::write::DeflateEncoder::new(&mut body, flate2::Compression::fast());
        deflate.write_all(content).unwrap();
        deflate.finish().unwrap();
        [&bytes[..6], &Sha256::digest(&body)[..], &body].concat()
    };
    let length = content.len() as u64;
    assert!(NotePack::from_bytes(&sealed(&content, length)).is_ok());
    for announced in [length - 1, length + 1, u64::MAX] {
        assert!(NotePack::from_bytes(&sealed(&content, announced)).is_err());
    }
    // The head of the content: label, layouts, places. Maps may hold anything.
    let mut state = 3u32;
    for _ in 0..400 {
        state = models::seeded::mix(state.wrapping_add(1));
        let mut changed = content.clone();
        changed[state as usize % 2_600] = (state >> 24) as u8;
        drop(NotePack::from_bytes(&sealed(&changed, length)));
        let cut = &content[..state as usize % content.len()];
        assert!(NotePack::from_bytes(&sealed(cut, cut.len() as u64)).is_err());
    }
}
