//! The instrument, or the effect, without a host: `understory-app [instrument|bed] [flags]`. Sound and keys by JACK or the
//! system's own drivers; `--help` lists the flags, which are the framework's.

use std::process::ExitCode;

use nice_plug::wrapper::standalone::nice_export_standalone_with_args;
use plugin::{Bed, Instrument};

const BED: &str = "bed";
const INSTRUMENT: &str = "instrument";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().collect();
    let which = arguments
        .get(1)
        .filter(|word| !word.starts_with('-'))
        .cloned();
    if which.is_some() {
        arguments.remove(1);
    }
    let has_run = match which.as_deref() {
        None | Some(INSTRUMENT) => nice_export_standalone_with_args::<Instrument, _>(arguments),
        Some(BED) => nice_export_standalone_with_args::<Bed, _>(arguments),
        Some(other) => {
            eprintln!("understory-app {other}: write {INSTRUMENT} or {BED}, then flags");
            return ExitCode::from(2);
        }
    };
    // The framework's words say what went wrong.
    ExitCode::from(u8::from(!has_run))
}
