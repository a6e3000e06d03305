//! What can go wrong with a picture, told by whose fault it is. Any thread; prints nothing.

use std::path::PathBuf;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Who has to change something so that it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller asked for something impossible.
    Request,
    /// A model, palette or picture file is at fault.
    InputFile,
    /// The machine is: disk, library, memory.
    System,
}

/// Everything that can go wrong between a request and a written picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word or number of the request cannot be followed.
    #[error("{what} `{value}`: {reason}")]
    Request {
        /// What part of the request, for instance `size`.
        what: &'static str,
        /// As it was given.
        value: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A palette or picture file cannot be understood.
    #[error("{}: {reason}", .path.display())]
    InputFile {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A file exists but the system does not give it.
    #[error("{}: cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The encoder of a format failed, as a rule because the disk did.
    #[error("the {format} encoder failed: {reason}")]
    Encoder {
        /// Name of the format.
        format: &'static str,
        /// What it said.
        reason: String,
    },
    /// The model refused.
    #[error(transparent)]
    Model(#[from] models::Error),
}

impl Error {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Request { .. } => Fault::Request,
            Self::InputFile { .. } => Fault::InputFile,
            Self::Unreadable { .. } | Self::Encoder { .. } => Fault::System,
            Self::Model(error) => match error.fault() {
                models::Fault::Request => Fault::Request,
                models::Fault::ModelFile => Fault::InputFile,
                models::Fault::System => Fault::System,
            },
        }
    }

    /// A part of the request that cannot be followed.
    pub(crate) fn request(
        what: &'static str,
        value: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Request {
            what,
            value: quoted(&value.into()),
            reason: reason.into(),
        }
    }

    /// An encoder that gave up.
    pub(crate) fn encoder(format: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Encoder {
            format,
            reason: reason.to_string(),
        }
    }
}

/// A value from outside as a message may show it: in one line, and not at length.
pub(crate) fn quoted(value: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown: String = value.chars().take(LONGEST).collect();
    if shown.len() < value.len() {
        shown.push('\u{2026}');
    }
    shown.replace(char::is_control, " ")
}
