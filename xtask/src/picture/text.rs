//! Letters on the canvas, from a font inside the program. Draws lines of plain text, nothing else.

use ab_glyph::{Font as _, FontRef, InvalidFont, ScaleFont, point};

use super::canvas::{Canvas, Color};

/// Which part of the text stands at the given place.
#[derive(Clone, Copy)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// Ubuntu Light (Ubuntu font licence), as egui's default fonts bring it.
pub struct Font(FontRef<'static>);

impl Font {
    pub fn embedded() -> Result<Self, InvalidFont> {
        FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT).map(Font)
    }

    /// Draws with the baseline's aligned point at `place` (x, y).
    pub fn draw(
        &self,
        canvas: &mut Canvas,
        text: &str,
        place: (f32, f32),
        size: f32,
        color: Color,
        align: Align,
    ) {
        let font = self.0.as_scaled(size);
        let width: f32 = text
            .chars()
            .map(|letter| font.h_advance(font.glyph_id(letter)))
            .sum();
        let mut x = match align {
            Align::Left => place.0,
            Align::Center => place.0 - 0.5 * width,
            Align::Right => place.0 - width,
        };
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            let glyph = id.with_scale_and_position(size, point(x, place.1));
            x += font.h_advance(id);
            let Some(outline) = self.0.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|column, row, coverage| {
                let x = bounds.min.x as i64 + i64::from(column);
                let y = bounds.min.y as i64 + i64::from(row);
                if let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) {
                    // Light letters on dark look thinner than they are: a little more coverage evens that out.
                    canvas.blend(x, y, color, coverage.powf(0.8));
                }
            });
        }
    }
}
