//! Every reader of bytes that others send, as a list of targets: what to send, who reads it, and a planted reader with a
//! bug that the same inputs must find. Bounded tests and fuzz harnesses go through the same list.

mod harness;
mod mutation;
mod seeds;
mod streams;
mod targets;

pub use harness::{Budget, Read, WatchingAllocator, first_finding, verdict};
pub use targets::TARGETS;

/// A reader and how to attack it.
pub struct Target {
    /// As tests and harnesses call it.
    pub name: &'static str,
    /// Good inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of the format, put where they do not belong.
    pub words: &'static [&'static str],
    /// The project's reader; an error is what a user would be told.
    pub read: fn(&[u8]) -> Result<(), String>,
    /// A reader as somebody in a hurry would write it: it panics where it should refuse.
    pub planted: fn(&[u8]),
}

/// The target of a name.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> &'static Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target is called {name}"))
}

/// Gives a target's reader one input, as a fuzzer makes them.
///
/// # Panics
/// When the reader treats it wrongly: that is what a fuzzer looks for.
pub fn feed(name: &str, input: &[u8]) {
    let read = target(name).read;
    if let Some(finding) = verdict(input, &read) {
        panic!("{name}: {finding}");
    }
}
