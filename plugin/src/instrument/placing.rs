//! Where a sound lies in a model's latent space. Any thread but the audio thread; runs no network.

use models::Manifest;

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

fn fits(place: &Place, manifest: &Manifest) -> bool {
    place.latent.len() == manifest.latent_length
        && place.attributes.len() == manifest.attributes.len()
        && place.style_offset.len() == manifest.style_length
}
