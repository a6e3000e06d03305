//! Understory, the instrument: what a host loads, plays and saves.

pub mod params;
