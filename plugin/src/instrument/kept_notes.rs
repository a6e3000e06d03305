//! The notes that a project keeps, so that it sounds without its model: packed, bounded, and marked with the sounds that
//! they belong to. Host main thread and editor; plays nothing.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use engine::note_pack::NotePack;
use engine::worker::bake::BakedNote;
use engine::{LAYER_VELOCITIES, layer_of_velocity};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::params::NUM_TIMBRES;
use super::session::NUM_CORNERS;
use super::sound::Place;

/// Most notes that are kept: all layers of six octaves for four sounds, some 18 MB. What is beyond is left out, the last
/// corner's hardest and softest layers first.
pub(super) const MOST_NOTES: usize = 4 * 3 * 73;
/// Longest text of a pack that is read or written: longer ones are left out as a whole.
const MOST_TEXT_BYTES: usize = 24 << 20;
/// Digits that mark a sound: enough to tell sounds apart.
const MARK_DIGITS: usize = 32;

/// Notes as a project's text holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptNotes {
    /// What the notes of each corner sound like, the corners without any left out.
    marks: [Option<Mark>; NUM_CORNERS],
    num_notes: usize,
    /// A note pack, base64.
    pack: String,
}

/// The sound that notes belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// Of the point in the latent space and its model.
    place: String,
    /// Of what the timbre slots move.
    timbre: String,
}

impl Mark {
    /// The mark of a sound.
    pub(super) fn of(place: &Place, timbre: &[f32; NUM_TIMBRES]) -> Self {
        let lists = [&place.latent, &place.attributes, &place.style_offset];
        let texts = [&place.model, &place.fingerprint];
        let texts = texts.into_iter().flat_map(|text| text.bytes().chain([0]));
        let numbers = lists.into_iter().flat_map(|list| bytes_of(list));
        Self {
            place: digest(texts.chain(numbers)),
            timbre: digest(bytes_of(timbre)),
        }
    }
}

impl KeptNotes {
    /// Packs the notes of the corners; `None` where there are none.
    pub(super) fn pack(corners: [Option<(Mark, Vec<BakedNote>)>; NUM_CORNERS]) -> Option<Self> {
        let mut notes: Vec<BakedNote> = Vec::new();
        let marks = corners.map(|corner| {
            let (mark, of_corner) = corner?;
            notes.extend(of_corner);
            Some(mark)
        });
        let usual = layer_of_velocity(LAYER_VELOCITIES[1]) as u8;
        notes.sort_by_key(|baked| {
            let place = baked.place;
            (place.layer != usual, place.slot, place.layer, place.key)
        });
        notes.truncate(MOST_NOTES);
        let num_notes = notes.len();
        let label = String::new();
        let bytes = NotePack { label, notes }.to_bytes().ok()?;
        let pack = STANDARD_NO_PAD.encode(bytes);
        let fits = num_notes > 0 && pack.len() <= MOST_TEXT_BYTES;
        fits.then_some(Self {
            marks,
            num_notes,
            pack,
        })
    }

    /// How many notes there are for these very sounds.
    pub(super) fn num_notes_for(&self, marks: &[Option<Mark>; NUM_CORNERS]) -> usize {
        if self.marks == *marks {
            self.num_notes
        } else {
            0
        }
    }

    /// Whether a corner's notes are of this place.
    pub(super) fn has(&self, corner: usize, place: &Place) -> bool {
        let mark = self.marks.get(corner).and_then(Option::as_ref);
        mark.is_some_and(|mark| mark.place == Mark::of(place, &[0.0; NUM_TIMBRES]).place)
    }

    /// The notes; none of a pack that cannot be read.
    pub(super) fn notes(&self) -> Vec<BakedNote> {
        if self.pack.len() > MOST_TEXT_BYTES {
            return Vec::new();
        }
        let bytes = STANDARD_NO_PAD.decode(&self.pack).ok();
        let pack = bytes.and_then(|bytes| NotePack::from_bytes(&bytes).ok());
        pack.map_or_else(Vec::new, |pack| pack.notes)
    }

    /// What they add to the project, bytes.
    pub(super) fn size_bytes(&self) -> usize {
        self.pack.len()
    }
}

/// The project's own notes, unpacked when they are needed.
pub(super) struct Kept {
    packed: Option<Arc<KeptNotes>>,
    notes: Option<Vec<BakedNote>>,
}

impl Kept {
    pub(super) fn of(packed: Option<Arc<KeptNotes>>) -> Self {
        Self {
            packed,
            notes: None,
        }
    }

    pub(super) fn has(&self, corner: usize, place: &Place) -> bool {
        let packed = self.packed.as_ref();
        packed.is_some_and(|packed| packed.has(corner, place))
    }

    /// The notes of a corner, if they are this place's.
    pub(super) fn notes_of(&mut self, corner: usize, place: &Place) -> Vec<BakedNote> {
        let Some(packed) = self
            .packed
            .as_ref()
            .filter(|packed| packed.has(corner, place))
        else {
            return Vec::new();
        };
        let notes = self.notes.get_or_insert_with(|| packed.notes());
        let of_corner = notes.iter();
        of_corner
            .filter(|baked| usize::from(baked.place.slot) == corner)
            .cloned()
            .collect()
    }
}

fn bytes_of(numbers: &[f32]) -> impl Iterator<Item = u8> {
    let length = (numbers.len() as u64).to_le_bytes();
    // -0 and 0 are one value.
    let bytes = numbers
        .iter()
        .flat_map(|number| (number + 0.0).to_le_bytes());
    length.into_iter().chain(bytes)
}

fn digest(bytes: impl Iterator<Item = u8>) -> String {
    let digest = Sha256::digest(bytes.collect::<Vec<u8>>());
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(MARK_DIGITS);
    hex
}
