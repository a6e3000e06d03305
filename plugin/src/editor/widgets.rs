//! Pieces that both editors are made of: each draws itself into a rectangle and reports what the user did. They know
//! colours, text and the pointer, no sound and no host. Editor thread.

pub mod button;
pub mod hands;
pub mod icon;
pub mod meter;
pub mod pad;
pub mod row;
pub mod slider;
pub mod status_line;
pub mod strip;
pub mod text;
pub mod typed_field;
