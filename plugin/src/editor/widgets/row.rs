//! Cutting a bar into places from both ends. Pure arithmetic, points.

use egui::{Rect, vec2};

use crate::editor::theme::GRID;

/// Side of a square button.
pub const SQUARE: f32 = 3.0 * GRID;

/// What is left of a bar; places are as high as a button and stand in its middle.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is left.
    pub rest: Rect,
}

impl Row {
    /// The whole bar.
    pub fn new(bar: Rect) -> Self {
        Self { rest: bar }
    }

    /// Takes a place from the left.
    pub fn left(&mut self, width: f32) -> Rect {
        let (taken, rest) = self.rest.split_left_right_at_x(self.rest.left() + width);
        self.rest = rest;
        Rect::from_center_size(taken.center(), vec2(width, SQUARE))
    }

    /// Takes a place from the right.
    pub fn right(&mut self, width: f32) -> Rect {
        let (rest, taken) = self.rest.split_left_right_at_x(self.rest.right() - width);
        self.rest = rest;
        Rect::from_center_size(taken.center(), vec2(width, SQUARE))
    }
}
