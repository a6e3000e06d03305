//! Tables of markers: the project's own CSV (`time_s,name`), and those of Premiere and Resolve.

use super::{Cues, hit, wrong_line};
use crate::cues::timecode::FrameRate;
use crate::error::{Error, Result};
use crate::score::compose::SpeechRange;

/// Names of the columns that say when, best first; `time_s` is in seconds, the others are timecode.
const SECONDS: [&str; 3] = ["time_s", "seconds", "time"];
const TIMECODES: [&str; 4] = ["in", "record in", "start tc", "timecode in"];
/// Names of the columns that say what.
const NAMES: [&str; 5] = ["name", "marker name", "notes", "description", "marker"];
/// A marker of this kind is a stretch of speech until its end.
const SPEECH: &str = "speech";
const ENDS: [&str; 2] = ["end_s", "out_s"];

pub(super) fn read(text: &str, rate: FrameRate) -> Result<Cues> {
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|&mark| first.bytes().filter(|&byte| byte == mark).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|error| wrong_line(1, first, &format!("is no header ({error})")))?
        .clone();
    let column = |names: &[&str]| {
        names.iter().find_map(|name| {
            headers
                .iter()
                .position(|header| header.eq_ignore_ascii_case(name))
        })
    };
    let seconds = column(&SECONDS);
    let timecodes = column(&TIMECODES);
    let (Some(when), is_seconds) = (seconds.or(timecodes), seconds.is_some()) else {
        return Err(wrong_line(
            1,
            first,
            "has no column time_s (or In, as Premiere and Resolve write it)",
        ));
    };
    let (name_column, end_column) = (column(&NAMES), column(&ENDS));
    let mut cues = Cues::default();
    for record in reader.records() {
        let record = record.map_err(table_error)?;
        let line = record
            .position()
            .map_or(0, |position| position.line() as usize);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let value = record.get(when).unwrap_or_default();
        let time_s = if is_seconds {
            seconds_of(value, line)?
        } else {
            let frame = rate
                .frame_of_timecode(value)
                .map_err(|error| wrong_line(line, value, &format!("is no time ({error})")))?;
            rate.seconds(frame)
        };
        let name = name_column
            .and_then(|place| record.get(place))
            .unwrap_or_default();
        match end_column.and_then(|place| record.get(place)) {
            Some(end) if name.eq_ignore_ascii_case(SPEECH) => {
                let end_s = seconds_of(end, line)?;
                if end_s <= time_s {
                    return Err(wrong_line(line, end, "ends before it starts"));
                }
                cues.speech.push(SpeechRange {
                    start_s: time_s,
                    end_s,
                });
            }
            _ => cues.hits.push(hit(time_s, name, line)),
        }
    }
    Ok(cues)
}

fn seconds_of(value: &str, line: usize) -> Result<f64> {
    value
        .parse::<f64>()
        .ok()
        .filter(|time_s| time_s.is_finite() && *time_s >= 0.0)
        .ok_or_else(|| wrong_line(line, value, "is no time in seconds from 0 up"))
}

fn table_error(error: csv::Error) -> Error {
    let line = error
        .position()
        .map_or(0, |position| position.line() as usize);
    wrong_line(line, "", &format!("cannot be read ({error})"))
}
