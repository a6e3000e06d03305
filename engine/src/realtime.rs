//! The audio thread's half of the engine: everything in here runs inside the host's callback.
//!
//! Nothing below allocates, frees, locks, logs, waits or panics; the lints deny it, `tests/allocation.rs` measures it.
//! Functions that make the player's memory carry an `#[allow]` with that reason: they run before the first callback.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::disallowed_types
)]

mod approximations;
mod bus;
mod channel;
pub(crate) mod counters;
mod envelope;
mod events;
mod noise;
pub(crate) mod notes;
pub(crate) mod pages;
mod parameters;
mod partials;
mod player;
pub(crate) mod playhead;
mod ramp;
mod settings;
mod shape;
mod sustain;
mod tuning_table;
mod under_voice;
mod voice;
mod zones;

pub(crate) use bus::Bus;
pub use channel::NUM_CHANNELS;
pub use counters::PlayerCounts;
pub use envelope::{EnvelopeCurves, EnvelopeSettings};
pub use events::{Event, NoteAddress, NoteExpression};
pub(crate) use noise::{NoiseBins, NoiseShaper};
pub use notes::{
    LAYER_VELOCITIES, NUM_KEYS, SoundChange, VELOCITY_LAYERS, Wish, layer_of_velocity,
};
pub use pages::Edition;
pub use parameters::{KeyMode, NUM_CORNERS, PlayerParameters};
pub use player::Player;
pub(crate) use player::{PlayerParts, SPARE_VOICES, notes_held_by};
pub use playhead::Playhead;
pub use tuning_table::TuningTable;
pub use under_voice::{CHUNK_FRAMES, ChunkGains, UnderVoice, UnderVoiceLevels};
pub(crate) use voice::{StraightVoice, Voice};

/// Frames of a tick: the step of the partials' frequencies and amplitudes (CONTRACT.md 3.5).
pub(crate) const TICK_FRAMES: usize = 64;
