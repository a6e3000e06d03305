//! The callback makes no system call, and so takes no lock that anybody holds and waits for nothing: its thread is put under a
//! rule of the kernel (a seccomp filter) that ends it at any call but its own end. In a process of its own, which it leaves by
//! hand.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;

use crate::host::{BLOCK, Handlers, Host, Message, RATE_HZ};

/// An instrument has no inputs.
type NoInputs = [AudioPortBuffer<
    std::iter::Empty<InputChannel<'static, f32>>,
    std::iter::Empty<InputChannel<'static, f64>>,
>; 0];

/// Set in the process of its own.
const INSIDE: &str = "UNDERSTORY_TEST_INSIDE";
const NAME: &str = "system_calls::the_callback_makes_no_system_call";
/// Blocks under the rule: a second and a half.
const NUM_BLOCKS: usize = 140;

/// Prepares work on a thread and then runs it there without the right to make a system call; says whether it came to its end.
fn ends_without_system_calls<T>(
    prepare: impl FnOnce() -> T + Send + 'static,
    work: impl FnOnce(T) + Send + 'static,
) -> bool {
    let (thread_id, is_done) = (
        Arc::new(AtomicI32::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let (its_id, its_end) = (Arc::clone(&thread_id), Arc::clone(&is_done));
    // Never joined: it may end in a way that the library knows nothing of.
    thread::spawn(move || {
        let prepared = prepare();
        // SAFETY: takes nothing, gives a number.
        its_id.store(unsafe { libc::gettid() }, Ordering::Release);
        forbid_system_calls();
        work(prepared);
        its_end.store(true, Ordering::Release);
        // SAFETY: ends this thread and nothing else; what it borrowed it owns.
        unsafe { libc::syscall(libc::SYS_exit, 0) };
    });
    loop {
        let id = thread_id.load(Ordering::Acquire);
        let is_there = id == 0 || std::path::Path::new(&format!("/proc/self/task/{id}")).exists();
        if is_done.load(Ordering::Acquire) {
            return true;
        }
        if !is_there {
            return is_done.load(Ordering::Acquire);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Lets the kernel end this thread at its next system call, unless that is the end itself.
fn forbid_system_calls() {
    let step = |code: u32, jump: [u8; 2], value: u32| libc::sock_filter {
        code: code as u16,
        jt: jump[0],
        jf: jump[1],
        k: value,
    };
    // The number of the call is the first word of what the filter sees.
    let mut steps = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, [0, 0], 0),
        step(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            [1, 0],
            libc::SYS_exit as u32,
        ),
        step(
            libc::BPF_RET | libc::BPF_K,
            [0, 0],
            libc::SECCOMP_RET_KILL_THREAD,
        ),
        step(libc::BPF_RET | libc::BPF_K, [0, 0], libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: steps.len() as u16,
        filter: steps.as_mut_ptr(),
    };
    let (on, off) = (libc::c_ulong::from(true), libc::c_ulong::from(false));
    let filter = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: the first takes plain numbers; the second reads the program, which lives until it returns, and binds this
    // thread alone.
    unsafe {
        let promised = libc::prctl(libc::PR_SET_NO_NEW_PRIVS, on, off, off, off);
        assert_eq!(promised, 0, "the kernel does not take the promise");
        let bound = libc::prctl(libc::PR_SET_SECCOMP, filter, &raw const program);
        assert_eq!(bound, 0, "the kernel does not take the rule");
    }
}

/// What moves in a block: keys, automation, bend; some of it makes the workers send notes.
fn events_of(block: usize, host: &mut Host) -> EventBuffer {
    let mut events = EventBuffer::new();
    let share = block as f64 / NUM_BLOCKS as f64;
    let key = 40 + (block % 40) as u8;
    Message::On(key, 0.3 + 0.6 * share).push_to(&mut events, 0);
    for (name, frame) in [("Morph X", 5), ("Tilt", 100), ("Output", 200)] {
        let parameter = host.parameter(name);
        let value = parameter.min + share * (parameter.max - parameter.min);
        Message::Set(parameter.id, value).push_to(&mut events, frame);
    }
    if block.is_multiple_of(20) {
        let timbre = host.parameter("Brightness").id;
        Message::Set(timbre, 1.0 - share).push_to(&mut events, 250);
    }
    Message::Midi([0xe0, 0, key]).push_to(&mut events, 300);
    Message::Off(key.saturating_sub(3)).push_to(&mut events, 400);
    events
}

/// A processor and its memory.
struct Callback {
    processor: StartedPluginAudioProcessor<Handlers>,
    channels: [[f32; BLOCK as usize]; 2],
    inputs: AudioPorts,
    outputs: AudioPorts,
    unused: EventBuffer,
    peak: f32,
}

impl Callback {
    fn process(&mut self, events: &EventBuffer) {
        let channels = self
            .channels
            .iter_mut()
            .map(<[f32; BLOCK as usize]>::as_mut_slice);
        let mut output = self.outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(channels),
        }]);
        let no_inputs: NoInputs = [];
        let input = self.inputs.with_input_buffers(no_inputs);
        let mut unused = self.unused.as_output();
        let status = self.processor.process(
            &input,
            &mut output,
            &events.as_input(),
            &mut unused,
            None,
            None,
        );
        assert!(status.is_ok());
        let samples = self.channels.iter().flatten();
        self.peak = samples.fold(self.peak, |peak, sample| peak.max(sample.abs()));
    }

    /// Plays blocks as a sound card asks for them; waits by looking at the clock, which is no system call.
    fn play(&mut self, blocks: &[EventBuffer]) {
        let block_time = Duration::from_secs_f64(f64::from(BLOCK) / RATE_HZ);
        let mut due = Instant::now();
        for events in blocks {
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            self.process(events);
            due += block_time;
        }
    }
}

#[test]
fn the_callback_makes_no_system_call() {
    if std::env::var_os(INSIDE).is_none() {
        let program = std::env::current_exe().expect("our own path");
        let output = Command::new(program)
            .args(["--exact", NAME, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        return;
    }
    assert!(
        ends_without_system_calls(
            || (),
            |()| {
                std::hint::black_box(Instant::now());
            }
        ),
        "this machine's clock needs a system call: the callback, which looks at it, cannot be tested here"
    );
    assert!(
        !ends_without_system_calls(|| (), |()| thread::yield_now()),
        "the alarm does not ring"
    );
    let mut host = Host::ready();
    let quiet: Vec<_> = (0..NUM_BLOCKS).map(|_| EventBuffer::new()).collect();
    let busy: Vec<_> = (0..NUM_BLOCKS)
        .map(|block| events_of(block, &mut host))
        .collect();
    let mut callback = Callback {
        processor: host.take_processor(),
        channels: [[0.0; BLOCK as usize]; 2],
        inputs: AudioPorts::with_capacity(0, 0),
        outputs: AudioPorts::with_capacity(2, 1),
        unused: EventBuffer::with_capacity(1024),
        peak: 0.0,
    };
    let prepare = move || {
        // Until the plugin has seen that its host plays in time, it may wait.
        callback.play(&quiet);
        callback
    };
    let is_clean = ends_without_system_calls(prepare, move |mut callback: Callback| {
        callback.play(&busy);
        assert!(callback.peak > 1e-3);
        std::mem::forget((callback, busy));
    });
    assert!(is_clean, "the kernel ended the callback's thread");
    // The instance has lost its processor: it is left to the system.
    std::process::exit(0);
}
