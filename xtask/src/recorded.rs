//! A recipe read back from a file: every field, or one plain message that it is not there.

use serde_json::Value;

use crate::failure::Failure;

/// An object of a recipe.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a>(pub &'a Value);

impl<'a> Recorded<'a> {
    /// A text.
    ///
    /// # Errors
    /// Exit code 3 when it is missing or of another kind; so with all that follow.
    pub fn text(self, field: &str) -> Result<&'a str, Failure> {
        self.0[field].as_str().ok_or_else(|| missing(field))
    }

    /// A number.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn number(self, field: &str) -> Result<f64, Failure> {
        self.0[field].as_f64().ok_or_else(|| missing(field))
    }

    /// A number that may be `null`.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn number_or_none(self, field: &str) -> Result<Option<f64>, Failure> {
        match &self.0[field] {
            Value::Null => Ok(None),
            _ => self.number(field).map(Some),
        }
    }

    /// A text that may be `null`.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn text_or_none(self, field: &str) -> Result<Option<&'a str>, Failure> {
        match &self.0[field] {
            Value::Null => Ok(None),
            _ => self.text(field).map(Some),
        }
    }

    /// A whole number that fits.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn whole<N: TryFrom<u64>>(self, field: &str) -> Result<N, Failure> {
        self.0[field]
            .as_u64()
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| missing(field))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn flag(self, field: &str) -> Result<bool, Failure> {
        self.0[field].as_bool().ok_or_else(|| missing(field))
    }

    /// Anything that can be read from JSON.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn value<T: serde::de::DeserializeOwned>(self, field: &str) -> Result<T, Failure> {
        serde_json::from_value(self.0[field].clone()).map_err(|_| missing(field))
    }

    /// An object inside.
    ///
    /// # Errors
    /// As [`Recorded::text`].
    pub fn part(self, field: &str) -> Result<Recorded<'a>, Failure> {
        let part = &self.0[field];
        part.is_object()
            .then_some(Recorded(part))
            .ok_or_else(|| missing(field))
    }
}

fn missing(field: &str) -> Failure {
    Failure::input_file(format!(
        "the recipe inside has no `{field}` that can be read; the file was made by another version, or changed since"
    ))
}
