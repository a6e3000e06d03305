//! The instrument's editor, driven without host, window, graphics card or model: what it shows, what it reports, how it looks.

mod fixture;
mod looks;
mod painter;
mod picture;
mod stage;
