//! A closed loop: frames on several threads, then a folder of PNG, an animated preview, or video by ffmpeg.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use backdrop::encode::frames::{Video, write_apng, write_gif};
use backdrop::encode::{self, Format, Settings};
use backdrop::moving::{Loop, Movement};
use backdrop::paint::{Look, Painter};
use backdrop::provenance::Provenance;
use backdrop::rows::{Depth, Picture};
use backdrop::{Field, Request, Scene, Studio};
use indicatif::ProgressBar;
use serde_json::json;

use super::Arguments;
use super::arguments::Order;
use super::still::{milliseconds, recipe};
use crate::failure::Failure;
use crate::flags::Common;
use crate::outcome::Outcome;
use crate::output_file::{self, OutputFile};
use crate::performance::rounded;
use crate::progress;

/// Most threads that paint frames: each holds its own copy of the model.
const MAX_JOBS: usize = 16;
/// Threads when nothing is said.
const USUAL_JOBS: usize = 4;
/// Longest side of an animated preview.
const PREVIEW_SIDE: u32 = 480;
/// Pattern of the frames' names, for ffmpeg too.
const PATTERN: &str = "%05d.png";

/// What becomes of the frames.
enum Target {
    Folder(PathBuf),
    Video(PathBuf, Video),
    Apng(PathBuf),
    Gif(PathBuf),
}

impl Target {
    fn of(path: &Path) -> Self {
        let path = path.to_path_buf();
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        match (Video::from_path(&path), ending.as_deref()) {
            (Some(video), _) => Self::Video(path, video),
            (None, Some("gif")) => Self::Gif(path),
            (None, Some("apng" | "png")) => Self::Apng(path),
            _ => Self::Folder(path),
        }
    }
}

pub(super) fn run(
    studio: &mut Studio,
    order: &Order,
    plan: Loop,
    (model, num_threads): (&Path, usize),
    arguments: &Arguments,
    common: &Common,
) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let mut request = order.request.clone();
    let target = Target::of(&order.path);
    if matches!(target, Target::Apng(_) | Target::Gif(_)) {
        request.size = request.size.within(PREVIEW_SIDE);
    }
    let scene = studio.scene(&request)?;
    let mut provenance = Provenance {
        recipe: recipe(studio, &scene.request),
    };
    provenance.recipe["loop"] = json!({
        "frames": plan.num_frames, "fps": plan.rate_hz, "movement": plan.movement.name(), "motion": plan.amount,
    });
    let film = Film {
        plan,
        scene: &scene,
        model,
        jobs: jobs(order, plan, num_threads),
        provenance: &provenance,
    };
    let bar = progress::counted(common, "painting frames", plan.num_frames as usize);
    let bits = arguments.frame_bits();
    let (file, ffmpeg_line) = match target {
        Target::Folder(folder) => {
            film.write_frames(&folder, bits, common.force, &bar)?;
            let line = ffmpeg_line(Video::ProRes, plan, &folder, &folder.with_extension("mov"));
            (folder, Some(line))
        }
        Target::Video(path, video) => film.write_video(&path, video, bits, common.force, &bar)?,
        Target::Apng(path) => (film.write_preview(&path, common.force, &bar, false)?, None),
        Target::Gif(path) => (film.write_preview(&path, common.force, &bar, true)?, None),
    };
    bar.finish_and_clear();
    let size = request.size;
    let mut words = format!(
        "{}: {} frames of {size} at {} a second, seed {}, in {:.1} s",
        file.display(),
        plan.num_frames,
        plan.rate_hz,
        scene.request.seed,
        1e-3 * milliseconds(&start)
    );
    if let Some(line) = &ffmpeg_line {
        words.push_str(&format!("\nvideo of them: {line}"));
    }
    let json = json!({
        "file": file, "width": size.width(), "height": size.height(), "seed": scene.request.seed,
        "frames": plan.num_frames, "fps": plan.rate_hz, "movement": plan.movement.name(), "ffmpeg": ffmpeg_line,
        "contrast": scene.legibility.map(|found| rounded(found.contrast.worst, 3)),
        "render_ms": rounded(milliseconds(&start), 1), "model": studio.model_recipe(),
    });
    Ok(Outcome::done(words, json))
}

fn jobs(order: &Order, plan: Loop, num_threads: usize) -> usize {
    let wanted = order.jobs.unwrap_or(num_threads.min(USUAL_JOBS));
    wanted.clamp(1, MAX_JOBS).min(plan.num_frames as usize)
}

