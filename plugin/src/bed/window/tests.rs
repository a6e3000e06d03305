//! The window over an instance that plays: what it shows, and the files it writes.

use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// The folder that a test's window writes into; one at a time, for its name stands in the environment.
struct Exports {
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Exports {
    fn new() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        Self {
            _alone: ALONE.lock().unwrap_or_else(PoisonError::into_inner),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// A bed of four seconds with its worker at work.
fn playing() -> (Playback, Window, Exports) {
    let exports = Exports::new();
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

#[test]
fn the_picture_of_a_bed_is_written_whole_and_of_its_seed() {
    let (_playback, mut window, exports) = playing();
    export(&mut window, Export::Backdrop).unwrap();
    let path = &written(exports.path(), "png")[0];
    assert_eq!(path.file_name().unwrap(), "calm 1.png");
    let bytes = std::fs::read(path).unwrap();
    let has = |word: &str| {
        bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    assert!(has("backdrop") && has("&quot;seed&quot;:1,"));
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes[..]))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (1920, 1080));
    let (pixels, _) = pixels.as_chunks::<3>();
    let colors: std::collections::BTreeSet<_> = pixels.iter().collect();
    assert!(colors.len() > 1_000, "{} colours", colors.len());
    assert!(written(exports.path(), "part").is_empty());
}

#[test]
fn the_meters_show_what_the_bed_is_like_where_it_plays() {
    let (mut playback, mut window, _exports) = playing();
    let started = Instant::now();
    while window.measured().is_none() {
        assert!(started.elapsed() < LONGEST, "it is never measured");
        window.look_after_job();
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut transport = Transport::new(RATE_HZ);
    transport.playing = true;
    let mut peak = 0.0_f32;
    for block in 0..150 {
        transport.pos_samples = Some(block * 512);
        // A voice from the second second on.
        let is_spoken = block * 512 > RATE_HZ as i64;
        let mut heard = [0, 1].map(|_| voice(512, block as u32, is_spoken));
        let voice_peak = heard[0]
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        peak = peak.max(voice_peak);
        play(&mut playback, &mut heard, &transport);
    }
    let model = window.model();
    let loudness = &model.loudness;
    // Of the whole bed, 6 dB down as a new bed is.
    let course = window.measured().unwrap();
    let whole_lufs = course.whole.integrated_lufs.unwrap() - 6.0;
    assert_eq!(loudness.whole_text, format!("{whole_lufs:.1} LUFS"));
    for text in [&loudness.now_text, &loudness.peak_text] {
        let number: f64 = text.split(' ').next().unwrap().parse().unwrap();
        assert!((-70.0..0.0).contains(&number), "{text}");
    }
    let playhead_s = model.strip.playhead_s.expect("a playhead");
    assert!((playhead_s - 149.0 * 512.0 / RATE_HZ).abs() < 1e-3);
    let levels = model.levels;
    assert!(
        (levels.voice_db - 20.0 * peak.log10()).abs() < 0.1,
        "{levels:?}"
    );
    assert!(
        levels.bed_db > -60.0 && levels.reduction_db > 6.0,
        "{levels:?}"
    );
    // 4 s in 512 places: spoken from the first second to where it plays.
    let heard_at = |second: f32| model.strip.voice[(second / 4.0 * 512.0) as usize] > 0.0;
    assert_eq!(
        [0.5, 2.0, 3.0, 3.8].map(heard_at),
        [false, true, true, false]
    );
}

/// Noise in the band of speech that swells, or silence.
fn voice(num_frames: usize, block: u32, is_spoken: bool) -> Vec<f32> {
    let mut low = 0.0;
    (0..num_frames as u32)
        .map(|frame| {
            let at = block * num_frames as u32 + frame;
            let noise = 2.0 * models::seeded::unit(3, 950, at) as f32 - 1.0;
            low += 0.5 * (noise - low);
            let swell = 0.6 - 0.4 * (std::f32::consts::TAU * 4.0 * at as f32 / RATE_HZ).cos();
            if is_spoken { 0.4 * swell * low } else { 0.0 }
        })
        .collect()
}

fn play(playback: &mut Playback, heard: &mut [Vec<f32>; 2], transport: &Transport) {
    let mut buffer = Buffer::default();
    let num_frames = heard[0].len();
    // SAFETY: the buffer is used up before the samples are.
    unsafe {
        buffer.set_slices(num_frames, |slices| {
            *slices = heard.iter_mut().map(Vec::as_mut_slice).collect();
        });
    }
    playback.process(&mut buffer, transport);
}
