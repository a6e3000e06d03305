//! What the process holds: bytes that Rust allocated and did not free, and pages that the system counts. Used by the soak.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering};

/// Bytes allocated and not freed, by all threads.
static LIVE_BYTES: AtomicI64 = AtomicI64::new(0);

/// Passes everything on and keeps the sum.
struct SummingAllocator;

fn add(bytes: i64) {
    LIVE_BYTES.fetch_add(bytes, Ordering::Relaxed);
}

// SAFETY: every call is passed on unchanged to the system's allocator; the sum is an atomic, which does not allocate.
unsafe impl GlobalAlloc for SummingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as i64));
        // SAFETY: the pointer came from one of the others, that is from `System`, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        add(new_size as i64 - layout.size() as i64);
        // SAFETY: as for `dealloc`; the caller's promise about `new_size` is passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: SummingAllocator = SummingAllocator;

/// What is held at one moment, bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Allocated by Rust and not freed.
    pub live: i64,
    /// Pages of the process in memory, those of ONNX Runtime too; `None` where the system does not say.
    pub resident: Option<i64>,
}

impl Memory {
    /// Now.
    pub fn now() -> Self {
        Self {
            live: LIVE_BYTES.load(Ordering::Relaxed),
            resident: resident(),
        }
    }

    /// Why this is not as flat as it should be, if it is not: a share of growth or loss beyond the bound.
    pub fn fault_against(&self, before: &Self, bound: f64) -> Option<String> {
        let growth = |now: i64, then: i64| (now - then) as f64 / then as f64;
        let live = growth(self.live, before.live);
        let resident = match (self.resident, before.resident) {
            (Some(now), Some(then)) => growth(now, then),
            _ => 0.0,
        };
        // Pages may be given back at any time; only growth is a fault.
        let is_flat = live.abs() <= bound && resident <= bound;
        (!is_flat).then(|| format!("{before:?} became {self:?}"))
    }
}

/// Field 2 of `/proc/self/statm`, pages of 4096 bytes.
fn resident() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}
