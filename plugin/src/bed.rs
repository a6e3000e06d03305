//! Understory Bed, the effect: hears a voice, plays a score bed under it.
//!
//! Made in a scan it holds parameters and nothing else; sound begins with `activate`. The audio callback is in `process`,
//! the worker that composes and renders ahead in `worker`.

mod composing;
mod hub;
mod live;
mod network;
pub mod order;
pub mod params;
pub mod persisted;
mod playback;
mod position;
mod process;
pub mod settings;
mod waiting;
pub mod window;
mod worker;

use std::sync::Arc;

use nice_plug::prelude::*;

use self::hub::Hub;
use self::persisted::Persisted;
use self::playback::Playback;
use crate::pace;

/// The effect.
pub struct Bed {
    hub: Arc<Hub>,
    /// From the first `activate` on.
    playback: Option<Playback>,
}

impl Default for Bed {
    fn default() -> Self {
        Self {
            hub: Arc::new(Hub::new(Arc::new(Persisted::default()))),
            playback: None,
        }
    }
}

impl Bed {
    /// A window of this instance that no host has opened: it shows, and changes nothing.
    pub fn window(&self) -> window::Window {
        window::Window::new(Arc::clone(&self.hub))
    }
}

impl Plugin for Bed {
    const NAME: &'static str = "Understory Bed";
    const VENDOR: &'static str = "Understory";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(2),
            main_output_channels: NonZeroU32::new(2),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(1),
            main_output_channels: NonZeroU32::new(1),
            ..AudioIOLayout::const_default()
        },
    ];
    const MIDI_INPUT: MidiConfig = MidiConfig::None;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = window::BedEditor;
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
        if let Some(playback) = &mut self.playback {
            playback.process(buffer, context.transport());
        }
        ProcessStatus::KeepAlive
    }
}

impl ClapPlugin for Bed {
    const CLAP_ID: &'static str = "audio.understory.bed";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Music that fits the cut and makes room for the voice");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Stereo,
        ClapFeature::Mono,
    ];
}

impl Vst3Plugin for Bed {
    const VST3_CLASS_ID: [u8; 16] = *b"UnderstoryBedFx1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Generator];
}
