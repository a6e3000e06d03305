//! Remembers that a library passed its checksum, so that a start does not hash 35 MB again. Any thread but the audio thread.
//!
//! Hashing took 42 ms of a 69 ms start (release build, SHA instructions at hand; several times that without them). The
//! verdict holds for one path, size, time of change and pin; whoever can forge those can also replace this program.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{cache_folder, runtime_pin};

/// True when this very file passed before.
pub(super) fn is_remembered(path: &Path) -> bool {
    let (Some(file), Some(line)) = (verdict_file(), line_for(path)) else {
        return false;
    };
    std::fs::read_to_string(file).is_ok_and(|verdict| verdict == line)
}

/// Writes the verdict down. A cache that cannot be written costs time at the next start and nothing else.
pub(super) fn remember(path: &Path) {
    if let (Some(file), Some(line)) = (verdict_file(), line_for(path)) {
        let _ = std::fs::write(file, line);
    }
}

fn verdict_file() -> Option<PathBuf> {
    Some(cache_folder().ok()?.join("onnxruntime-verified"))
}

fn line_for(path: &Path) -> Option<String> {
    let facts = std::fs::metadata(path).ok()?;
    let changed = facts
        .modified()
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?
        .as_nanos();
    let pinned = runtime_pin()?.library_sha256;
    Some(format!(
        "{pinned} {} {changed} {}\n",
        facts.len(),
        path.display()
    ))
}
