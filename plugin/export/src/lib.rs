//! The library file that hosts load: the plugins of `plugin` under the entry points of CLAP and VST3, and nothing else.

use nice_plug::prelude::*;
use plugin::{Bed, Instrument};

nice_export_clap!(Instrument, Bed);
nice_export_vst3!(Instrument, Bed);
