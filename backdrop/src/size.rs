//! How large a picture is: named sizes, `WxH`, limits, and the parts of it that every screen shows. Any thread.

use crate::error::{Error, Result};

/// Longest side in pixels.
pub const LONGEST_SIDE: u32 = 16_384;
/// Share of each side that a title may use (SMPTE ST 2046-1).
pub const TITLE_SAFE: f64 = 0.90;
/// Share of each side that action may use (SMPTE ST 2046-1).
pub const ACTION_SAFE: f64 = 0.93;

/// Sizes by name, with what they are for.
pub const PRESETS: [(&str, Size, &str); 12] = [
    (
        "thumbnail",
        Size {
            width: 1280,
            height: 720,
        },
        "video thumbnail, kept under 2 MB",
    ),
    (
        "720p",
        Size {
            width: 1280,
            height: 720,
        },
        "HD video",
    ),
    (
        "1080p",
        Size {
            width: 1920,
            height: 1080,
        },
        "full HD video",
    ),
    (
        "1440p",
        Size {
            width: 2560,
            height: 1440,
        },
        "QHD video",
    ),
    (
        "4k",
        Size {
            width: 3840,
            height: 2160,
        },
        "UHD video",
    ),
    (
        "8k",
        Size {
            width: 7680,
            height: 4320,
        },
        "UHD-2 video",
    ),
    (
        "dci4k",
        Size {
            width: 4096,
            height: 2160,
        },
        "digital cinema",
    ),
    (
        "story",
        Size {
            width: 1080,
            height: 1920,
        },
        "upright video and stories",
    ),
    (
        "portrait",
        Size {
            width: 1080,
            height: 1350,
        },
        "upright post",
    ),
    (
        "square",
        Size {
            width: 1080,
            height: 1080,
        },
        "square post",
    ),
    (
        "banner",
        Size {
            width: 2560,
            height: 1440,
        },
        "channel banner",
    ),
    (
        "cover",
        Size {
            width: 3000,
            height: 3000,
        },
        "album and podcast cover",
    ),
];

/// Width and height in pixels; made by [`Size::new`] or [`Size::from_text`], so that both are within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// A size within the limits: sides of 1 to [`LONGEST_SIDE`].
    ///
    /// # Errors
    /// For any other.
    pub fn new(width: u32, height: u32) -> Result<Self> {
        if !(1..=LONGEST_SIDE).contains(&width) || !(1..=LONGEST_SIDE).contains(&height) {
            let reason = format!("each side may be 1 to {LONGEST_SIDE} pixels");
            return Err(Error::request("size", format!("{width}x{height}"), reason));
        }
        Ok(Self { width, height })
    }

    /// A preset's name or `WIDTHxHEIGHT`.
    ///
    /// # Errors
    /// When it is neither, or outside the limits.
    pub fn from_text(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some((_, size, _)) = PRESETS
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(text))
        {
            return Ok(*size);
        }
        let names = PRESETS.map(|(name, ..)| name).join(", ");
        let sides = text.split_once(['x', 'X']).and_then(|(width, height)| {
            let side = |text: &str| text.trim().parse::<u64>().ok();
            Some((side(width)?, side(height)?))
        });
        let (width, height) = sides.ok_or_else(|| {
            Error::request(
                "size",
                text,
                format!("write it as 1920x1080 or name one of: {names}"),
            )
        })?;
        // Saturated, a side too long for 32 bits is refused like any other that is too long.
        let narrow = |side: u64| u32::try_from(side).unwrap_or(u32::MAX);
        Self::new(narrow(width), narrow(height))
    }

    /// Pixels from left to right.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(self) -> u32 {
        self.height
    }

    /// The largest size of the same shape that fits into `longest` pixels; itself when it already does.
    pub fn within(self, longest: u32) -> Self {
        let side = self.width.max(self.height);
        if side <= longest {
            return self;
        }
        let scaled = |length: u32| {
            let exact = u64::from(length) * u64::from(longest);
            ((exact + u64::from(side / 2)) / u64::from(side)).max(1) as u32
        };
        Self {
            width: scaled(self.width),
            height: scaled(self.height),
        }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

/// A rectangle in shares of the picture's sides, 0..1 from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// Reads `x,y,w,h`: pixels, or percent of the side with a `%` after the number.
    ///
    /// # Errors
    /// When there are not four numbers, or the box is empty or not inside the picture.
    pub fn from_text(text: &str, size: Size) -> Result<Self> {
        let wrong = |reason: &str| Error::request("text box", text, reason);
        let sides = [size.width, size.height, size.width, size.height].map(f64::from);
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if parts.len() != sides.len() {
            return Err(wrong(
                "write it as x,y,width,height in pixels or percent, as in 5%,60%,40%,30%",
            ));
        }
        let mut shares = [0.0; 4];
        for ((share, part), side) in shares.iter_mut().zip(parts).zip(sides) {
            let (number, whole) = match part.strip_suffix('%') {
                Some(number) => (number, 100.0),
                None => (part, side),
            };
            *share = number
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .ok_or_else(|| wrong("these are not four numbers"))?
                / whole;
        }
        let [left, top, width, height] = shares;
        let area = Self {
            left,
            top,
            width,
            height,
        };
        area.check(size).map_err(|reason| wrong(&reason))?;
        Ok(area)
    }

    fn check(self, size: Size) -> std::result::Result<(), String> {
        /// A share that is one by rounding is inside.
        const SLACK: f64 = 1e-9;
        if self.width <= 0.0 || self.height <= 0.0 {
            return Err("its width and height must be above 0".into());
        }
        let is_inside = self.left >= -SLACK
            && self.top >= -SLACK
            && self.left + self.width <= 1.0 + SLACK
            && self.top + self.height <= 1.0 + SLACK;
        if is_inside {
            Ok(())
        } else {
            Err(format!(
                "it does not lie inside the picture of {size} pixels"
            ))
        }
    }

    /// The middle `share` of both sides: [`TITLE_SAFE`] or [`ACTION_SAFE`].
    pub fn safe(share: f64) -> Self {
        Self {
            left: 0.5 * (1.0 - share),
            top: 0.5 * (1.0 - share),
            width: share,
            height: share,
        }
    }

    /// Pixel rows and columns that it covers, at least one each: (left, top, right, bottom), the last two exclusive.
    pub fn pixels(self, size: Size) -> (u32, u32, u32, u32) {
        let span = |start: f64, length: f64, side: u32| {
            let whole = f64::from(side);
            let first = ((start * whole).round().clamp(0.0, whole - 1.0)) as u32;
            let end = (((start + length) * whole).round() as u32).clamp(first + 1, side);
            (first, end)
        };
        let (left, right) = span(self.left, self.width, size.width);
        let (top, bottom) = span(self.top, self.height, size.height);
        (left, top, right, bottom)
    }
}
