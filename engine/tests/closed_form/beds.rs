//! Notes of a whole bed in closed form.

use std::sync::Arc;

use engine::mix::wishes;
use engine::score::compose::Bed;
use engine::worker::bake::BakedNote;

use super::fixture::{self, ClosedForm};

/// Every note a bed needs, as a tone of falling partials.
pub fn baked(bed: &Bed) -> Vec<BakedNote> {
    let form = ClosedForm {
        level_db: |k, _| -12.0 * k.log2(),
        noise_db: |_, _| -70.0,
        ..ClosedForm::default()
    };
    let mut notes: Vec<Option<Arc<engine::Note>>> = vec![None; 128];
    wishes(bed)
        .into_iter()
        .map(|place| {
            let note = notes[usize::from(place.key)]
                .get_or_insert_with(|| fixture::note(&form, place.key));
            BakedNote {
                place,
                note: Arc::clone(note),
            }
        })
        .collect()
}
