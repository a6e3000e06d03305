//! What the bed's window has made in the background: one thing at a time, with its progress. Editor thread, and a thread
//! per thing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use engine::loudness::{self, Course};
use engine::mix::BedRenderer;
use engine::mix::render::render_bed;

use super::super::composing::Composed;
use super::super::order::Order;
use super::super::worker::Progress;
use super::Window;
use super::files::{self, FileOrder};
use crate::editor::bed::action::Export;
use crate::places;

/// Longer beds are not measured by themselves, s: it takes a twentieth of their time, and memory.
const LONGEST_MEASURED_S: f64 = 600.0;
/// The meter follows the playhead in steps of this, s.
const METER_STEP_S: f64 = 0.1;

/// What comes of a job.
pub(super) enum Outcome {
    Written(Result<String, String>),
    Measured(Order, Option<Course>),
}

/// A job under way.
pub(super) struct Job {
    thread: JoinHandle<Outcome>,
    is_export: bool,
    /// 0..1, bits of an `f32`.
    share: Arc<AtomicU32>,
}

impl Job {
    fn start(
        is_export: bool,
        work: impl FnOnce(&dyn Fn(f64)) -> Outcome + Send + 'static,
    ) -> Result<Self, String> {
        let share = Arc::new(AtomicU32::new(0));
        let told = Arc::clone(&share);
        let thread = thread::Builder::new()
            .name("understory-bed-job".into())
            .spawn(move || work(&|done| told.store((done as f32).to_bits(), Ordering::Relaxed)));
        let thread = thread.map_err(|error| format!("no thread to spare ({error})"))?;
        Ok(Self {
            thread,
            is_export,
            share,
        })
    }

    /// Whether the user asked for it.
    pub(super) fn is_export(&self) -> bool {
        self.is_export
    }

    /// Share done, 0..1.
    pub(super) fn share(&self) -> f32 {
        f32::from_bits(self.share.load(Ordering::Relaxed))
    }
}

impl Window {
    /// Whether something is made in the background, here or by the worker.
    pub(super) fn is_making(&self) -> bool {
        self.job.is_some() || matches!(self.hub.desk.progress(), Progress::Baking(..))
    }

    /// The bed's loudness at bed level 0, once it is measured.
    pub(super) fn measured(&self) -> Option<Arc<Course>> {
        let (order, course) = self.hub.desk.measured()?;
        (order == self.order()).then_some(course).flatten()
    }

    /// Takes what a job has come to; starts measuring when there is something new.
    pub(super) fn look_after_job(&mut self) {
        if let Some(job) = self.job.take_if(|job| job.thread.is_finished()) {
            match job.thread.join() {
                Ok(Outcome::Written(word)) => self.word = Some(word),
                Ok(Outcome::Measured(order, loudness)) => {
                    self.hub.desk.put_measured(order, loudness);
                }
                Err(_) => self.word = Some(Err("Writing broke down; try again".to_owned())),
            }
        }
        if self.job.is_none() && self.hub.desk.progress() == Progress::Done {
            self.measure();
        }
    }

    fn measure(&mut self) {
        let order = self.order();
        let is_known = self
            .hub
            .desk
            .measured()
            .is_some_and(|(known, _)| known == order);
        let Some(composed) = self.composed(&order) else {
            return;
        };
        if is_known || composed.bed.length_s > LONGEST_MEASURED_S {
            return;
        }
        let job = Job::start(false, move |_| {
            Outcome::Measured(order, measure(&composed, &order))
        });
        self.job = job.ok();
    }

    /// Starts to write a file, or several.
    pub(super) fn export(&mut self, kind: Export) {
        let started = self.try_export(kind);
        if let Err(complaint) = started {
            self.word = Some(Err(complaint));
        }
    }

    fn try_export(&mut self, kind: Export) -> Result<(), String> {
        if self.job.as_ref().is_some_and(Job::is_export) {
            return Err("Something is being written already: wait for it".to_owned());
        }
        let order = self.order();
        let composed = self
            .composed(&order)
            .ok_or("The bed is not composed yet: wait a moment")?;
        let params = &self.hub.persisted.params;
        let file_order = FileOrder {
            kind,
            order,
            composed,
            target: engine::mix::master::Target {
                lufs: f64::from(params.levels.target_lufs.value()),
                true_peak_db: f64::from(params.levels.true_peak_db.value()),
            },
            folder: places::exports_folder()?,
            name: super::faces::bed_name(&order.score).to_lowercase(),
        };
        self.job = Some(Job::start(true, move |progress| {
            Outcome::Written(files::write(&file_order, progress))
        })?);
        Ok(())
    }

    /// The bed with its notes, if it is the one that the parameters ask for.
    fn composed(&self, order: &Order) -> Option<Arc<Composed>> {
        let composed = self.hub.desk.composed();
        composed.filter(|composed| composed.order == order.score)
    }
}

fn measure(composed: &Composed, order: &Order) -> Option<Course> {
    let mix = order.mix.mix_settings();
    let mut renderer = BedRenderer::new(&composed.bed, &composed.notes, &mix).ok()?;
    let rate_hz = mix.sample_rate_hz;
    let [left, right] = render_bed(&mut renderer, rate_hz, None, &mut |_| {}).ok()?;
    loudness::course(&left, &right, rate_hz, METER_STEP_S).ok()
}
