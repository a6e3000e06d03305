//! What can go wrong in the engine, grouped by whose fault it is. Any thread but the audio thread, which has no errors.

use std::io;

/// Who can put an error right; the command line turns it into its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request asks for something that cannot be: change the request.
    Request,
    /// An input file is broken or holds nothing usable: change the file.
    File,
    /// The machine refused (disk, memory): free some, or choose another place.
    System,
}

/// Everything the engine refuses. Every message says what, which value and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting or argument is outside what the engine can do.
    #[error("{what} is {value}; {remedy}")]
    Request {
        /// The argument, in the user's words.
        what: &'static str,
        /// The value that came.
        value: String,
        /// What to do instead.
        remedy: String,
    },

    /// The bytes are no MIDI file that can be played.
    #[error("{what}; {remedy}")]
    Score {
        /// What is wrong, with the place in the file.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// A model's grid cannot be made into a note.
    #[error(
        "the model's grid does not fit a note: {0}; check the model with `understory models check`"
    )]
    Grid(String),

    /// Bytes that should hold baked notes do not.
    #[error("these bytes are no baked notes: {what}; {remedy}")]
    NotePack {
        /// What is wrong with them.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// A tuning file cannot be read.
    #[error("the {kind} file cannot be used: {what}; {remedy}")]
    Tuning {
        /// `.scl` or `.kbm`.
        kind: &'static str,
        /// What is wrong, with its line where there is one.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// The player has not yet taken the notes sent before.
    #[error(
        "{capacity} notes already wait for the player; render a block, then send the note again"
    )]
    NoteRingFull {
        /// Size of the ring.
        capacity: usize,
    },

    /// The player has not yet taken the tunings sent before.
    #[error(
        "several tunings already wait for the player; render a block, then send the tuning again"
    )]
    TuningRingFull,

    /// A model did not give a note.
    #[error(transparent)]
    Model(#[from] models::Error),

    /// Writing samples failed; the message comes from the system.
    #[error("writing the audio failed: {0}; free some space or choose another place")]
    Write(#[source] io::Error),
}

impl Error {
    /// Whose fault this is.
    pub fn fault(&self) -> Fault {
        match self {
            Error::Request { .. } => Fault::Request,
            Error::Score { .. }
            | Error::Grid(_)
            | Error::NotePack { .. }
            | Error::Tuning { .. } => Fault::File,
            Error::Model(error) => match error.fault() {
                models::Fault::Request => Fault::Request,
                models::Fault::ModelFile => Fault::File,
                models::Fault::System => Fault::System,
            },
            Error::NoteRingFull { .. } | Error::TuningRingFull | Error::Write(_) => Fault::System,
        }
    }

    /// A refused argument: what it is, the value that came, what to do instead.
    pub fn request(what: &'static str, value: impl ToString, remedy: impl Into<String>) -> Self {
        Error::Request {
            what,
            value: quoted(&value.to_string()),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn score(what: impl Into<String>, remedy: &'static str) -> Self {
        Error::Score {
            what: models::in_one_line(&what.into()),
            remedy,
        }
    }
}

/// A value from outside as a message may show it: in one line, and not at length.
fn quoted(value: &str) -> String {
    const LONGEST: usize = 120;
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut shown: String = value.chars().take(LONGEST).map(clean).collect();
    if shown.len() < value.len() {
        shown.push('\u{2026}');
    }
    shown
}

/// The engine's result.
pub type Result<T> = std::result::Result<T, Error>;
