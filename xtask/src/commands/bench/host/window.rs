//! The instrument's window on an X11 display, open while a figure is taken. Elsewhere there is none, and no such figure.

#[cfg(not(target_os = "linux"))]
mod nowhere;
#[cfg(not(target_os = "linux"))]
pub use nowhere::{Display, Window};
#[cfg(target_os = "linux")]
mod x11;
#[cfg(target_os = "linux")]
pub use x11::{Display, Window};
