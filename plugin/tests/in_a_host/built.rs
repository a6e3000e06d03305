//! The CLAP file that users get, loaded as a host loads it: it finds model and runtime by its own path.

use std::path::PathBuf;

use clack_host::prelude::PluginEntry;
use engine::descriptors;

use crate::host::{BLOCK, Host, Message, RATE_HZ};

fn built() -> PathBuf {
    let folder = std::env::var_os("UNDERSTORY_BUNDLES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bundled")),
        PathBuf::from,
    );
    folder.join("Understory.clap")
}

/// The entry point of the built file.
pub fn built_entry() -> PluginEntry {
    let path = built();
    assert!(
        path.exists(),
        "{}: run `cargo xtask bundle`",
        path.display()
    );
    // SAFETY: the file is the one that this workspace builds.
    unsafe { PluginEntry::load(&path) }.expect("the built file loads")
}

#[test]
#[ignore = "needs the built bundles: `cargo xtask bundle`; `cargo xtask test` runs it"]
fn the_built_file_plays_a_key_at_its_pitch() {
    let mut host = Host::of(&built_entry());
    host.set_offline();
    host.activate(RATE_HZ, BLOCK);
    let heard = host.play(&[(0, Message::On(69, 0.8))], 96_000, u64::from(BLOCK));
    let f0_hz = descriptors::f0_hz(&heard.mid(), RATE_HZ as u32).expect("a pitch");
    let cents = 1200.0 * (f0_hz / 440.0).log2();
    assert!(cents.abs() < 5.0, "{f0_hz} Hz");
}
