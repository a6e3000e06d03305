//! A note as it is asked for: checked, played, remembered in the file and read back from there.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use engine::Note;
use engine::note_pack::NotePack;
use engine::offline::{MAX_TAIL_S, RenderSettings, SlotMap};
use engine::score::{Action, Part, Score, ScoreEvent};
use engine::wav::{self, SampleStorage};
use engine::worker::bake::BakedNote;
use serde_json::{Value, json};

use super::Arguments;
use crate::failure::Failure;
use crate::flags::Common;
use crate::performance::{self, BakedScore, Performance, Sounds, Stage};
use crate::recorded::Recorded;
use crate::sound_choice::SoundChoice;

/// Played when nothing is said: middle C.
const DEFAULT_KEY: i64 = 60;
/// Longest hold in seconds.
const MAX_HOLD_S: f64 = 600.0;

/// Everything a note depends on, but the model.
#[derive(Clone)]
pub struct NoteOrder {
    /// MIDI key.
    pub key: u8,
    velocity: f64,
    hold_s: f64,
    /// What it is played with.
    pub sound: SoundChoice,
    /// Played instead: the analysis of a recording, at that key and no other.
    pub analysed: Option<Arc<Note>>,
    seed: u32,
    rate_hz: u32,
    /// How its samples are stored.
    pub storage: SampleStorage,
}

impl NoteOrder {
    /// Reads and checks the flags.
    ///
    /// # Errors
    /// Exit code 2 for values out of range and unknown sounds.
    pub fn read(arguments: &Arguments, common: &Common) -> Result<Self, Failure> {
        let asked_key = arguments.key.unwrap_or(DEFAULT_KEY);
        let key = u8::try_from(asked_key).ok().filter(|key| *key <= 127);
        let sound = match &arguments.sound {
            Some(text) => SoundChoice::from_text(text)?,
            None => SoundChoice::from_seed(common.seed),
        };
        let order = NoteOrder {
            key: key
                .ok_or_else(|| Failure::request(format!("--key {asked_key}: keys are 0 to 127")))?,
            analysed: None,
            velocity: arguments.velocity,
            hold_s: arguments.hold,
            sound: sound.with_settings(&arguments.set)?,
            seed: common.seed,
            rate_hz: arguments.rate,
            storage: SampleStorage::from_name(&arguments.bits)?,
        };
        order.check()?;
        Ok(order)
    }

    /// The note that a file remembers.
    ///
    /// # Errors
    /// Exit code 3 when the recipe lacks something.
    pub fn from_recipe(recipe: Recorded<'_>) -> Result<Self, Failure> {
        let order = NoteOrder {
            key: recipe.whole("key")?,
            velocity: recipe.number("velocity")?,
            hold_s: recipe.number("hold_s")?,
            sound: SoundChoice::from_recipe(recipe.part("sound")?)?,
            analysed: match recipe.text("analysed") {
                Ok(text) => Some(unpacked(text)?),
                Err(_) => None,
            },
            seed: recipe.whole("seed")?,
            rate_hz: recipe.whole("rate")?,
            storage: SampleStorage::from_name(recipe.text("bits")?)?,
        };
        order.check()?;
        Ok(order)
    }

    /// What the file must remember.
    ///
    /// # Errors
    /// When an analysed note cannot be packed.
    pub fn recipe(&self, stage: &Stage, performance: &Performance) -> Result<Value, Failure> {
        let mut recipe = json!({
            "command": "note", "key": self.key, "velocity": self.velocity, "hold_s": self.hold_s, "seed": self.seed,
            "sound": self.sound.recipe(), "model": stage.model_recipe(), "rate": self.rate_hz,
            "bits": self.storage.name(), "gain_db": performance.gain_db, "fingerprint": performance.fingerprint(),
        });
        if let Some(note) = &self.analysed {
            recipe["analysed"] = json!(packed(&self.score(), note)?);
        }
        Ok(recipe)
    }

    /// How hard the key is struck, 0..1.
    pub fn velocity(&self) -> f32 {
        self.velocity as f32
    }

    /// The same sound at another key, velocity and length.
    pub fn of_key(&self, key: u8, velocity: f64, hold_s: f64) -> Self {
        NoteOrder {
            key,
            velocity,
            hold_s,
            ..self.clone()
        }
    }

    /// Bakes and plays it.
    ///
    /// # Errors
    /// Whatever the model refuses.
    pub fn play(&self, common: &Common, stage: &mut Stage) -> Result<Performance, Failure> {
        let score = self.score();
        let baked = match &self.analysed {
            Some(note) => BakedScore {
                slots: SlotMap::of_one_sound(&score),
                notes: in_all_places(&score, note),
                bake_s: 0.0,
            },
            None => stage.bake(common, &score, &Sounds::One(self.sound.clone()))?,
        };
        let settings = RenderSettings {
            sample_rate_hz: self.rate_hz,
            seed: self.seed,
            ..RenderSettings::default()
        };
        performance::play(common, &score, &baked, &settings)
    }

    fn check(&self) -> Result<(), Failure> {
        if !(self.velocity > 0.0 && self.velocity <= 1.0) {
            let text = format!(
                "--velocity {}: give a number above 0, up to 1",
                self.velocity
            );
            return Err(Failure::request(text));
        }
        if !(self.hold_s > 0.0 && self.hold_s <= MAX_HOLD_S) {
            let text = format!(
                "--hold {}: give seconds above 0, up to {MAX_HOLD_S}",
                self.hold_s
            );
            return Err(Failure::request(text));
        }
        engine::check_sample_rate(f64::from(self.rate_hz))?;
        let max_frames = (self.hold_s + MAX_TAIL_S) * f64::from(self.rate_hz);
        Ok(wav::check_size(max_frames as u64, self.storage)?)
    }

    fn score(&self) -> Score {
        let event = |time_s, action| ScoreEvent {
            time_s,
            channel: 0,
            action,
        };
        let (key, velocity) = (self.key, self.velocity as f32);
        let strike = Action::NoteOn {
            key,
            velocity,
            program: 0,
        };
        Score {
            events: vec![
                event(0.0, strike),
                event(self.hold_s, Action::NoteOff { key, velocity: 0.5 }),
            ],
            parts: vec![Part {
                channel: 0,
                num_notes: 1,
                programs: vec![0],
            }],
            duration_s: self.hold_s,
            warnings: Vec::new(),
        }
    }
}

/// A note wherever the score looks for one.
fn in_all_places(score: &Score, note: &Arc<Note>) -> Vec<BakedNote> {
    let wishes = SlotMap::of_one_sound(score).wishes(score).into_iter();
    wishes
        .map(|place| BakedNote {
            place,
            note: Arc::clone(note),
        })
        .collect()
}

fn packed(score: &Score, note: &Arc<Note>) -> Result<String, Failure> {
    let pack = NotePack {
        label: "analysed".to_owned(),
        notes: in_all_places(score, note),
    };
    Ok(STANDARD_NO_PAD.encode(pack.to_bytes()?))
}

fn unpacked(text: &str) -> Result<Arc<Note>, Failure> {
    let broken = || Failure::input_file("the analysed note inside cannot be read");
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| broken())?;
    let mut notes = NotePack::from_bytes(&bytes)?.notes;
    Ok(notes.pop().ok_or_else(broken)?.note)
}
