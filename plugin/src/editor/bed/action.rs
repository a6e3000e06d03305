//! What the user did in the bed's editor, as plain values. A gesture is one begin and one end, as in the instrument's.

use crate::editor::model::{ParameterId, SoundId};

/// What a gesture holds on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BedTarget {
    /// A parameter.
    Parameter(ParameterId),
    /// The puck of the mood.
    Mood,
    /// A point of the energy curve, by its place in the model.
    Energy(usize),
    /// A hit, by its place in the model.
    Hit(usize),
}

/// What happens under a voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuckWay {
    /// The level dips.
    Level,
    /// Voices thin out.
    Thin,
    /// The band of speech darkens.
    Darken,
}

/// What can be written to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The bed.
    Wav,
    /// Its notes.
    Midi,
    /// One file per part.
    Stems,
    /// Its picture.
    Backdrop,
}

/// One thing that the user asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum BedAction {
    /// The user took hold of something.
    BeginGesture(BedTarget),
    /// A parameter moves to a value of 0..=1. Only between begin and end.
    SetParameter(ParameterId, f32),
    /// A value was typed. Only between begin and end.
    EnterText(ParameterId, String),
    /// The mood moves: valence and energy, 0..=1. Only between begin and end.
    MoveMood([f32; 2]),
    /// A point of the energy curve takes a level of 0..=1. Only between begin and end.
    SetEnergy(usize, f32),
    /// A hit moves to this time, s. Only between begin and end.
    MoveHit(usize, f32),
    /// The user let go.
    EndGesture(BedTarget),

    /// Play this bed from now on.
    ChooseBed(SoundId),
    /// Go to a mood that has a name, by its place in the model.
    ChooseMood(usize),
    /// The bed becomes as long as this time code says.
    SetLength(String),
    /// The bed becomes as long as the clip.
    FitToClip,
    /// Compose with this seed.
    SetSeed(u32),
    /// Keep the seed when randomising, or no longer.
    ToggleSeedLock,
    /// Another bed of the same mood.
    Randomise,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Read hits from a marker file.
    ImportMarkers,
    /// A new hit at this time, s.
    AddHit(f32),
    /// Forget a hit.
    RemoveHit(usize),
    /// Make the smallest change that meets a hit.
    MeetHit(usize),
    /// Silence a part, or no longer.
    ToggleMute(usize),
    /// Hear this part and others like it alone, or no longer.
    ToggleSolo(usize),
    /// The next sound for a part.
    NextPartSound(usize),
    /// Duck this way, or no longer.
    ToggleDuckWay(DuckWay),
    /// The bed's level becomes the one at which the whole of it is as loud as the target.
    MatchTarget,
    /// Write a file.
    Export(Export),
    /// Play from the start: there is no timeline to follow.
    Restart,
    /// Try again what failed.
    TryAgain,
}
