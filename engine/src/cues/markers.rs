//! Markers of editing programs: what format a text is in, and the hits and speech it holds. Pure functions of bytes.
//!
//! Formats: marker CSV with header `time_s,name`; the marker tables of Premiere and Resolve; CMX 3600 EDL with its marker
//! comments; FCPXML; OpenTimelineIO; SRT and WebVTT. A broken line is an error that names it; nothing is guessed.

mod edl;
mod fcpxml;
mod otio;
mod subtitles;
mod table;

use super::timecode::FrameRate;
use crate::error::{Error, Result};
use crate::score::compose::{Hit, SpeechRange};

/// Largest file read; the longest film's marker list is a thousandth of it.
pub const MAX_BYTES: usize = 64 << 20;
/// Characters of a line that a message quotes.
const QUOTED_CHARACTERS: usize = 60;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cues {
    /// Moments, as they stand in the file.
    pub hits: Vec<Hit>,
    /// Stretches of speech; from subtitles.
    pub speech: Vec<SpeechRange>,
}

/// What an editing program wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `time_s,name`, or the marker table of Premiere or Resolve.
    Table,
    /// CMX 3600.
    Edl,
    /// Final Cut Pro.
    Fcpxml,
    /// OpenTimelineIO.
    Otio,
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
}

impl Format {
    /// By the end of the file's name, else by how the text begins.
    ///
    /// # Errors
    /// `Error::Score` when it is none of them.
    pub fn of(file_name: &str, text: &str) -> Result<Self> {
        let extension = file_name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        match extension.as_str() {
            "csv" | "tsv" | "txt" => Ok(Format::Table),
            "edl" => Ok(Format::Edl),
            "fcpxml" | "xml" | "fcpxmld" => Ok(Format::Fcpxml),
            "otio" | "json" => Ok(Format::Otio),
            "srt" => Ok(Format::Srt),
            "vtt" => Ok(Format::Vtt),
            _ if text.starts_with("WEBVTT") => Ok(Format::Vtt),
            _ if text.starts_with("TITLE:") => Ok(Format::Edl),
            _ if text.starts_with("<?xml") => Ok(Format::Fcpxml),
            _ if text.starts_with('{') => Ok(Format::Otio),
            _ if text.starts_with("time_s") => Ok(Format::Table),
            _ => Err(Error::score(
                format!("{file_name}: no marker file known by this name or beginning"),
                "use CSV, EDL, FCPXML, OTIO, SRT or VTT",
            )),
        }
    }
}

/// Reads a marker or subtitle file. Times count from the sequence's start; timecode is read at `rate` unless the file says
/// its own.
///
/// # Errors
/// `Error::Score` with line and value for whatever is wrong.
pub fn read(file_name: &str, bytes: &[u8], rate: FrameRate) -> Result<Cues> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::score(
            format!(
                "{} bytes are too many for markers; the most is {MAX_BYTES}",
                bytes.len()
            ),
            "export the markers alone",
        ));
    }
    let text = decoded(bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    match Format::of(file_name, text)? {
        Format::Table => table::read(text, rate),
        Format::Edl => edl::read(text, rate),
        Format::Fcpxml => fcpxml::read(text),
        Format::Otio => otio::read(text),
        Format::Srt | Format::Vtt => subtitles::read(text),
    }
}

/// UTF-8, or UTF-16 as Premiere writes its tables.
fn decoded(bytes: &[u8]) -> Result<String> {
    let (is_little, rest) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (true, rest),
        [0xFE, 0xFF, rest @ ..] => (false, rest),
        _ => {
            return String::from_utf8(bytes.to_vec()).map_err(|error| {
                let before = &bytes[..error.utf8_error().valid_up_to()];
                let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
                Error::score(format!("line {line} is no text"), "save the file as UTF-8")
            });
        }
    };
    let units = rest.chunks(2).map(|pair| {
        let pair = [pair[0], pair.get(1).copied().unwrap_or(0)];
        if is_little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    char::decode_utf16(units)
        .collect::<std::result::Result<String, _>>()
        .map_err(|_| Error::score("the file is no UTF-16 text", "save it as UTF-8"))
}

/// An error that names a line and its value.
fn wrong_line(line: usize, value: &str, what: &str) -> Error {
    let quoted: String = value.trim().chars().take(QUOTED_CHARACTERS).collect();
    Error::score(
        format!("line {line}: \"{quoted}\" {what}"),
        "mend the line or export the markers again",
    )
}

fn hit(time_s: f64, name: &str, line: usize) -> Hit {
    Hit {
        time_s,
        name: name.trim().to_owned(),
        origin: format!("line {line}"),
    }
}
