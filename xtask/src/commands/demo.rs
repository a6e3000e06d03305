//! `demo`: the project's own tune through three seeds, a bed under a spoken line and two backdrops, with pictures, into
//! one folder.

mod backdrops;
mod bed;
pub mod tune;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use engine::offline::RenderSettings;
use engine::score::Score;
use engine::score::write::midi_bytes;
use engine::wav::SampleStorage;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, Performance, Sounds, Stage, rounded};

/// Where everything goes when nothing is said.
const DEFAULT_FOLDER: &str = "demo";
const NUM_SEEDS: u32 = 3;
const SAMPLE_RATE_HZ: u32 = 48_000;

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
        score: Score::from_midi(&midi)?,
        stage: Stage::open(arguments.model.as_deref())?,
        files: vec![OutputFile::write_whole(
            &folder.join("understory.mid"),
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
    score: Score,
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
        let baked = self
            .stage
            .bake(self.common, &self.score, &Sounds::ByProgram { seed })?;
        let settings = RenderSettings {
            sample_rate_hz: SAMPLE_RATE_HZ,
            seed,
            ..RenderSettings::default()
        };
        let performance = performance::play(self.common, &self.score, &baked, &settings)?;
        let fingerprint = performance.fingerprint();
        let recipe = json!({
            "command": "demo", "seed": seed, "model": self.stage.model_recipe(), "rate": SAMPLE_RATE_HZ,
            "gain_db": performance.gain_db, "fingerprint": fingerprint,
        });
        self.files.push(performance::save(
            file,
            &path,
            &performance.rendering,
            SampleStorage::Integer24,
            &recipe,
        )?);
        self.draw(&path.with_extension("png"), seed, &performance)?;
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
