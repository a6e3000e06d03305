//! The editor's model, filled from an instance: what the user sees. Editor thread; reads, changes nothing but its own memory.
//!
//! The score is composed here too, for it takes milliseconds: the timeline shows it at once, its sound follows.

mod marks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::cues::timecode::FrameRate;
use engine::score::compose::{Bed, BedPart, MOODS, compose};

use super::super::order::{Order, ScoreOrder};
use super::super::settings::Settings;
use super::{Window, status};
use crate::editor::bed::model::{
    BedFace, BedModel, DuckLevels, DuckWays, EnergyPoint, LoudnessView, MoodView, NamedMood,
    NoteMark, PartView, SectionBlock, StripView,
};
use crate::editor::model::{Parameter, ParameterGroup, Preset, SoundId};
use crate::editor::palette::{Palette, SoundFigures};

/// Fall of the held meters, dB a pass: some 40 dB a second while something moves.
const METER_FALL_DB: f32 = 0.7;
/// No block for this long: nothing moves.
const STANDS_AFTER: Duration = Duration::from_millis(300);
/// Shown for silence.
const SILENT_DB: f32 = -120.0;

/// What the window remembers of what it showed.
pub(super) struct Faces {
    score: Option<(ScoreOrder, Result<Bed, String>)>,
    /// Those of `score`.
    notes: Arc<[NoteMark]>,
    meters_db: [f32; 2],
    /// Blocks seen, and when their number changed.
    blocks: Option<(u64, Instant)>,
}

impl Default for Faces {
    fn default() -> Self {
        Self {
            score: None,
            notes: Arc::default(),
            meters_db: [SILENT_DB; 2],
            blocks: None,
        }
    }
}

impl Window {
    /// The frame rate of the video.
    pub(super) fn frame_rate(&self, settings: &Settings) -> FrameRate {
        FrameRate::from_text(&settings.frame_rate).unwrap_or(FrameRate::PAL)
    }

    /// What the parameters ask for.
    pub(super) fn order(&self) -> Order {
        let persisted = &self.hub.persisted;
        let rate_hz = self.hub.live.sample_rate_hz();
        Order::of(&persisted.params, persisted.generation(), rate_hz)
    }

    /// The score that the parameters ask for.
    pub(super) fn score(&mut self) -> &Result<Bed, String> {
        let order = self.order().score;
        let is_known = |(known, _): &(ScoreOrder, _)| *known == order;
        if !self.faces.score.as_ref().is_some_and(is_known) {
            let settings = self.hub.persisted.settings();
            let bed = compose(&order.bed_settings(&settings)).map_err(|error| error.to_string());
            self.faces.notes = bed
                .as_ref()
                .map_or_else(|_| Arc::default(), marks::of_notes);
            self.faces.score = Some((order, bed));
        }
        static NOTHING: Result<Bed, String> = Err(String::new());
        self.faces
            .score
            .as_ref()
            .map_or(&NOTHING, |(_, score)| score)
    }

    /// Everything to draw.
    pub(super) fn model(&mut self) -> BedModel {
        let settings = self.hub.persisted.settings();
        let order = self.order();
        let strip = self.strip(&settings);
        let levels = self.levels();
        let params = &self.hub.persisted.params;
        let ways = DuckWays {
            level: params.duck.does_dip.value(),
            thin: params.duck.does_thin.value(),
            darken: params.duck.does_darken.value(),
        };
        let place = [
            0.5 + 0.5 * params.mood.valence.value(),
            params.mood.energy.value(),
        ];
        BedModel {
            bed: self.face(&order, &settings),
            presets: presets(),
            mood: MoodView {
                place,
                named: named_moods(),
            },
            loudness: self.loudness(strip.playhead_s),
            strip,
            score: self.shown(&["tonic", "tempo", "metre", "dens"]),
            parts: self.parts(&settings),
            duck: self.shown(&["depth", "dukatt", "dukrel"]),
            duck_ways: ways,
            levels,
            undo: self.history.undo_name().map(str::to_owned),
            redo: self.history.redo_name().map(str::to_owned),
            status: status::of(self),
        }
    }

