//! Scala scales (.scl) and keyboard mappings (.kbm) to the pitch of every key. Any thread but the audio thread; pure text.
//!
//! The formats are read by the crate `tune`; what is here is the table that the player plays and words for mistakes.

use tune::key::PianoKey;
use tune::note::Note;
use tune::pitch::Pitched;
use tune::scala::{
    Kbm, KbmImportError, KbmParseErrorKind, KbmRoot, Scl, SclImportError, SclParseErrorKind,
};
use tune::tuning::KeyboardMapping;

use crate::error::{Error, Result};
use crate::realtime::{NUM_KEYS, TuningTable};

/// Scale degree 0 lies here when there is no mapping: middle C, at its usual pitch.
const MIDDLE_C: i32 = 60;
/// Frequency of key 69 in the table's own scale, Hz.
const A4_HZ: f64 = 440.0;
/// Pitches beyond these keys are no sound: 13 Hz less two octaves, and 300 kHz.
const SENSIBLE_PITCHES: std::ops::RangeInclusive<f64> = -24.0..=183.0;
/// Numbers of a mapping beyond this are damage.
const LARGEST_NUMBER: i64 = 100_000;

/// The pitch of every key by a scale and, when there is one, a keyboard mapping. Without a mapping degree 0 is middle C.
///
/// # Errors
/// [`Error::Tuning`] with the file's kind and the line.
pub fn from_scala(scl: &str, kbm: Option<&str>) -> Result<TuningTable> {
    let scale = Scl::import(scl.as_bytes()).map_err(scale_error)?;
    if scale.num_items() == 0 {
        return Err(refused(
            "scl",
            "it has no notes".into(),
            "give it at least the octave, 2/1",
        ));
    }
    let mapping = match kbm {
        Some(text) => {
            check_numbers(text)?;
            Kbm::import(text.as_bytes()).map_err(mapping_error)?
        }
        None => KbmRoot::from(Note::from_midi_number(MIDDLE_C)).to_kbm(),
    };
    let tuning = (&scale, &mapping);
    let pitch_of = |key: usize| {
        let pitch = tuning.maybe_pitch_of(PianoKey::from_midi_number(key as i32));
        let semitones = pitch.map(|pitch| 69.0 + 12.0 * (pitch.pitch().as_hz() / A4_HZ).log2());
        semitones
            .filter(|semitones| SENSIBLE_PITCHES.contains(semitones))
            .map_or(f32::NAN, |semitones| semitones as f32)
    };
    let pitches: [f32; NUM_KEYS] = std::array::from_fn(pitch_of);
    if pitches.iter().all(|pitch| pitch.is_nan()) {
        return Err(refused(
            "kbm",
            "no key sounds anything".into(),
            "check its range of keys and its reference frequency",
        ));
    }
    Ok(TuningTable::new(pitches))
}

/// Absurd numbers would overflow where keys are counted.
fn check_numbers(kbm: &str) -> Result<()> {
    let lines = kbm.lines().zip(1..);
    for (line, number) in lines.filter(|(line, _)| !line.trim_start().starts_with('!')) {
        let first = line.split_whitespace().next().unwrap_or_default();
        let is_absurd = |value: i64| value.abs() > LARGEST_NUMBER;
        let digits = first.trim_start_matches(['-', '+']);
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && first.parse().map_or(true, is_absurd) {
            return Err(refused(
                "kbm",
                format!("line {number} says {first}"),
                "write a number below 100000",
            ));
        }
    }
    Ok(())
}

fn refused(kind: &'static str, what: String, remedy: &'static str) -> Error {
    Error::Tuning { kind, what, remedy }
}

fn scale_error(error: SclImportError) -> Error {
    let (what, remedy) = match error {
        SclImportError::ParseError { line_number, kind } => {
            let wrong = match kind {
                SclParseErrorKind::IntValue => "is no whole number",
                SclParseErrorKind::CentsValue => "is no number of cents",
                SclParseErrorKind::Numer | SclParseErrorKind::Denom => "is no ratio",
            };
            (
                format!("line {line_number} {wrong}"),
                "write cents with a point (701.955) and ratios with a slash (3/2)",
            )
        }
        SclImportError::StructuralError(_) => (
            "it ends too early, or counts its notes wrong".into(),
            "a description, the number of notes, then one note per line",
        ),
        SclImportError::BuildError(_) => ("it has too many notes".into(), "shorten the scale"),
        SclImportError::IoError(error) => (error.to_string(), "save it as plain text"),
    };
    refused("scl", what, remedy)
}

fn mapping_error(error: KbmImportError) -> Error {
    let (what, remedy) = match error {
        KbmImportError::ParseError { line_number, kind } => {
            let wrong = match kind {
                KbmParseErrorKind::IntValue => "is no whole number",
                KbmParseErrorKind::FloatValue => "is no frequency",
                KbmParseErrorKind::KeyboardMapping => "is neither a degree nor x",
            };
            (
                format!("line {line_number} {wrong}"),
                "compare it with the description of the format",
            )
        }
        KbmImportError::StructuralError(_) => (
            "it ends too early, or counts its entries wrong".into(),
            "seven numbers, then one entry per line",
        ),
        KbmImportError::BuildError(_) => (
            "its entries do not fit together".into(),
            "check its size and its formal octave",
        ),
        KbmImportError::IoError(error) => (error.to_string(), "save it as plain text"),
    };
    refused("kbm", what, remedy)
}
