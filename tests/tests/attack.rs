//! Damaged files, states and streams of events: for everything that is read here, thousands of mutated inputs end in a right
//! result or a clear sentence. Never in a panic, nor in memory that the input made up.
//!
//! Each target also has a planted reader, as somebody in a hurry would write it, and the same inputs must find its bug:
//! an attack that finds nothing there would find nothing here either. An input that computes without end ends by the test
//! runner's limit. `UNDERSTORY_ATTACK_SECONDS=60` goes on for that long with every target; `fuzz/` lets a fuzzer do it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tests::attack::{Budget, TARGETS, WatchingAllocator, first_finding, target, verdict};

/// Inputs of every target, whatever the time.
const NUM_INPUTS: usize = 1_500;
/// Says for how long every target is attacked.
const SECONDS: &str = "UNDERSTORY_ATTACK_SECONDS";

#[global_allocator]
static ALLOCATOR: WatchingAllocator = WatchingAllocator;

/// The reader stands the attack, and the attack finds the planted reader's bug.
fn stands(name: &str) {
    let target = target(name);
    let seeds = (target.seeds)();
    for seed in &seeds {
        let answer = (target.read)(seed);
        assert!(answer.is_ok(), "a good input is refused: {answer:?}");
    }
    let seconds = std::env::var(SECONDS).map_or(0, |text| text.parse().expect("seconds, as in 60"));
    let budget = Budget {
        num_inputs: NUM_INPUTS,
        time: Duration::from_secs(seconds),
    };
    let (finding, num_inputs) = first_finding(&seeds, target.words, budget, &target.read);
    assert!(finding.is_none(), "{}", finding.unwrap_or_default());
    eprintln!("attack: {name} stood {num_inputs} inputs");
    let careless = |bytes: &[u8]| {
        (target.planted)(bytes);
        Ok(())
    };
    // A planted bug that is not found by so many would not be worth planting.
    let bounded = Budget {
        time: Duration::ZERO,
        ..budget
    };
    let (finding, _) = first_finding(&seeds, target.words, bounded, &careless);
    assert!(finding.is_some(), "the planted bug was not found");
}

/// One test per target, named after it, and the list of them all.
macro_rules! attack {
    ($($name:ident),* $(,)?) => {
        mod a_damaged {
            $(
                #[test]
                fn $name() {
                    super::stands(stringify!($name));
                }
            )*
        }
        const ATTACKED: &[&str] = &[$(stringify!($name)),*];
    };
}

attack!(
    wav,
    midi,
    note_pack,
    note_pack_content,
    sound_manifest,
    picture_manifest,
    model,
    sound_recipe,
    marker_table,
    edl,
    fcpxml,
    otio,
    srt,
    vtt,
    ase,
    gpl,
    palette_json,
    scale,
    key_map,
    instrument_state,
    instrument_state_content,
    bed_state,
    bed_state_content,
    host_events,
);

#[test]
fn every_target_has_a_test_here_and_a_fuzz_harness() {
    let targets: BTreeSet<String> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    let attacked: BTreeSet<String> = ATTACKED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(targets, attacked);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    let harnesses = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_string_lossy().into_owned()
    });
    assert_eq!(targets, harnesses.collect());
}

#[test]
fn every_alarm_of_the_attack_rings() {
    let refuse = |message: &'static str| move |_: &[u8]| Err(message.to_owned());
    assert!(verdict(b"", &|_| Ok(())).is_none());
    assert!(verdict(b"", &refuse("line 3: \"x\" is no number; mend it")).is_none());
    assert!(verdict(b"", &refuse("")).is_some());
    assert!(verdict(b"", &refuse("two lines\nof words")).is_some());
    assert!(verdict(b"", &refuse("InvalidData")).is_some());
    let reserves = |bytes: &[u8]| {
        let list: Vec<u8> = Vec::with_capacity(100_000_000 + bytes.len());
        assert!(list.is_empty());
        Ok(())
    };
    assert!(verdict(b"", &reserves).unwrap().contains("reserves"));
    let panics = |bytes: &[u8]| Err(format!("byte {}", bytes[7]));
    assert!(verdict(b"", &panics).unwrap().contains("panics"));
}
