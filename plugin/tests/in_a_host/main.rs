//! The instrument in a CLAP host, in this process: what it plays, what it keeps, what it survives.

mod built;
mod callback;
mod counting;
mod faults;
mod host;
mod keeping;
mod playing;
mod same;
mod surviving;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod window;

use plugin::Instrument;

nice_plug::nice_export_clap!(Instrument);
