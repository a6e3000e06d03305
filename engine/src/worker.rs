//! Work beside the audio thread: making notes from models. Worker threads and commands; it makes no sound.

pub mod bake;
