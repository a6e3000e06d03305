//! A picture's file made again. The same bytes are the same picture; where the bytes differ, the pixels decide.

use backdrop::decode::decode;
use backdrop::provenance::recipe_of;

use super::comparison::{self, Difference, Verdict};
use super::{Bench, foreign};
use crate::commands::backdrop::again;
use crate::failure::Failure;
use crate::recorded::Recorded;

pub(super) fn verdict(bench: &mut Bench<'_>, bytes: &[u8]) -> Result<Verdict, Failure> {
    let recipe = recipe_of(bytes).ok_or_else(foreign)?;
    let whole = Recorded(&recipe);
    let is_guide = whole.part("guide").is_ok();
    let model = match is_guide {
        // A guide shows nothing of a model; any will do.
        true => None,
        false => Some(bench.installed.model_of(whole)?),
    };
    let studio = bench.workshop.studio(model.as_deref())?;
    let wanted = again::file_of(studio, &recipe)?;
    Ok(match difference(bytes, &wanted)? {
        Some(difference) => Verdict::Different(difference),
        None => Verdict::Identical {
            fingerprint: match is_guide {
                true => None,
                false => Some(whole.part("model")?.text("fingerprint")?.to_owned()),
            },
        },
    })
}

fn difference(found: &[u8], wanted: &[u8]) -> Result<Option<Difference>, Failure> {
    if found == wanted {
        return Ok(None);
    }
    if let (Some(found), Some(wanted)) = (media_data(found), media_data(wanted)) {
        return Ok(comparison::of_coded(
            found,
            wanted,
            "the coded picture's media data",
        ));
    }
    // An animation's later frames are not decoded: whatever differs there is told as bytes.
    let pixels = decode(found).map_err(|error| Failure::input_file(error.to_string()))?;
    let difference = comparison::of_pixels(&pixels, &decode(wanted)?);
    if difference.is_none() && has_more_frames(wanted) {
        return Ok(comparison::of_coded(
            found,
            wanted,
            "the coded picture's file",
        ));
    }
    Ok(difference)
}

/// The coded picture of an AVIF file: the `mdat` box (ISO 14496-12).
fn media_data(mut file: &[u8]) -> Option<&[u8]> {
    if file.get(4..8)? != b"ftyp" {
        return None;
    }
    loop {
        let head = file.get(..8)?;
        let length = u32::from_be_bytes(head[..4].try_into().ok()?) as usize;
        if &head[4..] == b"mdat" {
            return file.get(8..length);
        }
        file = file.get(length.max(8)..)?;
    }
}

/// True for an animated PNG.
fn has_more_frames(file: &[u8]) -> bool {
    const LOOKED_AT: usize = 1 << 16;
    let start = &file[..file.len().min(LOOKED_AT)];
    start.windows(4).any(|window| window == b"acTL")
}
