//! A contact sheet: pictures and waves of many files side by side, each with its name. PNG bytes out; it reads no file.

use super::canvas::{Canvas, Color, Rectangle};
use super::text::{Align, Font};

/// Of a cell's picture, pixels.
pub const CELL_WIDTH: usize = 176;
/// Of a cell's picture, pixels.
pub const CELL_HEIGHT: usize = 99;
/// Below the picture, for the name.
const NAME_HEIGHT: usize = 20;
/// Between cells and around them.
const GAP: usize = 10;
const NAME_SIZE: f32 = 13.0;
/// Letters that fit below a picture.
const MAX_LETTERS: usize = 25;

const GROUND: Color = [16, 15, 22];
const CELL: Color = [28, 27, 36];
const WAVE: Color = [222, 132, 110];
const NAME: Color = [198, 190, 200];
const FAILED: Color = [240, 96, 88];

/// What a cell shows.
pub enum Cell {
    /// Pixels of at most the cell's size, row by row.
    Picture {
        /// Pixels from left to right.
        width: usize,
        /// As many as rows times columns.
        pixels: Vec<Color>,
    },
    /// Lowest and highest sample of each column, -1..1.
    Wave(Vec<(f32, f32)>),
    /// A word in place of a picture.
    Word(&'static str),
    /// Nothing came of it.
    Failed,
}

/// Draws named cells in rows.
///
/// # Errors
/// When the encoder fails.
pub fn png_bytes(
    cells: &[(String, Cell)],
    columns: usize,
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let font = Font::embedded()?;
    let columns = columns.clamp(1, cells.len().max(1));
    let rows = cells.len().div_ceil(columns);
    let (step_x, step_y) = (CELL_WIDTH + GAP, CELL_HEIGHT + NAME_HEIGHT + GAP);
    let mut canvas = Canvas::new(GAP + columns * step_x, GAP + rows * step_y, GROUND);
    for (index, (name, cell)) in cells.iter().enumerate() {
        let area = Rectangle {
            left: GAP + index % columns * step_x,
            top: GAP + index / columns * step_y,
            width: CELL_WIDTH,
            height: CELL_HEIGHT,
        };
        draw_cell(&mut canvas, &font, area, cell);
        let color = if matches!(cell, Cell::Failed) {
            FAILED
        } else {
            NAME
        };
        let place = (area.left as f32, (area.top + CELL_HEIGHT + 15) as f32);
        let shown: String = name.chars().take(MAX_LETTERS).collect();
        font.draw(&mut canvas, &shown, place, NAME_SIZE, color, Align::Left);
    }
    Ok(canvas.png_bytes()?)
}

fn draw_cell(canvas: &mut Canvas, font: &Font, area: Rectangle, cell: &Cell) {
    match cell {
        Cell::Picture { width, pixels } => {
            // Upright and square pictures stand in the middle.
            let left = area.left + (area.width - (*width).min(area.width)) / 2;
            let height = pixels.len() / (*width).max(1);
            let top = area.top + (area.height - height.min(area.height)) / 2;
            for (index, color) in pixels.iter().enumerate() {
                canvas.set(left + index % width, top + index / width, *color);
            }
        }
        Cell::Wave(columns) => {
            canvas.fill(area, CELL);
            let middle = area.top as f32 + 0.5 * area.height as f32;
            let half = 0.46 * area.height as f32;
            for (x, (low, high)) in columns.iter().enumerate() {
                canvas.column(
                    area.left + x,
                    middle - high * half,
                    middle - low * half,
                    WAVE,
                );
            }
        }
        Cell::Word(word) => write_in(canvas, font, area, word, NAME),
        Cell::Failed => write_in(canvas, font, area, "failed", FAILED),
    }
}

fn write_in(canvas: &mut Canvas, font: &Font, area: Rectangle, word: &str, color: Color) {
    canvas.fill(area, CELL);
    let place = (
        (area.left + area.width / 2) as f32,
        (area.top + area.height / 2 + 6) as f32,
    );
    font.draw(canvas, word, place, 18.0, color, Align::Center);
}
