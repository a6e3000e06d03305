//! A guide to lay over a picture in an editor: title-safe and action-safe frames, centre marks, the text box. Any thread.
//!
//! It has no letters and shows nothing of the picture.

use crate::color::ColorSpace;
use crate::rows::{Depth, Layout, Picture};
use crate::size::{ACTION_SAFE, Area, Size, TITLE_SAFE};

/// White for frames, orange for the text box; straight alpha.
const FRAME: [u8; 4] = [255, 255, 255, 200];
const TEXT: [u8; 4] = [255, 160, 40, 255];
/// Width of a line in shares of the short side, and at least in pixels.
const LINE_SHARE: f64 = 0.0015;
const THINNEST: f64 = 1.0;
/// Length of a centre mark's arms in shares of the short side.
const MARK_SHARE: f64 = 0.02;

/// Paints the guide of a picture of this size.
pub fn guide(size: Size, text: Option<Area>) -> Option<Picture> {
    let layout = Layout {
        size,
        channels: 4,
        depth: Depth::Eight,
        color_space: ColorSpace::Srgb,
    };
    let short = f64::from(size.width().min(size.height()));
    let line = (LINE_SHARE * short).max(THINNEST);
    let mut canvas = Canvas {
        size,
        bytes: vec![0; size.width() as usize * size.height() as usize * 4],
    };
    for share in [TITLE_SAFE, ACTION_SAFE] {
        canvas.frame(Area::safe(share), line, FRAME);
    }
    canvas.cross(MARK_SHARE * short, line);
    if let Some(text) = text {
        canvas.frame(text, 2.0 * line, TEXT);
    }
    Picture::from_bytes(layout, canvas.bytes)
}

struct Canvas {
    size: Size,
    bytes: Vec<u8>,
}

impl Canvas {
    /// The outline of an area.
    fn frame(&mut self, area: Area, line: f64, color: [u8; 4]) {
        let (left, top, right, bottom) = area.pixels(self.size);
        let line = line.round().max(1.0) as u32;
        self.fill((left, top, right, top + line), color);
        self.fill((left, bottom.saturating_sub(line), right, bottom), color);
        self.fill((left, top, left + line, bottom), color);
        self.fill((right.saturating_sub(line), top, right, bottom), color);
    }

    fn cross(&mut self, arm: f64, line: f64) {
        let (x, y) = (self.size.width() / 2, self.size.height() / 2);
        let (arm, half) = (arm as u32, (0.5 * line).ceil() as u32);
        let around = |center: u32, reach: u32| (center.saturating_sub(reach), center + reach);
        let ((left, right), (top, bottom)) = (around(x, arm), around(y, half));
        self.fill((left, top, right, bottom), FRAME);
        let ((left, right), (top, bottom)) = (around(x, half), around(y, arm));
        self.fill((left, top, right, bottom), FRAME);
    }

    fn fill(&mut self, (left, top, right, bottom): (u32, u32, u32, u32), color: [u8; 4]) {
        let width = self.size.width();
        for y in top..bottom.min(self.size.height()) {
            for x in left..right.min(width) {
                let start = (y as usize * width as usize + x as usize) * 4;
                self.bytes[start..start + 4].copy_from_slice(&color);
            }
        }
    }
}
