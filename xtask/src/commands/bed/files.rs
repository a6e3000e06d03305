//! The files of a bed: all are opened before the work, so that a wrong path is told at once, and written after it.

use std::path::{Path, PathBuf};

use engine::fingerprint::fingerprint;
use engine::offline::Rendering;
use engine::score::compose::{BedPart, export};
use engine::score::write::{Tune, midi_bytes};
use engine::wav::broadcast::{self, Broadcast};
use engine::wav::{self, SampleStorage};
use serde_json::{Value, json};

use super::Arguments;
use super::request::Request;
use crate::bed_production::BedProduction;
use crate::failure::Failure;
use crate::flags::Common;
use crate::output_file::{self, OutputFile};
use crate::performance::{self, Stage};
use crate::picture;

type Named = (PathBuf, OutputFile);

/// Files that wait for their content.
pub struct BedFiles {
    wave: Named,
    picture: Option<Named>,
    roll: Option<Named>,
    midi: Option<Named>,
    tempo_map: Option<Named>,
    markers: Option<Named>,
    cue_sheet: Option<Named>,
    together: Option<Named>,
    stems: Vec<(BedPart, PathBuf, OutputFile)>,
}

/// What goes into them.
pub struct Finished<'a> {
    /// Flags of the command.
    pub common: &'a Common,
    /// The model.
    pub stage: &'a Stage,
    /// What was asked for.
    pub request: &'a Request,
    /// What was made.
    pub production: &'a BedProduction,
    /// Bits of a sample.
    pub storage: SampleStorage,
    /// What goes inside the WAV.
    pub recipe: Value,
}

/// What was written.
pub struct Written {
    /// The bed.
    pub path: PathBuf,
    /// Everything else.
    pub others: Vec<PathBuf>,
}

impl BedFiles {
    /// Starts every file.
    ///
    /// # Errors
    /// Exit code 2 when one exists and `--force` is off, 4 when a folder cannot be written.
    pub fn create(arguments: &Arguments, common: &Common, path: &Path) -> Result<Self, Failure> {
        let open = |path: &Path| -> Result<Named, Failure> {
            Ok((path.to_path_buf(), OutputFile::create(path, common.force)?))
        };
        let picture_path = arguments.picture.then(|| path.with_extension("png"));
        Ok(BedFiles {
            wave: open(path)?,
            picture: picture_path.as_deref().map(open).transpose()?,
            roll: arguments.roll.as_deref().map(open).transpose()?,
            midi: arguments.midi.as_deref().map(open).transpose()?,
            tempo_map: arguments.tempo_map.as_deref().map(open).transpose()?,
            markers: arguments.markers_out.as_deref().map(open).transpose()?,
            cue_sheet: arguments.cue_sheet.as_deref().map(open).transpose()?,
            together: arguments.together.as_deref().map(open).transpose()?,
            stems: stems(arguments, common, path)?,
        })
    }

    /// Writes every file and gives it its name.
    ///
    /// # Errors
    /// Exit code 4 when the disk is full or fails.
    pub fn write(self, finished: &Finished<'_>) -> Result<Written, Failure> {
        let bed = &finished.production.bed;
        let request = finished.request;
        let mut others = Vec::new();
        for (part, path, file) in self.stems {
            let stem = finished
                .production
                .stem(finished.common, &request.order, part)?;
            let mut recipe = finished.recipe.clone();
            recipe["part"] = json!(part.name());
            recipe["fingerprint"] = json!(fingerprint(&stem.left, &stem.right));
            let named = (path, file);
            others.push(finished.save(
                named,
                &stem,
                &recipe,
                &format!("{} of a bed", part.name()),
            )?);
        }
        if let Some((_, file)) = self.midi {
            let recipe = performance::recipe(&finished.recipe);
            let tune = Tune {
                texts: vec![recipe.software, recipe.comment],
                ..export::tune(bed)
            };
            others.push(file.write_and_commit(&midi_bytes(&tune)?)?);
        }
        let sheet = || export::cue_sheet(bed, request.frame_rate, request.start_frame);
        let texts: [(Option<Named>, &dyn Fn() -> String); 3] = [
            (self.tempo_map, &|| export::tempo_map_csv(bed)),
            (self.markers, &|| export::markers_csv(bed)),
            (self.cue_sheet, &sheet),
        ];
        for (named, text) in texts {
            if let Some((_, file)) = named {
                others.push(file.write_and_commit(text().as_bytes())?);
            }
        }
        if let Some((_, file)) = self.roll {
            let bytes = picture::roll_png(bed).map_err(Failure::other)?;
            others.push(file.write_and_commit(&bytes)?);
        }
        if let Some((_, file)) = self.picture {
            others.push(file.write_and_commit(&finished.stage.draw_bed(finished.production)?)?);
        }
        if let (Some(named), Some(voice)) = (self.together, &request.voice) {
            let both = voice.over(&finished.production.rendering);
            let mut recipe = finished.recipe.clone();
            recipe["with_dialogue"] = json!(true);
            others.push(finished.save(named, &both, &recipe, "bed and dialogue")?);
        }
        let rendering = &finished.production.rendering;
        let path = finished.save(self.wave, rendering, &finished.recipe, "a bed")?;
        Ok(Written { path, others })
    }
}

impl Finished<'_> {
    /// Writes samples with their recipe and broadcast chunk.
    fn save(
        &self,
        (path, mut file): Named,
        rendering: &Rendering,
        recipe: &Value,
        what: &str,
    ) -> Result<PathBuf, Failure> {
        let bed = &self.production.bed;
        let loudness = self.production.mastering.loudness;
        let is_whole = std::ptr::eq(rendering, &self.production.rendering);
        let start_s = self.request.frame_rate.seconds(self.request.start_frame);
        let broadcast = Broadcast {
            description: format!(
                "Understory: {what} in {}, {:.3} s, {:.1} beats a minute, seed {}",
                bed.key, bed.length_s, bed.tempo_bpm, self.request.order.settings.seed
            ),
            originator: format!("Understory {}", env!("CARGO_PKG_VERSION")),
            time_reference_frames: (start_s * f64::from(rendering.sample_rate_hz)).round() as u64,
            integrated_lufs: loudness.integrated_lufs.filter(|_| is_whole),
            true_peak_db: loudness.true_peak_db.filter(|_| is_whole),
            history: recipe.to_string(),
        };
        let recipe = performance::recipe(recipe);
        let channels = (&rendering.left[..], &rendering.right[..]);
        wav::write(
            &mut file,
            channels,
            rendering.sample_rate_hz,
            self.storage,
            &recipe,
        )
        .and_then(|()| broadcast::append(&mut file, &broadcast))
        .map_err(|error| performance::at_file(&path, error))?;
        file.commit()
    }
}

fn stems(
    arguments: &Arguments,
    common: &Common,
    path: &Path,
) -> Result<Vec<(BedPart, PathBuf, OutputFile)>, Failure> {
    let Some(folder) = &arguments.stems else {
        return Ok(Vec::new());
    };
    output_file::create_folder(folder)?;
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    BedPart::ALL
        .into_iter()
        .map(|part| {
            let path = folder.join(format!("{name}-{}.wav", part.name()));
            let file = OutputFile::create(&path, common.force)?;
            Ok((part, path, file))
        })
        .collect()
}
