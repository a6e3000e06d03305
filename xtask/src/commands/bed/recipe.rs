//! What a bed's file remembers, and the order read back from there. Files that the bed was made from are remembered by what
//! they said (hits, speech, loudness, tables), so that none of them is needed again.

use engine::mix::MixSettings;
use engine::mix::duck::DuckSettings;
use engine::mix::master::Target;
use engine::mix::render::Ducking;
use engine::score::compose::{
    BedPart, BedSettings, EnergyPoint, Hit, Key, Metre, Mode, Mood, SpeechRange, Tables,
};
use engine::wav::SampleStorage;
use serde_json::{Value, json};

use crate::bed_production::{BedOrder, BedProduction};
use crate::failure::Failure;
use crate::performance::Stage;
use crate::recorded::Recorded;
use crate::sound_choice::SoundChoice;

/// Everything needed to make the file again.
pub fn of(
    order: &BedOrder,
    storage: SampleStorage,
    stage: &Stage,
    production: &BedProduction,
) -> Value {
    // Whoever adds a field is stopped here, and by `order_of`.
    let BedOrder {
        settings,
        sounds: _,
        mix,
        ducking,
        target,
    } = order;
    let Target { lufs, true_peak_db } = target;
    let mut recipe = composition(settings);
    let more = json!({
        "command": "bed", "duck": ducking.as_ref().map(duck), "sounds": sounds(order), "muted": muted(mix),
        "lufs": lufs, "true_peak_db": true_peak_db, "model": stage.model_recipe(), "rate": mix.sample_rate_hz,
        "bits": storage.name(), "fingerprint": production.fingerprint(),
    });
    if let (Value::Object(recipe), Value::Object(more)) = (&mut recipe, more) {
        recipe.extend(more);
    }
    recipe
}

/// The sound of every part, by name.
pub fn sounds(order: &BedOrder) -> Value {
    let sounds = BedPart::ALL
        .iter()
        .map(|part| (part.name().to_owned(), order.sounds[part.index()].recipe()));
    Value::Object(sounds.collect())
}

/// The order that a file remembers, to be made with this many threads.
///
/// # Errors
/// Exit code 3 when the recipe lacks something.
pub fn order_of(recipe: Recorded<'_>, num_threads: usize) -> Result<BedOrder, Failure> {
    let settings = settings_of(recipe)?;
    settings.check()?;
    let target = Target {
        lufs: recipe.number("lufs")?,
        true_peak_db: recipe.number("true_peak_db")?,
    };
    target.check()?;
    let ducking = match recipe.part("duck") {
        Ok(duck) => Some(Ducking {
            settings: duck_of(duck)?,
            speech: settings.speech.clone(),
        }),
        Err(_) => None,
    };
    let mut mix = MixSettings {
        sample_rate_hz: recipe.whole("rate")?,
        num_threads,
        ..MixSettings::default()
    };
    let muted: Vec<String> = recipe.value("muted")?;
    let named = recipe.part("sounds")?;
    let mut sounds = Vec::with_capacity(BedPart::ALL.len());
    for part in BedPart::ALL {
        mix.parts[part.index()].is_muted = muted.iter().any(|name| name == part.name());
        sounds.push(SoundChoice::from_recipe(named.part(part.name())?)?);
    }
    Ok(BedOrder {
        settings,
        sounds: sounds
            .try_into()
            .map_err(|_| Failure::other("a bed has five parts"))?,
        mix,
        ducking,
        target,
    })
}

