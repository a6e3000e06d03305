//! Parameters that are one of a few words. Values only.

use engine::score::compose::{Metre, Mode};
use nice_plug::prelude::*;

/// The tonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[allow(missing_docs, reason = "notes by their names")]
pub enum TonicChoice {
    /// The seed chooses.
    #[id = "auto"]
    #[name = "auto"]
    Auto,
    #[id = "c"]
    C,
    #[id = "cs"]
    #[name = "C#"]
    CSharp,
    #[id = "d"]
    D,
    #[id = "ds"]
    #[name = "Eb"]
    EFlat,
    #[id = "e"]
    E,
    #[id = "f"]
    F,
    #[id = "fs"]
    #[name = "F#"]
    FSharp,
    #[id = "g"]
    G,
    #[id = "gs"]
    #[name = "Ab"]
    AFlat,
    #[id = "a"]
    A,
    #[id = "as"]
    #[name = "Bb"]
    BFlat,
    #[id = "b"]
    B,
}

impl TonicChoice {
    /// Pitch class, 0 (C) to 11 (B); `None` for the seed's choice.
    pub fn pitch_class(self) -> Option<u8> {
        (self as u8).checked_sub(1)
    }
}

/// The mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[allow(missing_docs, reason = "modes by their names")]
pub enum ModeChoice {
    /// The mood chooses.
    #[id = "auto"]
    #[name = "auto"]
    Auto,
    #[id = "ion"]
    #[name = "major"]
    Ionian,
    #[id = "dor"]
    #[name = "dorian"]
    Dorian,
    #[id = "phr"]
    #[name = "phrygian"]
    Phrygian,
    #[id = "lyd"]
    #[name = "lydian"]
    Lydian,
    #[id = "mix"]
    #[name = "mixolydian"]
    Mixolydian,
    #[id = "aeo"]
    #[name = "minor"]
    Aeolian,
    #[id = "loc"]
    #[name = "locrian"]
    Locrian,
    #[id = "har"]
    #[name = "harmonic minor"]
    HarmonicMinor,
}

impl ModeChoice {
    /// The mode; `None` for the mood's choice.
    pub fn mode(self) -> Option<Mode> {
        let index = (self as usize).checked_sub(1)?;
        Mode::ALL.get(index).copied()
    }
}

/// The metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[allow(missing_docs, reason = "metres by their names")]
pub enum MetreChoice {
    /// Mood and seed choose.
    #[id = "auto"]
    #[name = "auto"]
    Auto,
    #[id = "2/4"]
    #[name = "2/4"]
    TwoFour,
    #[id = "3/4"]
    #[name = "3/4"]
    ThreeFour,
    #[id = "4/4"]
    #[name = "4/4"]
    FourFour,
    #[id = "5/4"]
    #[name = "5/4"]
    FiveFour,
    #[id = "6/4"]
    #[name = "6/4"]
    SixFour,
    #[id = "7/4"]
    #[name = "7/4"]
    SevenFour,
    #[id = "6/8"]
    #[name = "6/8"]
    SixEight,
    #[id = "9/8"]
    #[name = "9/8"]
    NineEight,
    #[id = "12/8"]
    #[name = "12/8"]
    TwelveEight,
}

impl MetreChoice {
    /// The metre; `None` for mood's and seed's choice.
    pub fn metre(self) -> Option<Metre> {
        let (beats_per_bar, steps_per_beat) = match self {
            Self::Auto => return None,
            Self::TwoFour => (2, 4),
            Self::ThreeFour => (3, 4),
            Self::FourFour => (4, 4),
            Self::FiveFour => (5, 4),
            Self::SixFour => (6, 4),
            Self::SevenFour => (7, 4),
            Self::SixEight => (2, 6),
            Self::NineEight => (3, 6),
            Self::TwelveEight => (4, 6),
        };
        Some(Metre {
            beats_per_bar,
            steps_per_beat,
        })
    }
}

/// Where the bed's time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FollowChoice {
    /// From the host's timeline, if it has one.
    #[id = "auto"]
    #[name = "timeline"]
    Auto,
    /// From the moment the effect was switched on or restarted, whatever the host says.
    #[id = "start"]
    #[name = "from the start"]
    FromStart,
}
