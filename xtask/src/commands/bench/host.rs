//! The built instrument in a CLAP host: how long making one takes, and whether eight of them keep up. Blocks are asked for one
//! after the other without a pause; what counts is the time of this thread, so that other programs do not. It begins once every
//! note is made, for notes are memory that is meant to be held.

mod busy;
mod interference;
mod window;
mod yardstick;

use std::ffi::CString;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent};
use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;
use cpu_time::ThreadTime;

use super::{Figure, figure, median, worst};
use crate::failure::Failure;
use interference::{Interference, Late};
use yardstick::Yardstick;

const RATE_HZ: f64 = 48_000.0;
const BLOCK: u32 = 256;
const NUM_INSTANCES: usize = 8;
const MOST_MINUTES: f64 = 600.0;
const NUM_VOICES: u8 = 16;
/// The lowest of the held keys; the others follow by thirds.
const LOWEST_KEY: u8 = 36;
/// Keys are struck anew every so many blocks, some two seconds.
const BLOCKS_PER_CHORD: usize = 375;
/// All notes are made once the process has held the same memory for so long while it played.
const SETTLED_S: f64 = 6.0;
/// Nobody waits longer for that.
const MOST_SETTLING_S: f64 = 180.0;
/// Blocks from whose times the yardstick's length follows.
const NUM_SAMPLED: usize = 500;
/// Change of memory that is none, MiB.
const SETTLED_MIB: f64 = 0.5;

type NoInputs = [AudioPortBuffer<
    std::iter::Empty<InputChannel<'static, f32>>,
    std::iter::Empty<InputChannel<'static, f64>>,
>; 0];

/// What an instance may ask of this host from any thread.
#[derive(Default)]
struct Shared {
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

struct Handlers;
impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Shared) {
        builder.register::<HostGui>();
    }
}

/// One instance, playing.
struct Playing {
    instance: PluginInstance<Handlers>,
    processor: Option<StartedPluginAudioProcessor<Handlers>>,
}

/// Makes instances of a built CLAP file and plays them for so many minutes.
///
/// # Errors
/// A file that is missing or does not load.
pub fn figures(file: &Path, minutes: f64) -> Result<Vec<Figure>, Failure> {
    if !(minutes > 0.0 && minutes <= MOST_MINUTES) {
        return Err(Failure::request(format!(
            "--plugin-minutes {minutes}: choose more than 0 and at most {MOST_MINUTES}"
        )));
    }
    // SAFETY: the file is the one that `bundle` built; its entry point keeps to the CLAP specification.
    let entry = unsafe { PluginEntry::load(file) }.map_err(|error| {
        let path = file.display();
        Failure::input_file(format!(
            "{path}: {error}; build it with `cargo xtask bundle`"
        ))
    })?;
    let mut making_ms = Vec::new();
    let mut instances = Vec::new();
    for _ in 0..NUM_INSTANCES {
        let started = Instant::now();
        let instance = make(&entry)?;
        making_ms.push(1e3 * started.elapsed().as_secs_f64());
        instances.push(activate(instance)?);
    }
    let mut figures = vec![
        figure(
            "instance made by a host, median",
            median(&mut making_ms),
            "ms by the clock",
        ),
        figure(
            "instance made by a host, worst of 8",
            worst(&making_ms),
            "ms by the clock",
        ),
    ];
    figures.extend(play(&mut instances, minutes)?);
    drop(instances);
    figures.extend(busy::figures(activate(make(&entry)?)?, None)?);
    if let Some(display) = window::Display::open() {
        figures.extend(busy::figures(activate(make(&entry)?)?, Some(&display))?);
    }
    Ok(figures)
}

fn make(entry: &PluginEntry) -> Result<PluginInstance<Handlers>, Failure> {
    let info = HostInfo::new("Understory bench", "Understory", "", "1").map_err(Failure::other)?;
    let factory = entry.get_plugin_factory();
    let factory = factory.ok_or_else(|| Failure::input_file("the file holds no plugins"))?;
    let first = factory.plugin_descriptors().next();
    let id = first.and_then(|first| first.id().map(CString::from));
    let id = id.ok_or_else(|| Failure::input_file("the file names no plugin"))?;
    PluginInstance::new(|()| Shared::default(), |_| (), entry, &id, &info).map_err(Failure::other)
}

