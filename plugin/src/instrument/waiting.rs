//! The only place where the audio callback waits: a host that renders faster than time gives the model no time to bake.

use std::time::Duration;

use engine::{NUM_KEYS, Wish, layer_of_velocity};

use super::sounding::Sounding;

/// Waits until the note of this key, if it is one, is on its way to the player, none can come, or the time is over.
pub(super) fn bake_waiting(
    sounding: Option<&Sounding>,
    slot: u8,
    key: i32,
    velocity: f32,
    longest: Duration,
) {
    let key = u8::try_from(key)
        .ok()
        .filter(|&key| usize::from(key) < NUM_KEYS);
    if let (Some(sounding), Some(key)) = (sounding, key) {
        let layer = layer_of_velocity(velocity) as u8;
        let wish = Wish { slot, layer, key };
        sounding.baking.bake_waiting(wish, longest);
    }
}
