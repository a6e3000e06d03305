//! `demo`: the project's own tune through three seeds, a bed under a spoken line and two backdrops, with pictures, into
//! one folder.

mod backdrops;
mod bed;
pub mod tune;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use engine::score::write::midi_bytes;
use serde_json::{Value, json};

use super::render::{PlayedSong, Song, SongOrder};
use crate::bed_production;
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, Performance, Stage, rounded};

/// Where everything goes when nothing is said.
const DEFAULT_FOLDER: &str = "demo";
const NUM_SEEDS: u32 = 3;
const MIDI_NAME: &str = "understory.mid";

/// Nothing but the common flags; `--out` is the folder. Files of an earlier demo are replaced.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Another model than the shipped one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Writes the tune as MIDI, as WAV and picture for three seeds, and a bed of 30 s.
///
/// # Errors
/// Whatever setup, model or disk refuse.
pub fn run(arguments: &Arguments, common: &Common) -> Result<Outcome, Failure> {
    let start = Instant::now();
    super::setup::ensure(&[super::setup::Part::RuntimeLibrary])?;
    let folder = common
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER));
    output_file::create_folder(&folder)?;
    let midi = midi_bytes(&tune::tune())?;
    let mut demo = Demo {
        common,
        midi: &midi,
        stage: Stage::open(arguments.model.as_deref(), bed_production::num_threads())?,
        files: vec![OutputFile::write_whole(
            &folder.join(MIDI_NAME),
            true,
            &midi,
        )?],
        words: Vec::new(),
        played_s: 0.0,
        work_s: 0.0,
    };
    let renders = (0..NUM_SEEDS)
        .map(|offset| demo.seed(&folder, common.seed.wrapping_add(offset)))
        .collect::<Result<Vec<_>, _>>()?;
    let bed = bed::make(common, &mut demo.stage, &folder)?;
    demo.files.extend(bed.files);
    demo.words.push(bed.words);
    let painted = backdrops::paint(&folder, common.seed)?;
    let pictures = painted.map_or(Vec::new(), |painted| {
        demo.files.extend(painted.files);
        demo.words.extend(painted.words);
        painted.json
    });
    Ok(demo.outcome(
        renders,
        (&bed.json, pictures),
        start.elapsed().as_secs_f64(),
    ))
}

struct Demo<'a> {
    common: &'a Common,
    midi: &'a [u8],
    stage: Stage,
    files: Vec<PathBuf>,
    words: Vec<String>,
    /// Seconds of music made, and what making them took.
    played_s: f64,
    work_s: f64,
}

impl Demo<'_> {
    /// Plays, measures, saves and draws the tune with the sounds of one seed.
    fn seed(&mut self, folder: &Path, seed: u32) -> Result<Value, Failure> {
        let path = folder.join(format!("understory-seed-{seed}.wav"));
        let file = OutputFile::create(&path, true)?;
        let order = SongOrder::by_program(Song::from_bytes(MIDI_NAME, self.midi)?, seed);
        let song = order.play(self.common, &mut self.stage)?;
        let PlayedSong { baked, performance } = &song;
        let fingerprint = performance.fingerprint();
        let recipe = order.recipe(&self.stage, performance);
        self.files.push(performance::save(
            file,
            &path,
            &performance.rendering,
            order.storage,
            &recipe,
        )?);
        self.draw(&path.with_extension("png"), seed, performance)?;
        let duration_s = performance.rendering.duration_s();
        self.played_s += duration_s;
        self.work_s += baked.bake_s + performance.render_s;
        self.words.push(format!(
            "{}: {duration_s:.1} s, {}, {} notes baked in {:.1} s, played in {:.2} s",
            path.display(),
            performance.lufs_in_words(),
            baked.notes.len(),
            baked.bake_s,
            performance.render_s
        ));
        Ok(json!({
            "seed": seed, "file": path, "duration_s": rounded(duration_s, 3), "baked_notes": baked.notes.len(),
            "bake_s": rounded(baked.bake_s, 3), "render_s": rounded(performance.render_s, 3),
            "gain_db": rounded(performance.gain_db, 2), "fingerprint": fingerprint,
            "lufs": performance.loudness.integrated_lufs.map(|lufs| rounded(lufs, 2)),
            "stolen_voices": performance.rendering.num_stolen_voices,
        }))
    }

    fn draw(&mut self, path: &Path, seed: u32, performance: &Performance) -> Result<(), Failure> {
        let title = format!("Understory, seed {seed}");
        let png = self.stage.draw(performance, &title)?;
        self.files.push(OutputFile::write_whole(path, true, &png)?);
        Ok(())
    }

    fn outcome(
        mut self,
        renders: Vec<Value>,
        (bed, pictures): (&Value, Vec<Value>),
        total_s: f64,
    ) -> Outcome {
        let realtime_factor = self.played_s / self.work_s;
        self.words.push(format!(
            "{} files in {total_s:.1} s: music made {realtime_factor:.0} times faster than it plays",
            self.files.len()
        ));
        let json = json!({
            "files": self.files, "realtime_factor": rounded(realtime_factor, 2), "wall_s": rounded(total_s, 2),
            "renders": renders, "bed": bed, "backdrops": pictures,
        });
        Outcome::done(self.words.join("\n"), json)
    }
}