fn activate(mut instance: PluginInstance<Handlers>) -> Result<Playing, Failure> {
    let configuration = PluginAudioConfiguration {
        sample_rate: RATE_HZ,
        min_frames_count: 1,
        max_frames_count: BLOCK,
    };
    let stopped = instance
        .activate(|_, ()| (), configuration)
        .map_err(Failure::other)?;
    let started = stopped.start_processing();
    let processor = started.map_err(|_| Failure::other("the instrument does not start"))?;
    Ok(Playing {
        instance,
        processor: Some(processor),
    })
}

impl Drop for Playing {
    fn drop(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.stop_processing());
        }
    }
}

impl Playing {
    /// Calls the plugin on the main thread, if it asked for it.
    fn pump(&mut self) {
        let wanted = |shared: &Shared| shared.wants_callback.swap(false, Ordering::AcqRel);
        if self.instance.access_shared_handler(wanted) {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// One block; gives its peak.
    fn process(&mut self, events: &EventBuffer) -> Result<f32, Failure> {
        self.process_frames::<{ BLOCK as usize }>(events)
    }

    /// One block of so many frames.
    fn process_frames<const FRAMES: usize>(
        &mut self,
        events: &EventBuffer,
    ) -> Result<f32, Failure> {
        let mut channels = [[0.0_f32; FRAMES]; 2];
        let mut inputs = AudioPorts::with_capacity(0, 0);
        let mut outputs = AudioPorts::with_capacity(2, 1);
        let mut output = outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                channels.iter_mut().map(<[f32; FRAMES]>::as_mut_slice),
            ),
        }]);
        let no_inputs: NoInputs = [];
        let input = inputs.with_input_buffers(no_inputs);
        let mut unused = EventBuffer::new();
        if let Some(processor) = &mut self.processor {
            let (events, mut unused) = (events.as_input(), unused.as_output());
            processor
                .process(&input, &mut output, &events, &mut unused, None, None)
                .map_err(Failure::other)?;
        }
        let samples = channels.iter().flatten();
        Ok(samples.fold(0.0, |peak, sample| peak.max(sample.abs())))
    }
}

/// A chord let go and struck again.
fn chord() -> EventBuffer {
    let mut events = EventBuffer::new();
    let keys = (0..NUM_VOICES).map(|index| LOWEST_KEY + 3 * index);
    let note = |key: u8| Pckn::new(0_u16, 0_u16, u16::from(key), Match::All);
    keys.clone()
        .for_each(|key| events.push(&NoteOffEvent::new(0, note(key), 0.5)));
    keys.for_each(|key| events.push(&NoteOnEvent::new(1, note(key), 0.6)));
    events
}

/// Plays in real time until the workers have made every note; gives the memory held then, MiB.
fn settle(instances: &mut [Playing]) -> Result<Option<f64>, Failure> {
    let block_s = f64::from(BLOCK) / RATE_HZ;
    let (chord, nothing) = (chord(), EventBuffer::new());
    let (mut held_mib, mut since_s) = (resident_mib(), 0.0);
    let mut block = 0;
    while since_s < SETTLED_S && block_s * (block as f64) < MOST_SETTLING_S {
        let events = if block % BLOCKS_PER_CHORD == 0 {
            &chord
        } else {
            &nothing
        };
        for instance in instances.iter_mut() {
            instance.process(events)?;
        }
        std::thread::sleep(Duration::from_secs_f64(block_s));
        block += 1;
        since_s += block_s;
        let now_mib = resident_mib();
        if (now_mib.unwrap_or_default() - held_mib.unwrap_or_default()).abs() > SETTLED_MIB {
            (held_mib, since_s) = (now_mib, 0.0);
        }
    }
    Ok(resident_mib())
}

