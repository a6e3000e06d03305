//! Own sound in: from a recorded note to the sound of a model that comes nearest, and how near that is. Worker threads and
//! commands; reads no file, plays nothing.
//!
//! The way: [`RecordedNote`] (one channel, tuned, its start found) -> `analysis` -> [`Target`] (what a painting is
//! measured against) -> [`find()`] (seeds, then least squares over attributes and style offset) -> [`band_error()`] (how far apart the two are
//! as heard). Finding a sound by descending in the generator's own space is GAN inversion (Zhu et al. 2016, arXiv 1609.03552).

mod band_error;
mod find;
mod normal_equations;
mod recorded;
mod target;
mod third_octaves;
mod two_notes;

pub use band_error::{BandError, band_error};
pub use find::{Effort, Found, find};
pub use recorded::{Known, RecordedNote};
pub use target::{MapError, Target};
