//! The chunks of a WAV file in memory, and the recipe in its INFO list. Any thread but the audio thread; it decodes no sample.

use super::Recipe;

/// `RIFF`, a length, `WAVE`.
const FORM_BYTES: usize = 12;
/// Name and length in front of a chunk.
const HEAD_BYTES: usize = 8;

/// The content of the first chunk of a name. `None` when there is none, or the file is no WAV.
pub fn chunk<'a>(file: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    if file.get(..4)? != b"RIFF" || file.get(8..FORM_BYTES)? != b"WAVE" {
        return None;
    }
    entry(&file[FORM_BYTES..], name)
}

/// What [`super::write`] left beside the samples. `None` in files of other programs that say nothing.
pub fn recipe(file: &[u8]) -> Option<Recipe> {
    let entries = chunk(file, b"LIST")?.strip_prefix(b"INFO")?;
    Some(Recipe {
        software: text(entry(entries, b"ISFT")?)?,
        comment: text(entry(entries, b"ICMT")?)?,
    })
}

/// Entries follow each other, padded to even lengths; one that claims more than is there ends the search.
fn entry<'a>(mut bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let head = bytes.get(..HEAD_BYTES)?;
        let length = u32::from_le_bytes(head[4..].try_into().ok()?) as usize;
        let rest = &bytes[HEAD_BYTES..];
        if &head[..4] == name {
            return rest.get(..length);
        }
        bytes = rest.get(length + length % 2..)?;
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8(bytes[..end].to_vec()).ok()
}
