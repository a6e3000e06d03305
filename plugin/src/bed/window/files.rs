//! The files that the bed's window writes: the bed at its loudness, its parts, its notes, its picture. A thread of its own.
//!
//! A file gets its name when it is whole: what is interrupted leaves none.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use backdrop::mood::Character;
use backdrop::{Request, Size};
use engine::mix::BedRenderer;
use engine::mix::master::{self, Mastering, Target};
use engine::mix::render::render_bed;
use engine::score::compose::{Bed, BedPart, export};
use engine::score::write::{Tune, midi_bytes};
use engine::wav::broadcast::{self, Broadcast};
use engine::wav::{self, Recipe, SampleStorage};
use serde_json::{Value, json};

use super::super::composing::Composed;
use super::super::order::{Order, ScoreOrder};
use crate::editor::bed::action::Export;
use crate::{picture, places};

/// Brightness of a picture's colours; a mood says nothing of it.
const MIDDLING_BRIGHTNESS: f64 = 0.5;

/// What is to be written.
pub(super) struct FileOrder {
    pub(super) kind: Export,
    pub(super) order: Order,
    pub(super) composed: Arc<Composed>,
    pub(super) target: Target,
    pub(super) folder: PathBuf,
    pub(super) name: String,
}

/// Writes; gives what is to be told.
///
/// # Errors
/// In words for a user.
pub(super) fn write(order: &FileOrder, progress: &dyn Fn(f64)) -> Result<String, String> {
    let at = |error: std::io::Error| format!("{}: {error}", order.folder.display());
    fs::create_dir_all(&order.folder).map_err(at)?;
    let stem = format!("{} {}", order.name, order.order.score.seed);
    let written = match order.kind {
        Export::Wav => write_bed(order, &stem, progress)?,
        Export::Stems => write_stems(order, &stem, progress)?,
        Export::Midi => {
            let software = format!("Understory {}", env!("CARGO_PKG_VERSION"));
            let tune = Tune {
                texts: vec![software, recipe(order, "a bed").to_string()],
                ..export::tune(&order.composed.bed)
            };
            let bytes = midi_bytes(&tune).map_err(|error| error.to_string())?;
            let path = places::free_name(&order.folder, &stem, "mid");
            places::save(&path, |part| {
                fs::write(part, &bytes).map_err(|error| error.to_string())
            })?;
            path
        }
        Export::Backdrop => {
            let path = places::free_name(&order.folder, &stem, "png");
            let request = |size, styles: &[String]| picture_of(&order.order.score, size, styles);
            places::save(&path, |part| picture::write(request, part))?;
            path
        }
    };
    Ok(format!("Written: {}", written.display()))
}

type Channels = [Vec<f32>; 2];

/// The whole bed, untouched.
fn play(order: &FileOrder, bed: &Bed, progress: &mut dyn FnMut(f64)) -> Result<Channels, String> {
    let mix = order.order.mix.mix_settings();
    let notes = &order.composed.notes;
    let mut renderer = BedRenderer::new(bed, notes, &mix).map_err(|error| error.to_string())?;
    render_bed(&mut renderer, mix.sample_rate_hz, None, progress).map_err(|error| error.to_string())
}

fn master_whole(order: &FileOrder, [left, right]: &mut Channels) -> Result<Mastering, String> {
    let rate_hz = order.order.mix.sample_rate_hz;
    master::master(left, right, rate_hz, &order.target).map_err(|error| error.to_string())
}

fn write_bed(order: &FileOrder, stem: &str, progress: &dyn Fn(f64)) -> Result<PathBuf, String> {
    let mut whole = play(order, &order.composed.bed, &mut |done| progress(0.9 * done))?;
    let mastering = master_whole(order, &mut whole)?;
    let path = places::free_name(&order.folder, stem, "wav");
    write_wav(order, &path, &whole, Some(&mastering), "a bed")?;
    Ok(path)
}

/// Every part with the gains it has in the whole: all together are the whole.
fn write_stems(order: &FileOrder, stem: &str, progress: &dyn Fn(f64)) -> Result<PathBuf, String> {
    let num_passes = 1.0 + BedPart::ALL.len() as f64;
    let bed = &order.composed.bed;
    let mut whole = play(order, bed, &mut |done| progress(done / num_passes))?;
    let mastering = master_whole(order, &mut whole)?;
    drop(whole);
    let folder = places::free_name(&order.folder, &format!("{stem} stems"), "");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for part in BedPart::ALL {
        let mut alone = bed.clone();
        alone.notes.retain(|note| note.part == part);
        let before = 1.0 + part.index() as f64;
        let mut channels = play(order, &alone, &mut |done| {
            progress((before + done) / num_passes);
        })?;
        let [left, right] = &mut channels;
        mastering.apply(left, right);
        let path = folder.join(format!("{stem} {}.wav", part.name()));
        write_wav(order, &path, &channels, None, part.name())?;
    }
    Ok(folder)
}

fn write_wav(
    order: &FileOrder,
    path: &Path,
    [left, right]: &Channels,
    mastering: Option<&Mastering>,
    what: &str,
) -> Result<(), String> {
    let rate_hz = order.order.mix.sample_rate_hz;
    let (bed, score) = (&order.composed.bed, &order.order.score);
    let recipe = recipe(order, what);
    let software = format!("Understory {}", env!("CARGO_PKG_VERSION"));
    let loudness = mastering.map(|mastering| mastering.loudness);
    let broadcast = Broadcast {
        description: format!(
            "Understory Bed: {what} in {}, {:.3} s, seed {}",
            bed.key, bed.length_s, score.seed
        ),
        originator: software.clone(),
        time_reference_frames: 0,
        integrated_lufs: loudness.and_then(|loudness| loudness.integrated_lufs),
        true_peak_db: loudness.and_then(|loudness| loudness.true_peak_db),
        history: recipe.to_string(),
    };
    let recipe = Recipe {
        software,
        comment: recipe.to_string(),
    };
    places::save(path, |part| {
        let file = File::create(part).map_err(|error| error.to_string())?;
        let mut file = BufWriter::new(file);
        wav::write(
            &mut file,
            (left, right),
            rate_hz,
            SampleStorage::Integer24,
            &recipe,
        )
        .and_then(|()| broadcast::append(&mut file, &broadcast))
        .map_err(|error| error.to_string())
    })
}

/// What a file says of how it was made.
fn recipe(order: &FileOrder, what: &str) -> Value {
    let (bed, score) = (&order.composed.bed, &order.order.score);
    let sounds = order.composed.sounds.each_ref().map(|sound| &sound.name);
    json!({
        "what": what,
        "seed": score.seed,
        "valence": 1e-3 * f64::from(score.mood[0]),
        "energy": 1e-3 * f64::from(score.mood[1]),
        "length_s": bed.length_s,
        "key": bed.key.to_string(),
        "tempo_bpm": bed.tempo_bpm,
        "sounds": sounds,
        "lufs": order.target.lufs,
        "true_peak_db": order.target.true_peak_db,
    })
}

/// The picture that belongs to a bed: of its seed, in the colours and styles of its mood, as `bed --backdrop` of the command
/// line paints it.
fn picture_of(score: &ScoreOrder, size: Size, styles: &[String]) -> Request {
    let mood = score.mood();
    let character = Character {
        valence: mood.valence,
        energy: mood.energy,
        brightness: MIDDLING_BRIGHTNESS,
    };
    let mut request = Request::new(size, score.seed);
    request.palette = Some(character.palette(score.seed));
    request.styles = character.styles(styles);
    request
}
