//! CMX 3600 edit lists: markers as comments (`* LOC:` of Avid and Premiere, `|M:` of Resolve), else the cuts themselves.
//! Times count from the first event's record time.

use super::{Cues, hit, wrong_line};
use crate::cues::timecode::FrameRate;
use crate::error::{Error, Result};
use crate::score::compose::Hit;

/// Avid and Premiere: `* LOC: 01:00:10:00 RED  name`.
const LOCATOR: &str = "* LOC:";
/// Resolve: ` |C:ResolveColorBlue |M:name |D:1` under an event.
const MARKER: &str = "|M:";
/// Says whether the list counts drop-frame.
const COUNTING: &str = "FCM:";
/// A line that begins an event has this many fields at least, four of them times.
const EVENT_FIELDS: usize = 8;

pub(super) fn read(text: &str, rate: FrameRate) -> Result<Cues> {
    let mut rate = rate;
    let mut start_frame: Option<u64> = None;
    let mut record_frame = 0;
    let mut cuts: Vec<(u64, usize)> = Vec::new();
    let mut markers: Vec<(u64, String, usize)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        if let Some(counting) = trimmed.strip_prefix(COUNTING) {
            rate = counted(rate, counting);
        } else if let Some(locator) = trimmed.strip_prefix(LOCATOR) {
            let mut fields = locator.trim().splitn(2, char::is_whitespace);
            let frame = timecode(rate, fields.next().unwrap_or_default(), number)?;
            // The colour comes before the name.
            let name = fields.next().unwrap_or_default().trim();
            let name = name
                .split_once(char::is_whitespace)
                .map_or("", |(_, name)| name);
            markers.push((frame, name.to_owned(), number));
        } else if let Some((_, name)) = trimmed.split_once(MARKER) {
            let name = name.split('|').next().unwrap_or_default();
            markers.push((record_frame, name.trim().to_owned(), number));
        } else if let Some(times) = event(trimmed) {
            let [_, _, record_in, record_out] = times;
            record_frame = timecode(rate, record_in, number)?;
            if timecode(rate, record_out, number)? < record_frame {
                return Err(wrong_line(number, line, "ends before it starts"));
            }
            start_frame = Some(start_frame.map_or(record_frame, |start| start.min(record_frame)));
            cuts.push((record_frame, number));
        }
    }
    let Some(start) = start_frame.or_else(|| markers.first().map(|_| 0)) else {
        return Err(Error::score(
            "the edit list holds no events",
            "export it as CMX 3600",
        ));
    };
    let place = |frame: u64, name: &str, number: usize| -> Result<Hit> {
        let frame = frame.checked_sub(start).ok_or_else(|| {
            wrong_line(number, &rate.timecode(frame), "lies before the first event")
        })?;
        Ok(hit(rate.seconds(frame), name, number))
    };
    let hits: Result<Vec<Hit>> = if markers.is_empty() {
        // The first cut is the start of the picture, not a moment in it.
        cuts.iter()
            .filter(|(frame, _)| *frame > start)
            .map(|&(frame, number)| place(frame, "cut", number))
            .collect()
    } else {
        markers
            .iter()
            .map(|(frame, name, number)| place(*frame, name, *number))
            .collect()
    };
    let mut hits = hits?;
    // Sound and picture of one cut are two events.
    hits.dedup_by(|one, other| one.time_s == other.time_s && one.name == other.name);
    Ok(Cues {
        hits,
        speech: Vec::new(),
    })
}

/// The four times at the end of an event's line.
fn event(line: &str) -> Option<[&str; 4]> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let begins_event = fields.len() >= EVENT_FIELDS && fields[0].parse::<u32>().is_ok();
    let times = fields.get(fields.len().checked_sub(4)?..)?;
    begins_event
        .then(|| <[&str; 4]>::try_from(times).ok())
        .flatten()
}

fn timecode(rate: FrameRate, text: &str, number: usize) -> Result<u64> {
    rate.frame_of_timecode(text)
        .map_err(|error| wrong_line(number, text, &format!("is no timecode ({error})")))
}

fn counted(rate: FrameRate, counting: &str) -> FrameRate {
    let is_drop = counting.trim().eq_ignore_ascii_case("DROP FRAME");
    FrameRate::nearest(1.0 / rate.frame_s(), is_drop).unwrap_or(rate)
}
