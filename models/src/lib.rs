//! The contract between trained models and the programs that play them: manifest, ONNX Runtime library, session.
//!
//! The only crate that names ONNX Runtime. Everything here may allocate, block and read files: worker threads and
//! commands call it, the audio thread never does. It decodes nothing (that is `engine`) and downloads nothing (that is
//! `cargo xtask setup`). The contract itself is `models/CONTRACT.md`.

mod arithmetic;
mod error;
mod folder;
mod graph_check;
mod latent;
mod library;
mod manifest;
mod model_file;
pub mod seeded;
mod session;
mod sound_generator;
mod sound_recipe;

pub use arithmetic::{SUM_ATTRIBUTE_LIMIT, Term, parse_sum};
pub use error::{Error, Fault, Result};
pub use folder::{model_files, newest_sound_model, sound_files};
pub use latent::{ATTRIBUTE_LIMIT, DEFAULT_TRUNCATION, SoundPoint, slerp};
pub use library::{
    RUNTIME_VERSION, RuntimePin, cache_folder, runtime_library_path, runtime_pin, search_beside,
    verify_runtime_library,
};
pub use manifest::{
    Axis, Control, ControlKind, Effect, Grid, MANIFEST_KEY, Manifest, Mood, Port, Reference,
    SCHEMA_VERSION, Source, Spot, Tolerance, Training,
};
pub use model_file::ModelFile;
pub use sound_generator::{SoundGenerator, SoundGrid, SoundRequest};
pub use sound_recipe::SoundRecipe;
