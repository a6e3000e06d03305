//! A CLAP host as small as one can be: loads, activates, sends events, takes samples. One thread.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clack_extensions::gui::{
    GuiApiType, GuiConfiguration, GuiSize, HostGui, HostGuiImpl, PluginGui,
};
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::events::Match;
use clack_host::events::event_types::{MidiEvent, NoteOffEvent, NoteOnEvent, ParamValueEvent};
use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;
use nice_plug::params::Params;
use plugin::instrument::persisted::Persisted;
use plugin::instrument::session::Settings;

use crate::counting::watched;
pub use crate::heard::Heard;

pub const RATE_HZ: f64 = 48_000.0;
pub const BLOCK: u32 = 512;
/// The framework writes the length of a state before it.
const LENGTH_BYTES: usize = 8;
pub const INSTRUMENT_ID: &str = "audio.understory.instrument";
pub const BED_ID: &str = "audio.understory.bed";
const LONGEST_LOADING: Duration = Duration::from_secs(60);

/// An instrument has no inputs.
type NoInputs = [AudioPortBuffer<
    std::iter::Empty<InputChannel<'static, f32>>,
    std::iter::Empty<InputChannel<'static, f64>>,
>; 0];

/// What the plugin asked for.
#[derive(Default)]
pub struct Shared {
    wants_callback: AtomicBool,
}

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.wants_callback.store(true, Ordering::Release);
    }
}

/// A window of one size that is always shown.
impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, _size: GuiSize) -> Result<(), HostError> {
        Ok(())
    }
    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn closed(&self, _was_destroyed: bool) {}
}

pub struct Handlers;
impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Shared) {
        builder.register::<HostGui>();
    }
}

/// One instance and what it was told.
pub struct Host {
    pub instance: PluginInstance<Handlers>,
    pub processor: Option<StartedPluginAudioProcessor<Handlers>>,
    /// Allocations and frees in the plugin's callback so far.
    pub num_allocations: usize,
}

/// The entry point of this test program.
pub fn own_entry() -> PluginEntry {
    name_the_models();
    // SAFETY: the entry is the one that the framework makes for hosts, and lives as long as the program.
    unsafe { PluginEntry::load_from_raw(&crate::clap_entry, c"/nowhere") }
        .expect("the entry starts")
}

/// The test program lies in no bundle.
fn name_the_models() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("UNDERSTORY_MODELS").is_some() {
            return;
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/shipped");
        // SAFETY: called once, before the plugin starts the first thread that could read the environment.
        unsafe { std::env::set_var("UNDERSTORY_MODELS", folder) };
    });
}

impl Host {
    pub fn new() -> Self {
        Self::of(&own_entry())
    }

    /// An activated instance that renders faster than time.
    pub fn offline() -> Self {
        let mut host = Self::new();
        host.set_offline();
        host.activate(RATE_HZ, BLOCK);
        host
    }

    /// An activated instance that has loaded its model: on a busy machine that takes longer than a host waits.
    pub fn ready() -> Self {
        let mut host = Self::new();
        host.activate(RATE_HZ, BLOCK);
        let started = Instant::now();
        let strike = [(0, Message::On(60, 0.5)), (100, Message::Off(60))];
        while host.play(&strike, 4_800, 4_800).peak() == 0.0 {
            assert!(started.elapsed() < LONGEST_LOADING, "no key ever sounds");
            std::thread::sleep(Duration::from_millis(10));
        }
        host.reset();
        host.play(&[], 4_800, 4_800);
        host
    }

    pub fn of(entry: &PluginEntry) -> Self {
        Self::of_id(entry, INSTRUMENT_ID)
    }

