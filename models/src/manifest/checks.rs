//! What must hold between the fields of a manifest beyond their types. Any thread; changes nothing.

use super::{Axis, Control, ControlKind, Grid, Manifest, Port};
use crate::error::{Error, Result};

/// Longest latent, style or row list that is believed. Beyond it a damaged number would make us reserve gigabytes.
const LONGEST_LIST: usize = 65_536;
const HIGHEST_KEY: u8 = 127;
const SHA256_HEX_LENGTH: usize = 64;

/// Refuses the first field that is impossible or does not fit the others.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    check_identity(manifest)?;
    check_grid(&manifest.grid)?;
    check_lengths(manifest)?;
    check_ports(manifest)?;
    check_controls(manifest)?;
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
    })?;
    require(
        manifest.representation == "pitch_aligned",
        "representation",
        || {
            format!(
                "is `{}`, this version plays `pitch_aligned`",
                manifest.representation
            )
        },
    )
}

fn check_lengths(manifest: &Manifest) -> Result<()> {
    let lengths = [
        ("latent_length", manifest.latent_length),
        ("style_length", manifest.style_length),
        ("attributes", manifest.attributes.len()),
    ];
    for (field, length) in lengths {
        require((1..=LONGEST_LIST).contains(&length), field, || {
            format!("has length {length}, must be 1 to {LONGEST_LIST}")
        })?;
    }
    let [low, high] = manifest.key_range;
    require(low <= high && high <= HIGHEST_KEY, "key_range", || {
        format!("is [{low}, {high}], must be ascending and within 0 to {HIGHEST_KEY}")
    })
}

fn check_grid(grid: &Grid) -> Result<()> {
    require(
        (8_000.0..=384_000.0).contains(&grid.sample_rate_hz),
        "grid.sample_rate_hz",
        || format!("is {}, must be 8000 to 384000", grid.sample_rate_hz),
    )?;
    check_rows(grid)?;
    check_ascending(&grid.column_times_s, "grid.column_times_s")?;
    check_ascending(&grid.noise_band_edges_hz, "grid.noise_band_edges_hz")?;
    check_times(grid)?;
    check_range(grid.level_range_db, "grid.level_range_db")?;
    check_range(grid.deviation_range_cents, "grid.deviation_range_cents")?;
    check_range(grid.noise_range_db, "grid.noise_range_db")?;
    let nyquist_hz = grid.sample_rate_hz / 2.0;
    require(
        grid.max_frequency_hz > 0.0 && grid.max_frequency_hz <= nyquist_hz,
        "grid.max_frequency_hz",
        || {
            format!(
                "is {}, must be above 0 and at most {nyquist_hz}",
                grid.max_frequency_hz
            )
        },
    )?;
    require(
        (200.0..=900.0).contains(&grid.tuning_hz),
        "grid.tuning_hz",
        || {
            format!(
                "is {}, must be 200 to 900 (the frequency of key 69)",
                grid.tuning_hz
            )
        },
    )
}

fn check_rows(grid: &Grid) -> Result<()> {
    let (first, last) = (&grid.row_first_harmonic, &grid.row_last_harmonic);
    require(
        (1..=LONGEST_LIST).contains(&first.len()),
        "grid.row_first_harmonic",
        || format!("has {} rows, must have 1 to {LONGEST_LIST}", first.len()),
    )?;
    require(last.len() == first.len(), "grid.row_last_harmonic", || {
        format!(
            "has {} rows, row_first_harmonic has {}",
            last.len(),
            first.len()
        )
    })?;
    let mut lowest_allowed = 1;
    for (row, (&first, &last)) in first.iter().zip(last).enumerate() {
        require(first >= lowest_allowed, "grid.row_first_harmonic", || {
            format!("is {first} in row {row}, must be at least {lowest_allowed}")
        })?;
        require(
            last >= first && last < u32::MAX,
            "grid.row_last_harmonic",
            || format!("is {last} in row {row}, which starts at {first}"),
        )?;
        lowest_allowed = last + 1;
    }
    Ok(())
}

