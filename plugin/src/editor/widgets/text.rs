//! Text that keeps to its room: one line, cut with an ellipsis, placed by an alignment. Editor thread.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Rect};

/// One line in one hand.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What it says.
    pub text: &'a str,
    /// Size and cut.
    pub font: FontId,
    /// Colour.
    pub color: Color32,
    /// Added between letters, points.
    pub spacing: f32,
}

impl<'a> Line<'a> {
    /// A line without extra spacing.
    pub fn new(text: &'a str, font: FontId, color: Color32) -> Self {
        Self {
            text,
            font,
            color,
            spacing: 0.0,
        }
    }

    /// Lays it out, cut at a width.
    pub fn layout(&self, painter: &Painter, width: f32) -> Arc<Galley> {
        let mut job =
            LayoutJob::simple_singleline(self.text.to_owned(), self.font.clone(), self.color);
        for section in &mut job.sections {
            section.format.extra_letter_spacing = self.spacing;
        }
        job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
        painter.layout_job(job)
    }

    /// Draws it into `rect` and returns what it covers.
    pub fn paint(&self, painter: &Painter, rect: Rect, align: Align2) -> Rect {
        let galley = self.layout(painter, rect.width());
        let place = align.align_size_within_rect(galley.size(), rect);
        painter.galley(place.min, galley, self.color);
        place
    }
}
