//! The effect in a host: a voice goes in, voice and bed come out.

mod ducking;
mod keeping;
mod same;
pub mod stage;
mod surviving;
mod under;