    pub fn of_id(entry: &PluginEntry, id: &str) -> Self {
        let info = HostInfo::new("Test Host", "Understory", "", "1.0").expect("a plain name");
        let factory = entry.get_plugin_factory().expect("plugins");
        let id = CString::new(id).expect("a plain id");
        let mut all = factory.plugin_descriptors();
        assert!(all.any(|plugin| plugin.id() == Some(&id)), "{id:?}");
        let instance = PluginInstance::new(|_| Shared::default(), |_| (), entry, &id, &info);
        Self {
            instance: instance.expect("an instance"),
            processor: None,
            num_allocations: 0,
        }
    }

    pub fn activate(&mut self, rate_hz: f64, max_frames: u32) {
        let configuration = PluginAudioConfiguration {
            sample_rate: rate_hz,
            min_frames_count: 1,
            max_frames_count: max_frames,
        };
        let stopped = self.instance.activate(|_, ()| (), configuration);
        let started = stopped.expect("it activates").start_processing();
        self.processor = Some(started.map_err(|_| ()).expect("it starts"));
    }

    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.stop_processing());
        }
    }

    /// The half of the instance that belongs to the audio thread, for good.
    #[cfg(target_os = "linux")]
    pub fn take_processor(&mut self) -> StartedPluginAudioProcessor<Handlers> {
        self.processor.take().expect("an active plugin")
    }

    pub fn reset(&mut self) {
        self.processor.as_mut().expect("an active plugin").reset();
    }

    pub fn set_offline(&mut self) {
        self.set_mode(RenderMode::Offline);
    }

    pub fn set_mode(&mut self, mode: RenderMode) {
        let handle = self.instance.plugin_handle();
        let render: PluginRender = handle.get_extension().expect("the render extension");
        render.set(&handle, mode).expect("it takes the mode");
    }

    /// Plays one block.
    pub fn process(&mut self, events: &EventBuffer, num_frames: usize) -> Heard {
        let mut heard = Heard {
            left: vec![f32::NAN; num_frames],
            right: vec![f32::NAN; num_frames],
        };
        let mut inputs = AudioPorts::with_capacity(0, 0);
        let mut outputs = AudioPorts::with_capacity(2, 1);
        let channels = [heard.left.as_mut_slice(), heard.right.as_mut_slice()];
        let mut output = outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(channels.into_iter()),
        }]);
        let no_inputs: NoInputs = [];
        let input = inputs.with_input_buffers(no_inputs);
        let mut unused = EventBuffer::new();
        let processor = self.processor.as_mut().expect("an active plugin");
        let events = events.as_input();
        let mut no_events = unused.as_output();
        let (status, count) =
            watched(|| processor.process(&input, &mut output, &events, &mut no_events, None, None));
        self.num_allocations += count;
        status.expect("it processes");
        heard
    }

    /// Plays blocks of this many frames; `events` holds frames from the start.
    pub fn play(&mut self, events: &[(u64, Message)], num_frames: u64, block: u64) -> Heard {
        let mut heard = Heard::default();
        let mut start = 0;
        while start < num_frames {
            let end = (start + block).min(num_frames);
            let mut buffer = EventBuffer::new();
            for (frame, message) in events.iter().filter(|(at, _)| (start..end).contains(at)) {
                message.push_to(&mut buffer, (frame - start) as u32);
            }
            heard.extend(&self.process(&buffer, (end - start) as usize));
            start = end;
        }
        heard
    }

    pub fn save(&mut self) -> Vec<u8> {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("the state extension");
        let mut bytes = Vec::new();
        state.save(&handle, &mut bytes).expect("it saves");
        bytes
    }

    /// What is in the state that the plugin saves.
    pub fn saved(&mut self) -> Persisted {
        let state: serde_json::Value =
            serde_json::from_slice(&self.save()[LENGTH_BYTES..]).expect("a state");
        let fields: BTreeMap<String, String> =
            serde_json::from_value(state["fields"].clone()).expect("its fields");
        let saved = Persisted::default();
        saved.deserialize_fields(&fields);
        saved
    }

    /// Loads a state whose settings are changed; true when the plugin took it.
    pub fn change(&mut self, change: impl FnOnce(&mut Settings)) -> bool {
        let saved = self.saved();
        saved.change(change);
        let mut state: serde_json::Value =
            serde_json::from_slice(&self.save()[LENGTH_BYTES..]).expect("a state");
        let mut fields = saved.serialize_fields();
        // The parameters stand in the sealed text too, and those of `saved` are at rest.
        state["fields"] = serde_json::to_value(&mut fields).expect("fields");
        let text = serde_json::to_vec(&state).expect("a text");
        let length = (text.len() as u64).to_le_bytes();
        self.load(&[length.as_slice(), &text].concat())
    }

    /// True when the plugin took the state.
    pub fn load(&mut self, mut bytes: &[u8]) -> bool {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("the state extension");
        state.load(&handle, &mut bytes).is_ok()
    }

    /// Opens the editor in an X11 window; gives its size.
    pub fn open_editor(&mut self, window: u32) -> GuiSize {
        let handle = self.instance.plugin_handle();
        let gui: PluginGui = handle.get_extension().expect("the gui extension");
        let embedded = GuiConfiguration {
            api_type: GuiApiType::X11,
            is_floating: false,
        };
        gui.create(&handle, embedded).expect("an editor");
        let size = gui.get_size(&handle).expect("its size");
        let window = clack_extensions::gui::Window::from_x11_handle(u64::from(window));
        // SAFETY: whoever calls keeps the window until the editor is closed.
        unsafe { gui.set_parent(&handle, window) }.expect("it takes the window");
        gui.show(&handle).expect("it shows itself");
        self.pump();
        size
    }

    /// Closes the editor.
    pub fn close_editor(&mut self) {
        let handle = self.instance.plugin_handle();
        let gui: PluginGui = handle.get_extension().expect("the gui extension");
        gui.destroy(&handle);
        self.pump();
    }

    /// Calls the plugin on the main thread, if it asked for it.
    pub fn pump(&mut self) {
        let wanted = |shared: &Shared| shared.wants_callback.swap(false, Ordering::AcqRel);
        if self.instance.access_shared_handler(wanted) {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// Id, name, lowest, highest and default value of every parameter.
    pub fn parameters(&mut self) -> Vec<Parameter> {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the params extension");
        let mut buffer = ParamInfoBuffer::new();
        (0..params.count(&handle))
            .map(|index| {
                let info = params
                    .get_info(&handle, index, &mut buffer)
                    .expect("information");
                Parameter {
                    id: info.id,
                    name: String::from_utf8_lossy(info.name).into_owned(),
                    min: info.min_value,
                    max: info.max_value,
                    default: info.default_value,
                }
            })
            .collect()
    }

    pub fn parameter(&mut self, name: &str) -> Parameter {
        let all = self.parameters();
        let found = all.into_iter().find(|parameter| parameter.name == name);
        found.unwrap_or_else(|| panic!("no parameter {name}"))
    }
    pub fn value(&mut self, name: &str) -> f64 {
        let id = self.parameter(name).id;
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the params extension");
        params.get_value(&handle, id).expect("a value")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.deactivate();
    }
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub id: ClapId,
    pub name: String,
    pub min: f64,
    pub max: f64,
    pub default: f64,
}

/// What a host can send.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    On(u8, f64),
    Off(u8),
    Midi([u8; 3]),
    Set(ClapId, f64),
}

impl Message {
    pub fn push_to(&self, buffer: &mut EventBuffer, frame: u32) {
        let note = |key: u8| Pckn::new(0u16, 0u16, u16::from(key), Match::All);
        match *self {
            Self::On(key, velocity) => buffer.push(&NoteOnEvent::new(frame, note(key), velocity)),
            Self::Off(key) => buffer.push(&NoteOffEvent::new(frame, note(key), 0.5)),
            Self::Midi(bytes) => buffer.push(&MidiEvent::new(frame, 0, bytes)),
            Self::Set(id, value) => {
                buffer.push(&ParamValueEvent::new(frame, id, Pckn::match_all(), value));
            }
        }
    }
}
