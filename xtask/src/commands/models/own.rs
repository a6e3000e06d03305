//! `models own`: the user's own sounds become a model. Python estimates, prepares, trains and exports; the doctor looks at the result.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::commands::models::check::{self, CheckArguments};
use crate::commands::models::pipeline;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;

/// Flags of `models own`.
#[derive(Args)]
pub struct OwnArguments {
    /// A folder of recordings (WAV, FLAC, MP3, OGG, AIFF), an SFZ instrument, NSynth's layout, or a SoundFont.
    source: PathBuf,
    /// What the model is called; by default as the source.
    #[arg(long)]
    name: Option<String>,
    /// Licence of the recordings; goes into the model.
    #[arg(long)]
    licence: Option<String>,
    /// How long to train; without it, as long as a small collection gains from.
    #[arg(long, value_name = "M")]
    minutes: Option<f64>,
    /// How many notes to train on, instead of a time.
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    samples: Option<u32>,
    /// Only say how long it takes and what to expect.
    #[arg(long)]
    estimate: bool,
    /// The configuration whose network is used: `sound_narrow`, or `sound` for a larger one.
    #[arg(long, value_name = "CONFIG")]
    like: Option<String>,
}

/// Runs it and examines the model. Interrupted, the same command goes on where it stopped.
pub fn run(arguments: &OwnArguments, common: &Common) -> Result<Outcome, Failure> {
    let model = common
        .out
        .clone()
        .unwrap_or_else(|| default_model(arguments));
    // Absolute, so that no folder is taken for the name of a configuration.
    let source = std::path::absolute(&arguments.source).unwrap_or(arguments.source.clone());
    let mut passed: Vec<OsString> = vec![source.into()];
    let mut pass = |flag: &str, value: Option<OsString>| {
        if let Some(value) = value {
            passed.extend([flag.into(), value]);
        }
    };
    pass("--name", arguments.name.clone().map(Into::into));
    pass("--licence", arguments.licence.clone().map(Into::into));
    pass("--like", arguments.like.clone().map(Into::into));
    let minutes = arguments.minutes.map(|minutes| minutes.to_string().into());
    pass("--minutes", minutes);
    let samples = arguments.samples.map(|samples| samples.to_string().into());
    pass("--samples", samples);
    if arguments.estimate {
        passed.push("--estimate".into());
        return pipeline::run("own", &passed, common);
    }
    pass("--out", Some(model.clone().into()));
    if common.force {
        passed.push("--force".into());
    }
    // Its own JSON would be a second object on stdout; the doctor's names the file and says what it is worth.
    let quiet = Common {
        json: false,
        out: None,
        ..*common
    };
    let made = pipeline::run("own", &passed, &quiet)?;
    if made.exit_code != 0 {
        return Ok(made);
    }
    let mut outcome = check::run(&CheckArguments::of(&model), common)?;
    outcome.words += &format!(
        "\nplay it: note --key 60 --model {}",
        model.to_string_lossy()
    );
    Ok(outcome)
}

/// `NAME.onnx` in the current folder; the name as Python makes it of the source's.
fn default_model(arguments: &OwnArguments) -> PathBuf {
    let stem = arguments.source.file_stem().unwrap_or_default();
    let name = arguments.name.clone().unwrap_or_else(|| {
        let lower = stem.to_string_lossy().to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .collect();
        words.join("-")
    });
    PathBuf::from(format!("{name}.onnx"))
}
