//! A tuning that a project keeps: the texts of its Scala files, so that it sounds the same where they are not. Host main thread
//! and editor.

use engine::{TuningTable, tuning};
use serde::{Deserialize, Serialize};

/// A Scala scale, and how keys are mapped to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Name of the scale's file without its ending.
    pub name: String,
    /// Text of the `.scl` file.
    pub scl: String,
    /// Text of the `.kbm` file; without one the scale begins at middle C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kbm: Option<String>,
}

impl Scale {
    /// The pitch of every key.
    ///
    /// # Errors
    /// In words for a user: which line is wrong.
    pub fn table(&self) -> Result<TuningTable, String> {
        tuning::from_scala(&self.scl, self.kbm.as_deref()).map_err(|error| error.to_string())
    }

    /// Whether its texts are what they should be.
    pub fn is_readable(&self) -> bool {
        self.table().is_ok()
    }
}
