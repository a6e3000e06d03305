//! Frame rates and timecode of video, after SMPTE ST 12-1: exact fractions, drop-frame counting. Pure arithmetic.

use std::fmt;

use crate::error::{Error, Result};

/// Frames a second as an exact fraction, and how they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRate {
    numerator: u32,
    denominator: u32,
    is_drop: bool,
}

/// What users call the rates: (name, numerator, denominator).
const RATES: [(&str, u32, u32); 8] = [
    ("23.976", 24_000, 1001),
    ("24", 24, 1),
    ("25", 25, 1),
    ("29.97", 30_000, 1001),
    ("30", 30, 1),
    ("50", 50, 1),
    ("59.94", 60_000, 1001),
    ("60", 60, 1),
];
/// Minutes in which no numbers are dropped: every tenth.
const KEPT_MINUTES: u64 = 10;

impl FrameRate {
    /// 25 frames a second.
    pub const PAL: FrameRate = FrameRate {
        numerator: 25,
        denominator: 1,
        is_drop: false,
    };

    /// Reads `23.976`, `24`, `25`, `29.97`, `29.97df`, `30`, `50`, `59.94`, `59.94df`, `60`.
    ///
    /// # Errors
    /// `Error::Request` for anything else.
    pub fn from_text(text: &str) -> Result<Self> {
        let lower = text.trim().to_lowercase();
        let (name, is_drop) = match lower.strip_suffix("df") {
            Some(name) => (name, true),
            None => (lower.strip_suffix("ndf").unwrap_or(&lower), false),
        };
        let name = match name.trim() {
            "23.98" | "23.976023976" => "23.976",
            "29.970" => "29.97",
            name => name.strip_suffix(".0").unwrap_or(name),
        };
        RATES
            .iter()
            .find(|(known, _, denominator)| {
                *known == name && (!is_drop || (*denominator > 1 && name != "23.976"))
            })
            .map(|&(_, numerator, denominator)| FrameRate {
                numerator,
                denominator,
                is_drop,
            })
            .ok_or_else(|| {
                Error::request(
                    "the frame rate",
                    text,
                    "choose 23.976, 24, 25, 29.97, 29.97df, 30, 50, 59.94, 59.94df or 60",
                )
            })
    }

    /// The known rate nearest to a number of frames a second, within a hundredth.
    pub fn nearest(frames_per_s: f64, is_drop: bool) -> Option<Self> {
        RATES
            .iter()
            .find(|(_, numerator, denominator)| {
                (f64::from(*numerator) / f64::from(*denominator) - frames_per_s).abs() < 0.01
            })
            .map(|&(_, numerator, denominator)| FrameRate {
                numerator,
                denominator,
                is_drop: is_drop && denominator > 1,
            })
    }

    /// Seconds of a frame.
    pub fn frame_s(self) -> f64 {
        f64::from(self.denominator) / f64::from(self.numerator)
    }

    /// Seconds at which a frame begins.
    pub fn seconds(self, frame: u64) -> f64 {
        frame as f64 * f64::from(self.denominator) / f64::from(self.numerator)
    }

    /// The frame nearest to a time.
    pub fn frame(self, time_s: f64) -> u64 {
        (time_s / self.frame_s()).round().max(0.0) as u64
    }

    /// Whole frames that the counting shows a second.
    fn counted(self) -> u64 {
        u64::from(self.numerator).div_ceil(u64::from(self.denominator))
    }

    /// Numbers left out at the start of most minutes.
    fn dropped(self) -> u64 {
        if self.is_drop { self.counted() / 15 } else { 0 }
    }

    /// Reads `hh:mm:ss:ff`, with `;` or `.` before the frames as drop-frame files have it, into frames.
    ///
    /// # Errors
    /// `Error::Request` for anything else, and for numbers that the rate does not have.
    pub fn frame_of_timecode(self, text: &str) -> Result<u64> {
        let wrong = |remedy: String| Error::request("the timecode", text, remedy);
        let fields: Vec<&str> = text.trim().split([':', ';', '.', ',']).collect();
        let numbers: Option<Vec<u64>> = fields
            .iter()
            .map(|field| field.parse().ok().filter(|_| field.len() <= 3))
            .collect();
        let Some([hours, minutes, seconds, frames]) =
            numbers.and_then(|numbers| <[u64; 4]>::try_from(numbers).ok())
        else {
            return Err(wrong("write hours:minutes:seconds:frames".to_owned()));
        };
        if minutes > 59 || seconds > 59 || frames >= self.counted() {
            return Err(wrong(format!(
                "minutes and seconds go to 59, frames at {self} to {}",
                self.counted() - 1
            )));
        }
        let minute = 60 * hours + minutes;
        if seconds == 0 && frames < self.dropped() && !minute.is_multiple_of(KEPT_MINUTES) {
            return Err(wrong(format!(
                "drop-frame counting at {self} leaves this number out: use frame {}",
                self.dropped()
            )));
        }
        let counted = (60 * minute + seconds) * self.counted() + frames;
        Ok(counted - self.dropped() * (minute - minute / KEPT_MINUTES))
    }

    /// `hh:mm:ss:ff` of a frame; `;` before the frames says drop-frame.
    pub fn timecode(self, frame: u64) -> String {
        let counted = self.counted();
        let mut number = frame;
        if self.is_drop {
            let per_minute = 60 * counted - self.dropped();
            let per_ten = KEPT_MINUTES * per_minute + self.dropped();
            let (tens, rest) = (frame / per_ten, frame % per_ten);
            let minutes = rest.saturating_sub(self.dropped()) / per_minute;
            number += self.dropped() * ((KEPT_MINUTES - 1) * tens + minutes);
        }
        let seconds = number / counted;
        let mark = if self.is_drop { ';' } else { ':' };
        format!(
            "{:02}:{:02}:{:02}{mark}{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            number % counted
        )
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = RATES
            .iter()
            .find(|(_, numerator, denominator)| {
                (*numerator, *denominator) == (self.numerator, self.denominator)
            })
            .map_or("?", |(name, _, _)| name);
        write!(formatter, "{name}{}", if self.is_drop { "df" } else { "" })
    }
}
