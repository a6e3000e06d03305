//! The editor's model, filled from an instance: what the user sees. Editor thread; reads, changes nothing but its own memory.

use std::sync::Arc;

use engine::{LAYER_VELOCITIES, NUM_KEYS, Note, layer_of_velocity};
use models::SoundPoint;

use super::super::model_facts::ModelFacts;
use super::super::session::Side as OurSide;
use super::super::sound::Sound;
use super::super::sounding::Sounding;
use super::status::Told;
use super::{Window, picture, status};
use crate::editor::model::{
    EditorModel, History, KeptNotes, KeyBaking, KeyView, KeyboardView, MapPoint, MapPosition,
    MapView, Meters, NotePicture, Parameter, ParameterGroup, ParameterId, Preset, PresetOwner,
    Side, SoundFace, SoundId,
};
use crate::editor::palette::Palette;

/// Keys of the picture's keyboard.
const KEYBOARD: std::ops::RangeInclusive<u8> = 24..=96;
/// Shown while no key was struck.
const MIDDLE_C: u8 = 60;
/// Names of the controls that the host's parameters were named after.
const USUAL_CONTROLS: [&str; 9] = [
    "brightness",
    "attack",
    "noisiness",
    "decay",
    "warmth",
    "movement",
    "breath",
    "hollowness",
    "body",
];

/// What the window remembers of what it showed.
#[derive(Default)]
pub(super) struct Faces {
    note: Option<(Arc<Note>, Arc<NotePicture>)>,
    peak_db: [f32; 2],
    /// Of every sound of the library, under the model of this fingerprint.
    looks: Option<(String, Arc<[Look]>)>,
}

impl Faces {
    /// The library has changed.
    pub(super) fn forget_looks(&mut self) {
        self.looks = None;
    }
}

/// What follows from where a sound lies: hundreds of numbers are drawn for it, so not in every pass.
struct Look {
    palette: Palette,
    position: Option<MapPosition>,
}

impl Window {
    /// Everything to draw.
    pub(super) fn model(&mut self) -> EditorModel {
        let settings = self.hub.persisted.settings();
        let facts = self
            .hub
            .try_sounding()
            .and_then(|sounding| sounding.model());
        let face = self.sound_face(settings.sound(), facts.as_deref());
        let note = self.note_picture();
        let meters = self.meters();
        let parameters = self.parameters(facts.as_deref());
        let candidate = self.candidate.as_ref();
        let candidate = candidate.map(|facts| facts.manifest.name.as_str());
        let status = status::of(&self.hub, self.told(), candidate);
        let models = self.models(&settings, facts.as_deref());
        let position = |id: &str| {
            let number = self.knobs.number_of(id);
            number
                .and_then(|number| self.knobs.read(number))
                .map_or(0.0, |reading| reading.normalized)
        };
        let puck = MapPosition {
            x: position("morphx"),
            y: 1.0 - position("morphy"),
        };
        let history = History {
            undo: self.history.undo_name().map(str::to_owned),
            redo: self.history.redo_name().map(str::to_owned),
            side: match self.history.side() {
                OurSide::A => Side::A,
                OurSide::B => Side::B,
            },
        };
        let keyboard = self.keyboard();
        let looks = self.looks(facts.as_deref());
        let library = self.library();
        let entries = || (0..).map(SoundId).zip(library.entries.iter().zip(&*looks));
        EditorModel {
            sound: face,
            parameters,
            presets: entries()
                .map(|(id, (entry, look))| Preset {
                    id,
                    name: entry.sound.name.clone(),
                    tags: entry.sound.tags.clone(),
                    is_favourite: entry.is_favourite,
                    owner: match entry.own_file {
                        Some(_) => PresetOwner::Mine,
                        None => PresetOwner::Factory,
                    },
                    palette: look.palette,
                })
                .collect(),
            map: MapView {
                points: entries()
                    .filter_map(|(sound, (_, look))| {
                        let position = look.position?;
                        Some(MapPoint { sound, position })
                    })
                    .collect(),
                puck,
                trail: Vec::new(),
                corner_names: settings.corners.each_ref().map(|corner| {
                    corner
                        .as_ref()
                        .map_or_else(String::new, |sound| sound.name.clone())
                }),
                path: settings
                    .path
                    .iter()
                    .map(|[x, y]| MapPosition { x: *x, y: 1.0 - y })
                    .collect(),
            },
            note,
            playheads_s: self.hub.live.playheads_s(),
            keyboard,
            meters,
            history,
            status,
            models,
            scale: settings.scale.as_ref().map(|scale| scale.name.clone()),
            files: self.browsing.as_ref().map(|browsing| browsing.list.clone()),
            kept_notes: KeptNotes {
                is_on: settings.keeps_notes,
                size_bytes: self.hub.try_sounding().map_or(0, Sounding::kept_bytes),
            },
            scale_percent: u32::from(settings.scale_percent),
        }
    }

