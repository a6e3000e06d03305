//! Hits and the energy curve, changed by hand or from a marker file. Editor thread.

use engine::cues::markers;
use engine::score::compose::MAX_HITS;

use super::super::settings::{HitMark, Settings};
use super::Window;
use super::faces::energy_points;
use crate::places;

impl Window {
    /// A hit on the video frame nearest to this time.
    pub(super) fn add_hit(&mut self, time_s: f32) {
        let time_s = self.on_frame(f64::from(time_s));
        self.change_settings("hit", |settings| {
            if settings.hits.len() < MAX_HITS {
                let name = format!("hit {}", settings.hits.len() + 1);
                settings.hits.push(HitMark { time_s, name });
            }
        });
    }

    pub(super) fn remove_hit(&mut self, index: usize) {
        let index = self.number_of_hit(index);
        self.change_settings("hit", |settings| {
            if index < settings.hits.len() {
                settings.hits.remove(index);
            }
        });
    }

    /// Part of a gesture.
    pub(super) fn move_hit(&mut self, index: usize, time_s: f32) {
        let time_s = self.on_frame(f64::from(time_s));
        let index = self.number_of_hit(index);
        self.hub.persisted.change(|settings| {
            if let Some(hit) = settings.hits.get_mut(index) {
                hit.time_s = time_s;
            }
        });
    }

    /// The hit goes to where the music falls.
    pub(super) fn meet_hit(&mut self, index: usize) {
        let placed_s = match self.score() {
            Ok(bed) => bed.hits.get(index).map(|hit| hit.placed_s),
            Err(_) => None,
        };
        let index = self.number_of_hit(index);
        self.change_settings("hit", |settings| {
            if let (Some(placed_s), Some(hit)) = (placed_s, settings.hits.get_mut(index)) {
                hit.time_s = placed_s;
            }
        });
    }

    /// The n-th hit that is shown: those past the end are not.
    fn number_of_hit(&self, index: usize) -> usize {
        let settings = self.hub.persisted.settings();
        let length_s = self.order().score.length_s(&settings);
        let shown = settings.hits.iter().enumerate();
        shown
            .filter(|(_, hit)| (0.0..length_s).contains(&hit.time_s))
            .nth(index)
            .map_or(usize::MAX, |(number, _)| number)
    }

    /// Part of a gesture. The first point that is moved makes the form's curve the user's own.
    pub(super) fn set_energy(&mut self, index: usize, level: f32) {
        let settings = self.hub.persisted.settings();
        let Ok(bed) = self.score() else {
            return;
        };
        let mut points = energy_points(bed, &settings);
        if let Some(point) = points.get_mut(index) {
            point[1] = f64::from(level.clamp(0.0, 1.0));
            self.hub
                .persisted
                .change(|settings| settings.energy_curve = points);
        }
    }

    /// Hits from the newest file of the folder for markers.
    pub(super) fn import_markers(&mut self) {
        let read = self.read_markers();
        self.word = Some(read.map(|(hits, name)| {
            let word = format!("{} hits from {name}", hits.len());
            self.change_settings("markers", |settings| settings.hits = hits);
            word
        }));
    }

    fn read_markers(&self) -> Result<(Vec<HitMark>, String), String> {
        let folder = places::markers_folder()?;
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
        std::fs::create_dir_all(&folder).map_err(|error| at(&error))?;
        let path = places::newest_file(&folder)
            .ok_or_else(|| at(&"put a marker file here, then import again"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let length = std::fs::metadata(&path).map_err(|error| at(&error))?.len();
        if length > markers::MAX_BYTES as u64 {
            return Err(at(&format!(
                "{name} has {length} bytes, too many for markers"
            )));
        }
        let bytes = std::fs::read(&path).map_err(|error| at(&error))?;
        let rate = self.frame_rate(&self.hub.persisted.settings());
        let cues = markers::read(&name, &bytes, rate)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let hits = cues.hits.into_iter().map(|hit| HitMark {
            time_s: hit.time_s,
            name: hit.name,
        });
        Ok((hits.collect(), name.into_owned()))
    }

    fn on_frame(&self, time_s: f64) -> f64 {
        let rate = self.frame_rate(&self.hub.persisted.settings());
        rate.seconds(rate.frame(time_s.max(0.0)))
    }

    /// A gesture of its own: one undo step.
    pub(super) fn change_settings(&mut self, what: &str, change: impl FnOnce(&mut Settings)) {
        self.history.remember(what.to_owned(), self.snapshot());
        self.hub.persisted.change(change);
        self.count_revision();
    }
}
