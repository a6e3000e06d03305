//! Both plugins in a CLAP host, in this process: what they play, what they keep, what they survive.

mod bed;
mod built;
mod callback;
mod counting;
mod faults;
mod heard;
mod host;
mod keeping;
mod other_models;
mod playing;
mod same;
mod surviving;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod window;

use plugin::{Bed, Instrument};

nice_plug::nice_export_clap!(Instrument, Bed);
