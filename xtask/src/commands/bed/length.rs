//! Reads `--length`: seconds, minutes, or timecode at the frame rate. Pure text.

use engine::cues::timecode::FrameRate;

use crate::failure::Failure;

/// Seconds of `90`, `90s`, `1:30`, `1m30s`, `00:01:30:00` or `2250f`.
///
/// # Errors
/// Exit code 2 for anything else.
pub fn seconds(text: &str, rate: FrameRate) -> Result<f64, Failure> {
    let wrong = || {
        Failure::request(format!(
            "--length {text}: write seconds (90s), minutes (1:30, 1m30s), timecode (00:01:30:00) or frames (2250f)"
        ))
    };
    let trimmed = text.trim();
    if trimmed.split([':', ';']).count() == 4 {
        return Ok(rate.seconds(rate.frame_of_timecode(trimmed)?));
    }
    if let Some(frames) = trimmed.strip_suffix('f') {
        return frames
            .parse()
            .map(|frames| rate.seconds(frames))
            .map_err(|_| wrong());
    }
    let number = |digits: &str| {
        let value: f64 = digits.trim().parse().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    };
    let parts: Vec<&str> = trimmed.split(':').collect();
    let seconds = match parts[..] {
        [hours, minutes, seconds] => hms(number(hours), number(minutes), number(seconds)),
        [minutes, seconds] => hms(Some(0.0), number(minutes), number(seconds)),
        _ => spelled(trimmed, number),
    };
    seconds.ok_or_else(wrong)
}

fn hms(hours: Option<f64>, minutes: Option<f64>, seconds: Option<f64>) -> Option<f64> {
    Some(3600.0 * hours? + 60.0 * minutes? + seconds?)
}

/// `1h2m3.5s` and its parts; a number alone is seconds.
fn spelled(text: &str, number: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let mut rest = text;
    let mut total = 0.0;
    for (unit, unit_s) in [('h', 3600.0), ('m', 60.0), ('s', 1.0)] {
        if let Some((count, after)) = rest.split_once(unit) {
            total += unit_s * number(count)?;
            rest = after.trim_start();
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_length_is_read_from_every_way_to_write_it() {
        for text in [
            "90",
            "90s",
            "1:30",
            "1m30s",
            "00:01:30:00",
            "2250f",
            "0:01:30",
            "1.5m",
        ] {
            assert_eq!(seconds(text, FrameRate::PAL).unwrap(), 90.0, "{text}");
        }
    }

    #[test]
    fn a_length_that_is_no_time_is_refused() {
        for text in ["", "soon", "-3", "1:x", "nan", "3q", "00:00:61:00"] {
            assert_eq!(
                seconds(text, FrameRate::PAL).unwrap_err().exit_code(),
                2,
                "{text}"
            );
        }
    }
}
