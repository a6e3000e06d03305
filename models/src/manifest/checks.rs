//! What must hold between the fields of a manifest beyond their types. Any thread; changes nothing.

use super::grid_checks::check_grid;
use super::representation::Sizes;
use super::{Axis, Control, ControlKind, Manifest, Port, Representation, Spot};
use crate::error::{Error, Result};

/// Longest latent, style or row list that is believed. Beyond it a damaged number would make us reserve gigabytes.
pub(crate) const LONGEST_LIST: usize = 65_536;
const HIGHEST_KEY: u8 = 127;

/// Refuses the first field that is impossible or does not fit the others.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    check_identity(manifest)?;
    manifest.representation.check()?;
    check_grid(&manifest.grid)?;
    check_lengths(manifest)?;
    check_ports(manifest)?;
    check_controls(manifest)?;
    check_moods(manifest)?;
    check_reference(manifest)
}

fn check_identity(manifest: &Manifest) -> Result<()> {
    require(!manifest.name.is_empty(), "name", || "is empty".into())?;
    require(!manifest.version.is_empty(), "version", || {
        "is empty".into()
    })?;
    require(manifest.kind == "sound", "kind", || {
        format!("is `{}`, must be `sound`", manifest.kind)
    })?;
    require(!manifest.licence.is_empty(), "licence", || {
        "is empty".into()
    })
}

fn check_lengths(manifest: &Manifest) -> Result<()> {
    // A network of another kind has no attributes and no style, and no controls to move them with.
    let others = match manifest.representation {
        Representation::PitchAligned => 1..=LONGEST_LIST,
        _ => 0..=0,
    };
    let lengths = [
        ("latent_length", manifest.latent_length, 1..=LONGEST_LIST),
        ("style_length", manifest.style_length, others.clone()),
        ("attributes", manifest.attributes.len(), others),
    ];
    for (field, length, allowed) in lengths {
        require(allowed.contains(&length), field, || {
            let (low, high) = (allowed.start(), allowed.end());
            format!("has length {length}, must be {low} to {high}")
        })?;
    }
    let [low, high] = manifest.key_range;
    require(low <= high && high <= HIGHEST_KEY, "key_range", || {
        format!("is [{low}, {high}], must be ascending and within 0 to {HIGHEST_KEY}")
    })
}

fn check_ports(manifest: &Manifest) -> Result<()> {
    check_port_list(&manifest.inputs, &manifest.wanted_inputs(), "inputs")?;
    check_port_list(&manifest.outputs, &manifest.wanted_outputs(), "outputs")
}

fn check_port_list(ports: &[Port], wanted: &[Sizes], field: &str) -> Result<()> {
    if let Some(stranger) = ports
        .iter()
        .find(|port| !wanted.iter().any(|(name, _)| *name == port.name))
    {
        return Err(Error::field(
            field,
            format!("`{}` is not known to this version", stranger.name),
        ));
    }
    for (name, sizes) in wanted {
        let mut shape = vec![Axis::Free("n".to_owned())];
        shape.extend(sizes.iter().map(|&size| Axis::Fixed(size)));
        let mut found = ports.iter().filter(|port| port.name == *name);
        let port = found
            .next()
            .ok_or_else(|| Error::field(field, format!("`{name}` is missing")))?;
        require(found.next().is_none(), field, || {
            format!("`{name}` is listed twice")
        })?;
        require(port.shape == shape, field, || {
            format!(
                "`{name}` has shape {}, the other fields say {}",
                crate::graph_check::in_words(&port.shape),
                crate::graph_check::in_words(&shape)
            )
        })?;
    }
    Ok(())
}

fn check_controls(manifest: &Manifest) -> Result<()> {
    for (index, control) in manifest.controls.iter().enumerate() {
        let field = format!("controls[{index}]");
        require(!control.name.is_empty(), &format!("{field}.name"), || {
            "is empty".into()
        })?;
        let twice = manifest.controls[..index]
            .iter()
            .any(|earlier| earlier.name == control.name);
        require(!twice, &format!("{field}.name"), || {
            format!("`{}` is listed twice", control.name)
        })?;
        check_control(control, manifest, &field)?;
    }
    Ok(())
}

fn check_moods(manifest: &Manifest) -> Result<()> {
    for (index, mood) in manifest.moods.iter().enumerate() {
        require(
            !mood.name.is_empty(),
            &format!("moods[{index}].name"),
            || "is empty".into(),
        )?;
        for (name, value) in &mood.controls {
            let within = manifest.controls.iter().any(|control| {
                &control.name == name && (control.min..=control.max).contains(value)
            });
            require(within, &format!("moods[{index}].controls.{name}"), || {
                format!("is {value}, and no control of that name reaches it")
            })?;
        }
    }
    Ok(())
}

fn check_control(control: &Control, manifest: &Manifest, field: &str) -> Result<()> {
    let wanted = match control.kind {
        ControlKind::Attribute => manifest.attributes.len(),
        ControlKind::Style => manifest.style_length,
    };
    require(
        control.vector.len() == wanted,
        &format!("{field}.vector"),
        || {
            format!(
                "has {} numbers, its input takes {wanted}",
                control.vector.len()
            )
        },
    )?;
    require(
        control.vector.iter().all(|value| value.is_finite()),
        &format!("{field}.vector"),
        || "holds a number that is not finite".into(),
    )?;
    let (min, max) = (control.min, control.max);
    require(
        min < max && min <= 0.0 && max >= 0.0 && max.is_finite() && min.is_finite(),
        &format!("{field}.min"),
        || format!("min {min} and max {max} must ascend and hold 0, the neutral value"),
    )
}

fn check_reference(manifest: &Manifest) -> Result<()> {
    let reference = &manifest.reference;
    require(!reference.keys.is_empty(), "reference.keys", || {
        "is empty".into()
    })?;
    let [low, high] = manifest.key_range;
    require(
        reference.keys.iter().all(|key| (low..=high).contains(key)),
        "reference.keys",
        || format!("holds a key outside key_range, {low} to {high}"),
    )?;
    require(!reference.spots.is_empty(), "reference.spots", || {
        "is empty".into()
    })?;
    for (index, spot) in reference.spots.iter().enumerate() {
        check_spot(manifest, spot, &format!("reference.spots[{index}]"))?;
    }
    require(
        manifest.tolerance.output_abs >= 0.0,
        "tolerance.output_abs",
        || format!("is {}, must not be negative", manifest.tolerance.output_abs),
    )
}

fn check_spot(manifest: &Manifest, spot: &Spot, field: &str) -> Result<()> {
    let cells = manifest
        .wanted_outputs()
        .iter()
        .find(|(name, _)| *name == spot.output)
        .map_or(0, |(_, sizes)| sizes.iter().product());
    let known = manifest.reference.keys.contains(&spot.key);
    require(
        known && spot.index < cells && spot.value.is_finite(),
        field,
        || format!("names no cell of an output: {spot:?}"),
    )
}

/// Refuses the field unless the condition holds.
pub(crate) fn require(holds: bool, field: &str, reason: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::field(field, reason()))
    }
}