/// The median share of a block's time that all instances take.
fn usual_share(
    instances: &mut [Playing],
    block_s: f64,
    events: &EventBuffer,
) -> Result<f64, Failure> {
    let mut shares = Vec::with_capacity(NUM_SAMPLED);
    for _ in 0..NUM_SAMPLED {
        let start = ThreadTime::now();
        for instance in instances.iter_mut() {
            instance.process(events)?;
        }
        shares.push(start.elapsed().as_secs_f64() / block_s);
    }
    Ok(median(&mut shares))
}

fn play(instances: &mut [Playing], minutes: f64) -> Result<Vec<Figure>, Failure> {
    let block_s = f64::from(BLOCK) / RATE_HZ;
    let num_blocks = (60.0 * minutes / block_s) as usize;
    let (chord, nothing) = (chord(), EventBuffer::new());
    let mut shares = Vec::with_capacity(num_blocks);
    let (mut peak, mut late) = (0.0_f32, Late::default());
    let memory_mib = settle(instances)?;
    let usual_s = block_s * usual_share(instances, block_s, &nothing)?;
    let yardstick = Yardstick::lasting(usual_s);
    let (mut num_machine_late, mut num_dropouts) = (0_usize, 0_usize);
    for block in 0..num_blocks {
        num_machine_late += usize::from(yardstick.time_s() > block_s);
        let is_struck = block % BLOCKS_PER_CHORD == 0;
        let events = if is_struck { &chord } else { &nothing };
        let before = Interference::now();
        let start = ThreadTime::now();
        for instance in instances.iter_mut() {
            let asked = Instant::now();
            peak = peak.max(instance.process(events)?);
            num_dropouts += usize::from(asked.elapsed().as_secs_f64() > block_s);
        }
        let share = start.elapsed().as_secs_f64() / block_s;
        if share > 1.0 {
            late.count(is_struck, before, Interference::now());
        }
        shares.push(share);
    }
    if !(peak > 0.0 && peak.is_finite()) {
        return Err(Failure::other(format!(
            "the instrument plays nothing: its peak is {peak}"
        )));
    }
    let name = format!("{NUM_INSTANCES} instances of {NUM_VOICES} voices, {minutes} min");
    let mut of_chords: Vec<f64> = shares.iter().copied().step_by(BLOCKS_PER_CHORD).collect();
    let chord_share = median(&mut of_chords);
    shares.sort_by(f64::total_cmp);
    let at = |part: f64| 100.0 * shares[(part * (shares.len() - 1) as f64) as usize];
    let core = "% of one core";
    let mut figures = vec![
        figure(format!("{name}, median"), at(0.5), core),
        figure(format!("{name}, 99.9th percentile"), at(0.999), core),
        figure(
            format!("{name}, median of the blocks that strike all 128 keys"),
            100.0 * chord_share,
            core,
        ),
        figure(
            format!("{name}, blocks that took too long"),
            late.num_blocks as f64,
            "blocks",
        ),
        figure(
            format!("{name}, of those with a chord struck"),
            late.num_struck as f64,
            "blocks",
        ),
        figure(
            format!("{name}, of those with this thread put off or memory fetched by the system"),
            late.num_disturbed as f64,
            "blocks",
        ),
    ];
    figures.push(figure(
        format!("{name}, runs of plain arithmetic as long as a block that took too long"),
        num_machine_late as f64,
        "runs",
    ));
    figures.push(figure(
        format!("{name}, blocks late by one instance alone, as its window counts dropouts"),
        num_dropouts as f64,
        "blocks",
    ));
    if let (Some(before), Some(after)) = (memory_mib, resident_mib()) {
        figures.push(figure(format!("{name}, memory held"), after, "MiB"));
        figures.push(figure(
            format!("{name}, memory gained after every note was made"),
            after - before,
            "MiB",
        ));
    }
    Ok(figures)
}

/// Memory that this process holds now.
fn resident_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
