//! What a host sees: parameters, state, the audio callback, the editor. No DSP and no model code.
//!
//! The instrument lives in `instrument`; the bed, an effect from the same library, in `bed` beside it. Files that hosts
//! load are made by the package `export`, so that this one stays testable.

pub mod bed;
mod doctor;
pub mod editor;
pub mod instrument;
mod knobs;
mod model_facts;
mod pace;
mod parameter_text;
mod picture;
mod places;
mod resources;
pub mod state;

pub use bed::Bed;
pub use instrument::Instrument;
