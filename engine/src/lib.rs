//! The sound, without any host, window, file path or log target.

pub mod analysis;
mod controller;
pub mod cues;
pub mod decode;
pub mod descriptors;
pub mod error;
pub mod fingerprint;
pub mod likeness;
pub mod loudness;
pub mod measure;
pub mod mel_if;
pub mod mix;
pub mod note;
pub mod note_pack;
pub mod offline;
pub mod realtime;
pub mod resample;
pub mod score;
pub mod seamless;
pub mod spectrogram;
pub mod tuning;
pub mod wav;
pub mod worker;

pub use controller::{Controller, MAX_SOUNDS, MAX_VOICES, PlayerConfig, check_sample_rate, new};
pub use error::{Error, Fault, Result};
pub use note::{Note, NoteLayout};
pub use realtime::{
    EnvelopeCurves, EnvelopeSettings, Event, KeyMode, LAYER_VELOCITIES, NUM_CHANNELS, NUM_CORNERS,
    NUM_KEYS, NoteAddress, NoteExpression, Player, PlayerCounts, PlayerParameters, SoundChange,
    TuningTable, VELOCITY_LAYERS, Wish, layer_of_velocity,
};
