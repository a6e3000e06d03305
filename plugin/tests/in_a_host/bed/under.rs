//! What a host of an effect does beside what a host of an instrument does.

use std::ffi::CString;

use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::params::PluginParams;
use clack_host::events::event_types::TransportEvent;
use clack_host::prelude::*;

use crate::counting::watched;
use crate::host::Host;

impl Host {
    /// Plays one block under a voice of any number of channels; none at all for an input that the host left out.
    pub fn process_under(
        &mut self,
        events: &EventBuffer,
        voice: &mut [Vec<f32>],
        num_outputs: usize,
        num_frames: usize,
        transport: Option<&TransportEvent>,
    ) -> Vec<Vec<f32>> {
        let mut heard = vec![vec![f32::NAN; num_frames]; num_outputs];
        let mut inputs = AudioPorts::with_capacity(2, 1);
        let mut outputs = AudioPorts::with_capacity(2, 1);
        let ports = (!voice.is_empty()).then(|| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                voice
                    .iter_mut()
                    .map(|channel| InputChannel::variable(channel.as_mut_slice())),
            ),
        });
        let input = inputs.with_input_buffers(ports);
        let channels = heard.iter_mut().map(Vec::as_mut_slice);
        let mut output = outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(channels),
        }]);
        let mut unused = EventBuffer::new();
        let processor = self.processor.as_mut().expect("an active plugin");
        let (events, mut no_events) = (events.as_input(), unused.as_output());
        let (status, count) = watched(|| {
            processor.process(
                &input,
                &mut output,
                &events,
                &mut no_events,
                None,
                transport,
            )
        });
        self.num_allocations += count;
        status.expect("it processes");
        heard
    }

    /// Chooses a layout of inputs and outputs by its name; before `activate`.
    pub fn choose_layout(&mut self, name: &str) {
        let handle = self.instance.plugin_handle();
        let layouts: PluginAudioPortsConfig = handle.get_extension().expect("layouts");
        let mut buffer = AudioPortsConfigBuffer::new();
        let found = (0..layouts.count(&handle)).find_map(|index| {
            let layout = layouts.get(&handle, index, &mut buffer)?;
            let is_it = String::from_utf8_lossy(layout.name).contains(name);
            is_it.then_some(layout.id)
        });
        let id = found.expect("a layout of that name");
        layouts.select(&handle, id).expect("it takes the layout");
    }

    /// The host's value of a parameter for a text that a user types.
    pub fn value_of_text(&mut self, name: &str, text: &str) -> (ClapId, f64) {
        let id = self.parameter(name).id;
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the params extension");
        let text = CString::new(text).expect("a plain text");
        let value = params.text_to_value(&handle, id, &text);
        (id, value.expect("a text that can be read"))
    }
}
