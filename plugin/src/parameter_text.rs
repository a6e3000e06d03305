//! How parameter values are written and read: with units, so that "1.2 s" and "80 %" can be typed. Any thread but the audio thread.

use std::sync::Arc;

type Write = Arc<dyn Fn(f32) -> String + Send + Sync>;
type Read = Arc<dyn Fn(&str) -> Option<f32> + Send + Sync>;
type WriteWhole = Arc<dyn Fn(i32) -> String + Send + Sync>;
type ReadWhole = Arc<dyn Fn(&str) -> Option<i32> + Send + Sync>;

/// Milliseconds below a second, seconds above: `35 ms`, `1.20 s`.
pub(crate) fn write_time() -> Write {
    Arc::new(|time_ms| {
        if time_ms >= 1000.0 {
            format!("{:.2} s", time_ms / 1000.0)
        } else if time_ms >= 10.0 {
            format!("{time_ms:.0} ms")
        } else {
            format!("{time_ms:.1} ms")
        }
    })
}

/// Reads what [`write_time`] writes; a bare number is milliseconds.
pub(crate) fn read_time() -> Read {
    Arc::new(|text| {
        let text = text.trim().to_lowercase();
        if let Some(number) = text.strip_suffix("ms") {
            return finite(number);
        }
        if let Some(number) = text.strip_suffix('s') {
            return finite(number).map(|seconds| seconds * 1000.0);
        }
        finite(&text)
    })
}

/// A share as percent: `80 %`.
pub(crate) fn write_percent() -> Write {
    Arc::new(|share| format!("{:.0} %", share * 100.0))
}

/// Reads percent, with or without the sign.
pub(crate) fn read_percent() -> Read {
    Arc::new(|text| finite(text.trim().trim_end_matches('%')).map(|percent| percent / 100.0))
}

/// A number and its unit, `440.0 Hz`.
pub(crate) fn write_plain(decimals: usize, unit: &'static str) -> Write {
    Arc::new(move |value| format!("{value:.decimals$}{unit}"))
}

/// A number with its sign and unit: `+0.5 dB`. Zero has no sign.
pub(crate) fn write_signed(decimals: usize, unit: &'static str) -> Write {
    Arc::new(move |value| {
        let text = format!("{value:+.decimals$}");
        let is_zero = text.chars().all(|c| matches!(c, '+' | '-' | '0' | '.'));
        format!("{}{unit}", if is_zero { &text[1..] } else { &text })
    })
}

/// Reads a number with or without this unit.
pub(crate) fn read_unit(unit: &'static str) -> Read {
    Arc::new(move |text| {
        let text = text.trim();
        finite(text.strip_suffix(unit.trim()).unwrap_or(text))
    })
}

/// A level in dB; the lowest is silence.
pub(crate) fn write_level(lowest_db: f32) -> Write {
    let signed = write_signed(1, " dB");
    Arc::new(move |level_db| {
        if level_db <= lowest_db {
            "-inf dB".to_owned()
        } else {
            signed(level_db)
        }
    })
}

/// Reads what [`write_level`] writes.
pub(crate) fn read_level(lowest_db: f32) -> Read {
    Arc::new(move |text| {
        let text = text.trim().to_lowercase();
        let number = text.strip_suffix("db").unwrap_or(&text).trim();
        if number == "-inf" {
            return Some(lowest_db);
        }
        finite(number)
    })
}

/// A number and its unit, or a word for the lowest value.
pub(crate) fn write_or(
    word: &'static str,
    lowest: f32,
    decimals: usize,
    unit: &'static str,
) -> Write {
    let number = write_plain(decimals, unit);
    Arc::new(move |value| {
        if value <= lowest {
            word.to_owned()
        } else {
            number(value)
        }
    })
}

/// Reads what [`write_or`] writes.
pub(crate) fn read_or(word: &'static str, lowest: f32, unit: &'static str) -> Read {
    let number = read_unit(unit);
    Arc::new(move |text| {
        if text.trim().eq_ignore_ascii_case(word) {
            return Some(lowest);
        }
        number(text)
    })
}

/// Milliseconds as a clock shows them: `1:30.000`.
pub(crate) fn write_clock() -> WriteWhole {
    Arc::new(|time_ms| {
        let (minutes, rest_ms) = (time_ms / 60_000, time_ms % 60_000);
        format!("{minutes}:{:02}.{:03}", rest_ms / 1000, rest_ms % 1000)
    })
}

/// Reads what [`write_clock`] writes, hours before it too; a bare number is seconds.
pub(crate) fn read_clock() -> ReadWhole {
    Arc::new(|text| {
        let text = text.trim().trim_end_matches('s').trim();
        let mut seconds = 0.0_f64;
        for part in text.split(':') {
            let part: f64 = part.trim().parse().ok().filter(|part| *part >= 0.0)?;
            seconds = 60.0 * seconds + part;
        }
        let time_ms = (1e3 * seconds).round();
        (time_ms <= f64::from(i32::MAX)).then_some(time_ms as i32)
    })
}

fn finite(text: &str) -> Option<f32> {
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f32| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_clocks_and_people_write_it() {
        let read = read_clock();
        for (text, time_ms) in [
            ("1:30.000", 90_000),
            ("90", 90_000),
            ("90 s", 90_000),
            ("0:00.250", 250),
            ("1:00:00", 3_600_000),
        ] {
            assert_eq!(read(text), Some(time_ms), "{text}");
        }
        for text in ["", "one", "-5", "1:-5", "NaN", "1e99"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&write_clock()(83_456)), Some(83_456));
    }

    #[test]
    fn a_word_for_the_lowest_value_is_written_and_read() {
        let (write, read) = (
            write_or("auto", 29.0, 1, " bpm"),
            read_or("auto", 29.0, "bpm"),
        );
        assert_eq!(write(29.0), "auto");
        assert_eq!(write(96.5), "96.5 bpm");
        assert_eq!(read("Auto"), Some(29.0));
        assert_eq!(read("96.5 bpm"), Some(96.5));
    }
}
