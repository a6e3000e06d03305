//! What a host's scan touches: nothing. One test, alone in its process, for it looks at the whole process.

#[path = "in_a_host/counting.rs"]
mod counting;
#[allow(dead_code, reason = "a scan needs little of the test host")]
#[path = "in_a_host/heard.rs"]
mod heard;
#[allow(dead_code, reason = "a scan needs little of the test host")]
#[path = "in_a_host/host.rs"]
mod host;

use std::time::{Duration, Instant};

use plugin::{Bed, Instrument};

nice_plug::nice_export_clap!(Instrument, Bed);

/// Longest scan: load, list, make an instance, unload.
const LONGEST_SCAN: Duration = Duration::from_millis(100);
/// Longest making of an instance.
const LONGEST_MAKING: Duration = Duration::from_millis(50);

#[test]
fn a_scan_is_quick_and_starts_no_thread_loads_no_runtime_and_reads_no_model() {
    let num_threads = num_threads();
    let started = Instant::now();
    let entry = host::own_entry();
    let making = Instant::now();
    let mut instance = host::Host::of(&entry);
    let made = making.elapsed();
    let num_parameters = instance.parameters().len();
    let num_of_the_bed = host::Host::of_id(&entry, host::BED_ID).parameters().len();
    drop(instance);
    drop(entry);
    let scanned = started.elapsed();
    assert!(num_parameters > 30, "{num_parameters} parameters");
    assert!(num_of_the_bed > 30, "{num_of_the_bed} parameters");
    assert!(made < LONGEST_MAKING, "{made:?} to make an instance");
    assert!(scanned < LONGEST_SCAN, "{scanned:?} to scan");
    assert_nothing_was_touched(num_threads);
}

#[cfg(target_os = "linux")]
fn num_threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .expect("threads")
        .count()
}

#[cfg(target_os = "linux")]
fn assert_nothing_was_touched(threads_before: usize) {
    assert_eq!(num_threads(), threads_before, "a thread was started");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    assert!(!maps.contains("onnxruntime"), "the runtime was loaded");
    let open = std::fs::read_dir("/proc/self/fd").expect("open files");
    let files: Vec<_> = open
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .collect();
    let is_model = |file: &std::path::PathBuf| file.to_string_lossy().contains(".onnx");
    assert!(!files.iter().any(is_model), "{files:?}");
}

#[cfg(not(target_os = "linux"))]
fn num_threads() -> usize {
    0
}

#[cfg(not(target_os = "linux"))]
fn assert_nothing_was_touched(_threads_before: usize) {}