    /// Colours and place of every sound of the library.
    fn looks(&mut self, facts: Option<&ModelFacts>) -> Arc<[Look]> {
        let model = facts.map_or("", |facts| &facts.fingerprint);
        if let Some((known, looks)) = &self.faces.looks
            && known == model
        {
            return Arc::clone(looks);
        }
        let entries = self.library().entries.iter();
        let looks: Arc<[Look]> = entries
            .map(|entry| Look {
                palette: Palette::of(&picture::figures(&entry.sound, facts)),
                position: facts.and_then(|facts| map_position(&entry.sound, facts)),
            })
            .collect();
        self.faces.looks = Some((model.to_owned(), Arc::clone(&looks)));
        looks
    }

    /// What the last deed came to, if that is still to be said.
    fn told(&self) -> Option<Told<'_>> {
        let complaint = self.complaint.as_deref().map(Told::Complaint);
        let word = self.word.as_deref().map(Told::Word);
        let under_way = self
            .written
            .is_some()
            .then_some(Told::UnderWay("Painting the picture"));
        complaint.or(under_way).or(word)
    }

    fn sound_face(&mut self, sound: Option<&Sound>, facts: Option<&ModelFacts>) -> SoundFace {
        let Some(sound) = sound else {
            return SoundFace::default();
        };
        let is_seed_locked = self.hub.persisted.settings().seed_is_locked;
        let figures = picture::figures(sound, facts);
        let row = self.library().row_of(&sound.name);
        let entry = row.and_then(|row| self.library().entries.get(row));
        SoundFace {
            id: row.map(|row| SoundId(row as u32)),
            name: sound.name.clone(),
            is_modified: false,
            is_favourite: entry.is_some_and(|entry| entry.is_favourite),
            seed: sound.seed,
            is_seed_locked,
            palette: Palette::of(&figures),
            backdrop: self.easel.picture(figures),
        }
    }

    fn parameters(&self, facts: Option<&ModelFacts>) -> Vec<Parameter> {
        let locked = self.hub.persisted.settings().locked;
        let ids = self.knobs.ids().filter_map(|(number, id)| {
            let reading = self.knobs.read(number)?;
            let (group, name) = place_of(id, &reading.name, facts);
            let is_control = group == ParameterGroup::Control;
            Some(Parameter {
                id: number,
                name,
                group,
                normalized: reading.normalized,
                default_normalized: reading.default_normalized,
                text: reading.text,
                range_text: reading.range_text,
                steps: reading.steps,
                is_locked: is_control.then(|| locked.contains(id)),
                is_bipolar: is_control || matches!(id, "tilt" | "fine" | "transp"),
            })
        });
        ids.collect()
    }

    fn note_picture(&mut self) -> Option<Arc<NotePicture>> {
        let sounding = self.hub.try_sounding()?;
        let key = self.hub.live.last_key().unwrap_or(MIDDLE_C);
        let layer = layer_of_velocity(LAYER_VELOCITIES[1]);
        if !sounding.baking.status().is_baked(0, layer, key) {
            return self
                .faces
                .note
                .as_ref()
                .map(|(_, picture)| Arc::clone(picture));
        }
        let notes = sounding.baking.baked_notes(0);
        let baked = notes
            .iter()
            .find(|baked| usize::from(baked.place.layer) == layer && baked.place.key == key)?;
        let last = self.faces.note.as_ref();
        if let Some((note, picture)) = last
            && Arc::ptr_eq(note, &baked.note)
        {
            return Some(Arc::clone(picture));
        }
        let revision = last.map_or(1, |(_, picture)| picture.revision + 1);
        let picture = Arc::new(picture_of(&baked.note, revision));
        self.faces.note = Some((Arc::clone(&baked.note), Arc::clone(&picture)));
        Some(picture)
    }

    fn meters(&mut self) -> Meters {
        let level_db = self.hub.live.take_peaks().map(|peak| 20.0 * peak.log10());
        for (held, level) in self.faces.peak_db.iter_mut().zip(level_db) {
            // Falls a dB in two passes, some 30 dB per second while something moves.
            *held = (*held - 0.5).max(level).max(-120.0);
        }
        Meters {
            level_db,
            peak_db: self.faces.peak_db,
            num_voices: self.hub.live.num_voices(),
        }
    }

    fn keyboard(&self) -> KeyboardView {
        let status = self
            .hub
            .try_sounding()
            .map(|sounding| sounding.baking.status());
        let layer = layer_of_velocity(LAYER_VELOCITIES[1]);
        let key_view = |key: u8| KeyView {
            baking: match status {
                Some(status) if status.is_baked(0, layer, key) => KeyBaking::Baked,
                Some(status) if status.is_pending(0, layer, key) => KeyBaking::Pending,
                _ => KeyBaking::Absent,
            },
            is_held: self.hub.live.is_held(key),
        };
        KeyboardView {
            lowest_key: *KEYBOARD.start(),
            keys: KEYBOARD.map(key_view).collect(),
            bend: 0.0,
            modulation: 0.0,
        }
    }

    /// The id of a parameter's number, as projects know it.
    pub(super) fn id_of(&self, number: ParameterId) -> Option<String> {
        self.knobs.name_of(number).map(str::to_owned)
    }
}

