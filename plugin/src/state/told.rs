//! A refusal on its way from the framework's filter of states to its fields, which hold text only. Host main thread.

use serde::{Deserialize, Serialize};

use super::Refusal;

/// Field of the framework's state in which the filter says why it took nothing.
pub(crate) const REFUSED: &str = "refused";

/// A refusal on its way through the framework's text fields.
#[derive(Serialize, Deserialize)]
pub(crate) enum Told {
    Foreign,
    Damaged(String),
    Newer(u32),
}

impl From<&Refusal> for Told {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Foreign => Self::Foreign,
            Refusal::Damaged(what) => Self::Damaged(what.clone()),
            Refusal::Newer { found } => Self::Newer(*found),
        }
    }
}

impl From<Told> for Refusal {
    fn from(told: Told) -> Self {
        match told {
            Told::Foreign => Self::Foreign,
            Told::Damaged(what) => Self::Damaged(what),
            Told::Newer(found) => Self::Newer { found },
        }
    }
}
