//! Why a command did not finish, and the exit code that goes with it.

use std::error::Error;
use std::path::Path;

/// What is printed behind the message, innermost last.
type Cause = Box<dyn Error + Send + Sync>;

/// A command that did not finish. Exit codes: 2 request, 3 model or input file, 4 system, 1 anything else.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request is wrong.
    #[error("{0}")]
    Request(Cause),
    /// A model or input file is at fault.
    #[error("{0}")]
    InputFile(Cause),
    /// The machine is: disk, library, memory, network.
    #[error("{0}")]
    System(Cause),
    /// Anything else.
    #[error("{0}")]
    Other(Cause),
}

impl Failure {
    /// The request is wrong (exit code 2). Takes an error, a `String` or a `&str`.
    pub fn request(cause: impl Into<Cause>) -> Self {
        Self::Request(cause.into())
    }

    /// A model or input file is at fault (exit code 3).
    pub fn input_file(cause: impl Into<Cause>) -> Self {
        Self::InputFile(cause.into())
    }

    /// The machine is at fault (exit code 4).
    pub fn system(cause: impl Into<Cause>) -> Self {
        Self::System(cause.into())
    }

    /// Anything else (exit code 1).
    pub fn other(cause: impl Into<Cause>) -> Self {
        Self::Other(cause.into())
    }

    /// A file or folder that the system refuses (exit code 4), with its path in front.
    pub fn at_path(path: &Path, error: &std::io::Error) -> Self {
        Self::system(format!("{}: {error}", path.display()))
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Request(_) => 2,
            Self::InputFile(_) => 3,
            Self::System(_) => 4,
            Self::Other(_) => 1,
        }
    }

    /// The whole chain of causes in one line; a cause that its message already quotes is not said twice.
    pub fn in_words(&self) -> String {
        let (Self::Request(first)
        | Self::InputFile(first)
        | Self::System(first)
        | Self::Other(first)) = self;
        let mut words = first.to_string();
        let mut next = first.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !words.contains(&text) {
                words = format!("{words}: {text}");
            }
            next = cause.source();
        }
        words
    }
}

impl From<models::Error> for Failure {
    fn from(error: models::Error) -> Self {
        match error.fault() {
            models::Fault::Request => Self::request(error),
            models::Fault::ModelFile => Self::input_file(error),
            models::Fault::System => Self::system(error),
        }
    }
}