fn composition(settings: &BedSettings) -> Value {
    let BedSettings {
        seed,
        length_s,
        mood,
        key,
        tempo_bpm,
        metre,
        density,
        hits,
        speech,
        energy_curve,
        is_loop,
        tables,
    } = settings;
    let Mood {
        valence,
        energy,
        mode,
    } = mood;
    let hits: Vec<Value> = hits
        .iter()
        .map(|hit| json!({ "time_s": hit.time_s, "name": hit.name }))
        .collect();
    let speech: Vec<[f64; 2]> = speech
        .iter()
        .map(|range| [range.start_s, range.end_s])
        .collect();
    let curve: Vec<[f64; 2]> = energy_curve
        .iter()
        .map(|point| [point.share, point.energy])
        .collect();
    json!({
        "seed": seed, "length_s": length_s, "valence": valence, "energy": energy, "mode": mode.map(Mode::name),
        "tempo": tempo_bpm, "key": key.map(|key| key.to_string()), "metre": metre.map(metre_in_words),
        "density": density, "loop": is_loop, "hits": hits, "speech": speech, "energy_curve": curve,
        // The tables of the program itself are known by its version.
        "tables": (*tables != Tables::default()).then_some(tables),
    })
}

fn settings_of(recipe: Recorded<'_>) -> Result<BedSettings, Failure> {
    let mode = recipe.text_or_none("mode")?;
    let mut mood = Mood::new(recipe.number("valence")?, recipe.number("energy")?)?;
    mood.mode = Mode::ALL
        .into_iter()
        .find(|known| Some(known.name()) == mode);
    let hits: Vec<Value> = recipe.value("hits")?;
    let hit = |hit: &Value| {
        let hit = Recorded(hit);
        Ok(Hit {
            time_s: hit.number("time_s")?,
            name: hit.text("name")?.to_owned(),
            origin: "the recipe".to_owned(),
        })
    };
    let speech: Vec<[f64; 2]> = recipe.value("speech")?;
    let curve: Vec<[f64; 2]> = recipe.value("energy_curve")?;
    Ok(BedSettings {
        seed: recipe.whole("seed")?,
        length_s: recipe.number("length_s")?,
        mood,
        key: recipe
            .text_or_none("key")?
            .map(Key::from_text)
            .transpose()?,
        tempo_bpm: recipe.number_or_none("tempo")?,
        metre: recipe
            .text_or_none("metre")?
            .map(Metre::from_text)
            .transpose()?,
        density: recipe.number_or_none("density")?,
        hits: hits.iter().map(hit).collect::<Result<_, Failure>>()?,
        speech: speech
            .iter()
            .map(|&[start_s, end_s]| SpeechRange { start_s, end_s })
            .collect(),
        energy_curve: curve
            .iter()
            .map(|&[share, energy]| EnergyPoint { share, energy })
            .collect(),
        is_loop: recipe.flag("loop")?,
        tables: recipe
            .value::<Option<Tables>>("tables")?
            .unwrap_or_default(),
    })
}

/// As [`Metre::from_text`] reads it.
fn metre_in_words(metre: Metre) -> String {
    /// A beat of three eighths has six steps.
    const STEPS_OF_THREE: u32 = 6;
    if metre.steps_per_beat == STEPS_OF_THREE {
        format!("{}/8", 3 * metre.beats_per_bar)
    } else {
        format!("{}/4", metre.beats_per_bar)
    }
}

fn muted(mix: &MixSettings) -> Vec<&'static str> {
    BedPart::ALL
        .iter()
        .filter(|part| mix.parts[part.index()].is_muted)
        .map(|part| part.name())
        .collect()
}

fn duck(ducking: &Ducking) -> Value {
    let DuckSettings {
        depth_db,
        thin_db,
        darken_db,
        attack_ms,
        release_ms,
    } = ducking.settings;
    json!({
        "depth_db": depth_db, "thin_db": thin_db, "darken_db": darken_db,
        "attack_ms": attack_ms, "release_ms": release_ms,
    })
}

fn duck_of(recipe: Recorded<'_>) -> Result<DuckSettings, Failure> {
    let settings = DuckSettings {
        depth_db: recipe.number("depth_db")?,
        thin_db: recipe.number("thin_db")?,
        darken_db: recipe.number("darken_db")?,
        attack_ms: recipe.number("attack_ms")?,
        release_ms: recipe.number("release_ms")?,
    };
    settings.check()?;
    Ok(settings)
}
