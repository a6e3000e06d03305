//! Pixels: fill, lines, blending, and the PNG encoder. Knows nothing of sounds.

/// Red, green, blue, 0..=255, sRGB.
pub type Color = [u8; 3];

/// An area in pixels; rows count downwards.
#[derive(Clone, Copy)]
pub struct Rectangle {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// An image. Whatever is drawn outside it is left out.
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Color>,
}

impl Canvas {
    pub fn new(width: usize, height: usize, background: Color) -> Self {
        Canvas {
            width,
            height,
            pixels: vec![background; width * height],
        }
    }

    /// Images of one width below each other.
    pub fn stacked(parts: Vec<Canvas>) -> Self {
        Canvas {
            width: parts.first().map_or(0, |part| part.width),
            height: parts.iter().map(|part| part.height).sum(),
            pixels: parts.into_iter().flat_map(|part| part.pixels).collect(),
        }
    }

    pub fn set(&mut self, x: usize, y: usize, color: Color) {
        self.blend(x, y, color, 1.0);
    }

    /// `coverage` 0..1 of the pixel gets the color.
    pub fn blend(&mut self, x: usize, y: usize, color: Color, coverage: f32) {
        if x >= self.width || y >= self.height {
            return;
        }
        let coverage = coverage.clamp(0.0, 1.0);
        for (old, new) in self.pixels[y * self.width + x].iter_mut().zip(color) {
            *old = (f32::from(*old) * (1.0 - coverage) + f32::from(new) * coverage).round() as u8;
        }
    }

    pub fn fill(&mut self, area: Rectangle, color: Color) {
        self.shade(area, color, 1.0);
    }

    pub fn shade(&mut self, area: Rectangle, color: Color, coverage: f32) {
        for y in area.top..area.top + area.height {
            for x in area.left..area.left + area.width {
                self.blend(x, y, color, coverage);
            }
        }
    }

    /// A column one pixel wide between two heights, its ends smoothed; never thinner than a pixel.
    pub fn column(&mut self, x: usize, top: f32, bottom: f32, color: Color) {
        let missing = (1.0 - (bottom - top)).max(0.0);
        let (top, bottom) = (top - 0.5 * missing, bottom + 0.5 * missing);
        for y in top.floor() as usize..bottom.ceil() as usize {
            let covered = bottom.min(y as f32 + 1.0) - top.max(y as f32);
            self.blend(x, y, color, covered);
        }
    }

    pub fn png_bytes(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(bytes)
    }
}
