//! What the user did, carried out: parameters by the host's gestures, the rest by the settings. Editor thread.

use engine::score::compose::{MAX_LENGTH_S, MIN_LENGTH_S, MOODS};
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::Param;

use super::super::composing::next_sound;
use super::super::params::MAX_REVISION;
use super::{Snapshot, Window};
use crate::editor::bed::action::{BedAction, BedTarget, DuckWay};
use crate::editor::model::{ParameterId, SoundId};
use crate::parameter_text;

/// The parameters of the mood pad: across, upwards.
const MOOD: [&str; 2] = ["val", "energy"];
/// Seeds of the dice are below this: they fit the parameter.
const NUM_SEEDS: u32 = 1_000_000;
/// Notes of an octave.
const NUM_TONICS: u32 = 12;

impl Window {
    /// Carries out what the user did, in order.
    pub(super) fn carry_out(&mut self, actions: Vec<BedAction>) {
        let Some(host) = self.host.clone() else {
            return;
        };
        for action in actions {
            self.carry_out_one(&host, action);
        }
    }

    fn carry_out_one(&mut self, host: &GuiContext, action: BedAction) {
        match action {
            BedAction::BeginGesture(target) => self.begin(host, target),
            BedAction::SetParameter(id, value) => self.knobs.set(host, id, value),
            BedAction::EnterText(id, text) => self.knobs.enter(host, id, &text),
            BedAction::MoveMood(place) => {
                for (id, value) in MOOD.into_iter().zip(place) {
                    if let Some(number) = self.knobs.number_of(id) {
                        self.knobs.set(host, number, value);
                    }
                }
            }
            BedAction::SetEnergy(index, level) => self.set_energy(index, level),
            BedAction::MoveHit(index, time_s) => self.move_hit(index, time_s),
            BedAction::EndGesture(target) => self.end(host, target),
            other => {
                self.word = None;
                self.carry_out_press(host, other);
            }
        }
    }

    fn carry_out_press(&mut self, host: &GuiContext, action: BedAction) {
        match action {
            BedAction::ChooseBed(SoundId(row)) => self.choose_mood(host, row as usize),
            BedAction::ChooseMood(row) => self.choose_mood(host, row),
            BedAction::SetLength(text) => self.set_length(host, &text),
            BedAction::FitToClip => self.fit_to_range(host),
            BedAction::SetSeed(seed) => self.set_seed(host, seed.min(NUM_SEEDS - 1)),
            BedAction::ToggleSeedLock => self
                .hub
                .persisted
                .note(|settings| settings.seed_is_locked = !settings.seed_is_locked),
            BedAction::Randomise => self.randomise(host),
            BedAction::Undo => {
                if let Some(before) = self.history.undo(self.snapshot()) {
                    self.apply(host, &before);
                }
            }
            BedAction::Redo => {
                if let Some(after) = self.history.redo(self.snapshot()) {
                    self.apply(host, &after);
                }
            }
            BedAction::ImportMarkers => self.import_markers(),
            BedAction::AddHit(time_s) => self.add_hit(time_s),
            BedAction::RemoveHit(index) => self.remove_hit(index),
            BedAction::MeetHit(index) => self.meet_hit(index),
            BedAction::ToggleMute(part) => self.toggle(host, &format!("mute_{}", part + 1)),
            BedAction::ToggleSolo(part) => self.toggle(host, &format!("solo_{}", part + 1)),
            BedAction::NextPartSound(part) => self.next_part_sound(part),
            BedAction::ToggleDuckWay(way) => {
                let id = match way {
                    DuckWay::Level => "levon",
                    DuckWay::Thin => "thinon",
                    DuckWay::Darken => "darkon",
                };
                self.toggle(host, id);
            }
            BedAction::MatchTarget => self.match_target(host),
            BedAction::Export(kind) => self.export(kind),
            BedAction::Restart => self.hub.live.restart(),
            BedAction::TryAgain => self.hub.desk.retry(),
            _ => {}
        }
    }

    fn begin(&mut self, host: &GuiContext, target: BedTarget) {
        let name = match target {
            BedTarget::Parameter(id) => self
                .knobs
                .read(id)
                .map_or_else(String::new, |reading| reading.name),
            BedTarget::Mood => "mood".to_owned(),
            BedTarget::Energy(_) => "energy".to_owned(),
            BedTarget::Hit(_) => "hit".to_owned(),
        };
        self.word = None;
        self.history.remember(name, self.snapshot());
        self.each(target, |window, id| window.knobs.begin(host, id));
    }

    fn end(&mut self, host: &GuiContext, target: BedTarget) {
        self.each(target, |window, id| window.knobs.end(host, id));
        if matches!(target, BedTarget::Energy(_) | BedTarget::Hit(_)) {
            self.count_revision();
        }
    }

    /// Every parameter of a gesture.
    fn each(&self, target: BedTarget, act: impl Fn(&Self, ParameterId)) {
        match target {
            BedTarget::Parameter(id) => act(self, id),
            BedTarget::Mood => {
                for id in MOOD.iter().filter_map(|id| self.knobs.number_of(id)) {
                    act(self, id);
                }
            }
            BedTarget::Energy(_) | BedTarget::Hit(_) => {}
        }
    }

    fn choose_mood(&mut self, host: &GuiContext, row: usize) {
        let Some(named) = MOODS.get(row) else {
            return;
        };
        let valence = 0.5 + 0.5 * named.mood.valence;
        let values = [
            ("val", valence as f32),
            ("energy", named.mood.energy as f32),
        ];
        self.move_all(host, "mood", &values);
    }