fn ffmpeg_line(video: Video, plan: Loop, folder: &Path, output: &Path) -> String {
    let input = folder.join(PATTERN);
    let arguments = video.ffmpeg_arguments(
        plan.rate_hz,
        &input.display().to_string(),
        &output.display().to_string(),
    );
    let quoted = arguments.into_iter().map(|argument| {
        if argument.contains(' ') {
            format!("\"{argument}\"")
        } else {
            argument
        }
    });
    std::iter::once("ffmpeg".to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A loop with all that its frames share.
struct Film<'a> {
    plan: Loop,
    scene: &'a Scene,
    model: &'a Path,
    jobs: usize,
    provenance: &'a Provenance,
}

impl Film<'_> {
    fn write_frames(
        &self,
        folder: &Path,
        bits: u8,
        force: bool,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        output_file::create_folder(folder)?;
        let settings = Settings {
            bits,
            ..Settings::of(Format::Png)
        };
        let request = &self.scene.request;
        settings.check(
            request.size,
            request.transparent.is_some(),
            request.color_space,
        )?;
        self.for_each_frame(&|frame, field, look| {
            let name = format!("{frame:05}.png");
            let mut file = OutputFile::create(&folder.join(name), force)?;
            let mut painter = Painter::new(field, look, request.size, settings.depth());
            let mut provenance = self.provenance.clone();
            provenance.recipe["file"] = settings.recipe();
            provenance.recipe["loop"]["frame"] = json!(frame);
            encode::write(&mut painter, &settings, &provenance, &mut file)?;
            file.commit()?;
            bar.inc(1);
            Ok(())
        })
    }

    /// Frames into a folder that is thrown away, ffmpeg, then the file under its name. Without ffmpeg the frames stay,
    /// beside the name that was asked for, and the line that makes the video of them is said.
    fn write_video(
        &self,
        path: &Path,
        video: Video,
        bits: u8,
        force: bool,
        bar: &ProgressBar,
    ) -> Result<(PathBuf, Option<String>), Failure> {
        let has_ffmpeg = Command::new("ffmpeg")
            .arg("-version")
            .output()
            .is_ok_and(|output| output.status.success());
        if !has_ffmpeg {
            let folder = path.with_extension("");
            self.write_frames(&folder, bits, force, bar)?;
            return Ok((
                folder.clone(),
                Some(ffmpeg_line(video, self.plan, &folder, path)),
            ));
        }
        let whole = OutputFile::create(path, force)?;
        let scratch = tempfile::tempdir()
            .map_err(|error| Failure::system(format!("no temporary folder: {error}")))?;
        self.write_frames(scratch.path(), bits, true, bar)?;
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let video_path = scratch.path().join(format!("video.{ending}"));
        let input = scratch.path().join(PATTERN).display().to_string();
        let arguments =
            video.ffmpeg_arguments(self.plan.rate_hz, &input, &video_path.display().to_string());
        let output = Command::new("ffmpeg")
            .args(arguments)
            .output()
            .map_err(|error| Failure::system(format!("ffmpeg did not start: {error}")))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let last = words.lines().last().unwrap_or("it gave no reason");
            return Err(Failure::system(format!("ffmpeg failed: {last}")));
        }
        let bytes =
            std::fs::read(&video_path).map_err(|error| Failure::at_path(&video_path, &error))?;
        Ok((whole.write_and_commit(&bytes)?, None))
    }

    fn write_preview(
        &self,
        path: &Path,
        force: bool,
        bar: &ProgressBar,
        is_gif: bool,
    ) -> Result<PathBuf, Failure> {
        let mut file = OutputFile::create(path, force)?;
        let frames = Mutex::new(vec![None; self.plan.num_frames as usize]);
        self.for_each_frame(&|frame, field, look| {
            let mut painter = Painter::new(field, look, self.scene.request.size, Depth::Eight);
            let picture = Picture::collect(&mut painter);
            lock(&frames)[frame as usize] = Some(picture);
            bar.inc(1);
            Ok(())
        })?;
        let frames: Vec<Picture> = lock(&frames).drain(..).flatten().collect();
        let rate_hz = u16::try_from(self.plan.rate_hz).unwrap_or(u16::MAX);
        if is_gif {
            write_gif(&frames, rate_hz, &mut file)?;
        } else {
            write_apng(&frames, rate_hz, self.provenance, &mut file)?;
        }
        file.commit()
    }

    /// Calls `paint` once for every frame, on several threads; the first failure ends the work.
    fn for_each_frame(
        &self,
        paint: &(dyn Fn(u32, &Field, &Look) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let next = AtomicU32::new(0);
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    if let Err(error) = self.work(&next, paint) {
                        next.store(self.plan.num_frames, Ordering::Relaxed);
                        lock(&failure).get_or_insert(error);
                    }
                });
            }
        });
        lock(&failure).take().map_or(Ok(()), Err)
    }

    fn work(
        &self,
        next: &AtomicU32,
        paint: &(dyn Fn(u32, &Field, &Look) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let flows = self.plan.movement == Movement::Drift;
        let mut studio = if flows {
            Some(Studio::load(self.model)?)
        } else {
            None
        };
        let request: &Request = &self.scene.request;
        loop {
            let frame = next.fetch_add(1, Ordering::Relaxed);
            if frame >= self.plan.num_frames {
                return Ok(());
            }
            let look = look_of(self.scene, self.plan, frame);
            match &mut studio {
                Some(studio) => paint(
                    frame,
                    &studio.field(request, self.plan.motion(frame))?,
                    &look,
                )?,
                None => paint(frame, &self.scene.field, &look)?,
            }
        }
    }
}

/// What is made of the field of a frame.
pub(super) fn look_of(scene: &Scene, plan: Loop, frame: u32) -> Look {
    let mut look = scene.look.clone();
    look.view = plan.view(frame, look.view);
    look
}

/// A thread that panicked left nothing half done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
