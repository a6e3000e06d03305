//! What must hold between the fields of a picture manifest beyond their types. Any thread; changes nothing.

use super::{PictureControl, PictureManifest};
use crate::error::{Error, Result};
use crate::manifest::checks::{LONGEST_LIST, require};
use crate::manifest::{Axis, Port};

/// Lengths per unit beyond this would make a damaged number reserve gigabytes.
const LARGEST_LENGTH: usize = 256;
/// Largest residual that leaves a palette recognisable; OKLab lightness goes from 0 to 1.
const LARGEST_RESIDUAL: f32 = 1.0;

/// Refuses the first field that is impossible or does not fit the others.
pub(super) fn check(manifest: &PictureManifest) -> Result<()> {
    check_identity(manifest)?;
    check_geometry(manifest)?;
    check_ports(manifest)?;
    manifest
        .controls
        .iter()
        .enumerate()
        .try_for_each(|(index, control)| check_control(control, index, manifest))?;
    check_reference(manifest)
}

fn check_identity(manifest: &PictureManifest) -> Result<()> {
    require(manifest.kind == "picture", "kind", || {
        format!("is `{}`, must be `picture`", manifest.kind)
    })?;
    for (field, text) in [
        ("name", &manifest.name),
        ("version", &manifest.version),
        ("licence", &manifest.licence),
    ] {
        require(!text.is_empty(), field, || "is empty".into())?;
    }
    let lengths = [
        ("latent_length", manifest.latent_length),
        ("style_length", manifest.style_length),
        ("styles", manifest.styles.len()),
    ];
    for (field, length) in lengths {
        require((1..=LONGEST_LIST).contains(&length), field, || {
            format!("has length {length}, must be 1 to {LONGEST_LIST}")
        })?;
    }
    require(
        manifest.residual_bound >= 0.0 && manifest.residual_bound <= LARGEST_RESIDUAL,
        "residual_bound",
        || {
            format!(
                "is {}, must be 0 to {LARGEST_RESIDUAL}",
                manifest.residual_bound
            )
        },
    )
}

fn check_geometry(manifest: &PictureManifest) -> Result<()> {
    let geometry = &manifest.geometry;
    let lengths = [
        ("geometry.short_units", geometry.short_units),
        ("geometry.max_long_units", geometry.max_long_units),
        ("geometry.medium_per_unit", geometry.medium_per_unit),
        ("geometry.features_per_unit", geometry.features_per_unit),
        ("geometry.detail_per_unit", geometry.detail_per_unit),
        ("geometry.cells_per_unit", geometry.cells_per_unit),
        ("geometry.halo_features", geometry.halo_features),
        ("geometry.halo_detail", geometry.halo_detail),
        ("geometry.noise_channels", geometry.noise_channels),
        ("geometry.medium_channels", geometry.medium_channels),
        ("geometry.detail_channels", geometry.detail_channels),
    ];
    for (field, length) in lengths {
        require((1..=LARGEST_LENGTH).contains(&length), field, || {
            format!("is {length}, must be 1 to {LARGEST_LENGTH}")
        })?;
    }
    let multiples = [
        ("geometry.detail_per_unit", geometry.detail_per_unit),
        ("geometry.cells_per_unit", geometry.cells_per_unit),
    ];
    for (field, length) in multiples {
        require(length % geometry.features_per_unit == 0, field, || {
            format!(
                "is {length}, must be a multiple of features_per_unit ({})",
                geometry.features_per_unit
            )
        })?;
    }
    require(
        geometry.max_long_units >= geometry.short_units,
        "geometry.max_long_units",
        || format!("is below short_units ({})", geometry.short_units),
    )
}

/// Names, ranks and fixed sizes; what the free sizes are called is for people.
fn check_ports(manifest: &PictureManifest) -> Result<()> {
    let geometry = &manifest.geometry;
    let fixed = |size: usize| Some(size);
    let trunk_inputs: [(&str, Vec<Option<usize>>); 7] = [
        ("latent", vec![None, fixed(manifest.latent_length)]),
        ("style", vec![None, fixed(manifest.styles.len())]),
        ("palette", vec![None, fixed(5), fixed(3)]),
        ("style_offset", vec![None, fixed(manifest.style_length)]),
        (
            "noise",
            vec![None, fixed(geometry.noise_channels), None, None],
        ),
        (
            "medium",
            vec![None, fixed(geometry.medium_channels), None, None],
        ),
        ("y", vec![None, None]),
    ];
    check_port_list(&manifest.trunk.inputs, &trunk_inputs, "trunk.inputs")?;
    let features = channels_of(&manifest.trunk.outputs, "features");
    let modulation = channels_of(&manifest.trunk.outputs, "modulation");
    let trunk_outputs = [
        ("features", vec![None, features, None, None]),
        ("modulation", vec![None, modulation]),
    ];
    check_port_list(&manifest.trunk.outputs, &trunk_outputs, "trunk.outputs")?;
    let head_inputs = [
        ("tile", vec![None, features, None, None]),
        ("tile_modulation", vec![None, modulation]),
        (
            "tile_detail",
            vec![None, fixed(geometry.detail_channels), None, None],
        ),
    ];
    check_port_list(&manifest.head.inputs, &head_inputs, "head.inputs")?;
    let head_outputs = [("cells", vec![None, fixed(6), None, None])];
    check_port_list(&manifest.head.outputs, &head_outputs, "head.outputs")
}

