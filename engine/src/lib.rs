//! The sound, without any host, window, file path or log target.

pub mod error;
pub mod score;

pub use error::{Error, Fault, Result};
