//! How parameter values are written and read: with units, so that "1.2 s" and "80 %" can be typed. Any thread but the audio thread.

use std::sync::Arc;

type Write = Arc<dyn Fn(f32) -> String + Send + Sync>;
type Read = Arc<dyn Fn(&str) -> Option<f32> + Send + Sync>;

/// Milliseconds below a second, seconds above: `35 ms`, `1.20 s`.
pub(super) fn write_time() -> Write {
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
pub(super) fn read_time() -> Read {
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
pub(super) fn write_percent() -> Write {
    Arc::new(|share| format!("{:.0} %", share * 100.0))
}

/// Reads percent, with or without the sign.
pub(super) fn read_percent() -> Read {
    Arc::new(|text| finite(text.trim().trim_end_matches('%')).map(|percent| percent / 100.0))
}

/// A number and its unit, `440.0 Hz`.
pub(super) fn write_plain(decimals: usize, unit: &'static str) -> Write {
    Arc::new(move |value| format!("{value:.decimals$}{unit}"))
}

/// A number with its sign and unit: `+0.5 dB`. Zero has no sign.
pub(super) fn write_signed(decimals: usize, unit: &'static str) -> Write {
    Arc::new(move |value| {
        let text = format!("{value:+.decimals$}");
        let is_zero = text.chars().all(|c| matches!(c, '+' | '-' | '0' | '.'));
        format!("{}{unit}", if is_zero { &text[1..] } else { &text })
    })
}

/// Reads a number with or without this unit.
pub(super) fn read_unit(unit: &'static str) -> Read {
    Arc::new(move |text| {
        let text = text.trim();
        finite(text.strip_suffix(unit.trim()).unwrap_or(text))
    })
}

/// A level in dB; the lowest is silence.
pub(super) fn write_level(lowest_db: f32) -> Write {
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
pub(super) fn read_level(lowest_db: f32) -> Read {
    Arc::new(move |text| {
        let text = text.trim().to_lowercase();
        let number = text.strip_suffix("db").unwrap_or(&text).trim();
        if number == "-inf" {
            return Some(lowest_db);
        }
        finite(number)
    })
}

fn finite(text: &str) -> Option<f32> {
    text.trim()
        .parse()
        .ok()
        .filter(|value: &f32| value.is_finite())
}
