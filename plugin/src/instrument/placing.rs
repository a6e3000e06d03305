//! Where a sound lies in a model's latent space. Any thread but the audio thread; runs no network.

use models::{Manifest, SoundPoint};

use super::params::NUM_TIMBRES;
use super::sound::{Place, Sound};

/// The sound's place: the one it was found at, if this model can take it, else that of its recipe, as far as the model has
/// its controls.
///
/// # Errors
/// A recipe whose numbers are out of reach.
pub(crate) fn place_of(
    sound: &Sound,
    manifest: &Manifest,
    fingerprint: &str,
) -> models::Result<Place> {
    match &sound.place {
        Some(place) if fits(place, manifest) => Ok(place.clone()),
        _ => {
            let mut recipe = sound.recipe();
            let is_known = |name: &str| manifest.controls.iter().any(|known| known.name == name);
            recipe.controls.retain(|(name, _)| is_known(name));
            let point = recipe.point(manifest)?;
            Ok(Place::of(&point, &manifest.name, fingerprint))
        }
    }
}

/// The sound for another model: its numbers stay where that model has as many, and mean what it makes of them; else its
/// recipe counts.
pub(super) fn moved_over(sound: &Sound, manifest: &Manifest, fingerprint: &str) -> Sound {
    let place = sound.place.as_ref().filter(|place| fits(place, manifest));
    Sound {
        place: place.map(|place| Place {
            model: manifest.name.clone(),
            fingerprint: fingerprint.to_owned(),
            ..place.clone()
        }),
        ..sound.clone()
    }
}

/// a - b + c, as a sound of its own.
///
/// # Errors
/// Sounds that cancel out, or a control that the model lacks.
pub(super) fn sum(
    [a, b, c]: [&Sound; 3],
    manifest: &Manifest,
    fingerprint: &str,
) -> models::Result<Sound> {
    let term = |weight: f32, sound: &Sound| {
        let place = place_of(sound, manifest, fingerprint)?;
        Ok((weight, place.point()))
    };
    let point = SoundPoint::sum(&[term(1.0, a)?, term(-1.0, b)?, term(1.0, c)?])?;
    Ok(Sound {
        name: format!("{} - {} + {}", a.name, b.name, c.name),
        place: Some(Place::of(&point, &manifest.name, fingerprint)),
        ..a.clone()
    })
}

/// A place with the timbre slots' values moved into it, each the model's control of that number.
///
/// # Errors
/// A control whose vector does not fit the model.
pub(super) fn moved(
    place: &Place,
    timbre: &[f32; NUM_TIMBRES],
    manifest: &Manifest,
) -> models::Result<Place> {
    let mut point = place.point();
    for (control, &value) in manifest.controls.iter().zip(timbre) {
        if value != 0.0 && value.is_finite() {
            let value = value.clamp(control.min, control.max);
            point.add_control(&control.name, value, manifest)?;
        }
    }
    Ok(Place::of(&point, &place.model, &place.fingerprint))
}

fn fits(place: &Place, manifest: &Manifest) -> bool {
    place.latent.len() == manifest.latent_length
        && place.attributes.len() == manifest.attributes.len()
        && place.style_offset.len() == manifest.style_length
}