fn check_ascending(values: &[f64], field: &str) -> Result<()> {
    require((2..=LONGEST_LIST).contains(&values.len()), field, || {
        format!(
            "has {} numbers, must have 2 to {LONGEST_LIST}",
            values.len()
        )
    })?;
    require(values[0] >= 0.0, field, || {
        format!("starts at {}, must not be negative", values[0])
    })?;
    for (index, pair) in values.windows(2).enumerate() {
        require(pair[0] < pair[1], field, || {
            format!(
                "does not ascend: {} then {} at index {index}",
                pair[0], pair[1]
            )
        })?;
    }
    Ok(())
}

fn check_times(grid: &Grid) -> Result<()> {
    let last_column_s = grid.column_times_s.last().copied().unwrap_or_default();
    require(
        grid.duration_s > 0.0 && grid.duration_s <= 60.0,
        "grid.duration_s",
        || format!("is {}, must be above 0 and at most 60", grid.duration_s),
    )?;
    require(
        grid.release_start_s > 0.0 && grid.release_start_s <= grid.duration_s,
        "grid.release_start_s",
        || {
            format!(
                "is {}, must be above 0 and at most duration_s = {}",
                grid.release_start_s, grid.duration_s
            )
        },
    )?;
    require(
        grid.sustain_start_s >= 0.0 && grid.sustain_start_s < grid.sustain_end_s,
        "grid.sustain_start_s",
        || {
            format!(
                "is {}, must not be negative and below sustain_end_s = {}",
                grid.sustain_start_s, grid.sustain_end_s
            )
        },
    )?;
    let latest_s = grid.release_start_s.min(last_column_s);
    require(grid.sustain_end_s <= latest_s, "grid.sustain_end_s", || {
        format!(
            "is {}, must be at most {latest_s} (release_start_s and the last column)",
            grid.sustain_end_s
        )
    })
}

fn check_range([low, high]: [f64; 2], field: &str) -> Result<()> {
    require(low < high, field, || {
        format!("is [{low}, {high}], must ascend")
    })
}

fn check_ports(manifest: &Manifest) -> Result<()> {
    let grid = &manifest.grid;
    let columns = grid.num_columns();
    let inputs: [(&str, &[usize]); 5] = [
        ("latent", &[manifest.latent_length]),
        ("key", &[]),
        ("velocity", &[]),
        ("attributes", &[manifest.attributes.len()]),
        ("style_offset", &[manifest.style_length]),
    ];
    let outputs: [(&str, &[usize]); 3] = [
        ("level_db", &[grid.num_rows(), columns]),
        ("deviation_cents", &[grid.num_rows(), columns]),
        ("noise_db", &[grid.num_bands(), columns]),
    ];
    check_port_list(&manifest.inputs, &inputs, "inputs")?;
    check_port_list(&manifest.outputs, &outputs, "outputs")
}

fn check_port_list(ports: &[Port], wanted: &[(&str, &[usize])], field: &str) -> Result<()> {
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
    require(
        reference.keys.iter().all(|&key| key <= HIGHEST_KEY),
        "reference.keys",
        || format!("holds a key above {HIGHEST_KEY}"),
    )?;
    let hash = &reference.output_sha256;
    let is_hash =
        hash.len() == SHA256_HEX_LENGTH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    require(is_hash, "reference.output_sha256", || {
        format!("is `{hash}`, must be {SHA256_HEX_LENGTH} hexadecimal digits")
    })?;
    require(
        manifest.tolerance.output_abs >= 0.0,
        "tolerance.output_abs",
        || format!("is {}, must not be negative", manifest.tolerance.output_abs),
    )
}

fn require(holds: bool, field: &str, reason: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::field(field, reason()))
    }
}
