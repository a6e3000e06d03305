//! The instrument in a CLAP host, in this process: what it plays, what it keeps, what it survives.

mod built;
mod host;
mod keeping;
mod playing;
mod same;
mod surviving;

use plugin::Instrument;

nice_plug::nice_export_clap!(Instrument);