    fn face(&self, order: &Order, settings: &Settings) -> BedFace {
        let rate = self.frame_rate(settings);
        let length_s = order.score.length_s(settings);
        let mood = order.score.mood();
        BedFace {
            name: bed_name(&order.score),
            seed: order.score.seed,
            is_seed_locked: settings.seed_is_locked,
            length_text: rate.timecode(rate.frame(length_s)),
            palette: Palette::of(&SoundFigures {
                brightness: mood.valence as f32,
                attack: 1.0 - 2.0 * mood.energy as f32,
                noisiness: 0.0,
                decay: 0.5,
                seed: order.score.seed,
            }),
        }
    }

    fn strip(&mut self, settings: &Settings) -> StripView {
        let rate = self.frame_rate(settings);
        let live = &self.hub.live;
        let frame_s = live.frame() as f32 / live.sample_rate_hz() as f32;
        let is_playing = live.is_playing() && is_moving(&mut self.faces.blocks, live.num_blocks());
        let voice = live.voice();
        self.score();
        let notes = Arc::clone(&self.faces.notes);
        let Ok(bed) = self.score() else {
            return StripView::default();
        };
        let length_s = bed.length_s as f32;
        let place_s = if bed.is_loop {
            frame_s.rem_euclid(length_s)
        } else {
            frame_s
        };
        StripView {
            length_s,
            sections: bed
                .sections
                .iter()
                .map(|section| SectionBlock {
                    name: section.kind.name().to_owned(),
                    start_s: section.start_s as f32,
                    end_s: section.end_s as f32,
                })
                .collect(),
            notes,
            energy: energy_points(bed, settings)
                .into_iter()
                .map(|[share, level]| EnergyPoint {
                    time_s: share as f32 * length_s,
                    level: level as f32,
                })
                .collect(),
            hits: bed
                .hits
                .iter()
                .map(|hit| marks::of_hit(hit, rate))
                .collect(),
            voice,
            playhead_s: (is_playing && (0.0..length_s).contains(&place_s)).then_some(place_s),
        }
    }

    fn parts(&self, settings: &Settings) -> Vec<PartView> {
        let params = &self.hub.persisted.params;
        let composed = self.hub.desk.composed();
        let parts = BedPart::ALL.into_iter().zip(&params.parts);
        parts
            .filter_map(|(part, switches)| {
                let index = part.index();
                let own = settings.sounds[index].as_ref();
                let played = composed.as_ref().map(|composed| &composed.sounds[index]);
                let sound = own.or(played);
                Some(PartView {
                    name: part.name().to_owned(),
                    sound: sound.map_or("auto", |sound| &sound.name).to_owned(),
                    level: self.knob(&format!("lvl_{}", index + 1))?,
                    is_muted: switches.is_muted.value(),
                    is_soloed: switches.is_soloed.value(),
                })
            })
            .collect()
    }

    fn levels(&mut self) -> DuckLevels {
        let live = &self.hub.live;
        for (held, peak) in self.faces.meters_db.iter_mut().zip(live.take_peaks()) {
            let level_db = 20.0 * peak.max(1e-6).log10();
            *held = (*held - METER_FALL_DB).max(level_db).max(SILENT_DB);
        }
        let [voice_db, bed_db] = self.faces.meters_db;
        let depth_db = self.hub.persisted.params.duck.settings().depth_db as f32;
        DuckLevels {
            voice_db,
            bed_db,
            reduction_db: live.duck_amount() * depth_db,
        }
    }

