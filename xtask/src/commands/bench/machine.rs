//! What machine this is, as far as the system says; unknown facts are left out.

use std::fs;

use serde_json::{Value, json};

/// Facts that a figure needs beside it.
pub struct Machine {
    processor: String,
    num_cores: usize,
    system: String,
    /// Mean number of programs that wanted a core in the last minute.
    load: Option<f64>,
}

/// Looks at the machine.
pub fn describe() -> Machine {
    Machine {
        processor: processor()
            .unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH)),
        num_cores: std::thread::available_parallelism().map_or(1, usize::from),
        system: std::env::consts::OS.to_owned(),
        load: load(),
    }
}

/// The most memory this process has held so far.
pub fn peak_memory_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

fn processor() -> Option<String> {
    let facts = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = facts.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn load() -> Option<f64> {
    let loads = fs::read_to_string("/proc/loadavg").ok()?;
    loads.split_whitespace().next()?.parse().ok()
}

impl Machine {
    /// One line.
    pub fn words(&self) -> String {
        let load = self
            .load
            .map(|load| format!(", load {load:.1}"))
            .unwrap_or_default();
        format!(
            "{}, {} cores, {}{load}",
            self.processor, self.num_cores, self.system
        )
    }

    /// The same for scripts.
    pub fn json(&self) -> Value {
        json!({
            "processor": self.processor, "cores": self.num_cores, "system": self.system, "load": self.load,
        })
    }
}
