//! The sound, without any host, window, file path or log target.

pub mod descriptors;
pub mod error;
pub mod fingerprint;
pub mod loudness;
pub mod score;
pub mod wav;

pub use error::{Error, Fault, Result};
