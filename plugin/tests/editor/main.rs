//! The editors of instrument and bed, driven without host, window, graphics card or model: what it shows, what it reports, how it looks.

mod bed;
mod bed_window;
mod contrast;
mod fixture;
mod gestures;
mod looks;
mod painter;
mod palettes;
mod picture;
mod reach;
mod rooms;
mod stage;
mod window;
