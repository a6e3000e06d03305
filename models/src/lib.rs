//! The contract between trained models and the programs that play them: manifest, ONNX Runtime library, session.
//!
//! The only crate that names ONNX Runtime. Everything here may allocate, block and read files: worker threads and
//! commands call it, the audio thread never does. It decodes nothing (that is `engine`) and downloads nothing (that is
//! `cargo xtask setup`). The contracts themselves are `models/CONTRACT.md` and
//! `models/PICTURE_CONTRACT.md`.

mod arithmetic;
mod error;
mod folder;
mod graph_check;
mod graph_scan;
mod latent;
mod library;
mod manifest;
mod model_file;
mod painting;
mod picture_file;
mod picture_frame;
mod picture_generator;
mod picture_manifest;
mod picture_point;
mod place;
mod protobuf;
mod raw_network;
pub mod seeded;
mod session;
mod sound_generator;
mod sound_recipe;
mod tensor;

pub use arithmetic::{SUM_ATTRIBUTE_LIMIT, Term, parse_sum};
pub use error::{Error, Fault, Result, in_one_line};
pub use folder::{
    model_files, newest_picture_model, newest_sound_model, own_sound_file_name, own_sound_files,
    sound_files, user_folder, user_sounds_folder,
};
pub use graph_scan::GraphFacts;
pub use latent::{ATTRIBUTE_LIMIT, DEFAULT_TRUNCATION, SoundPoint, slerp};
pub use library::{
    RUNTIME_VERSION, RuntimePin, cache_folder, runtime_library_path, runtime_pin, search_beside,
    verify_runtime_library, verify_runtime_library_once,
};
pub use manifest::{
    Axis, Control, ControlKind, Effect, Grid, MANIFEST_KEY, Manifest, MelIf, Mood, Port, Reference,
    Representation, SCHEMA_VERSION, Source, Spot, Tolerance, Training, Wave,
};
pub use model_file::{AnyModelFile, ModelFile};
pub use painting::{Painting, SoundGrid};
pub use picture_file::PictureFile;
pub use picture_frame::{PictureFrame, PictureGeometry};
pub use picture_generator::{PictureCells, PictureGenerator};
pub use picture_manifest::{
    PictureControl, PictureGraph, PictureManifest, PictureReference, PictureSpot, PictureTolerance,
};
pub use picture_point::{Motion, NUM_PALETTE_COLORS, PicturePoint};
pub use place::Place;
pub use raw_network::{RawNetwork, RawPort};
pub use sound_generator::{SoundGenerator, SoundRequest};
pub use sound_recipe::{OWN_SOUND_EXTENSION, SoundRecipe};
pub use tensor::{Element, Numbers, Tensor};
