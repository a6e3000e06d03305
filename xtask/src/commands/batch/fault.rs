//! What is wrong with a place of the manifest.

use std::fmt;

/// A fault with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Line of the manifest, from 1.
    pub line: usize,
    /// The column at fault; none when the whole line is.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub words: String,
}

impl Fault {
    /// A fault of a cell.
    pub fn at(line: usize, column: &str, words: impl Into<String>) -> Self {
        Fault {
            line,
            column: Some(column.to_owned()),
            words: words.into(),
        }
    }

    /// A fault of a line.
    pub fn of_line(line: usize, words: impl Into<String>) -> Self {
        Fault {
            line,
            column: None,
            words: words.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(formatter, "line {}, {column}: {}", self.line, self.words),
            None => write!(formatter, "line {}: {}", self.line, self.words),
        }
    }
}
