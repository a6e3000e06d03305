//! The files of a bed: all are opened before the work, so that a wrong path is told at once, and written after it.

use std::path::{Path, PathBuf};

use engine::fingerprint::fingerprint;
use engine::score::compose::{BedPart, export};
use engine::wav::SampleStorage;
use serde_json::{Value, json};

use super::Arguments;
use crate::bed_production::{BedOrder, BedProduction};
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
    stems: Vec<(BedPart, PathBuf, OutputFile)>,
}

/// What goes into them.
pub struct Finished<'a> {
    /// Flags of the command.
    pub common: &'a Common,
    /// The model.
    pub stage: &'a Stage,
    /// What was asked for.
    pub order: &'a BedOrder,
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
            stems: stems(arguments, common, path)?,
        })
    }

    /// Writes every file and gives it its name.
    ///
    /// # Errors
    /// Exit code 4 when the disk is full or fails.
    pub fn write(self, finished: &Finished<'_>) -> Result<Written, Failure> {
        let production = finished.production;
        let mut others = Vec::new();
        for (part, path, file) in self.stems {
            let stem = production.stem(finished.common, finished.order, part)?;
            let mut recipe = finished.recipe.clone();
            recipe["part"] = json!(part.name());
            recipe["fingerprint"] = json!(fingerprint(&stem.left, &stem.right));
            others.push(performance::save(
                file,
                &path,
                &stem,
                finished.storage,
                &recipe,
            )?);
        }
        if let Some((_, file)) = self.midi {
            let tune = export::tune(&production.bed);
            let bytes = engine::score::write::midi_bytes(&tune)?;
            others.push(file.write_and_commit(&bytes)?);
        }
        if let Some((_, file)) = self.roll {
            let bytes = picture::roll_png(&production.bed).map_err(Failure::other)?;
            others.push(file.write_and_commit(&bytes)?);
        }
        if let Some((_, file)) = self.picture {
            let bytes = finished.stage.draw_bed(production)?;
            others.push(file.write_and_commit(&bytes)?);
        }
        let (path, file) = self.wave;
        let path = performance::save(
            file,
            &path,
            &production.rendering,
            finished.storage,
            &finished.recipe,
        )?;
        Ok(Written { path, others })
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
