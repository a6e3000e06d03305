//! Feeds damaged inputs to a reader and tells what a reader must never do: panic, reserve memory that the input cannot
//! justify, compute without end, refuse without a clear sentence.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

use super::mutation::Mutation;

/// More than any reader of small inputs needs at once: a size that the input made up.
const MOST_BYTES_AT_ONCE: usize = 64 << 20;
/// No sentence for people is longer.
const LONGEST_MESSAGE: usize = 2_000;
/// Of an input in a report.
const SHOWN_BYTES: usize = 300;

/// What a reader says to an input: nothing, or why it refuses.
pub type Read<'a> = dyn Fn(&[u8]) -> Result<(), String> + 'a;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Remembers the largest request of each thread. A program that attacks makes it its global allocator; without it sizes are
/// not looked at.
pub struct WatchingAllocator;

fn note(size: usize) {
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: every call is passed on unchanged to the system's allocator; the note goes to a thread-local cell, which does
// not allocate (const-initialised, no destructor).
unsafe impl GlobalAlloc for WatchingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from one of the others, that is from `System`, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(new_size);
        // SAFETY: as for `dealloc`; the caller's promise about `new_size` is passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// So many inputs at least.
    pub num_inputs: usize,
    /// And until so much time has passed.
    pub time: Duration,
}

/// Gives a reader damaged inputs until the budget is used up; the first that it treats wrongly is told, with what it did.
/// Also gives how many there were.
pub fn first_finding(
    seeds: &[Vec<u8>],
    words: &[&str],
    budget: Budget,
    read: &Read<'_>,
) -> (Option<String>, usize) {
    be_quiet_about_expected_panics();
    let started = Instant::now();
    let mut mutation = Mutation::new(seeds, words, 1);
    let mut number = 0;
    while number < budget.num_inputs || started.elapsed() < budget.time {
        let input = mutation.next_input();
        if let Some(what) = verdict(&input, read) {
            let finding = format!("input {number} {what}: {}", shown(&input));
            return (Some(finding), number);
        }
        number += 1;
    }
    (None, number)
}

/// What is wrong with a reader's answer to one input.
pub fn verdict(input: &[u8], read: &Read<'_>) -> Option<String> {
    LARGEST.set(0);
    EXPECTED.set(true);
    let answer = panic::catch_unwind(AssertUnwindSafe(|| read(input)));
    EXPECTED.set(false);
    let largest = LARGEST.get();
    match answer {
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Some(format!("panics ({})", text.unwrap_or("no text")))
        }
        Ok(_) if largest > MOST_BYTES_AT_ONCE => Some(format!("reserves {largest} bytes at once")),
        Ok(Err(message)) if !is_clear(&message) => {
            Some(format!("is refused by \"{message:.200}\""))
        }
        Ok(_) => None,
    }
}

fn is_clear(message: &str) -> bool {
    let is_one_line = message.trim().lines().count() == 1;
    is_one_line && message.len() <= LONGEST_MESSAGE && message.contains(' ')
}

fn shown(input: &[u8]) -> String {
    let start = &input[..input.len().min(SHOWN_BYTES)];
    format!("{} bytes, {}", input.len(), start.escape_ascii())
}

/// A backtrace for every planted bug would be all that is left to read.
fn be_quiet_about_expected_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                usual(info);
            }
        }));
    });
}
