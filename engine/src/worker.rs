//! Work beside the audio thread: making notes from models. Worker threads and commands; it makes no sound.
//!
//! `bake` makes a list of notes and is done: for files. `pool` bakes for players that sound: one [`WorkerPool`] for all
//! instances of a process, one [`BakingInstance`] each.

pub mod bake;
mod generator;
mod instance;
mod outbox;
mod pool;
mod queue;
mod slot;
mod status;
mod timbre;

pub use generator::{ModelSource, NoteGenerator, SoundBase, SoundRequest};
pub use instance::BakingInstance;
pub use pool::WorkerPool;
pub use status::{BakeCounts, BakeStatus, SlotState};
pub use timbre::{LiveTimbre, MAX_TIMBRES};
