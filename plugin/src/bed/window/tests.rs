//! The window over an instance that plays: what it shows, and the files it writes.

use std::time::{Duration, Instant};

use engine::loudness;
use engine::score::Score;
use engine::wav::read::{self, Recording};
use nice_plug::params::InternalParamMut;
use nice_plug::prelude::*;

use super::*;
use crate::bed::Bed;
use crate::bed::playback::Playback;
use crate::bed::worker::Progress;
use crate::editor::bed::action::Export;

/// However slow the machine: only a hang ends a test.
const LONGEST: Duration = Duration::from_secs(300);
const RATE_HZ: f32 = 24_000.0;

/// A bed of four seconds with its worker at work, and the folder that it writes into.
fn playing() -> (Playback, Window, tempfile::TempDir) {
    let exports = tempfile::tempdir().unwrap();
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/shipped");
    // SAFETY: before any thread of this test's instance; other tests of this program set the same or read nothing of it.
    unsafe {
        std::env::set_var("UNDERSTORY_MODELS", models);
        std::env::set_var("UNDERSTORY_EXPORTS", exports.path());
    }
    let bed = Bed::default();
    let hub = Arc::clone(&bed.hub);
    let form = &hub.persisted.params.form;
    // SAFETY: no host writes the parameters of this instance.
    unsafe {
        form.length_ms._internal_set_plain_value(4_000);
        form.is_loop._internal_set_plain_value(false);
    }
    let config = BufferConfig {
        sample_rate: RATE_HZ,
        min_buffer_size: None,
        max_buffer_size: 512,
        process_mode: ProcessMode::Offline,
    };
    let playback = Playback::new(&config, &hub).unwrap();
    let started = Instant::now();
    while hub.desk.progress() != Progress::Done {
        assert!(started.elapsed() < LONGEST, "{:?}", hub.desk.progress());
        std::thread::sleep(Duration::from_millis(5));
    }
    (playback, bed.window(), exports)
}

/// Starts to write and waits for it; gives what the user is told.
fn export(window: &mut Window, kind: Export) -> Result<String, String> {
    let started = Instant::now();
    window.word = None;
    window.export(kind);
    while window.word.is_none() {
        assert!(started.elapsed() < LONGEST, "it is never written");
        std::thread::sleep(Duration::from_millis(5));
        window.look_after_job();
    }
    window.word.take().unwrap()
}

fn written(folder: &std::path::Path, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

fn recording(path: &std::path::Path) -> Recording {
    read::read(std::fs::File::open(path).unwrap()).unwrap()
}

#[test]
fn a_bed_its_parts_and_its_notes_are_written_as_they_are_heard() {
    let (_playback, mut window, exports) = playing();
    let model = window.model();
    assert!(model.strip.sections.len() > 1);
    assert!(model.parts.iter().all(|part| part.sound != "auto"));
    export(&mut window, Export::Wav).unwrap();
    export(&mut window, Export::Stems).unwrap();
    export(&mut window, Export::Midi).unwrap();
    export(&mut window, Export::Backdrop).unwrap_err();

    let whole = recording(&written(exports.path(), "wav")[0]);
    let rate_hz = RATE_HZ as u32;
    let [left, right] = &whole.channels[..] else {
        panic!("{} channels", whole.channels.len());
    };
    assert_eq!((left.len(), whole.sample_rate_hz), (96_000, rate_hz));
    let lufs = loudness::integrated(left, right, rate_hz).unwrap().unwrap();
    assert!((lufs + 23.0).abs() < 0.1, "{lufs} LUFS");

    let stems = written(&exports.path().join("calm 1 stems"), "wav");
    assert_eq!(stems.len(), 5);
    let mut sum = vec![0.0_f32; left.len()];
    for stem in &stems {
        let stem = recording(stem);
        for (sum, sample) in sum.iter_mut().zip(&stem.channels[0]) {
            *sum += sample;
        }
    }
    // Five roundings to 24 bits and the hall's, in another order.
    let worst = sum.iter().zip(left).map(|(sum, whole)| (sum - whole).abs());
    let worst = worst.fold(0.0, f32::max);
    assert!(worst < 1e-5, "{worst}");

    let midi = std::fs::read(&written(exports.path(), "mid")[0]).unwrap();
    let num_notes = window.score().as_ref().unwrap().notes.len();
    assert_eq!(
        Score::from_midi(&midi).unwrap().strikes().count(),
        num_notes
    );
    assert!(written(exports.path(), "part").is_empty());
}
