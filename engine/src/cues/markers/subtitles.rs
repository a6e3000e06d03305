//! SRT and WebVTT subtitles: the times in which somebody speaks. Words are not looked at.

use super::{Cues, wrong_line};
use crate::error::{Error, Result};
use crate::score::compose::SpeechRange;

/// Stands between start and end in both formats.
const ARROW: &str = "-->";

pub(super) fn read(text: &str) -> Result<Cues> {
    let mut cues = Cues::default();
    for (index, line) in text.lines().enumerate() {
        let Some((start, rest)) = line.split_once(ARROW) else {
            continue;
        };
        let number = index + 1;
        // After the end WebVTT may say where on the screen.
        let end = rest.split_whitespace().next().unwrap_or_default();
        let start_s = seconds(start, number, line)?;
        let end_s = seconds(end, number, line)?;
        if end_s <= start_s {
            return Err(wrong_line(number, line, "ends before it starts"));
        }
        cues.speech.push(SpeechRange { start_s, end_s });
    }
    if cues.speech.is_empty() {
        return Err(Error::score(
            "the subtitles hold no line with times",
            "export them as SRT or WebVTT",
        ));
    }
    Ok(cues)
}

/// `hh:mm:ss,mmm` or `mm:ss.mmm`.
fn seconds(text: &str, number: usize, line: &str) -> Result<f64> {
    let wrong = || {
        wrong_line(
            number,
            line,
            "has a time that is not hours:minutes:seconds,milliseconds",
        )
    };
    let fields: Vec<&str> = text.trim().split(':').collect();
    let (hours, minutes, seconds) = match fields[..] {
        [hours, minutes, seconds] => (hours, minutes, seconds),
        [minutes, seconds] => ("0", minutes, seconds),
        _ => return Err(wrong()),
    };
    let whole = |digits: &str, most: u32| {
        digits
            .parse::<u32>()
            .ok()
            .filter(|value| *value <= most && digits.len() <= 4)
            .map(f64::from)
    };
    let (full, thousandths) = seconds
        .split_once([',', '.'])
        .filter(|(_, thousandths)| thousandths.len() == 3)
        .ok_or_else(wrong)?;
    let parts = [
        whole(hours, 9999).map(|hours| 3600.0 * hours),
        whole(minutes, 59).map(|minutes| 60.0 * minutes),
        whole(full, 59),
        whole(thousandths, 999).map(|thousandths| 1e-3 * thousandths),
    ];
    parts.into_iter().sum::<Option<f64>>().ok_or_else(wrong)
}