/// The second size of a port: the head must take as many channels as the trunk gives.
fn channels_of(ports: &[Port], name: &str) -> Option<usize> {
    let port = ports.iter().find(|port| port.name == name)?;
    match port.shape.get(1)? {
        Axis::Fixed(size) => Some(*size),
        Axis::Free(_) => None,
    }
}

fn check_port_list(
    ports: &[Port],
    wanted: &[(&str, Vec<Option<usize>>)],
    field: &str,
) -> Result<()> {
    if let Some(stranger) = ports
        .iter()
        .find(|port| !wanted.iter().any(|(name, _)| *name == port.name))
    {
        let reason = format!("`{}` is not known to this version", stranger.name);
        return Err(Error::field(field, reason));
    }
    for (name, shape) in wanted {
        let mut found = ports.iter().filter(|port| port.name == *name);
        let port = found
            .next()
            .ok_or_else(|| Error::field(field, format!("`{name}` is missing")))?;
        require(found.next().is_none(), field, || {
            format!("`{name}` is listed twice")
        })?;
        let fits = port.shape.len() == shape.len()
            && port
                .shape
                .iter()
                .zip(shape)
                .all(|(axis, size)| match (axis, size) {
                    (Axis::Fixed(found), Some(size)) => found == size,
                    (Axis::Free(_), None) => true,
                    _ => false,
                });
        require(fits, field, || {
            format!(
                "`{name}` has shape {}, the other fields ask for another",
                crate::graph_check::in_words(&port.shape)
            )
        })?;
    }
    Ok(())
}

fn check_control(control: &PictureControl, index: usize, manifest: &PictureManifest) -> Result<()> {
    let field = |name: &str| format!("controls[{index}].{name}");
    require(!control.name.is_empty(), &field("name"), || {
        "is empty".into()
    })?;
    let twice = manifest.controls[..index]
        .iter()
        .any(|earlier| earlier.name == control.name);
    require(!twice, &field("name"), || {
        format!("`{}` is listed twice", control.name)
    })?;
    require(
        control.vector.len() == manifest.style_length
            && control.vector.iter().all(|value| value.is_finite()),
        &field("vector"),
        || {
            format!(
                "must have {} finite numbers, has {}",
                manifest.style_length,
                control.vector.len()
            )
        },
    )?;
    let (min, max) = (control.min, control.max);
    require(
        min < max && min <= 0.0 && max >= 0.0 && max.is_finite() && min.is_finite(),
        &field("min"),
        || format!("min {min} and max {max} must ascend and hold 0, the neutral value"),
    )
}

fn check_reference(manifest: &PictureManifest) -> Result<()> {
    /// The reference is a small picture; a damaged size must not ask for a huge one.
    const LONGEST_SIDE: u32 = 4096;
    let reference = &manifest.reference;
    let sides = 1..=LONGEST_SIDE;
    require(
        sides.contains(&reference.width) && sides.contains(&reference.height),
        "reference.width",
        || {
            format!(
                "and height are {} x {}, must be 1 to {LONGEST_SIDE}",
                reference.width, reference.height
            )
        },
    )?;
    require(
        reference.style.len() == manifest.styles.len(),
        "reference.style",
        || {
            format!(
                "has {} weights, there are {} styles",
                reference.style.len(),
                manifest.styles.len()
            )
        },
    )?;
    require(!reference.spots.is_empty(), "reference.spots", || {
        "is empty".into()
    })?;
    let frame = manifest.geometry.frame(reference.width, reference.height);
    let num_cells = 6 * frame.rows * frame.columns * manifest.geometry.cells_per_unit.pow(2);
    let is_inside = reference
        .spots
        .iter()
        .all(|spot| spot.index < num_cells && spot.value.is_finite());
    require(is_inside, "reference.spots", || {
        "holds a spot that names no cell".into()
    })?;
    require(
        manifest.tolerance.cells_abs >= 0.0,
        "tolerance.cells_abs",
        || format!("is {}, must not be negative", manifest.tolerance.cells_abs),
    )
}
