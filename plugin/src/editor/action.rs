//! What the user did, as plain values: the plugin maps each to parameters, notes and files. Made on the editor thread.
//! A gesture is always one [`Action::BeginGesture`], any number of changes, one [`Action::EndGesture`] of the same target,
//! also when the editor closes in the middle: one undo step and one automation gesture of the host.

use super::model::{Corner, MapPosition, ParameterId, Side, SoundId};

/// What a gesture holds on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GestureTarget {
    /// A parameter.
    Parameter(ParameterId),
    /// The puck of the map, two parameters at once.
    Puck,
}

/// A point of a recorded path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathPoint {
    /// Since the path began, s.
    pub time_s: f32,
    /// Where the puck was.
    pub position: MapPosition,
}

/// One thing that the user asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The user took hold of something.
    BeginGesture(GestureTarget),
    /// A parameter moves to a value of 0..=1. Only between begin and end.
    SetParameter(ParameterId, f32),
    /// A value was typed: the parameter reads it as it reads the host's text. Only between begin and end.
    EnterText(ParameterId, String),
    /// The puck moves. Only between begin and end.
    MovePuck(MapPosition),
    /// The user let go.
    EndGesture(GestureTarget),

    /// Play middle C of a sound without choosing it.
    PressSound(SoundId),
    /// Let that note go.
    ReleaseSound(SoundId),
    /// Play a key (MIDI number, velocity 0..=1).
    PressKey(u8, f32),
    /// Let it go.
    ReleaseKey(u8),
    /// Pitch bend, -1..=1; returns to 0 by itself when let go.
    SetBend(f32),
    /// Mod wheel, 0..=1.
    SetModulation(f32),

    /// Play this sound from now on.
    ChooseSound(SoundId),
    /// The next sound of the list in view, or the one before.
    StepSound(i32),
    /// Make it a favourite, or no longer.
    ToggleFavourite(SoundId),
    /// Keep the sound as it is now under this name.
    SaveSound(String),
    /// Keep the baked notes in the project, or no longer.
    ToggleKeptNotes,
    /// Remove one of the user's own.
    DeleteSound(SoundId),
    /// Write the sound's picture into a file.
    WritePicture,
    /// The folder of the user's own sounds, in the system's file window.
    OpenSoundFolder,
    /// Play the sound of this seed.
    SetSeed(u32),
    /// Keep the seed when randomising, or no longer.
    ToggleSeedLock,
    /// Keep a control when randomising, or no longer.
    ToggleLock(ParameterId),
    /// A new sound; what is locked stays.
    Randomise,
    /// A step in the latent space towards more (`true`) of what this sound is, or away from it.
    Nudge {
        /// Towards it.
        is_more: bool,
    },
    /// Go to a - b + c.
    Arithmetic {
        /// The first term.
        a: SoundId,
        /// What is taken away.
        b: SoundId,
        /// What is added.
        c: SoundId,
    },
    /// Let a corner of the map be this sound.
    SetCorner(Corner, SoundId),
    /// A path was drawn on the map: it becomes what the path parameter walks.
    RecordPath(Vec<PathPoint>),
    /// Forget the path.
    ClearPath,

    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Hear the other state.
    ChooseSide(Side),
    /// Make the other state equal to the one heard.
    CopyToOtherSide,

    /// Use the model of this row.
    ChooseModel(usize),
    /// Let the user point at a model file.
    BrowseModels,
    /// Run the doctor on the model of this row again.
    CheckModel(usize),
    /// Play the model that came with the plugin.
    PlayShippedModel,
    /// Let the user point at a Scala scale.
    BrowseScales,
    /// Let the user point at a Scala keyboard mapping.
    BrowseMappings,
    /// Tune keys in twelve equal steps.
    ClearScale,
    /// Take this row of the folder: enter it, or choose the file.
    TakeFile(usize),
    /// Go to the folder above.
    LeaveFolder,
    /// Look for no file any more.
    CloseFiles,
    /// Stop all notes at once.
    Panic,
    /// The editor's size, percent of 960 x 600.
    SetScale(u32),
}