    /// Length by time code of the video, or as a clock shows it. A bed of a set length ends.
    fn set_length(&mut self, host: &GuiContext, text: &str) {
        let rate = self.frame_rate(&self.hub.persisted.settings());
        let by_clock =
            || parameter_text::read_clock()(text).map(|time_ms| 1e-3 * f64::from(time_ms));
        let length_s = match rate.frame_of_timecode(text) {
            Ok(frame) => Some(rate.seconds(frame)),
            Err(_) => by_clock(),
        };
        match length_s.filter(|length_s| (MIN_LENGTH_S..=MAX_LENGTH_S).contains(length_s)) {
            Some(length_s) => self.take_length(host, length_s, None),
            None => {
                self.word = Some(Err(format!(
                    "{text}: write a length of {MIN_LENGTH_S} to {MAX_LENGTH_S} s as 1:30 or 00:01:30:00"
                )));
            }
        }
    }

    /// As long as the range that the host marks, and beginning there.
    fn fit_to_range(&mut self, host: &GuiContext) {
        let Some((start, end)) = self.hub.live.range() else {
            let word = "The host names no range: mark the clip as a loop, or type the length";
            self.word = Some(Err(word.to_owned()));
            return;
        };
        let rate_hz = f64::from(self.hub.live.sample_rate_hz());
        let length_s = (end - start) as f64 / rate_hz;
        self.take_length(host, length_s, Some(start.max(0) as f64 / rate_hz));
    }

    fn take_length(&mut self, host: &GuiContext, length_s: f64, start_s: Option<f64>) {
        let length_s = length_s.clamp(MIN_LENGTH_S, MAX_LENGTH_S);
        let params = &self.hub.persisted.params.form;
        let in_ms = |time_s: f64| (1e3 * time_s).round() as i32;
        let mut values = vec![
            (
                "length",
                params.length_ms.preview_normalized(in_ms(length_s)),
            ),
            ("loop", 0.0),
        ];
        if let Some(start_s) = start_s {
            let start = params.start_ms.preview_normalized(in_ms(start_s));
            values.push(("start", start));
        }
        self.move_all(host, "length", &values);
        self.hub
            .persisted
            .change(|settings| settings.exact_length_s = Some(length_s));
        self.count_revision();
    }

    /// The level at which the whole bed is as loud as the target.
    fn match_target(&mut self, host: &GuiContext) {
        let course = self.measured();
        let lufs = course.and_then(|course| course.whole.integrated_lufs);
        let levels = &self.hub.persisted.params.levels;
        let wanted_lufs = levels.target_lufs.value();
        let Some(lufs) = lufs else {
            return;
        };
        let level_db = wanted_lufs - lufs as f32;
        let value = levels.bed_db.preview_normalized(level_db);
        self.move_all(host, "bed level", &[("bed", value)]);
    }

    fn set_seed(&mut self, host: &GuiContext, seed: u32) {
        let params = &self.hub.persisted.params;
        let value = params.mood.seed.preview_normalized(seed as i32);
        self.move_all(host, "seed", &[("seed", value)]);
    }

    /// Another bed of the same mood; with the seed locked the same one in another key.
    fn randomise(&mut self, host: &GuiContext) {
        if !self.hub.persisted.settings().seed_is_locked {
            return self.set_seed(host, chance() % NUM_SEEDS);
        }
        let tonic = 1 + chance() % NUM_TONICS;
        let value = tonic as f32 / NUM_TONICS as f32;
        self.move_all(host, "key", &[("tonic", value)]);
    }

    fn toggle(&mut self, host: &GuiContext, id: &str) {
        let number = self.knobs.number_of(id);
        let Some(reading) = number.and_then(|number| self.knobs.read(number)) else {
            return;
        };
        let other = if reading.normalized < 0.5 { 1.0 } else { 0.0 };
        self.move_all(host, &reading.name, &[(id, other)]);
    }

    fn next_part_sound(&mut self, part: usize) {
        let settings = self.hub.persisted.settings();
        let Some(own) = settings.sounds.get(part) else {
            return;
        };
        let composed = self.hub.desk.composed();
        let played = composed.and_then(|composed| composed.sounds.get(part).cloned());
        let present = own.clone().or(played);
        let Some(next) = present.as_ref().and_then(next_sound) else {
            self.word = Some(Err("There is no other sound beside the plugin".to_owned()));
            return;
        };
        self.change_settings("sound", |settings| settings.sounds[part] = Some(next));
    }

    /// Whole gestures of these parameters: one undo step.
    fn move_all(&mut self, host: &GuiContext, what: &str, values: &[(&str, f32)]) {
        self.history.remember(what.to_owned(), self.snapshot());
        for (id, value) in values {
            if let Some(number) = self.knobs.number_of(id) {
                self.knobs.move_to(host, number, *value);
            }
        }
    }

    fn apply(&mut self, host: &GuiContext, next: &Snapshot) {
        self.knobs.go_to_values(host, &next.parameters);
        let scale_percent = self.hub.persisted.settings().scale_percent;
        self.hub.persisted.change(|settings| {
            *settings = next.settings.clone();
            settings.scale_percent = scale_percent;
        });
        self.count_revision();
    }

    /// Settings are no parameters: one that counts their changes makes the host notice them.
    pub(super) fn count_revision(&self) {
        if let (Some(host), Some(number)) = (&self.host, self.knobs.number_of("rev")) {
            let generation = self.hub.persisted.generation();
            let count = (generation % (MAX_REVISION as u64 + 1)) as f32;
            self.knobs
                .move_to(host, number, count / MAX_REVISION as f32);
        }
    }
}

/// A seed that nobody has chosen: the clock's.
fn chance() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.subsec_nanos() ^ now.as_secs() as u32)
}
