//! `--backdrop`: the picture that belongs to a bed, of the same seed, in the colours and styles of its mood; on request a
//! closed loop that moves as much as the music does.

use std::path::PathBuf;

use serde_json::Value;

use super::Arguments;
use super::request::Request;
use crate::commands::backdrop;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::OutputFile;
use crate::workshop::Workshop;

/// How much a loop exchanges under still music, and how much more under driving music.
const LEAST_MOTION: f64 = 0.15;
const MOTION_OF_ENERGY: f64 = 0.35;

/// The picture's part of a request.
pub struct Pair {
    arguments: backdrop::Arguments,
    common: Common,
}

impl Pair {
    /// The picture, when one is asked for; checked, so that the work is not begun in vain.
    ///
    /// # Errors
    /// Exit code 2 for a size, name or length that cannot be.
    pub fn of(
        arguments: &Arguments,
        common: &Common,
        request: &Request,
        workshop: &mut Workshop,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = &arguments.backdrop else {
            return Ok(None);
        };
        let pair = Pair {
            arguments: backdrop::arguments(&flags(arguments, request))?,
            common: Common {
                json: common.json,
                out: Some(path.clone()),
                seed: common.seed,
                force: common.force,
            },
        };
        backdrop::check(&pair.arguments, &pair.common, workshop)?;
        Ok(Some(pair))
    }

    /// Refuses a file that may not be written, before the work.
    ///
    /// # Errors
    /// As [`OutputFile::create`].
    pub fn check_place(&self) -> Result<(), Failure> {
        match &self.common.out {
            // Given back at once; frames of a loop go into a folder, which is made when they are there.
            Some(path) if path.extension().is_some() => {
                OutputFile::create(path, self.common.force).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Paints it and adds it to what is said of the bed.
    ///
    /// # Errors
    /// Whatever model or disk refuse.
    pub fn add_to(&self, bed: Outcome, workshop: &mut Workshop) -> Result<Outcome, Failure> {
        let picture = backdrop::run(&self.arguments, &self.common, workshop)?;
        let mut both = Outcome {
            words: format!("{}\n{}", bed.words, picture.words),
            ..bed
        };
        if let (Some(json), Some(picture)) = (&mut both.json, picture.json) {
            if let (Some(Value::Array(files)), Some(file)) =
                (json.get_mut("files"), picture.get("file"))
            {
                files.push(file.clone());
            }
            json.insert("backdrop".to_owned(), Value::Object(picture));
        }
        Ok(both)
    }
}

fn flags(arguments: &Arguments, request: &Request) -> Vec<String> {
    let mood = &request.order.settings.mood;
    let mut flags = vec![
        format!("--mood={},{}", mood.valence, mood.energy),
        format!("--size={}", arguments.backdrop_size),
    ];
    if let Some(length) = &arguments.backdrop_loop {
        let rate_hz = (1.0 / request.frame_rate.frame_s()).round();
        let motion = LEAST_MOTION + MOTION_OF_ENERGY * mood.energy;
        flags.push(format!("--loop={length}"));
        flags.push(format!("--fps={rate_hz}"));
        flags.push(format!("--motion={motion}"));
    }
    let model: Option<&PathBuf> = arguments.backdrop_model.as_ref();
    flags.extend(model.map(|path| format!("--model={}", path.display())));
    flags
}
