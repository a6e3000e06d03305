//! What the system did to a thread meanwhile, for blocks that were late: was it put off, did it have to fetch memory. Linux; other
//! systems say nothing.

use std::fs;

/// Counts since the thread began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interference {
    /// How often it was taken off its core without having asked.
    num_put_off: u64,
    /// Pages that it touched and that were not there.
    num_faults: u64,
}

impl Interference {
    /// Of this thread.
    pub fn now() -> Self {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        let put_off = status
            .lines()
            .find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
        let stat = fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
        // The name in brackets may hold spaces; of what follows, the eighth are minor and the tenth major faults.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok());
        let faults = [7, 9].map(|index| number(fields.get(index).copied()).unwrap_or(0));
        Self {
            num_put_off: number(put_off).unwrap_or(0),
            num_faults: faults.iter().sum(),
        }
    }
}

/// Blocks that took too long.
#[derive(Debug, Default)]
pub struct Late {
    /// All of them.
    pub num_blocks: usize,
    /// Those in which keys were struck.
    pub num_struck: usize,
    /// Those that the system disturbed.
    pub num_disturbed: usize,
}

impl Late {
    /// Counts one.
    pub fn count(&mut self, is_struck: bool, before: Interference, after: Interference) {
        self.num_blocks += 1;
        self.num_struck += usize::from(is_struck);
        self.num_disturbed += usize::from(before != after);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_touched_for_the_first_time_is_noticed() {
        let before = Interference::now();
        let pages = vec![1_u8; 64 << 20];
        std::hint::black_box(&pages);
        assert!(Interference::now().num_faults > before.num_faults);
    }
}
