//! Cues: what comes from an editing program (markers, speech, lengths) and goes back to it. Pure functions of text and
//! bytes, any thread but the audio thread; file paths are the caller's business.

pub mod markers;
pub mod timecode;
