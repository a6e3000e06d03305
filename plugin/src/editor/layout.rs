//! Where the rooms of the instrument's editor lie in a window of any size. Pure arithmetic in points: the columns at the
//! sides keep their width, the map takes what is left.

use egui::{Rect, pos2};

use super::theme::BASE_SIZE;

const HEADER_HEIGHT: f32 = 48.0;
const KEYBOARD_HEIGHT: f32 = 72.0;
const STATUS_HEIGHT: f32 = 24.0;
const BROWSER_WIDTH: f32 = 184.0;
const CONTROLS_WIDTH: f32 = 256.0;
/// Share of the middle column that the map takes; the note picture has the rest.
const MAP_SHARE: f32 = 0.62;

/// The rooms. They touch; hairlines are drawn on their common edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Name, seed, history.
    pub header: Rect,
    /// Sounds.
    pub browser: Rect,
    /// The map of the latent space.
    pub map: Rect,
    /// The picture of a note.
    pub note: Rect,
    /// Controls, envelope, shape.
    pub controls: Rect,
    /// Keys and strips.
    pub keyboard: Rect,
    /// The sentence.
    pub status: Rect,
}

impl Layout {
    /// The rooms of a window. One smaller than the design size is laid out at the design size and cut off.
    pub fn of(window: Rect) -> Self {
        let window = Rect::from_min_size(window.min, window.size().max(BASE_SIZE));
        let (left, top) = (window.left(), window.top());
        let (right, bottom) = (window.right(), window.bottom());
        let main_top = top + HEADER_HEIGHT;
        let status_top = bottom - STATUS_HEIGHT;
        let main_bottom = status_top - KEYBOARD_HEIGHT;
        let middle_left = left + BROWSER_WIDTH;
        let middle_right = right - CONTROLS_WIDTH;
        let note_top = (main_top + MAP_SHARE * (main_bottom - main_top)).round();
        let room =
            |left, top, right, bottom| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        Self {
            header: room(left, top, right, main_top),
            browser: room(left, main_top, middle_left, main_bottom),
            map: room(middle_left, main_top, middle_right, note_top),
            note: room(middle_left, note_top, middle_right, main_bottom),
            controls: room(middle_right, main_top, right, main_bottom),
            keyboard: room(left, main_bottom, right, status_top),
            status: room(left, status_top, right, bottom),
        }
    }
}
