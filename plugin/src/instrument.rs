//! Understory, the instrument: what a host loads, plays and saves.
//!
//! Made in a scan it holds parameters and nothing else; sound begins with `activate`. The audio callback is in `process`.

mod corners;
mod hub;
mod kept_notes;
mod library;
mod live;
mod midi;
pub mod params;
pub mod persisted;
pub(crate) mod placing;
mod playback;
#[deny(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::disallowed_types
)]
mod process;
pub mod scale;
pub mod session;
pub mod shelf;
pub mod sound;
mod sounding;
mod trouble;
mod waiting;
mod window;

use std::sync::Arc;

use nice_plug::prelude::*;

use crate::{model_facts, pace};

use self::hub::Hub;
use self::persisted::Persisted;
use self::playback::Playback;

/// Events of one block that are held; more than that are lost. A host that sends as many does it once, at a stop.
const MOST_EVENTS: usize = 16_384;

/// The instrument.
pub struct Instrument {
    hub: Arc<Hub>,
    /// From the first `activate` on.
    playback: Option<Playback>,
}

impl Default for Instrument {
    fn default() -> Self {
        Self {
            hub: Hub::new(Arc::new(Persisted::default())),
            playback: None,
        }
    }
}

impl Plugin for Instrument {
    const NAME: &'static str = "Understory";
    const VENDOR: &'static str = "Understory";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_output_channels: NonZeroU32::new(2),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_output_channels: NonZeroU32::new(1),
            ..AudioIOLayout::const_default()
        },
    ];
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;
    const INPUT_EVENT_CAPACITY: usize = MOST_EVENTS;

    type Editor = window::InstrumentEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.hub.persisted) as Arc<dyn Params>
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        window::new(&self.hub)
    }

    fn filter_state(state: &mut PluginState) {
        persisted::filter(state);
    }

    /// Hosts call it two or three times, with changing rates: what is there already is kept.
    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let playback = match self.playback.take() {
            Some(playback) if playback.fits(config) => Some(playback),
            _ => Playback::new(config, &self.hub),
        };
        self.playback = playback;
        if let Some(playback) = &mut self.playback {
            playback.start(config.process_mode);
        }
        self.playback.is_some()
    }

    fn reset(&mut self) {
        if let Some(playback) = &mut self.playback {
            playback.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        match &mut self.playback {
            Some(playback) => {
                playback.process(buffer, || context.next_event(), &self.hub.persisted.params)
            }
            None => process::silence(buffer),
        }
    }
}

impl ClapPlugin for Instrument {
    const CLAP_ID: &'static str = "audio.understory.instrument";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Sounds that a network paints, played like an instrument");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::Instrument,
        ClapFeature::Synthesizer,
        ClapFeature::Stereo,
        ClapFeature::Mono,
    ];
}

impl Vst3Plugin for Instrument {
    const VST3_CLASS_ID: [u8; 16] = *b"UnderstoryInstr1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth];
}