/// Where a parameter stands in the editor, and under which name.
fn place_of(id: &str, name: &str, facts: Option<&ModelFacts>) -> (ParameterGroup, String) {
    let group = match id {
        "att" | "dec" | "sus" | "rel" => ParameterGroup::Envelope,
        "tilt" | "width" | "detune" | "rvsize" | "rvmix" | "output" => ParameterGroup::Shape,
        "mode" | "voices" | "glide" | "bend" | "mpe" | "velsen" | "touch" | "tchmor" => {
            ParameterGroup::Playing
        }
        "a4" | "transp" | "fine" => ParameterGroup::Tuning,
        _ => ParameterGroup::Hidden,
    };
    let slot = id
        .strip_prefix("tim")
        .and_then(|slot| slot.parse::<usize>().ok());
    let control = slot.and_then(|slot| {
        let controls = &facts?.manifest.controls;
        controls.get(slot.checked_sub(1)?)
    });
    match control {
        None => (group, name.to_owned()),
        Some(control) if USUAL_CONTROLS.contains(&control.name.as_str()) => {
            (ParameterGroup::Control, name.to_owned())
        }
        Some(control) => (ParameterGroup::Control, control.name.replace('_', " ")),
    }
}

/// The latent space seen from two fixed directions, even and odd numbers summed apart with turning signs: each is normal
/// with the length of a half as spread, and the normal distribution's own curve spreads them evenly over the map.
fn map_position(sound: &Sound, facts: &ModelFacts) -> Option<MapPosition> {
    let point = SoundPoint::from_seed(sound.seed, sound.truncation, &facts.manifest).ok()?;
    let axis = |start: usize| {
        let half = point.latent.iter().skip(start).step_by(2);
        let (mut sum, mut count) = (0.0, 0.0_f32);
        for (index, value) in half.enumerate() {
            sum += if index % 2 == 0 { *value } else { -value };
            count += 1.0;
        }
        // The logistic curve that is nearest to the normal distribution's.
        1.0 / (1.0 + (-1.702 * sum / count.sqrt().max(1.0)).exp())
    };
    Some(MapPosition {
        x: 0.06 + 0.88 * axis(0),
        y: 0.06 + 0.88 * axis(1),
    })
}

fn picture_of(note: &Note, revision: u64) -> NotePicture {
    let layout = note.layout();
    let (level_db, noise_db) = note.pictures();
    NotePicture {
        revision,
        key: note.key(),
        column_times_s: layout
            .column_times_s
            .iter()
            .map(|time| *time as f32)
            .collect(),
        num_rows: note.num_rows(),
        level_db,
        num_bands: layout.noise_band_edges_hz.len().saturating_sub(1),
        noise_db,
        loop_s: [layout.sustain_start_s as f32, layout.sustain_end_s as f32],
        release_s: layout.release_start_s as f32,
    }
}

const _: () = assert!(*KEYBOARD.end() as usize <= NUM_KEYS);
