//! The mix: a composed bed as samples, under a voice, at a loudness. Worker or command line; nothing here runs on the audio
//! thread but [`duck`], which is made for both.
//!
//! Every sample of a bed is a pure function of the bed and the sample's place: see [`renderer`].

pub mod ahead;
mod deal;
pub mod duck;
mod filter;
mod hall;
mod lane;
pub mod limiter;
pub mod master;
pub mod render;
pub mod renderer;
pub mod settings;
pub mod speech;
pub mod true_peak;

pub use hall::HallSettings;
pub use renderer::{BedRenderer, Layers, wishes};
pub use settings::{MixSettings, PartMix};
