//! A WAV file made again: note, song, bed, and stems of the latter two.

use std::io::Cursor;
use std::path::Path;

use engine::offline::Rendering;
use engine::score::compose::BedPart;
use engine::wav::{self, Recipe, SampleStorage, chunks};
use serde_json::Value;

use super::comparison::{self, Verdict};
use super::{Bench, foreign};
use crate::bed_production;
use crate::checksum;
use crate::commands::bed;
use crate::commands::note::NoteOrder;
use crate::commands::render::{Song, SongOrder};
use crate::failure::Failure;
use crate::recorded::Recorded;

pub(super) fn verdict(
    bench: &mut Bench<'_>,
    path: &Path,
    bytes: &[u8],
) -> Result<Verdict, Failure> {
    let recipe = chunks::recipe(bytes).ok_or_else(foreign)?;
    let recipe: Value = serde_json::from_str(&recipe.comment).map_err(|_| foreign())?;
    let recipe = Recorded(&recipe);
    let rendering = again(bench, path, recipe)?;
    let storage = SampleStorage::from_name(recipe.text("bits")?)?;
    let mut wanted = Cursor::new(Vec::new());
    let channels = (&rendering.left[..], &rendering.right[..]);
    let rate_hz = rendering.sample_rate_hz;
    wav::write(&mut wanted, channels, rate_hz, storage, &Recipe::default())?;
    let wanted = wanted.into_inner();
    let content = |file, name| chunks::chunk(file, name).unwrap_or_default();
    if content(bytes, b"fmt ") != content(&wanted, b"fmt ") {
        return Err(Failure::input_file(
            "its samples are stored in another way than its recipe says; another program saved it",
        ));
    }
    let (found, wanted) = (content(bytes, b"data"), content(&wanted, b"data"));
    Ok(
        match comparison::of_samples(found, wanted, storage, rate_hz) {
            Some(difference) => Verdict::Different(difference),
            None => Verdict::Identical {
                fingerprint: Some(recipe.part("model")?.text("fingerprint")?.to_owned()),
            },
        },
    )
}

fn again(bench: &mut Bench<'_>, path: &Path, recipe: Recorded<'_>) -> Result<Rendering, Failure> {
    if recipe.flag("with_dialogue").unwrap_or(false) {
        return Err(Failure::input_file(
            "a recorded voice is mixed in, which no recipe can bring back; verify the bed alone",
        ));
    }
    let model = bench.installed.model_of(recipe)?;
    let stage = bench.workshop.stage(Some(&model))?;
    let common = bench.common;
    match recipe.text("command")? {
        "note" => Ok(NoteOrder::from_recipe(recipe)?
            .play(common, stage)?
            .rendering),
        "render" => {
            let inputs = bench.inputs;
            let order = SongOrder::from_recipe(recipe, &|name, sha256| {
                find_song(path, inputs, name, sha256)
            })?;
            let song = order.play(common, stage)?;
            match recipe.whole::<u8>("channel") {
                Ok(channel) => order.stem(&song, channel.saturating_sub(1)),
                Err(_) => Ok(song.performance.rendering),
            }
        }
        "bed" => {
            let order = bed::order_of(recipe, bed_production::num_threads())?;
            let production = bed_production::produce(common, stage, &order)?;
            match recipe.text_or_none("part")? {
                None => Ok(production.rendering),
                Some(name) => {
                    let part = BedPart::ALL.into_iter().find(|part| part.name() == name);
                    let part = part.ok_or_else(|| {
                        Failure::input_file(format!("a bed has no part `{name}`"))
                    })?;
                    production.stem(common, &order, part)
                }
            }
        }
        other => Err(Failure::input_file(format!(
            "it was made by `{other}`, which cannot be repeated from a file"
        ))),
    }
}

/// The MIDI file that a render was made from: by its name first, then any of the same content.
fn find_song(
    path: &Path,
    inputs: &[std::path::PathBuf],
    name: &str,
    sha256: &str,
) -> Result<Song, Failure> {
    let beside = path.parent().unwrap_or(Path::new("."));
    let folders = || std::iter::once(beside).chain(inputs.iter().map(|folder| folder.as_path()));
    // A name from a file is a name, never a way to somewhere else.
    let name = Path::new(name).file_name().unwrap_or_default();
    let by_name = folders().map(|folder| folder.join(name));
    let others = folders().flat_map(|folder| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        paths.filter(|path| {
            path.extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("mid"))
        })
    });
    by_name
        .chain(others)
        .find(|path| checksum::of_file(path).is_ok_and(|found| found == sha256))
        .map(|path| Song::read(&path))
        .unwrap_or_else(|| {
            Err(Failure::input_file(format!(
                "the MIDI file it was made from ({}, SHA-256 {sha256}) is not beside it; name its folder with --inputs",
                name.display()
            )))
        })
}