    /// At the bed's level, before it is ducked.
    fn loudness(&self, playhead_s: Option<f32>) -> LoudnessView {
        let course = self.measured();
        let bed_db = f64::from(self.hub.persisted.params.levels.bed_db.value());
        let text = |value: Option<f64>, unit: &str| match value {
            Some(value) => format!("{:.1} {unit}", value + bed_db),
            None => "-".to_owned(),
        };
        let whole = course.as_ref().map(|course| course.whole);
        let lufs = whole.and_then(|whole| whole.integrated_lufs);
        let now = course.as_ref().zip(playhead_s);
        let now = now.and_then(|(course, now_s)| course.short_term_at(f64::from(now_s)));
        LoudnessView {
            sliders: self.shown(&["bed", "lufs"]),
            now_text: text(now, "LUFS"),
            whole_text: text(lufs, "LUFS"),
            peak_text: text(whole.and_then(|whole| whole.true_peak_db), "dBTP"),
            can_match: lufs.is_some(),
        }
    }

    fn shown(&self, ids: &[&str]) -> Vec<Parameter> {
        ids.iter().filter_map(|id| self.knob(id)).collect()
    }

    fn knob(&self, id: &str) -> Option<Parameter> {
        let number = self.knobs.number_of(id)?;
        let reading = self.knobs.read(number)?;
        Some(Parameter {
            id: number,
            name: match id {
                "tonic" => "Key".to_owned(),
                "lufs" => "Target".to_owned(),
                _ => reading.name.trim_start_matches("Duck ").to_owned(),
            },
            group: ParameterGroup::Shape,
            normalized: reading.normalized,
            default_normalized: reading.default_normalized,
            text: reading.text,
            range_text: reading.range_text,
            steps: reading.steps,
            is_locked: None,
            is_bipolar: false,
        })
    }
}

/// Whether blocks come.
fn is_moving(blocks: &mut Option<(u64, Instant)>, num_blocks: u64) -> bool {
    match blocks {
        Some((seen, since)) if *seen == num_blocks => since.elapsed() < STANDS_AFTER,
        _ => {
            *blocks = Some((num_blocks, Instant::now()));
            num_blocks > 0
        }
    }
}

/// The energy curve as shares and energies: the user's, or the form's own.
pub(super) fn energy_points(bed: &Bed, settings: &Settings) -> Vec<[f64; 2]> {
    if !settings.energy_curve.is_empty() {
        return settings.energy_curve.clone();
    }
    let share = |time_s: f64| (time_s / bed.length_s).clamp(0.0, 1.0);
    let starts = bed
        .sections
        .iter()
        .map(|section| [share(section.start_s), section.energy.0.clamp(0.0, 1.0)]);
    let end = bed
        .sections
        .last()
        .map(|section| [1.0, section.energy.1.clamp(0.0, 1.0)]);
    starts.chain(end).collect()
}

/// The mood's name, or that of the nearest.
pub(super) fn bed_name(order: &ScoreOrder) -> String {
    let mood = order.mood();
    let distance = |index: &usize| {
        let known = MOODS[*index].mood;
        // Valence is twice as wide as energy.
        (0.5 * (known.valence - mood.valence)).hypot(known.energy - mood.energy)
    };
    let nearest = (0..MOODS.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)));
    let name = capitalised(nearest.map_or("bed", |index| MOODS[index].name));
    match nearest {
        Some(index) if distance(&index) < 1e-3 => name,
        _ => format!("Near {}", name.to_lowercase()),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn presets() -> Vec<Preset> {
    let rows = (0..).map(SoundId).zip(&MOODS);
    rows.map(|(id, named)| Preset {
        id,
        name: capitalised(named.name),
        ..Preset::default()
    })
    .collect()
}

fn named_moods() -> Vec<NamedMood> {
    MOODS
        .iter()
        .map(|named| NamedMood {
            name: named.name.to_owned(),
            place: [
                (0.5 + 0.5 * named.mood.valence) as f32,
                named.mood.energy as f32,
            ],
        })
        .collect()
}
