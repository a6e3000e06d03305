//! No display is known here.

use super::super::Playing;
use crate::failure::Failure;

/// There is none.
pub enum Display {}

impl Display {
    /// Always none.
    pub fn open() -> Option<Self> {
        None
    }
}

/// There is none.
pub enum Window {}

impl Window {
    /// Never called: it needs a display.
    pub fn open(display: &Display, _playing: &mut Playing) -> Result<Self, Failure> {
        match *display {}
    }

    /// Never called.
    pub fn close(self, _playing: &mut Playing) {
        match self {}
    }
}
