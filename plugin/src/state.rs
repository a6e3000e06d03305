//! The sealed form of everything a project keeps of a plugin: a text with its version, length and checksum. Any thread but
//! the audio thread. It knows no plugin: what the text says is the instrument's matter, or another's.
//!
//! Hosts have been seen to hand back state cut off or damaged. What is not whole is refused, and what is loaded stays.

mod told;
mod value;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use told::{REFUSED, Told};
pub(crate) use value::plain_value;

/// The newest form that this program writes and reads.
pub const FORMAT: u32 = 1;
/// Name of the field of the framework's state that holds the sealed text.
pub const FIELD: &str = "understory";
/// Hex digits of the checksum: enough for damage, which is no attack.
const CHECKSUM_DIGITS: usize = 32;

/// Why a state was not taken. Every message is whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing of ours in it.
    #[error("the project's data for this plugin is of another plugin; what was loaded stays")]
    Foreign,
    /// Not what was saved.
    #[error(
        "the project's data for this plugin is damaged ({0}); what was loaded stays, an older copy of the project may be whole"
    )]
    Damaged(String),
    /// From a later program.
    #[error(
        "the project was saved by a newer Understory (form {found}, this one reads up to {FORMAT}); what was loaded stays, update Understory"
    )]
    Newer {
        /// The form found.
        found: u32,
    },
}

impl Refusal {
    /// What a reader of JSON found, short enough for a status line: it quotes names from the data, however long they are.
    pub(crate) fn of_reader(error: &serde_json::Error) -> Self {
        Self::Damaged(models::in_one_line(&error.to_string()))
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    format: u32,
    length: usize,
    checksum: String,
    body: String,
}

/// Seals a text.
pub fn seal(body: String) -> Result<String, Refusal> {
    let sealed = Sealed {
        format: FORMAT,
        length: body.len(),
        checksum: checksum(&body),
        body,
    };
    serde_json::to_string(&sealed).map_err(|error| Refusal::of_reader(&error))
}

/// The text of a sealed one, if it is whole.
///
/// # Errors
/// Every [`Refusal`].
pub fn open(sealed: &str) -> Result<String, Refusal> {
    let damaged = |what: &str| Refusal::Damaged(what.to_owned());
    let sealed: Sealed = serde_json::from_str(sealed).map_err(|_| damaged("not to be read"))?;
    if sealed.format > FORMAT {
        return Err(Refusal::Newer {
            found: sealed.format,
        });
    }
    if sealed.format == 0 {
        return Err(damaged("form 0"));
    }
    if sealed.length != sealed.body.len() {
        return Err(damaged("cut off"));
    }
    if sealed.checksum != checksum(&sealed.body) {
        return Err(damaged("its checksum is another"));
    }
    Ok(sealed.body)
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(CHECKSUM_DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_comes_back_and_any_changed_byte_is_noticed() {
        let sealed = seal("a \"body\" with ünïcode".to_owned()).unwrap();
        assert_eq!(open(&sealed).unwrap(), "a \"body\" with ünïcode");
        for index in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[index] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(open(&text).is_err(), "byte {index}: {text}");
            }
        }
    }

    #[test]
    fn a_newer_form_is_told_from_a_damaged_one() {
        let sealed = seal("body".to_owned()).unwrap();
        let newer = sealed.replace("\"format\":1", "\"format\":2");
        assert_eq!(open(&newer), Err(Refusal::Newer { found: 2 }));
        assert!(matches!(open(&sealed[..9]), Err(Refusal::Damaged(_))));
    }
}
