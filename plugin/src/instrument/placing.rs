//! Where a sound lies in a model's latent space, and where timbre slots move it. Worker thread; runs no network.

use models::{Manifest, SoundPoint};

use super::params::NUM_TIMBRES;
use super::sound::{Place, Sound};

/// The sound's place: the one it was found at, if this model can take it, else that of its recipe.
///
/// # Errors
/// A control that the model lacks.
pub(super) fn place_of(
    sound: &Sound,
    manifest: &Manifest,
    fingerprint: &str,
) -> models::Result<Place> {
    match &sound.place {
        Some(place) if fits(place, manifest) => Ok(place.clone()),
        _ => {
            let point = sound.recipe().point(manifest)?;
            Ok(Place::of(&point, &manifest.name, fingerprint))
        }
    }
}

/// The point that timbre slots move a place to, each by the model's control of that number.
///
/// # Errors
/// A control whose vector does not fit the model.
pub(super) fn moved(
    place: &Place,
    timbre: &[f32; NUM_TIMBRES],
    manifest: &Manifest,
) -> models::Result<SoundPoint> {
    let mut point = place.point();
    for (control, &value) in manifest.controls.iter().zip(timbre) {
        // Adding nothing still turns -0 into 0: the point of a sound that is not moved stays what it is.
        if value != 0.0 && value.is_finite() {
            let value = value.clamp(control.min, control.max);
            point.add_control(&control.name, value, manifest)?;
        }
    }
    Ok(point)
}

fn fits(place: &Place, manifest: &Manifest) -> bool {
    place.latent.len() == manifest.latent_length
        && place.attributes.len() == manifest.attributes.len()
        && place.style_offset.len() == manifest.style_length
}
