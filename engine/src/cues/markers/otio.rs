//! OpenTimelineIO: markers of the timeline, its tracks and clips. Times are ticks of their own rate; a clip's place is the
//! sum of what comes before it in its track.

use serde_json::Value;

use super::Cues;
use crate::error::{Error, Result};
use crate::score::compose::Hit;

/// Deepest nesting of stacks and tracks that is followed; the JSON reader itself stops at 128.
const MAX_DEPTH: usize = 100;

pub(super) fn read(text: &str) -> Result<Cues> {
    let document: Value = serde_json::from_str(text).map_err(|error| {
        Error::score(
            format!(
                "line {}: the OpenTimelineIO file is no JSON ({error})",
                error.line()
            ),
            "export the timeline again",
        )
    })?;
    let schema = schema(&document);
    if !schema.starts_with("Timeline.") {
        return Err(Error::score(
            format!("OTIO_SCHEMA is \"{schema}\", which is no timeline"),
            "export a timeline as OpenTimelineIO",
        ));
    }
    let mut cues = Cues::default();
    item(&document["tracks"], 0.0, 0, &mut cues.hits)?;
    Ok(cues)
}

fn schema(value: &Value) -> &str {
    value["OTIO_SCHEMA"].as_str().unwrap_or_default()
}

/// Markers of an item that begins at `start_s`, then those of what is in it; gives how long it is.
fn item(value: &Value, start_s: f64, depth: usize, hits: &mut Vec<Hit>) -> Result<f64> {
    if depth > MAX_DEPTH {
        return Err(Error::score(
            format!("the timeline is nested more than {MAX_DEPTH} deep"),
            "export a flat timeline",
        ));
    }
    let range = &value["source_range"];
    let trimmed_s = if range.is_object() {
        seconds(&range["start_time"])?
    } else {
        0.0
    };
    for marker in list(&value["markers"]) {
        // A marker stands in its item's own time.
        let own_s = seconds(&marker["marked_range"]["start_time"])?;
        let time_s = start_s + own_s - trimmed_s;
        if time_s < -1e-9 {
            return Err(Error::score(
                format!(
                    "the marker \"{}\" lies {:.3} s before its timeline",
                    name(marker),
                    -time_s
                ),
                "move it into the picture",
            ));
        }
        hits.push(Hit {
            time_s: time_s.max(0.0),
            name: name(marker).to_owned(),
            origin: format!("marker {}", hits.len() + 1),
        });
    }
    let is_track = schema(value).starts_with("Track.");
    let mut length_s: f64 = 0.0;
    for child in list(&value["children"]) {
        if schema(child).starts_with("Transition.") {
            continue;
        }
        let child_start_s = if is_track {
            start_s - trimmed_s + length_s
        } else {
            start_s - trimmed_s
        };
        let child_s = item(child, child_start_s, depth + 1, hits)?;
        length_s = if is_track {
            length_s + child_s
        } else {
            length_s.max(child_s)
        };
    }
    if range.is_object() {
        return seconds(&range["duration"]);
    }
    match list(&value["children"]).is_empty() {
        false => Ok(length_s),
        true => media_s(value),
    }
}

/// Length of a clip that is used whole.
fn media_s(value: &Value) -> Result<f64> {
    let references = &value["media_references"][value["active_media_reference_key"]
        .as_str()
        .unwrap_or("DEFAULT_MEDIA")];
    let range = [&value["media_reference"], references]
        .into_iter()
        .map(|reference| &reference["available_range"])
        .find(|range| range.is_object());
    range.map_or(Ok(0.0), |range| seconds(&range["duration"]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn name(marker: &Value) -> &str {
    marker["name"].as_str().unwrap_or_default()
}

/// A RationalTime: `value` ticks of `rate` a second.
fn seconds(time: &Value) -> Result<f64> {
    let number = |key: &str| time[key].as_f64().filter(|number| number.is_finite());
    match (number("value"), number("rate").filter(|rate| *rate > 0.0)) {
        (Some(value), Some(rate)) => Ok(value / rate),
        _ => Err(Error::score(
            format!("a time of the timeline is {time}, which has no value and rate"),
            "export the timeline again",
        )),
    }
}
