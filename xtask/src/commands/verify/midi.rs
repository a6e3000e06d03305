//! A bed's MIDI file made again: composed anew from the recipe in its text events. No model is needed.

use engine::score::compose::{self, export};
use engine::score::write::{Tune, midi_bytes, texts_of};
use serde_json::Value;

use super::comparison::{self, Verdict};
use super::foreign;
use crate::commands::bed;
use crate::failure::Failure;
use crate::recorded::Recorded;

pub(super) fn verdict(bytes: &[u8]) -> Result<Verdict, Failure> {
    let texts = texts_of(bytes);
    let mut objects = texts
        .iter()
        .filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let recipe = objects.find(Value::is_object).ok_or_else(foreign)?;
    let recipe = Recorded(&recipe);
    if recipe.text("command")? != "bed" {
        return Err(foreign());
    }
    let order = bed::order_of(recipe, 1)?;
    let composed = compose::compose(&order.settings)?;
    let wanted = midi_bytes(&Tune {
        texts,
        ..export::tune(&composed)
    })?;
    Ok(
        match comparison::of_coded(bytes, &wanted, "the MIDI file") {
            Some(difference) => Verdict::Different(difference),
            None => Verdict::Identical { fingerprint: None },
        },
    )
}
